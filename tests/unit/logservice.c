#include "scratch.h"

#include <errno.h>

#include <cairn/logservice.h>

static void logservice_splits_scripts(void **state)
{
    (void)state;
    static struct {
        char const *script, *dir, *want;
    } const cases[] = {
        {"n20 s1000000 T", "/d", "svlog|-bp|--|n20|s1000000|T|/d"},
        {"", "d", "svlog|-bp|--|./d"},
        {" \t\n", "./d", "svlog|-bp|--|./d"},
        {"a b", "", "svlog|-bp|--|a|b|./"},
        {"a", "../d", "svlog|-bp|--|a|../d"},
        {"  a\tb\n", "d", "svlog|-bp|--|a|b|./d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[128] = "";
        char const **argv = logservice_argv(cases[i].script, cases[i].dir);
        assert_non_null(argv);
        for (size_t n = 0; argv[n]; n++) {
            strcat(got, n ? "|" : "");
            strcat(got, argv[n]);
        }
        assert_string_equal(got, cases[i].want);
        free(argv);
    }
}

static void logservice_makes_directories(void **state)
{
    (void)state;
    struct logservice const self = {.uid = geteuid(), .gid = getegid()};
    struct stat st;
    assert_int_equal(logservice_directory(&self, in("a/b/c"), 0), 0);
    assert_int_equal(stat(in("a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 02700);
    /* what is there stays */
    dir("there");
    assert_int_equal(chmod(in("there"), 0750), 0);
    assert_int_equal(logservice_directory(&self, in("there"), 1), 0);
    assert_int_equal(stat(in("there"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    put("file", "", 0644);
    assert_int_equal(logservice_directory(&self, in("file"), 0), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(logservice_directory(&self, in("file/below"), 0), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void logservice_is_nobody(void **state)
{
    (void)state;
    struct logservice l;
    assert_int_equal(logservice_user(&l), 0);
    assert_int_equal(l.drops, !geteuid());
    if (geteuid())
        assert_int_equal(l.uid, geteuid());
    else
        assert_int_not_equal(l.uid, 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(logservice_splits_scripts),
        cmocka_unit_test(logservice_makes_directories),
        cmocka_unit_test(logservice_is_nobody),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
