#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairn/logstamp.h>

static void says(char const *got, char const *want)
{
    assert_memory_equal(got, want, strlen(want));
}

static void formats(void **state)
{
    (void)state;
    struct logstamp s = LOGSTAMP_ZERO;
    setenv("TZ", "XYZ-2", 1);
    tzset();
    /* 1795464644 of Unix time: see the note on leap seconds in skalibs */
    s.now = (tain){{0x400000006b049de9ull}, 999999998};
    says(logstamp_tai64n(&s), "@400000006b049de93b9ac9fe");
    says(logstamp_human(&s), "2026-11-23 22:10:44.999999998");
    says(logstamp_rfc3339(&s), "2026-11-23T20:10:44.999999998Z");
    logstamp_next(&s);
    says(logstamp_tai64n(&s), "@400000006b049de93b9ac9ff");
    says(logstamp_human(&s), "2026-11-23 22:10:44.999999999");
    logstamp_next(&s);
    says(logstamp_tai64n(&s), "@400000006b049dea00000000");
    says(logstamp_human(&s), "2026-11-23 22:10:45.000000000");
    says(logstamp_rfc3339(&s), "2026-11-23T20:10:45.000000000Z");
}

static void agrees_with_skalibs(void **state)
{
    (void)state;
    struct logstamp s = LOGSTAMP_ZERO;
    char want[TIMESTAMP + 1];
    s.now = (tain){{0x400000006b049de9ull}, 999000000};
    for (int i = 0; i < 2000000; i++) {
        logstamp_next(&s);
        timestamp_fmt(want, &s.now);
        assert_memory_equal(logstamp_tai64n(&s), want, TIMESTAMP);
        if (i % 1000 == 0) /* also where some were passed over */
            s.now.nano = (s.now.nano + 100000) % 1000000000;
    }
}

static void goes_forward(void **state)
{
    (void)state;
    struct logstamp s = LOGSTAMP_ZERO;
    tain last = TAIN_EPOCH, now;
    for (int i = 0; i < 100000; i++) {
        if (i % 100 == 0)
            logstamp_read(&s);
        logstamp_next(&s);
        assert_true(tain_less(&last, &s.now));
        last = s.now;
    }
    assert_true(tain_wallclock_read(&now));
    assert_in_range(now.sec.x - s.now.sec.x, 0, 60);
    /* a clock that was set back is believed */
    s.now.sec.x += 1000;
    logstamp_read(&s);
    assert_in_range(now.sec.x + 60 - s.now.sec.x, 0, 61);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(agrees_with_skalibs),
        cmocka_unit_test(goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
