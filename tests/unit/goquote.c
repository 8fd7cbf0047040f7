#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/goquote.h>

enum { MAX = 256 };

static void becomes(char const *s, size_t n, int is_ascii, char const *want)
{
    stralloc sa = STRALLOC_ZERO;
    assert_true(goquote_string(&sa, MAX, s, n, is_ascii));
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, want);
    stralloc_free(&sa);
}
#define BECOMES(s, want) becomes(s, sizeof s - 1, 0, want)
#define ASCII(s, want)   becomes(s, sizeof s - 1, 1, want)

static void goquote_escapes(void **state)
{
    (void)state;
    BECOMES("", "\"\"");
    BECOMES("a 'b' \"c\" \\", "\"a 'b' \\\"c\\\" \\\\\"");
    BECOMES("\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\"");
    BECOMES("\0\1\37\177", "\"\\x00\\x01\\x1f\\x7f\"");
    /* no-break space, soft hyphen, a control of the upper half, byte order mark */
    BECOMES("\u00a0\u00ad\xc2\x85\ufeff", "\"\\u00a0\\u00ad\\u0085\\ufeff\"");
    BECOMES("h\u00e9 \u2603 \U0001f600", "\"h\u00e9 \u2603 \U0001f600\"");
    BECOMES("\U000e0001", "\"\\U000e0001\"");
    /* what is no UTF-8, and the character that often stands for it */
    BECOMES("a\xff\xc3", "\"a\\xff\\xc3\"");
    BECOMES("\ufffd", "\"\ufffd\"");
}

static void goquote_of_ascii_only(void **state)
{
    (void)state;
    ASCII("a\t\"", "\"a\\t\\\"\"");
    ASCII("h\u00e9\u2603\U0001f600", "\"h\\u00e9\\u2603\\U0001f600\"");
    ASCII("\xff\ufffd", "\"\\xff\\ufffd\"");
}

static void rune_becomes(unsigned int rune, int is_ascii, char const *want)
{
    stralloc sa = STRALLOC_ZERO;
    assert_true(goquote_rune(&sa, MAX, rune, is_ascii));
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, want);
    stralloc_free(&sa);
}

static void goquote_of_runes(void **state)
{
    (void)state;
    rune_becomes('x', 0, "'x'");
    rune_becomes('\'', 0, "'\\''");
    rune_becomes('"', 0, "'\"'");
    rune_becomes('\n', 0, "'\\n'");
    rune_becomes(0, 0, "'\\x00'");
    rune_becomes(0x2603, 0, "'\u2603'");
    rune_becomes(0x2603, 1, "'\\u2603'");
    rune_becomes(0xd800, 0, "'\ufffd'");
    rune_becomes(0x110000, 1, "'\\ufffd'");
}

static void goquote_knows_what_is_printable(void **state)
{
    (void)state;
    static unsigned int const yes[] = {' ',    '~',    0xa1,   0x300,   0x606,   0x2010,  0x2030,
                                       0x3001, 0xf900, 0xfffd, 0x10000, 0x1f600, 0x2070e, 0xe0100};
    static unsigned int const no[] = {'\n',    0x1f,     0x7f,    0x9f,    0xa0,    0xad,
                                      0x200b,  0x2028,   0x3000,  0xe000,  0xfdd0,  0xfff9,
                                      0xffff,  0x110cd,  0x1bca0, 0x1ffff, 0x2fffe, 0x50000,
                                      0xe0001, 0x10ffff, 0x110000};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(goquote_is_printable(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(goquote_is_printable(no[i]));
}

static void goquote_knows_what_is_raw(void **state)
{
    (void)state;
    static char const *const yes[] = {"", "a\tb", "\\n \"", "\u2603\xc2\x85"};
    static char const *const no[] = {"`", "\n", "\177", "\ufeff", "\xff"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(goquote_is_raw(yes[i], strlen(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(goquote_is_raw(no[i], strlen(no[i])));
}

static void goquote_is_bounded(void **state)
{
    (void)state;
    for (size_t max = 0; max < 10; max++) {
        stralloc sa = STRALLOC_ZERO;
        errno = 0;
        assert_int_equal(goquote_string(&sa, max, "a\xff\u2603", 5, 0), max >= 10);
        assert_int_equal(errno, EDQUOT);
        assert_true(sa.len <= max);
        stralloc_free(&sa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goquote_escapes),
        cmocka_unit_test(goquote_of_ascii_only),
        cmocka_unit_test(goquote_of_runes),
        cmocka_unit_test(goquote_knows_what_is_printable),
        cmocka_unit_test(goquote_knows_what_is_raw),
        cmocka_unit_test(goquote_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
