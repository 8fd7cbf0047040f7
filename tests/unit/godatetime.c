/* godatetime: a time as templates use it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <cairn/godatetime.h>
#include <cairn/tmplrun.h>

static struct gotime when;

static int at(struct tmplcall *c, struct tmplvalue *result)
{
    return godatetime_value(c, &when, result);
}

static struct tmplfunc const functions[] = {{"at", "", at}, {"now", "", godatetime_now}};

/* The output, or what went wrong with "error: " before it. */
static char const *run(char const *text)
{
    static char buf[2048];
    struct tmplfunc_table table = {functions, 2, NULL};
    struct tmpl_options options = {.name = "t", .table = &table, .tables = 1};
    struct tmplerror e;
    struct tmplvalue dot = tmplvalue_nil();
    struct pool pool;
    stralloc out = STRALLOC_ZERO;
    pool_init(&pool, 1 << 16);
    struct tmpl const *t = tmplparse(&pool, text, strlen(text), &options, &e);
    if (t && tmplrun(t, &dot, &pool, &out, sizeof buf - 1, &e))
        snprintf(buf, sizeof buf, "%.*s", (int)out.len, out.len ? out.s : "");
    else
        snprintf(buf, sizeof buf, "error: %s", e.why);
    stralloc_free(&out);
    pool_free(&pool);
    return buf;
}

#define GIVES(text, want) assert_string_equal(run(text), want)
#define FAILS(text, why)  assert_non_null(strstr(run("{{" text "}}") + strlen("error: "), why))

/* 2008-12-03 04:07:09.08 +0530, a Wednesday */
static int setup(void **state)
{
    (void)state;
    when = (struct gotime){.seconds = 1228257429, .nanoseconds = 80000000, .offset = 19800};
    return 0;
}

static void godatetime_has_methods(void **state)
{
    (void)state;
    GIVES("{{at.Year}} {{at.Month}} {{at.Day}}", "2008 December 3");
    GIVES("{{at.Hour}}:{{at.Minute}}:{{at.Second}} {{at.Nanosecond}}", "4:7:9 80000000");
    GIVES("{{at.Weekday}} {{at.YearDay}}", "Wednesday 338");
    GIVES("{{at.Unix}} {{at.UnixNano}}", "1228257429 1228257429080000000");
    GIVES("{{at.Format \"2006-01-02T15:04:05Z07:00\"}}", "2008-12-03T04:07:09+05:30");
    GIVES("{{\"Mon _2\" | at.Format}}|{{at.Format \"\"}}|", "Wed  3||");
    GIVES("{{$t := at}}{{$t.Format \"06\"}}{{with at}} {{.Year}}{{end}}", "08 2008");
    GIVES("{{(at).Year}} {{if eq (at.Year) 2008}}then{{end}}", "2008 then");
    GIVES("{{at}}", "2008-12-03 04:07:09.08 +0530 +0530");
    GIVES("{{at.String}}", "2008-12-03 04:07:09.08 +0530 +0530");
    GIVES("{{at.UTC}} {{at.UTC.Day}} {{(at.UTC).Format \"15 MST\"}}",
          "2008-12-02 22:37:09.08 +0000 UTC 2 22 UTC");
    GIVES("{{print at | len}} {{printf \"%s\" at | len}} {{printf \"%T\" at}}", "34 34 time.Time");
}

static void godatetime_refuses(void **state)
{
    (void)state;
    FAILS("at.Nope", "Nope");
    FAILS("at.year", "year");
    FAILS("at.Format", "Format");
    FAILS("at.Format 1", "string");
    FAILS("at.Format \"06\" \"07\"", "Format");
    FAILS("at.Year 1", "Year");
    FAILS("at.Year.Nope", "");
    FAILS("at 1", "at");
}

static void godatetime_of_any_time(void **state)
{
    (void)state;
    gotime_utc(&when, 0, 0);
    GIVES("{{at}} {{at.Weekday}} {{at.YearDay}} {{at.UnixNano}}",
          "1970-01-01 00:00:00 +0000 UTC Thursday 1 0");
    gotime_utc(&when, -1, 999999999);
    GIVES("{{at}} {{at.UnixNano}}", "1969-12-31 23:59:59.999999999 +0000 UTC -1");
    /* beyond what fits, Go's result is not defined; ours is no trap */
    gotime_utc(&when, INT64_MAX / 2, 1);
    assert_null(strstr(run("{{at.UnixNano}} {{at.Year}} {{at}}"), "error"));
    gotime_utc(&when, INT64_MIN / 2, 1);
    assert_null(strstr(run("{{at.UnixNano}} {{at.Year}} {{at}}"), "error"));
}

static void godatetime_is_bounded(void **state)
{
    static char text[40000] = "{{at.Format `";
    (void)state;
    memset(text + strlen(text), 'x', sizeof text - 64);
    strcat(text, "`}}");
    assert_non_null(strstr(run(text), "Format: more memory"));
}

static void godatetime_now_is_here(void **state)
{
    /* not time(), which is behind this clock by up to a tick */
    struct timespec before, after;
    (void)state;
    clock_gettime(CLOCK_REALTIME, &before);
    long long unix_now = atoll(run("{{now.Unix}}"));
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(unix_now >= before.tv_sec && unix_now <= after.tv_sec);
    setenv("TZ", "XYZ-3:30", 1);
    tzset();
    GIVES("{{now.Format \"MST -0700\"}}", "XYZ +0330");
    GIVES("{{now.UTC.Format \"MST -0700\"}} {{now.UTC.Local.Format \"MST\"}}", "UTC +0000 XYZ");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test_setup(godatetime_has_methods, setup),
        cmocka_unit_test_setup(godatetime_refuses, setup),
        cmocka_unit_test_setup(godatetime_of_any_time, setup),
        cmocka_unit_test_setup(godatetime_is_bounded, setup),
        cmocka_unit_test_setup(godatetime_now_is_here, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
