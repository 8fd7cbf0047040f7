#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <cairn/logjson.h>

static void becomes(char const *s, size_t n, char const *want)
{
    char buf[256];
    char *end = logjson_put(buf, s, n);
    assert_true((size_t)(end - buf) <= n * LOGJSON_WIDEST);
    *end = 0;
    assert_string_equal(buf, want);
}
#define BECOMES(s, want) becomes(s, sizeof s - 1, want)

static void escapes(void **state)
{
    (void)state;
    BECOMES("", "");
    BECOMES("plain text/", "plain text/");
    BECOMES("\"\\", "\\\"\\\\");
    BECOMES("\b\t\n\f\r", "\\b\\t\\n\\f\\r");
    BECOMES("\0\1\037\177", "\\u0000\\u0001\\u001f\\u007f");
}

#define R "\xef\xbf\xbd"

static void keeps_utf8_only(void **state)
{
    (void)state;
    /* the least and the greatest of each length */
    BECOMES("\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf");
    BECOMES("\xe0\xa0\x80\xef\xbf\xbf", "\xe0\xa0\x80\xef\xbf\xbf");
    BECOMES("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80");
    BECOMES("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    /* alone, overlong, surrogates, too great, cut short */
    BECOMES("\x80", R);
    BECOMES("\xff"
            "a",
            R "a");
    BECOMES("\xc0\x80", R R);
    BECOMES("\xc1\xbf", R R);
    BECOMES("\xe0\x9f\xbf", R R R);
    BECOMES("\xed\xa0\x80", R R R);
    BECOMES("\xf0\x8f\xbf\xbf", R R R R);
    BECOMES("\xf4\x90\x80\x80", R R R R);
    BECOMES("\xf5\x80\x80\x80", R R R R);
    BECOMES("\xc3", R);
    BECOMES("\xe2\x82", R R);
    BECOMES("\xf0\x9f\x98", R R R);
    BECOMES("\xc3\"", R "\\\"");
    BECOMES("\xe2\x82\xc3\xa9", R R "\xc3\xa9");
}

static void makes_strings(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    assert_true(logjson_string(&sa, "a\"\n"));
    assert_true(logjson_string(&sa, ""));
    assert_int_equal(sa.len, 9);
    assert_memory_equal(sa.s, "\"a\\\"\\n\"\"\"", 9);
    stralloc_free(&sa);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(keeps_utf8_only),
        cmocka_unit_test(makes_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
