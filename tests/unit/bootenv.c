#include "scratch.h"

#include <cairn/bootenv.h>

#include "fakeroot.h"

static char const *find(char const *const *v, char const *name)
{
    size_t len = strlen(name);
    for (; *v; v++)
        if (!strncmp(*v, name, len) && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

static size_t count(char const *const *v)
{
    size_t n = 0;
    while (v[n])
        n++;
    return n;
}

static void bootenv_makes_environments(void **state)
{
    (void)state;
    static char const *const env[] = {"HOME=/h", "A=1", "CAIRN_BINDIR=/b", NULL};
    static char const *const argv[] = {"x", "y", NULL};
    struct bootenv b;
    char const *culprit;
    char cwd[4096];
    assert_int_equal(bootenv_make(&b, env, 2, argv, NULL, 0, &culprit), 0);
    assert_string_equal(find(b.container, "PATH"), BOOTENV_PATH_DEFAULT);
    assert_string_equal(find(b.container, "CWD"), getcwd(cwd, sizeof cwd));
    assert_string_equal(find(b.container, "A"), "1");
    assert_int_equal(count(b.container), 5);
    assert_null(find(b.hooks, "A"));
    assert_string_equal(find(b.hooks, "CAIRN_BINDIR"), "/b");
    assert_non_null(find(b.hooks, "PATH"));
    assert_string_equal(b.cmd[0], "x");
    assert_string_equal(b.cmd[1], "y");
    assert_null(b.cmd[2]);

    assert_int_equal(bootenv_make(&b, env, 0, argv, "/state", 1, &culprit), 0);
    assert_ptr_equal(b.hooks, b.container);
    assert_string_equal(find(b.container, "CAIRN_STATEDIR"), "/state");
    assert_null(b.cmd[0]);
    assert_int_equal(bootenv_make(&b, env, 0, argv, "/state", 0, &culprit), 0);
    assert_string_equal(find(b.hooks, "CAIRN_STATEDIR"), "/state");
}

static void bootenv_keeps_what_is_set(void **state)
{
    (void)state;
    static char const *const env[] = {"PATH=/p", "CWD=/old", NULL};
    static char const *const none[] = {NULL};
    struct bootenv b;
    char const *culprit;
    assert_int_equal(bootenv_make(&b, env, 0, none, NULL, 0, &culprit), 0);
    assert_string_equal(find(b.container, "PATH"), "/p");
    assert_string_not_equal(find(b.container, "CWD"), "/old");
    assert_int_equal(count(b.container), 2);
}

static void bootenv_splits_arg0_at_newlines(void **state)
{
    (void)state;
    static char const *const argv[] = {"x", NULL};
    static struct {
        char const *arg0;
        char const *words[4];
    } const cases[] = {{"S6_CMD_ARG0=a b", {"a b", "x"}},
                       {"S6_CMD_ARG0=a\nb c\n", {"a", "b c", "x"}},
                       {"S6_CMD_ARG0=\n\na", {"a", "x"}},
                       {"S6_CMD_ARG0=", {"x"}},
                       {"S6_CMD_ARG0X=a", {"x"}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char const *env[] = {cases[i].arg0, NULL};
        struct bootenv b;
        char const *culprit;
        assert_int_equal(bootenv_make(&b, env, 1, argv, NULL, 0, &culprit), 0);
        size_t n = 0;
        for (; cases[i].words[n]; n++)
            assert_string_equal(b.cmd[n], cases[i].words[n]);
        assert_null(b.cmd[n]);
    }
}

static void bootenv_merges(void **state)
{
    (void)state;
    static char const *const base[] = {"A=1", "AB=2", NULL};
    char const **v = bootenv_merge(base, "A=3\0C=4", 2);
    assert_non_null(v);
    assert_int_equal(count(v), 3);
    assert_string_equal(find(v, "A"), "3");
    assert_string_equal(find(v, "AB"), "2");
    assert_string_equal(find(v, "C"), "4");
    free(v);
}

/* what bootenv_make allocates is for the life of the process */
char const *__asan_default_options(void);
char const *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static int bad_files(void)
{
    static char big[200000];
    static char const *const env[] = {NULL};
    static char const *const none[] = {NULL};
    struct bootenv b;
    char const *culprit;
    check(!mkdir("/etc", 0755) && !mkdir("/etc/s6", 0755) && !mkdir("/etc/s6/init", 0755));
    check(!bootenv_make(&b, env, 0, none, NULL, 0, &culprit));
    int fd = open(BOOTENV_SCRIPTS, O_WRONLY | O_CREAT, 0644);
    check(bootenv_make(&b, env, 0, none, NULL, 0, &culprit) == -1 && errno == ENOTDIR);
    check(!strcmp(culprit, BOOTENV_SCRIPTS));
    close(fd);
    check(!unlink(BOOTENV_SCRIPTS) && !mkdir(BOOTENV_SCRIPTS, 0755));
    memset(big, 'x', sizeof big);
    fd = open(BOOTENV_SCRIPTS "/BIG", O_WRONLY | O_CREAT, 0644);
    check(write(fd, big, sizeof big) == sizeof big);
    close(fd);
    check(bootenv_make(&b, env, 0, none, NULL, 0, &culprit) == -1 && errno == E2BIG);
    check(!strcmp(culprit, BOOTENV_SCRIPTS "/BIG"));
    return 0;
}

static void bootenv_names_the_file(void **state)
{
    (void)state;
    dir("root");
    in_root("root", 0, bad_files);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(bootenv_makes_environments),
        cmocka_unit_test(bootenv_keeps_what_is_set),
        cmocka_unit_test(bootenv_splits_arg0_at_newlines),
        cmocka_unit_test(bootenv_merges),
        cmocka_unit_test(bootenv_names_the_file),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
