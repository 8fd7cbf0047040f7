/* gopath, against what the documents of Go's package path say, with their examples. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/gopath.h>

/* The result in memory of exactly the size that is promised to do, from bytes without a 0. */
static void writes(size_t (*f)(char *, char const *, size_t), char const *path, char const *want)
{
    size_t n = strlen(path);
    char *in = malloc(n + !n);
    char *out = malloc(n + 2);
    assert_non_null(in);
    assert_non_null(out);
    memcpy(in, path, n);
    size_t len = f(out, in, n);
    if (len != strlen(want) || strcmp(out, want) != 0)
        fail_msg("'%s' gave '%s', not '%s'", path, out, want);
    free(in);
    free(out);
}

static void gopath_cleans(void **state)
{
    (void)state;
    static char const *const rows[][2] = {
        {"", "."},
        {".", "."},
        {"/", "/"},
        {"//", "/"},
        {"///", "/"},
        {"a", "a"},
        {"a/b/c", "a/b/c"},
        {"a//b", "a/b"},
        {"a/b/", "a/b"},
        {"/a/", "/a"},
        {"//a", "/a"},
        {"./a", "a"},
        {"a/./b/.", "a/b"},
        {"/.", "/"},
        {"./.", "."},
        {"..", ".."},
        {"../..", "../.."},
        {"../../a", "../../a"},
        {"../a/..", ".."},
        {"../a/../..", "../.."},
        {"/..", "/"},
        {"/../..", "/"},
        {"/../a", "/a"},
        {"a/..", "."},
        {"a/../", "."},
        {"a/b/..", "a"},
        {"a/b/../..", "."},
        {"a/b/../../..", ".."},
        {"a/b/../../../x", "../x"},
        {"/a/b/../../../x", "/x"},
        {"/a/..", "/"},
        {"/a/b/../c", "/a/c"},
        {"a/c/b/..", "a/c"},
        {"/a/b/../../../c/..", "/"},
        {"...", "..."},
        {"a/.../b", "a/.../b"},
        {"..a/b..", "..a/b.."},
        {".a", ".a"},
    };
    for (unsigned int i = 0; i < sizeof rows / sizeof *rows; i++) {
        writes(gopath_clean, rows[i][0], rows[i][1]);
        writes(gopath_clean, rows[i][1], rows[i][1]);
    }
    char buf[8];
    assert_int_equal(gopath_clean(buf, "a\0/", 3), 2);
    assert_memory_equal(buf, "a\0", 3);
}

static void gopath_takes_the_directory(void **state)
{
    (void)state;
    writes(gopath_dir, "", ".");
    writes(gopath_dir, ".", ".");
    writes(gopath_dir, "/", "/");
    writes(gopath_dir, "//", "/");
    writes(gopath_dir, "a", ".");
    writes(gopath_dir, "/a", "/");
    writes(gopath_dir, "/a/", "/a");
    writes(gopath_dir, "a/b", "a");
    writes(gopath_dir, "/a/b/c", "/a/b");
    writes(gopath_dir, "/a//b", "/a");
    writes(gopath_dir, "../a", "..");
    writes(gopath_dir, "a/b/../c", "a");
}

static void has_base(char const *path, char const *want)
{
    size_t n = strlen(path);
    char const *s = gopath_base(path, &n);
    if (n != strlen(want) || memcmp(s, want, n) != 0)
        fail_msg("'%s' gave '%.*s', not '%s'", path, (int)n, s, want);
}

static void gopath_takes_the_base(void **state)
{
    (void)state;
    has_base("", ".");
    has_base(".", ".");
    has_base("..", "..");
    has_base("/", "/");
    has_base("////", "/");
    has_base("a", "a");
    has_base("/a", "a");
    has_base("/a/b", "b");
    has_base("/a/b///", "b");
    has_base("a/..", "..");
}

/* Pattern and name in memory of exactly their size. */
static int match(char const *pattern, char const *name)
{
    size_t np = strlen(pattern);
    size_t n = strlen(name);
    char *p = malloc(np + !np);
    char *s = malloc(n + !n);
    assert_non_null(p);
    assert_non_null(s);
    memcpy(p, pattern, np);
    memcpy(s, name, n);
    int r = gopath_match(p, np, s, n);
    free(p);
    free(s);
    return r;
}

