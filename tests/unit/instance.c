#include "scratch.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

#include <cairn/instance.h>

static void instance_path_is_in_the_scan_directory(void **state)
{
    (void)state;
    char buf[32];
    assert_ptr_equal(instance_path(buf, sizeof buf, "sv", "one"), buf);
    assert_string_equal(buf, "sv/instance/one");
    assert_string_equal(instance_path(buf, 16, "sv", "one"), "sv/instance/one");
    assert_null(instance_path(buf, 15, "sv", "one"));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(instance_path(buf, sizeof buf, "sv", ""), "sv/instance/");
}

static void instance_options_leaves_two_operands(void **state)
{
    (void)state;
    char const *const good[] = {"x", "-ab", "-w", "1", "sv", "one", NULL};
    char const *const few[] = {"x", "-a", "sv", NULL};
    char const *const bad[] = {"x", "-z", "sv", "one", NULL};
    assert_int_equal(instance_options(6, good, "abw:"), 4);
    assert_int_equal(instance_options(3, few, "a"), -1);
    assert_int_equal(instance_options(4, bad, "a"), -1);
}

/* Becomes the program in a child; what it could not do is written to the file trouble. */
static int become(char const *program, char const *const *argv, int ind)
{
    int wstat;
    put("trouble", "", 0644);
    pid_t pid = fork();
    if (!pid) {
        char file[PATH_MAX];
        char text[512];
        char const *what;
        char const *object;
        int code = instance_exec(program, argv, ind, file, &what, &object);
        snprintf(text, sizeof text, "%s%s: %s", what, object, strerror(errno));
        int fd = open(in("trouble"), O_WRONLY);
        if (write(fd, text, strlen(text)) < 0)
            code = 1;
        _exit(code);
    }
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_true(WIFEXITED(wstat));
    return WEXITSTATUS(wstat);
}

static void instance_exec_hands_the_options_on(void **state)
{
    (void)state;
    char wanted[512];
    char const *const options[] = {"instance-x", "-a", "-w", "1", "-sv", "one", NULL};
    char const *const dashes[] = {"instance-x", "-a", "--", "-sv", "one", NULL};
    char const *const none[] = {"instance-x", "sv", "one", NULL};
    setenv("CAIRN_BINDIR", scratch, 1);
    setenv("SCRATCH", scratch, 1);
    put("prog", "#!/bin/sh\necho \"$@\" >\"$SCRATCH/args\"\nexit 7\n", 0755);
    assert_int_equal(become("prog", options, 4), 7);
    assert_string_equal(get("args"), "-a -w 1 -- -sv/instance/one\n");
    assert_int_equal(become("prog", dashes, 3), 7);
    assert_string_equal(get("args"), "-a -- -sv/instance/one\n");
    assert_int_equal(become("prog", none, 1), 7);
    assert_string_equal(get("args"), "-- sv/instance/one\n");
    /* and says what it cannot */
    assert_int_equal(become("absent", none, 1), 127);
    snprintf(wanted, sizeof wanted, "exec %s/absent: No such file or directory", scratch);
    assert_string_equal(get("trouble"), wanted);
    put("plain", "", 0644);
    assert_int_equal(become("plain", none, 1), 126);
    snprintf(wanted, sizeof wanted, "exec %s/plain: Permission denied", scratch);
    assert_string_equal(get("trouble"), wanted);
}

static void instance_exec_wants_paths_that_fit(void **state)
{
    (void)state;
    static char deep[PATH_MAX];
    memset(deep, '/', sizeof deep - 1);
    char const *const argv[] = {"instance-x", deep, "one", NULL};
    char const *const good[] = {"instance-x", "sv", "one", NULL};
    char const *what;
    char const *object;
    char file[PATH_MAX];
    assert_int_equal(instance_exec("prog", argv, 1, file, &what, &object), 111);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(what, "find ");
    assert_ptr_equal(object, deep);
    setenv("CAIRN_BINDIR", deep, 1);
    assert_int_equal(instance_exec("prog", good, 1, file, &what, &object), 111);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(object, "prog");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(instance_path_is_in_the_scan_directory),
        cmocka_unit_test(instance_options_leaves_two_operands),
        cmocka_unit_test(instance_exec_hands_the_options_on),
        cmocka_unit_test(instance_exec_wants_paths_that_fit),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
