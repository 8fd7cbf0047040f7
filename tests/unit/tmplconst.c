#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmplconst.h>

static void numbers_are_what_go_takes_them_for(void **state)
{
    (void)state;
    static struct {
        char const *s;
        enum tmplvalue_kind kind;
        int64_t i;
        double f;
    } const rows[] = {
        {"0", TMPLVALUE_INT, 0, 0},
        {"42", TMPLVALUE_INT, 42, 0},
        {"-7", TMPLVALUE_INT, -7, 0},
        {"+7", TMPLVALUE_INT, 7, 0},
        {"0x2a", TMPLVALUE_INT, 42, 0},
        {"0X2A", TMPLVALUE_INT, 42, 0},
        {"0b101", TMPLVALUE_INT, 5, 0},
        {"0o17", TMPLVALUE_INT, 15, 0},
        {"017", TMPLVALUE_INT, 15, 0},
        {"1_000", TMPLVALUE_INT, 1000, 0},
        {"0x_f", TMPLVALUE_INT, 15, 0},
        {"9223372036854775807", TMPLVALUE_INT, INT64_MAX, 0},
        {"-9223372036854775808", TMPLVALUE_INT, INT64_MIN, 0},
        {"9223372036854775808", TMPLVALUE_NONE, 0, 0},
        {"18446744073709551615", TMPLVALUE_NONE, 0, 0},
        {"1.5", TMPLVALUE_FLOAT, 0, 1.5},
        {".5", TMPLVALUE_FLOAT, 0, 0.5},
        {"-1.", TMPLVALUE_FLOAT, 0, -1},
        {"1e3", TMPLVALUE_FLOAT, 0, 1000},
        {"1E-2", TMPLVALUE_FLOAT, 0, 0.01},
        {"0x1p4", TMPLVALUE_FLOAT, 0, 16},
        {"0x.8p1", TMPLVALUE_FLOAT, 0, 1},
        {"1_0.5", TMPLVALUE_FLOAT, 0, 10.5},
        {"2i", TMPLVALUE_IMAGINARY, 0, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tmplvalue v;
        assert_null(tmplconst_number(rows[i].s, strlen(rows[i].s), &v));
        assert_int_equal(v.kind, rows[i].kind);
        if (v.kind == TMPLVALUE_INT)
            assert_true(v.u.i == rows[i].i);
        else if (v.kind != TMPLVALUE_NONE)
            assert_true(v.u.f == rows[i].f);
    }
}

static void bad_numbers_are_refused(void **state)
{
    (void)state;
    static char const *const rows[] = {"",
                                       "-",
                                       "08",
                                       "1__0",
                                       "_1",
                                       "1_",
                                       "0x",
                                       "0x_",
                                       "0b2",
                                       "0o8",
                                       "1e",
                                       "1e+",
                                       "0x1.",
                                       ".",
                                       "x",
                                       "1x",
                                       "0x1p",
                                       "1.2.3",
                                       "infx",
                                       "inf",
                                       "i",
                                       "0b1.1",
                                       "1e999",
                                       "0xg",
                                       "1_.5",
                                       "18446744073709551616",
                                       "-9223372036854775809"};
    struct tmplvalue v;
    char longest[500];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!tmplconst_number(rows[i], strlen(rows[i]), &v))
            fail_msg("%s is taken", rows[i]);
    memset(longest, '1', sizeof longest);
    assert_string_equal(tmplconst_number(longest, sizeof longest, &v), "a number too long");
}

static void characters_are_integers(void **state)
{
    (void)state;
    static struct {
        char const *s;
        int64_t i;
    } const rows[] = {
        {"'a'", 'a'},     {"'\\n'", '\n'},     {"'\\''", '\''},          {"'\\x41'", 'A'},
        {"'\\101'", 'A'}, {"'\\u2603'", 9731}, {"'\xe2\x98\x83'", 9731}, {"'\\U0001F600'", 128512},
        {"'\"'", '"'}};
    static char const *const bad[] = {"''",     "'ab'",    "'\\q'",    "'\\\"'",
                                      "'\\x4'", "'\\400'", "'\\uD800'"};
    struct tmplvalue v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_null(tmplconst_char(rows[i].s, strlen(rows[i].s), &v));
        assert_int_equal(v.u.i, rows[i].i);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(tmplconst_char(bad[i], strlen(bad[i]), &v));
}

static void strings_have_escapes(void **state)
{
    (void)state;
    static struct {
        char const *s;
        char const *to;
        size_t n;
    } const rows[] = {{"\"\"", "", 0},
                      {"\"a'b\"", "a'b", 3},
                      {"\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"", "\a\b\f\n\r\t\v\\\"", 9},
                      {"\"\\x00\\377\\u00e9\\U0001F600\"", "\0\xff\xc3\xa9\xf0\x9f\x98\x80", 8}};
    static char const *const bad[] = {"\"\\q\"", "\"\\'\"",         "\"\\x0\"", "\"\\u12\"",
                                      "\"\\8\"", "\"\\U00110000\"", "\"\\\""};
    struct pool p;
    struct tmplvalue v;
    pool_init(&p, 1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_null(tmplconst_string(rows[i].s, strlen(rows[i].s), &p, &v));
        assert_int_equal(v.n, rows[i].n);
        assert_memory_equal(v.u.s, rows[i].to, v.n);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_non_null(tmplconst_string(bad[i], strlen(bad[i]), &p, &v));
    pool_free(&p);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(numbers_are_what_go_takes_them_for),
        cmocka_unit_test(bad_numbers_are_refused),
        cmocka_unit_test(characters_are_integers),
        cmocka_unit_test(strings_have_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
