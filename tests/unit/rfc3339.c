#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <cairn/rfc3339.h>

static void shows(time_t s, long ns, char const *wanted)
{
    char buf[RFC3339_LENGTH + 1] = "";
    struct timespec t = {.tv_sec = s, .tv_nsec = ns};
    assert_ptr_equal(rfc3339_put(buf, &t), buf + RFC3339_LENGTH);
    assert_string_equal(buf, wanted);
}

static void rfc3339_knows_the_calendar(void **state)
{
    (void)state;
    shows(0, 0, "1970-01-01T00:00:00.000000Z");
    shows(-5, 0, "1970-01-01T00:00:00.000000Z");
    shows(951782399, 999999999, "2000-02-28T23:59:59.999999Z");
    shows(951782400, 1000, "2000-02-29T00:00:00.000001Z");
    shows(4107542400, 0, "2100-03-01T00:00:00.000000Z");
    shows(RFC3339_END - 1, 0, "9999-12-31T23:59:59.000000Z");
}

static void rfc3339_agrees_with_gmtime(void **state)
{
    (void)state;
    for (time_t s = 0; s < RFC3339_END; s += 86400 * 11 + 4001) {
        char wanted[64];
        struct tm tm;
        assert_non_null(gmtime_r(&s, &tm));
        assert_true(strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%S.000000Z", &tm));
        shows(s, 0, wanted);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(rfc3339_knows_the_calendar),
        cmocka_unit_test(rfc3339_agrees_with_gmtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
