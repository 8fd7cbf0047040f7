#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <cairn/timeline.h>

static void round_trip(struct timeline_record const *r)
{
    char line[TIMELINE_LINE];
    struct timeline_record back;
    size_t n = timeline_pack(line, r);
    assert_true(n <= sizeof line);
    assert_int_equal(line[n - 1], '\n');
    assert_null(memchr(line, '\n', n - 1));
    assert_int_equal(timeline_parse(line, n - 1, &back), TIMELINE_OK);
    assert_true(back.us == r->us);
    assert_int_equal(back.kind, r->kind);
    assert_int_equal(back.event, r->event);
    assert_int_equal(back.code, r->code);
    assert_string_equal(back.name, r->name);
}

static void records_round_trip(void **state)
{
    (void)state;
    struct timeline_record r = {.us = 0, .name = "x"};
    for (int kind = 0; kind < TIMELINE_KIND_COUNT; kind++)
        for (int event = 0; event < TIMELINE_EVENT_COUNT; event++) {
            r.kind = (enum timeline_kind)kind;
            r.event = (enum timeline_event)event;
            r.code = (unsigned int)(kind * 40 + event);
            r.us = r.us * 1000 + 7;
            if (r.us > UINT64_C(99999999999999))
                r.us = UINT64_C(999999999999999);
            round_trip(&r);
        }
    r.code = 65535;
    for (unsigned int c = 1; c < 256; c++)
        r.name[c - 1] = (char)c;
    r.name[255] = 0;
    round_trip(&r);
    memset(r.name, '\n', TIMELINE_NAME);
    r.name[TIMELINE_NAME] = 0;
    round_trip(&r);
}

static void header_round_trips(void **state)
{
    (void)state;
    static uint64_t const times[] = {0, 7, 999999, 1000000, UINT64_C(1796000000123456)};
    char line[TIMELINE_LINE];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        uint64_t back = 1;
        size_t n = timeline_pack_header(line, times[i]);
        assert_int_equal(timeline_parse_header(line, n - 1, &back), 0);
        assert_true(back == times[i]);
    }
    line[timeline_pack_header(line, 1796000000123456) - 1] = 0;
    assert_string_equal(line, "boot-timeline 1 1796000000.123456");
}

