#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <cairn/gotime.h>

static char out[256];

static char const *format(struct gotime const *t, char const *layout)
{
    size_t n = gotime_format(out, sizeof out - 1, t, layout, strlen(layout));
    assert_in_range(n, 0, sizeof out - 1);
    out[n] = 0;
    assert_int_equal(gotime_format(NULL, 0, t, layout, strlen(layout)), n);
    return out;
}

/* The time of all layouts: 2006-01-02 15:04:05 in a zone of -0700. */
static struct gotime const reference = {
    .seconds = 1136239445, .nanoseconds = 123456000, .offset = -25200, .zone = "MST"};

static void gotime_writes_each_element(void **state)
{
    (void)state;
    /* 2008-12-03 04:07:09.08 +0530, a Wednesday of a leap year */
    struct gotime const t = {.seconds = 1228257429, .nanoseconds = 80000000, .offset = 19800};
    static struct {
        char const *layout;
        char const *want;
    } const rows[] = {
        {"", ""},
        {"2006 06", "2008 08"},
        {"January Jan 01 1", "December Dec 12 12"},
        {"Monday Mon", "Wednesday Wed"},
        {"02 _2 2", "03  3 3"},
        {"002 __2", "338 338"},
        {"15 03 3", "04 04 4"},
        {"04 4 05 5", "07 7 09 9"},
        {"PM pm", "AM am"},
        {"MST", "+0530"},
        {"-0700 -07:00 -07 -070000 -07:00:00", "+0530 +05:30 +05 +053000 +05:30:00"},
        {"Z0700 Z07:00 Z07 Z070000 Z07:00:00", "+0530 +05:30 +05 +053000 +05:30:00"},
        {".0 .00 .000 .000000 .000000000", ".0 .08 .080 .080000 .080000000"},
        {",0 ,00 ,000", ",0 ,08 ,080"},
        {".9 .99 .999 .999999999 ,99", " .08 .08 .08 ,08"},
        {".00000000000", ".080000000"},
        {"5.00", "9.08"},
        {GOTIME_RFC3339, "2008-12-03T04:07:09+05:30"},
        {GOTIME_STRING, "2008-12-03 04:07:09.08 +0530 +0530"},
        {"Mon, 02 Jan 2006 15:04:05 MST", "Wed, 03 Dec 2008 04:07:09 +0530"},
        {"Mon Jan _2 15:04:05 2006", "Wed Dec  3 04:07:09 2008"},
        {"3:04PM", "4:07AM"},
        {"20060102150405", "20081203040709"},
        /* what is none */
        {"Month Janet Monk", "Month Janet Monk"},
        {"MonJanMonday", "WedDecWednesday"},
        {"_2006", "_2008"},
        {"0 00 07 7 8 9", "0 00 07 7 8 9"},
        {".01 .09 .95 . .x", ".12 .09 .99 . .x"},
        {"-7 Z7 -0 Z pM P", "-7 Z7 -0 Z pM P"},
        {"\xc3\xa9 %Y \\", "\xc3\xa9 %Y \\"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(format(&t, rows[i].layout), rows[i].want);
}

static void gotime_writes_the_reference_as_the_layout(void **state)
{
    (void)state;
    static char const *const layouts[] = {
        "Mon Jan 2 15:04:05 2006",
        "Mon Jan 2 15:04:05 MST 2006",
        "Mon Jan 02 15:04:05 -0700 2006",
        "02 Jan 06 15:04 MST",
        "Monday, 02-Jan-06 15:04:05 MST",
        "Mon, 02 Jan 2006 15:04:05 -0700",
        "3:04PM",
        "2006-01-02 -07:00 002",
    };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        assert_string_equal(format(&reference, layouts[i]), layouts[i]);
    assert_string_equal(format(&reference, GOTIME_RFC3339), "2006-01-02T15:04:05-07:00");
    assert_string_equal(format(&reference, "Jan _2 15:04:05.000000"), "Jan  2 15:04:05.123456");
    assert_string_equal(format(&reference, "05.999999999 03"), "05.123456 03");
    assert_string_equal(format(&reference, "__2 002"), "  2 002");
}

static void gotime_writes_utc(void **state)
{
    (void)state;
    struct gotime t;
    gotime_utc(&t, 1136214245, 0);
    assert_string_equal(format(&t, GOTIME_RFC3339), "2006-01-02T15:04:05Z");
    assert_string_equal(format(&t, "2006-01-02T15:04:05.999999999Z07:00"), "2006-01-02T15:04:05Z");
    assert_string_equal(format(&t, GOTIME_STRING), "2006-01-02 15:04:05 +0000 UTC");
    assert_string_equal(format(&t, "Z0700 Z07 Z070000 Z07:00:00 -07:00"), "Z Z Z Z +00:00");
    /* noon and midnight */
    gotime_utc(&t, 43200, 0);
    assert_string_equal(format(&t, "3 03 PM pm"), "12 12 PM pm");
    gotime_utc(&t, 0, 0);
    assert_string_equal(format(&t, "3 03 PM pm 15"), "12 12 AM am 00");
}

static void check_fields(int64_t seconds)
{
    struct gotime t;
    struct gotime_fields f;
    struct tm tm;
    time_t s = (time_t)seconds;
    gotime_utc(&t, seconds, 0);
    gotime_fields(&t, &f);
    assert_non_null(gmtime_r(&s, &tm));
    assert_int_equal(f.year, (int64_t)tm.tm_year + 1900);
    assert_int_equal(f.month, tm.tm_mon + 1);
    assert_int_equal(f.day, tm.tm_mday);
    assert_int_equal(f.weekday, tm.tm_wday);
    assert_int_equal(f.year_day, tm.tm_yday + 1);
    assert_int_equal(f.hour, tm.tm_hour);
    assert_int_equal(f.minute, tm.tm_min);
    assert_int_equal(f.second, tm.tm_sec);
}

static void gotime_has_the_calendar_of_the_library(void **state)
{
    (void)state;
    for (int64_t day = -150000; day < 150000; day++) {
        check_fields(day * 86400);
        check_fields(day * 86400 - 1);
    }
    for (int64_t s = -4000000000000; s < 4000000000000; s += 99999999977)
        check_fields(s);
}

static void gotime_is_defined_for_all_times(void **state)
{
    (void)state;
    struct gotime t;
    struct gotime_fields f;
    gotime_utc(&t, -62167219200 - 1, 0);
    assert_string_equal(format(&t, "2006-01-02 06"), "-0001-12-31 00");
    gotime_utc(&t, 253402300800, 0);
    assert_string_equal(format(&t, "2006-01-02 06"), "10000-01-01 00");
    int64_t const ends[] = {INT64_MIN, INT64_MAX};
    int32_t const offsets[] = {-86399, 0, 86399};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++) {
            gotime_utc(&t, ends[i], 999999999);
            t.offset = offsets[k];
            gotime_fields(&t, &f);
            assert_in_range(f.month, 1, 12);
            assert_in_range(f.day, 1, 31);
            assert_in_range(f.weekday, 0, 6);
            assert_true(f.year < 0 ? !i : i);
            format(&t, GOTIME_STRING);
        }
}

static void gotime_moves_by_the_offset(void **state)
{
    (void)state;
    struct gotime t;
    gotime_utc(&t, 951782400, 0); /* 2000-02-29 */
    t.offset = -1;
    assert_string_equal(format(&t, "2006-01-02 15:04:05 Mon"), "2000-02-28 23:59:59 Mon");
    t.offset = 86399;
    assert_string_equal(format(&t, "2006-01-02 15:04:05 -070000"), "2000-02-29 23:59:59 +235959");
    t.offset = -12600;
    assert_string_equal(format(&t, "02 15:04 -07:00 -07 Z07"), "28 20:30 -03:30 -03 -03");
}

static void gotime_takes_the_zone_of_the_environment(void **state)
{
    (void)state;
    struct gotime t;
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    gotime_local(&t, 1136214245, 5);
    assert_string_equal(format(&t, GOTIME_STRING), "2006-01-02 16:04:05.000000005 +0100 CET");
    gotime_local(&t, 1153000000, 0);
    assert_string_equal(format(&t, GOTIME_STRING), "2006-07-15 23:46:40 +0200 CEST");
    assert_int_equal(setenv("TZ", "<-03>3", 1), 0);
    gotime_local(&t, 0, 0);
    assert_string_equal(format(&t, GOTIME_STRING), "1969-12-31 21:00:00 -0300 -03");
    assert_int_equal(setenv("TZ", "ABCDEFGHIJKLMNOPQRSTUVWXYZ-2", 1), 0);
    gotime_local(&t, 0, 0);
    assert_true(strlen(t.zone) < GOTIME_ZONE);
    assert_int_equal(setenv("TZ", "UTC0", 1), 0);
    /* a year that no struct tm holds */
    gotime_local(&t, INT64_MAX, 0);
    assert_int_equal(t.offset, 0);
    assert_string_equal(t.zone, "UTC");
    gotime_local(&t, 0, 0);
    assert_string_equal(format(&t, "Z07:00 MST"), "Z UTC");
}

static void gotime_writes_no_more_than_fits(void **state)
{
    (void)state;
    char buf[8] = "-------";
    assert_int_equal(gotime_format(buf, 5, &reference, "January 2006", 12), 12);
    assert_memory_equal(buf, "Janua--", 8);
    /* and reads no more than there is */
    assert_int_equal(gotime_format(buf, 5, &reference, "2006", 3), 3);
    assert_memory_equal(buf, "200ua--", 8);
}

static void gotime_knows_names(void **state)
{
    (void)state;
    assert_string_equal(gotime_month(1), "January");
    assert_string_equal(gotime_month(12), "December");
    assert_string_equal(gotime_weekday(0), "Sunday");
    assert_string_equal(gotime_weekday(6), "Saturday");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gotime_writes_each_element),
        cmocka_unit_test(gotime_writes_the_reference_as_the_layout),
        cmocka_unit_test(gotime_writes_utc),
        cmocka_unit_test(gotime_has_the_calendar_of_the_library),
        cmocka_unit_test(gotime_is_defined_for_all_times),
        cmocka_unit_test(gotime_moves_by_the_offset),
        cmocka_unit_test(gotime_takes_the_zone_of_the_environment),
        cmocka_unit_test(gotime_writes_no_more_than_fits),
        cmocka_unit_test(gotime_knows_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
