#include "scratch.h"

#include <errno.h>
#include <limits.h>

#include <cairn/zonelink.h>

static char const *target(char const *name)
{
    static char buf[512];
    ssize_t r = readlink(in(name), buf, sizeof buf - 1);
    buf[r < 0 ? 0 : r] = 0;
    return buf;
}

static void zonelink_makes_and_replaces(void **state)
{
    (void)state;
    struct stat was, st;
    dir("zones");
    dir("zones/Test");
    put("zones/Test/A", "a", 0644);
    put("zones/B", "b", 0644);
    assert_int_equal(zonelink_set_in(in("zones"), in("localtime"), "Test/A"), 1);
    assert_string_equal(target("localtime"), in("zones/Test/A"));
    assert_int_equal(lstat(in("localtime"), &was), 0);
    assert_int_equal(zonelink_set_in(in("zones"), in("localtime"), "Test/A"), 1);
    assert_int_equal(lstat(in("localtime"), &st), 0);
    assert_int_equal(st.st_ino, was.st_ino);
    /* a file in the way, and what was left by somebody who was killed */
    assert_int_equal(unlink(in("localtime")), 0);
    put("localtime", "x", 0644);
    put("localtime.new", "x", 0644);
    assert_int_equal(zonelink_set_in(in("zones"), in("localtime"), "B"), 1);
    assert_string_equal(target("localtime"), in("zones/B"));
    assert_int_equal(access(in("localtime.new"), F_OK), -1);
}

static void zonelink_leaves_what_it_cannot_make(void **state)
{
    (void)state;
    char longest[PATH_MAX];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(zonelink_set_in(in("zones"), in("localtime"), "XYZ-5"), 0);
    assert_int_equal(zonelink_set_in(in("zones"), in("localtime"), "Test"), 0);
    assert_int_equal(zonelink_set_in(in("zones"), in("localtime"), longest), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(target("localtime"), in("zones/B"));
    assert_int_equal(zonelink_set_in(in("zones"), in("none/localtime"), "B"), -1);
    dir("taken");
    assert_int_equal(zonelink_set_in(in("zones"), in("taken"), "B"), -1);
    assert_int_equal(access(in("taken.new"), F_OK), -1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(zonelink_makes_and_replaces),
        cmocka_unit_test(zonelink_leaves_what_it_cannot_make),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