static void gopath_matches(void **state)
{
    (void)state;
    static struct {
        char const *pattern;
        char const *name;
        int want;
    } const rows[] = {
        {"", "", 1},
        {"", "a", 0},
        {"a", "", 0},
        {"abc", "abc", 1},
        {"abc", "abcd", 0},
        {"abcd", "abc", 0},
        {"/a/b", "/a/b", 1},
        /* stars stay between slashes */
        {"*", "", 1},
        {"*", "abc", 1},
        {"*", "a/b", 0},
        {"*", "/", 0},
        {"/*", "/", 1},
        {"/*", "/a", 1},
        {"/*", "/a/b", 0},
        {"/*/*", "/a/b", 1},
        {"/*/*", "/a/b/c", 0},
        {"/a/*/c", "/a/b/c", 1},
        {"/a/*/c", "/a/b/b/c", 0},
        {"/a/*", "/a/", 1},
        {"/a*/b", "/abc/b", 1},
        {"*c", "abc", 1},
        {"*c", "abcb", 0},
        {"a*", "a", 1},
        {"a*", "ba", 0},
        {"a*b*c*d*e*/f", "axbxcxdxe/f", 1},
        {"a*b*c*d*e*/f", "axbxcxdxexxx/f", 1},
        {"a*b*c*d*e*/f", "axbxcxdxe/xxx/f", 0},
        {"a*b*c*d*e*/f", "axbxcxdxexxx/fff", 0},
        {"**", "abc", 1},
        {"**", "a/b", 0},
        {"a**b", "ab", 1},
        {"*ab", "aab", 1},
        {"*aab", "aaaab", 1},
        {"*?", "", 0},
        {"*?*", "x", 1},
        {"*x", "xxx", 1},
        /* one character, of any length, but no slash */
        {"?", "a", 1},
        {"?", "", 0},
        {"?", "ab", 0},
        {"?", "/", 0},
        {"a?b", "a\342\230\272b", 1},
        {"a???b", "a\342\230\272b", 0},
        {"?", "\377", 1},
        {"a?b", "a/b", 0},
        /* classes */
        {"[a]", "a", 1},
        {"[a]", "b", 0},
        {"[a]", "", 0},
        {"ab[c]", "abc", 1},
        {"ab[b-d]", "abc", 1},
        {"ab[e-g]", "abc", 0},
        {"ab[^c]", "abc", 0},
        {"ab[^b-d]", "abc", 0},
        {"ab[^e-g]", "abc", 1},
        {"[^a]", "", 0},
        {"[ac-eg]", "d", 1},
        {"[ac-eg]", "g", 1},
        {"[ac-eg]", "b", 0},
        {"[c-a]", "b", 0},
        {"[^c-a]", "b", 1},
        {"[a-\316\266]*", "\316\261", 1},
        {"a[^a]b", "a\342\230\272b", 1},
        {"a[^a][^a][^a]b", "a\342\230\272b", 0},
        {"*[a-\316\266]", "A", 0},
        {"[\\]a]", "]", 1},
        {"[\\-]", "-", 1},
        {"[x\\-]", "x", 1},
        {"[x\\-]", "-", 1},
        {"[x\\-]", "z", 0},
        {"[\\-x]", "x", 1},
        {"[\\-x]", "a", 0},
        {"[\\\\]", "\\", 1},
        {"[\\^]", "^", 1},
        {"[a^]", "^", 1},
        {"[*?[]", "[", 1},
        {"[!a]", "a", 1}, /* no negation */
        {"[!a]", "b", 0},
        {"[[:alpha:]", ":", 1}, /* no named class */
        {"x]", "x]", 1},
        /* backslashes */
        {"a\\*b", "a*b", 1},
        {"a\\*b", "axb", 0},
        {"\\a", "a", 1},
        {"\\\\", "\\", 1},
        {"\\[a]", "[a]", 1},
        {"\\?", "?", 1},
        {"\\?", "x", 0},
        {"*\\*", "ab*", 1},
        /* what is no UTF-8 is itself only */
        {"\377", "\377", 1},
        {"\377", "\376", 0},
        {"\377", "\357\277\275", 0},
        {"\357\277\275", "\377", 0},
        {"\303\244", "\303\244", 1},
        {"\303\244", "\303\245", 0},
        /* malformed, and that is told of any name */
        {"[]a]", "]", -1},
        {"[-]", "-", -1},
        {"[x-]", "x", -1},
        {"[-x]", "x", -1},
        {"[a-b-c]", "a", -1},
        {"[", "a", -1},
        {"[^", "a", -1},
        {"[^]", "a", -1},
        {"[]", "a", -1},
        {"[^bc", "a", -1},
        {"[a", "a", -1},
        {"[a-", "a", -1},
        {"[a-b", "a", -1},
        {"[a\\", "a", -1},
        {"[\\", "a", -1},
        {"[a-\\", "a", -1},
        {"[\377]", "a", -1},
        {"a[", "a", -1},
        {"a[", "ab", -1},
        {"a[", "x", -1},
        {"\\", "a", -1},
        {"a\\", "a", -1},
        {"a\\", "x", -1},
        {"*[", "", -1},
        {"a/b[", "x", -1},
    };
    for (unsigned int i = 0; i < sizeof rows / sizeof *rows; i++) {
        int r = match(rows[i].pattern, rows[i].name);
        if (r != rows[i].want)
            fail_msg("pattern '%s', name '%s': %d", rows[i].pattern, rows[i].name, r);
    }
}

/* Nothing that grows with every star. */
static void gopath_matches_many_stars_soon(void **state)
{
    char pattern[2048];
    char name[4096];
    (void)state;
    for (unsigned int i = 0; i + 1 < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 2);
    memset(name, 'a', sizeof name);
    assert_int_equal(gopath_match(pattern, sizeof pattern, name, sizeof name), 1);
    name[sizeof name - 1] = 'b';
    assert_int_equal(gopath_match(pattern, sizeof pattern, name, sizeof name), 0);
    assert_int_equal(gopath_match("a\0*", 3, "a\0b", 3), 1);
    assert_int_equal(gopath_match("a\0b", 3, "a\0c", 3), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(gopath_cleans),
        cmocka_unit_test(gopath_takes_the_directory),
        cmocka_unit_test(gopath_takes_the_base),
        cmocka_unit_test(gopath_matches),
        cmocka_unit_test(gopath_matches_many_stars_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