static void says_what_it_cannot_read(void **state)
{
    (void)state;
    static struct {
        char const *line;
        enum timeline_parsed want;
    } const t[] = {{"1 hook start 0 x", TIMELINE_OK},
                   {"1 moon start 0 x", TIMELINE_UNKNOWN},
                   {"1 hook jump 0 x", TIMELINE_UNKNOWN},
                   {"", TIMELINE_DAMAGED},
                   {"1", TIMELINE_DAMAGED},
                   {"1 ", TIMELINE_DAMAGED},
                   {"1 hook", TIMELINE_DAMAGED},
                   {"1 hook start", TIMELINE_DAMAGED},
                   {"1 hook start 0", TIMELINE_DAMAGED},
                   {"1 hook start 0 ", TIMELINE_DAMAGED},
                   {"x hook start 0 x", TIMELINE_DAMAGED},
                   {"-1 hook start 0 x", TIMELINE_DAMAGED},
                   {"1 Hook start 0 x", TIMELINE_DAMAGED},
                   {"1 hook start 65536 x", TIMELINE_DAMAGED},
                   {"1 hook start -1 x", TIMELINE_DAMAGED},
                   {"1000000000000000 hook start 0 x", TIMELINE_DAMAGED},
                   {"1 hook start 0 a\tb", TIMELINE_DAMAGED},
                   {"1 hook start 0 \\", TIMELINE_DAMAGED},
                   {"1 hook start 0 \\x0", TIMELINE_DAMAGED},
                   {"1 hook start 0 \\x00", TIMELINE_DAMAGED},
                   {"1 hook start 0 \\n", TIMELINE_DAMAGED},
                   {"1 hook start 0 \\xg1", TIMELINE_DAMAGED}};
    struct timeline_record r;
    uint64_t us;
    char line[TIMELINE_LINE] = "1 hook start 0 ";
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        assert_int_equal(timeline_parse(t[i].line, strlen(t[i].line), &r), t[i].want);
    memset(line + 15, 'x', TIMELINE_NAME + 1);
    assert_int_equal(timeline_parse(line, 15 + TIMELINE_NAME, &r), TIMELINE_OK);
    assert_int_equal(timeline_parse(line, 15 + TIMELINE_NAME + 1, &r), TIMELINE_DAMAGED);
    static char const *const headers[] = {"",
                                          "boot-timeline 1 ",
                                          "boot-timeline 2 1.000000",
                                          "boot-timeline 1 1.00000",
                                          "boot-timeline 1 1.0000000",
                                          "boot-timeline 1 1.000000x"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        assert_int_equal(timeline_parse_header(headers[i], strlen(headers[i]), &us), -1);
}

static struct timeline t;

static void read_text(char const *s)
{
    static struct timeline const zero = TIMELINE_ZERO;
    timeline_free(&t);
    t = zero;
    assert_int_equal(timeline_read(&t, s, strlen(s)), 0);
}

#define H "boot-timeline 1 5.000000\n"

/* name, start, ready, end and result of row i */
static void row_is(size_t i, char const *name, uint64_t start, uint64_t ready, uint64_t end,
                   char const *result)
{
    char buf[TIMELINE_RESULT];
    struct timeline_row const *r = timeline_row(&t, i);
    assert_string_equal(timeline_name(&t, r), name);
    assert_true(r->start == start && r->ready == ready && r->end == end);
    assert_string_equal(timeline_result(buf, &t, r), result);
}

#define NO TIMELINE_NEVER

static void makes_rows(void **state)
{
    (void)state;
    read_text(H "9 service ready 0 b\n"
                "1 stage start 0 cont-init\n2 hook start 0 a\n3 hook end 143 a\n"
                "4 stage end 0 cont-init\n5 command start 0 c\n"
                "6 service start 1 b\n7 service start 1 d\n8 service start 0 e\n");
    assert_int_equal(timeline_count(&t), 6);
    row_is(0, "cont-init", 1, NO, 4, "ok");
    row_is(1, "a", 2, NO, 3, "exit 143");
    row_is(2, "c", 5, NO, NO, "running");
    row_is(3, "b", 6, 9, NO, "ready");
    row_is(4, "d", 7, NO, NO, "not ready");
    row_is(5, "e", 8, NO, NO, "up");
    assert_true(t.total == 9 && t.last == 9 && t.wall_us == 5000000);
    assert_string_equal(timeline_total_is(&t), "until the last service was ready");
    /* only the first start and readiness count */
    read_text(H "1 service start 1 b\n2 service ready 0 b\n8 service start 1 b\n"
                "9 service ready 0 b\n");
    assert_int_equal(timeline_count(&t), 1);
    row_is(0, "b", 1, 2, NO, "ready");
}

static void ends_phases(void **state)
{
    (void)state;
    read_text(H "1 command start 0 c\n2 phase start 0 down\n3 stage start 0 cont-finish\n"
                "4 phase start 0 wait\n5 container end 3 init\n");
    row_is(0, "c", 1, NO, NO, "unfinished");
    row_is(1, "down", 2, NO, 4, "over");
    row_is(2, "cont-finish", 3, NO, NO, "unfinished");
    row_is(3, "wait", 4, NO, 5, "over");
    assert_true(t.ended == 5 && t.code == 3 && t.total == 1);
    assert_int_equal(timeline_row(&t, 0)->is_stop, 0);
    assert_int_equal(timeline_row(&t, 2)->is_stop, 1);
    assert_string_equal(timeline_total_is(&t), "until the command was started");
}

static void reads_what_there_is(void **state)
{
    (void)state;
    read_text("");
    assert_true(timeline_count(&t) == 0 && t.wall_us == NO && t.total == 0 && !t.torn);
    read_text("boot-timeline 1 5.0");
    assert_true(timeline_count(&t) == 0 && t.wall_us == NO && t.torn);
    read_text("3 hook end 0 a\nrubbish\n\n4 moon end 0 a\n5 hook start 0 b");
    assert_int_equal(timeline_count(&t), 1);
    row_is(0, "a", 3, NO, 3, "ok");
    assert_true(t.damaged == 2 && t.unknown == 1 && t.torn && t.total == 3);
    timeline_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_round_trip),
                                       cmocka_unit_test(header_round_trips),
                                       cmocka_unit_test(says_what_it_cannot_read),
                                       cmocka_unit_test(makes_rows),
                                       cmocka_unit_test(ends_phases),
                                       cmocka_unit_test(reads_what_there_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
