#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/tmplescape.h>

enum { MAX = 256 };
typedef int escape(stralloc *, size_t, char const *, size_t);

static void becomes(escape *f, char const *s, size_t n, char const *want)
{
    stralloc sa = STRALLOC_ZERO;
    assert_true(f(&sa, MAX, s, n));
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, want);
    stralloc_free(&sa);
}
#define HTML(s, want) becomes(tmplescape_html, s, sizeof s - 1, want)
#define JS(s, want)   becomes(tmplescape_js, s, sizeof s - 1, want)
#define URL(s, want)  becomes(tmplescape_urlquery, s, sizeof s - 1, want)

static void tmplescape_html_entities(void **state)
{
    (void)state;
    HTML("", "");
    HTML("<a href=\"x\">it's & co</a>", "&lt;a href=&#34;x&#34;&gt;it&#39;s &amp; co&lt;/a&gt;");
    HTML("a\0b", "a\ufffdb");
    HTML("\n\u2603\xff", "\n\u2603\xff");
}

static void tmplescape_js_strings(void **state)
{
    (void)state;
    JS("", "");
    JS("<a href=\"x\">it's & co</a>",
       "\\u003Ca href\\u003D\\\"x\\\"\\u003Eit\\'s \\u0026 co\\u003C/a\\u003E");
    JS("say \"hi\" \\ back", "say \\\"hi\\\" \\\\ back");
    JS("\0\1\n\37", "\\u0000\\u0001\\u000A\\u001F");
    /* separators of lines end a string in a script */
    JS("\u2028\u2029\u00a0\ufeff", "\\u2028\\u2029\\u00A0\\uFEFF");
    JS("h\u00e9 \u2603 \U0001f600", "h\u00e9 \u2603 \U0001f600");
    JS("\177\xff\xc3", "\177\xff\xc3");
}

static void tmplescape_urlquery_bytes(void **state)
{
    (void)state;
    URL("", "");
    URL("AZaz09-_.~", "AZaz09-_.~");
    URL("a b+c&d=e/f?", "a+b%2Bc%26d%3De%2Ff%3F");
    URL("h\u00e9llo w\u00f6rld \u2603", "h%C3%A9llo+w%C3%B6rld+%E2%98%83");
    URL("\0\xff\n", "%00%FF%0A");
}

static void tmplescape_is_bounded(void **state)
{
    (void)state;
    escape *const all[] = {tmplescape_html, tmplescape_js, tmplescape_urlquery};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        stralloc sa = STRALLOC_ZERO;
        assert_true(all[i](&sa, 3, "abc", 3));
        errno = 0;
        assert_false(all[i](&sa, 8, "ab<<<", 5));
        assert_int_equal(errno, EDQUOT);
        assert_true(sa.len <= 8);
        stralloc_free(&sa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tmplescape_html_entities),
        cmocka_unit_test(tmplescape_js_strings),
        cmocka_unit_test(tmplescape_urlquery_bytes),
        cmocka_unit_test(tmplescape_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
