#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/visible.h>

static void shows(char const *s, char const *wanted)
{
    stralloc sa = STRALLOC_ZERO;
    assert_true(visible_add(&sa, s) && stralloc_0(&sa));
    assert_string_equal(sa.s, wanted);
    stralloc_free(&sa);
}

static void visible_shows_what_is_dangerous(void **state)
{
    (void)state;
    shows("", "");
    shows("a b\\", "a b\\");
    shows("\x1b[2J\n\x7f", "\\x1b[2J\\x0a\\x7f");
    shows("\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac");
    shows("\xc2\x9b\xc2\xa0", "\\xc2\\x9b\xc2\xa0");
    shows("\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf", "\\xe2\\x80\\xaa\\xe2\\x80\\xae\xe2\x80\xaf");
    shows("\xe2\x81\xa6\xe2\x81\xa5", "\\xe2\\x81\\xa6\xe2\x81\xa5");
    shows("\xff\xc3", "\\xff\\xc3");
}

static void visible_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(visible_width("", 0), 0);
    assert_int_equal(visible_width("abc", 3), 3);
    assert_int_equal(visible_width("\xc3\xa9\xe2\x82\xac", 5), 2);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(visible_shows_what_is_dangerous),
        cmocka_unit_test(visible_counts_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
