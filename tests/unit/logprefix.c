#include "scratch.h"

#include <errno.h>

#include <cairn/logprefix.h>

static int parse(char const *value)
{
    enum logprefix how;
    return logprefix_parse(value, &how) < 0 ? -1 : (int)how;
}

static void logprefix_parse_knows_numbers_and_words(void **state)
{
    (void)state;
    static char const *const off[] = {NULL, "", "0", "no", "false", "off"};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        assert_int_equal(parse(off[i]), LOGPREFIX_OFF);
    assert_int_equal(parse("1"), LOGPREFIX_NAME);
    assert_int_equal(parse("yes"), LOGPREFIX_NAME);
    assert_int_equal(parse("2"), LOGPREFIX_STAMP);
    assert_int_equal(parse("stamp"), LOGPREFIX_STAMP);
    assert_int_equal(parse("json"), LOGPREFIX_JSON);
    assert_int_equal(parse("3"), -1);
    assert_int_equal(parse("10"), -1);
    assert_int_equal(parse("-1"), -1);
    assert_int_equal(parse("prefix"), -1);
}

static int give(char const *service, char const *run)
{
    int fd = open(in(service), O_RDONLY | O_DIRECTORY);
    int r = logprefix_give(fd, run);
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

static void logprefix_give_makes_a_logger_where_there_is_none(void **state)
{
    (void)state;
    char run[64];
    struct stat st;
    setenv("CAIRN_BINDIR", "/bin/of/ours", 1);
    assert_string_equal(logprefix_run(run, sizeof run, LOGPREFIX_JSON),
                        "#!/bin/of/ours/logutil-service -Pjson\n");
    assert_null(logprefix_run(run, 20, LOGPREFIX_NAME));
    assert_string_equal(logprefix_run(run, sizeof run, LOGPREFIX_STAMP),
                        "#!/bin/of/ours/logutil-service -P2\n");
    unsetenv("CAIRN_BINDIR");
    dir("plain");
    dir("plain/.log:new"); /* somebody was interrupted */
    assert_int_equal(give("plain", run), 0);
    assert_string_equal(get("plain/log/run"), run);
    assert_int_equal(stat(in("plain/log/run"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_string_equal(get("plain/merge-stderr"), "");
    assert_int_equal(access(in("plain/.log:new"), F_OK), -1);
    assert_int_equal(give("plain", "other"), 0);
    assert_string_equal(get("plain/log/run"), run);
    dir("logged");
    dir("logged/log");
    assert_int_equal(give("logged", run), 0);
    assert_int_equal(access(in("logged/log/run"), F_OK), -1);
    assert_int_equal(access(in("logged/merge-stderr"), F_OK), -1);
    dir("dangling");
    assert_int_equal(symlink("/nowhere", in("dangling/log")), 0);
    assert_int_equal(give("dangling", run), 0);
    assert_int_equal(access(in("dangling/merge-stderr"), F_OK), -1);
    dir("broken");
    dir("broken/merge-stderr");
    assert_int_equal(give("broken", run), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(access(in("broken/log"), F_OK), -1);
}

static void is_argv(char const **argv, char const *want)
{
    char got[128] = "";
    assert_non_null(argv);
    for (size_t i = 0; argv[i]; i++)
        strcat(strcat(got, argv[i]), "|");
    assert_string_equal(got, want);
    free(argv);
}

static void logprefix_argv_makes_the_words(void **state)
{
    (void)state;
    is_argv(logprefix_argv(LOGPREFIX_NAME, "a b"), "svlog|-bp|--prefix=a b|");
    is_argv(logprefix_argv(LOGPREFIX_JSON, "a"), "svlog|-bp|--json=a|");
    is_argv(logprefix_argv(LOGPREFIX_STAMP, "a"), "svlog|-bp|--|T|pa:|1|");
}

static void logprefix_service_is_the_directory_above(void **state)
{
    (void)state;
    char name[16], cwd[1024];
    assert_non_null(getcwd(cwd, sizeof cwd));
    dir("web");
    dir("web/log");
    assert_int_equal(chdir(in("web/log")), 0);
    assert_string_equal(logprefix_service(name, sizeof name), "web");
    assert_null(logprefix_service(name, 3));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(chdir("/"), 0);
    assert_null(logprefix_service(name, sizeof name));
    assert_int_equal(chdir(cwd), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(logprefix_parse_knows_numbers_and_words),
        cmocka_unit_test(logprefix_give_makes_a_logger_where_there_is_none),
        cmocka_unit_test(logprefix_argv_makes_the_words),
        cmocka_unit_test(logprefix_service_is_the_directory_above),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
