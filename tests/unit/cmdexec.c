#include "scratch.h"

#include <errno.h>
#include <sys/wait.h>

#include <cairn/cmdexec.h>

/* The exit code of name run with PATH, or 200 + errno. */
static int runs(char const *path, char const *name)
{
    int wstat;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        char *argv[] = {(char *)name, NULL};
        char *envp[] = {(char *)path, NULL};
        cmdexec_exec(argv, envp);
        _exit(200 + errno);
    }
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    char *envp[] = {(char *)path, NULL};
    int e = cmdexec_startable(name, envp); /* what was foreseen is what happens */
    assert_int_equal(e, WEXITSTATUS(wstat) > 200 ? WEXITSTATUS(wstat) - 200 : 0);
    return WEXITSTATUS(wstat);
}

static void cmdexec_searches_the_path_it_is_given(void **state)
{
    (void)state;
    char path[1024];
    dir("a");
    dir("b");
    put("a/prog", "not executable", 0644);
    snprintf(path, sizeof path, "PATH=%s:%s", in("a"), in("b"));
    assert_int_equal(runs(path, "prog"), 200 + EACCES);
    put("b/prog", "#!/bin/sh\nexit 7\n", 0755);
    assert_int_equal(runs(path, "prog"), 7);
    assert_int_equal(runs(path, "missing"), 200 + ENOENT);
    put("b/noint", "#!/no/such\n", 0755);
    assert_int_equal(runs(path, "noint"), 200 + ENOENT);
    assert_int_equal(runs(path, ""), 200 + ENOENT);
    assert_int_equal(runs("PATH=/nowhere", in("b/prog")), 7);
    assert_int_equal(runs("A=b", "true"), 0);
    assert_int_equal(chdir(in("b")), 0);
    assert_int_equal(runs("PATH=/nowhere:", "prog"),
                     7); /* an empty part is the working directory */
    assert_int_equal(chdir("/"), 0);
}

static void explains(char const *path, char const *name, int e, char const *wanted)
{
    char buf[512];
    char *envp[] = {(char *)path, NULL};
    assert_ptr_equal(cmdexec_explain(buf, sizeof buf, name, envp, e), buf);
    if (!strstr(buf, wanted))
        print_error("%s\n", buf);
    assert_non_null(strstr(buf, wanted));
}

static void cmdexec_explains(void **state)
{
    (void)state;
    char path[1024];
    char small[8];
    char *envp[] = {path, NULL};
    dir("c");
    put("c/noint", "#!/no/such\n", 0755);
    put("c/plain", "#!/bin/sh\n", 0644);
    put("c/dos", "#!/bin/sh\r\n", 0755);
    put("c/text", "text\n", 0755);
    snprintf(path, sizeof path, "PATH=/nowhere:%s", in("c"));
    explains(path, "noint", ENOENT, "noint needs the interpreter /no/such, which does not exist");
    explains(path, in("c/noint"), ENOENT, "needs the interpreter /no/such");
    explains(path, "plain", EACCES, "plain is not executable (mode 0644); use chmod +x");
    explains(path, "dos", ENOENT, "has DOS line endings");
    explains(path, "text", ENOEXEC, "has no '#!' line");
    explains(path, in("c"), EACCES, "is a directory");
    explains(path, in("c/none"), ENOENT, "does not exist");
    explains("PATH=/x:/y", "none", ENOENT, "none is in no directory of PATH: /x:/y");
    explains("PATH=/x", "a\nb", ENOENT, "a?b is in no");
    explains(path, "", ENOENT, "its name is empty");
    cmdexec_explain(small, sizeof small, "plain", envp, EACCES);
    assert_int_equal(strlen(small), sizeof small - 1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(cmdexec_searches_the_path_it_is_given),
        cmocka_unit_test(cmdexec_explains),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
