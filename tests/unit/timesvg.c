#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <cairn/timesvg.h>

#define R "\xef\xbf\xbd"

static void becomes(char const *s, char const *want)
{
    stralloc sa = STRALLOC_ZERO;
    assert_int_equal(timesvg_escape(&sa, s), 0);
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, want);
    stralloc_free(&sa);
}

static void escapes(void **state)
{
    (void)state;
    becomes("", "");
    becomes("a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c'");
    becomes("\x01\n\x7f", R R R);
    becomes("\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80", "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80");
    /* C1 controls, the two last of the first plane, surrogates, what is cut short or no UTF-8 */
    becomes("\xc2\x85", R);
    becomes("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", R R R);
    becomes("\xed\xa0\x80", R R R);
    becomes("\xe6\x97", R R);
    becomes("\xff\x80\xc0\xaf", R R R R);
}

static unsigned int count(stralloc const *sa, char const *what)
{
    unsigned int n = 0;
    for (char const *s = sa->s; (s = strstr(s, what)); s++)
        n++;
    return n;
}

static void draws(void **state)
{
    (void)state;
    static char const text[] = "boot-timeline 1 5.000000\n"
                               "0 stage start 0 cont-init\n1000 stage end 0 cont-init\n"
                               "1000 service start 1 a&b\n3000 service ready 0 a&b\n"
                               "9000000 phase start 0 down\n9001000 container end 0 init\n";
    struct timeline t = TIMELINE_ZERO;
    stralloc sa = STRALLOC_ZERO;
    assert_int_equal(timeline_read(&t, text, sizeof text - 1), 0);
    assert_int_equal(timesvg_draw(&sa, &t, "then", "one\0<two>", 2), 0);
    assert_true(stralloc_0(&sa));
    assert_int_equal(count(&sa, "class=\"row\""), 3);
    assert_int_equal(count(&sa, "class=\"panel\""), 2);
    assert_int_equal(count(&sa, "class=\"starting\""), 1);
    assert_int_equal(count(&sa, "class=\"ready\""), 1);
    assert_int_equal(count(&sa, "Boot: 3.00 ms until"), 1);
    assert_int_equal(count(&sa, "a&amp;b"), 2);
    assert_int_equal(count(&sa, "note: &lt;two&gt;"), 1);
    stralloc_free(&sa);
    timeline_free(&t);
}

/* One of everything at the same moment, and nothing: no division by zero. */
static void draws_no_time(void **state)
{
    (void)state;
    static char const text[] = "0 stage start 0 s\n0 service start 1 b\n0 phase start 0 p\n";
    struct timeline t = TIMELINE_ZERO;
    stralloc sa = STRALLOC_ZERO;
    assert_int_equal(timesvg_draw(&sa, &t, NULL, NULL, 0), 0);
    assert_int_equal(timeline_read(&t, text, sizeof text - 1), 0);
    assert_int_equal(timesvg_draw(&sa, &t, NULL, NULL, 0), 0);
    stralloc_free(&sa);
    timeline_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(escapes), cmocka_unit_test(draws),
                                       cmocka_unit_test(draws_no_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
