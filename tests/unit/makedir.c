#include "scratch.h"

#include <errno.h>

#include <cairn/makedir.h>

static void makedir_takes_what_is_there(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(makedir(in("a"), 0700), 1);
    assert_int_equal(makedir(in("a"), 0755), 0);
    assert_int_equal(stat(in("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    put("file", "", 0644);
    assert_int_equal(makedir(in("file"), 0700), 0);
    assert_int_equal(makedir(in("none/a"), 0700), -1);
    assert_int_equal(errno, ENOENT);
}

static void makedir_makes_parents(void **state)
{
    (void)state;
    char longest[MAKEDIR_MAX + 1];
    assert_int_equal(makedir_parents(in("p/q/r/file"), 0755), 0);
    assert_int_equal(access(in("p/q/r"), F_OK), 0);
    assert_int_equal(access(in("p/q/r/file"), F_OK), -1);
    assert_int_equal(makedir_parents(in("p/q/dir/"), 0755), 0);
    assert_int_equal(access(in("p/q/dir"), F_OK), -1);
    assert_int_equal(makedir_parents("file", 0755), 0);
    assert_int_equal(makedir_parents("/", 0755), 0);
    assert_int_equal(makedir_parents("", 0755), 0);
    put("plain", "", 0644);
    assert_int_equal(makedir_parents(in("plain/a/file"), 0755), -1);
    assert_int_equal(errno, ENOTDIR);
    memset(longest, 'x', sizeof longest);
    longest[MAKEDIR_MAX] = 0;
    assert_int_equal(makedir_parents(longest, 0755), -1);
    assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(makedir_takes_what_is_there),
        cmocka_unit_test(makedir_makes_parents),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
