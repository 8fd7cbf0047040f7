/* gotimeparse: texts and layouts to seconds since the epoch. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/gotimeparse.h>

static void times(void **state)
{
    (void)state;
    static struct {
        char const *layout, *text;
        int64_t seconds;
        uint32_t ns;
    } const good[] = {
        {"2006-01-02", "1970-01-01", 0, 0},
        {"2006-01-02", "2000-02-29", 951782400, 0},
        {"2006-01-02", "1969-12-31", -86400, 0},
        {"2006-01-02", "0001-01-01", -62135596800, 0},
        {"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z", 1136214245, 0},
        {"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.25+01:00", 1136210645, 250000000},
        {"2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.123-07:30", 1136241245, 123000000},
        {"Mon Jan _2 15:04:05 2006", "Mon Jan  2 15:04:05 2006", 1136214245, 0},
        {"Monday, 02-Jan-06 15:04:05 MST", "monday, 02-JAN-06 15:04:05 UTC", 1136214245, 0},
        {"Jan 2 2006 3:04PM", "Jan 2 2006 3:04PM", 1136214240, 0},
        {"3:04pm", "12:00am", -62167219200, 0},
        {"2 January 2006", "31 december 1999", 946598400, 0},
        {"20060102150405 -0700", "20060102150405 +0100", 1136210645, 0},
        {"2006-01-02 -07", "2006-01-02 +02", 1136152800, 0},
        {"06-1-2", "68-3-4", 3098044800, 0},
        {"06-1-2", "69-3-4", -26179200, 0},
        /* a point before a number of two digits begins no fraction */
        {"02.01.2006", "31.12.1999", 946598400, 0},
        {"02.01.06 15.04.05", "31.12.99 00.00.01", 946598401, 0},
        {"15:04:05.999", "00:00:01.5", -62167219199, 500000000},
        {"15:04:05,000", "00:00:01,500", -62167219199, 500000000},
        /* zones with seconds */
        {"2006-01-02 -07:00:00", "1970-01-01 +01:00:30", -3630, 0},
        {"2006-01-02 -070000", "1970-01-01 -010030", 3630, 0},
        {"2006-01-02 Z07:00:00", "1970-01-01 Z", 0, 0},
        {"2006-01-02 Z07:00:00", "1970-01-01 +00:00:01", -1, 0},
        {"2006-01-02 Z070000", "1970-01-01 +000001", -1, 0},
        /* days of the year */
        {"2006-002", "2000-060", 951782400, 0},
        {"2006 __2", "2000  60", 951782400, 0},
        {"2006 __2", "1970   1", 0, 0},
        {"2006-002", "2000-366", 978220800, 0},
        {"2006-002 Jan _2", "2000-060 Feb 29", 951782400, 0},
        {"_2006-01-02", "_1970-01-01", 0, 0},
        {"Janet 2006", "Janet 1970", 0, 0},
    };
    static struct {
        char const *layout, *text;
    } const bad[] = {
        {"2006-01-02", "2006-13-02"},
        {"2006-01-02", "2006-02-30"},
        {"2006-01-02", "2006-01-02x"},
        {"2006-01-02", "2006/01/02"},
        {"2006-01-02", "06-01-02"},
        {"2006-01-02", ""},
        {"15:04", "24:00"},
        {"15:04", "12:60"},
        {"Jan", "Jxn"},
        {"Z07:00", "+0100"},
        {"PM", "XM"},
        {"MST", "x"},
        {"2006", "200"},
        {"2006-01-02", "2001-02-29"},
        {"2006-01-02", "1900-02-29"},
        {"2006-01-02", "2006-00-02"},
        {"2006-01-02", "2006-01-00"},
        {"2006-002", "2001-366"},
        {"2006-002", "2000-367"},
        {"2006-002", "2000-000"},
        {"2006-002", "2000-60"},
        {"2006 __2", "2000 60"},
        {"2006-002 01", "2000-060 03"},
        {"2006-002 01-02", "2000-060 02-28"},
        {"Z07:00:00", "+01:00"},
        {"-07:00:00", "+01:00:60"},
        {"-070000", "+0100"},
        {"-07:00", "Z"},
        {"3PM", "13PM"},
    };
    struct gotime t;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int ok = gotimeparse(&t, good[i].layout, strlen(good[i].layout), good[i].text,
                             strlen(good[i].text));
        if (!ok || t.seconds != good[i].seconds || t.nanoseconds != good[i].ns)
            fail_msg("%s: %d %lld %u", good[i].text, ok, (long long)t.seconds, t.nanoseconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (gotimeparse(&t, bad[i].layout, strlen(bad[i].layout), bad[i].text, strlen(bad[i].text)))
            fail_msg("%s is read by %s", bad[i].text, bad[i].layout);
}

/* What gotime writes by a layout is read by it. */
static void reads_what_is_written(void **state)
{
    (void)state;
    static char const *const layouts[] = {
        "2006-01-02T15:04:05.999999999Z07:00",
        "2006-01-02T15:04:05.000000000Z07:00:00",
        "2006-002 15:04:05,000000000 -070000",
        "2006 __2 15:04:05.000000000 -07:00:00",
        "Monday, 2 January _2006 3:4:5.000000000PM -0700",
        "Mon Jan _2 03:04:05.000000000 pm 2006 Z0700",
        "02.01.2006 15.04.05.000000000 Z070000",
    };
    /* 0999-03-05 and 2024-12-31, a leap year's last day; in zones of both signs */
    struct gotime const times[] = {
        {.seconds = -30630898799, .nanoseconds = 120000000, .offset = 19800},
        {.seconds = 1735689599, .nanoseconds = 1, .offset = -36000},
        {.seconds = 1735689599, .nanoseconds = 1, .zone = "UTC"},
    };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        for (size_t k = 0; k < sizeof times / sizeof *times; k++) {
            char text[128];
            struct gotime t;
            size_t n = gotime_format(text, sizeof text, times + k, layouts[i], strlen(layouts[i]));
            if (!gotimeparse(&t, layouts[i], strlen(layouts[i]), text, n) ||
                t.seconds != times[k].seconds || t.nanoseconds != times[k].nanoseconds ||
                t.offset != times[k].offset)
                fail_msg("%.*s is not read by %s", (int)n, text, layouts[i]);
        }
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(times),
                                       cmocka_unit_test(reads_what_is_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
