#include <errno.h>

#include "scratch.h"

#include <cairn/filetree.h>

/* The names of a list, less the scratch directory, with blanks between them. */
static char const *names(stralloc *sa)
{
    static char text[2048];
    size_t n = 0;
    text[0] = 0;
    for (size_t at = 0; at < sa->len; at += strlen(sa->s + at) + 1)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "",
                              sa->s + at + strlen(scratch));
    stralloc_free(sa);
    return text;
}

static void files_come_in_the_order_of_a_walk(void **state)
{
    (void)state;
    stralloc files = STRALLOC_ZERO;
    stralloc dirs = STRALLOC_ZERO;
    dir("b");
    dir("b/c");
    dir("empty");
    put("a.toml", "", 0600);
    put("b/c/y.toml", "", 0600);
    put("b/x.toml", "", 0600);
    put("b/x.txt", "", 0600);
    put("c.toml", "", 0600);
    put(".hidden.toml", "", 0600);
    assert_int_equal(symlink("b", in("link")), 0);
    assert_int_equal(symlink("b", in("link-to-dir.toml")), 0);
    assert_int_equal(symlink("a.toml", in("link.toml")), 0);
    assert_int_equal(filetree_list(scratch, "*toml", &files, &dirs), 1);
    assert_string_equal(names(&files), "/.hidden.toml /a.toml /b/c/y.toml /b/x.toml /c.toml "
                                       "/link.toml");
    assert_string_equal(names(&dirs), "/b /b/c /empty");
    char slash[256];
    snprintf(slash, sizeof slash, "%s/b//", scratch);
    assert_int_equal(filetree_list(slash, NULL, &files, NULL), 1);
    assert_string_equal(names(&files), "/b/c/y.toml /b/x.toml /b/x.txt");
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    stralloc files = STRALLOC_ZERO;
    assert_int_equal(filetree_list(in("nosuch"), NULL, &files, NULL), 0);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(filetree_list(in("a.toml"), NULL, &files, NULL), 0);
    assert_int_equal(errno, ENOTDIR);
    stralloc_free(&files);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    stralloc files = STRALLOC_ZERO;
    char path[512];
    size_t n = (size_t)snprintf(path, sizeof path, "%s/deep", scratch);
    for (int i = 0; i < 70; i++) {
        assert_int_equal(mkdir(path, 0755), 0);
        n += (size_t)snprintf(path + n, sizeof path - n, "/d");
    }
    assert_int_equal(filetree_list(in("deep"), NULL, &files, NULL), 0);
    assert_int_equal(errno, ELOOP);
    stralloc_free(&files);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(files_come_in_the_order_of_a_walk),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
