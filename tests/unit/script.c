#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/script.h>

static char cwd[4096];

static void make(char const *name, char const *content, mode_t mode)
{
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static char const *error_name(int e)
{
    return e == ENOENT    ? "ENOENT"
           : e == EACCES  ? "EACCES"
           : e == ENOEXEC ? "ENOEXEC"
           : e == ELOOP   ? "ELOOP"
                          : strerror(e);
}

/* Starts file and returns what it printed; if it could not be started: "errno N". */
static char const *run(char const *file, char const *a1, char const *a2)
{
    static char out[1024];
    char *const argv[] = {(char *)file, (char *)a1, (char *)a2, NULL};
    char *const envp[] = {(char *)"PATH=/usr/bin:/bin", NULL};
    int p[2];
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        dup2(p[1], 1);
        close(p[0]);
        close(p[1]);
        script_exec(file, argv, envp);
        dprintf(1, "errno %s", error_name(errno));
        _exit(script_exitcode(errno));
    }
    close(p[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(p[0], out + len, sizeof out - 1 - len)) > 0)
        len += (size_t)n;
    out[len] = 0;
    close(p[0]);
    waitpid(pid, NULL, 0);
    return out;
}

static char const *explain(char const *file, int e)
{
    static char buf[512];
    char small[16];
    /* never more than it may, whatever the size */
    for (size_t size = 1; size <= sizeof small; size++) {
        memset(small, 'X', sizeof small);
        assert_ptr_equal(script_explain(small, size, AT_FDCWD, file, e), small);
        assert_non_null(memchr(small, 0, size));
    }
    script_explain(buf, sizeof buf, AT_FDCWD, file, e);
    assert_null(strchr(buf, '\n'));
    return buf;
}

#define assert_contains(s, what)                                                                   \
    do {                                                                                           \
        if (!strstr(s, what))                                                                      \
            fail_msg("'%s' does not contain '%s'", s, what);                                       \
    } while (0)

static char const ECHO[] = "#!/bin/sh\necho \"$0 $*\"\n";

static void runs_a_script(void **state)
{
    (void)state;
    make("run", ECHO, 0755);
    assert_string_equal(run("./run", "a", "b"), "./run a b\n");
}

static void runs_one_that_is_not_executable(void **state)
{
    (void)state;
    make("run", ECHO, 0644);
    assert_string_equal(run("./run", "a", "b"), "./run a b\n");
    make("run", "#!  /bin/sh \t -e  \necho \"$0 $- $1\"\n", 0644);
    assert_contains(run("./run", "a", NULL), "./run e");
    /* all that follows the interpreter is one argument */
    make("run", "#!/bin/echo one two\n", 0644);
    assert_string_equal(run("./run", "a", NULL), "one two ./run a\n");
    make("run", "#!/bin/echo\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "./run\n");
    make("run", "#!/bin/echo end-of-file", 0644);
    assert_string_equal(run("./run", NULL, NULL), "end-of-file ./run\n");
}

static void follows_links_to_their_name(void **state)
{
    (void)state;
    char expected[5000];
    mkdir("image", 0755);
    make("image/run", ECHO, 0755);
    unlink("run");
    unlink("second");
    assert_int_equal(symlink("image/run", "run"), 0);
    assert_string_equal(run("./run", "a", NULL), "./image/run a\n");
    snprintf(expected, sizeof expected, "%s/run", cwd);
    assert_int_equal(symlink(expected, "second"), 0);
    snprintf(expected, sizeof expected, "%s/image/run a\n", cwd);
    assert_string_equal(run("./second", "a", NULL), expected);
    make("image/run", ECHO, 0644);
    assert_string_equal(run("./second", "a", NULL), expected);
    unlink("loop");
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_string_equal(run("./loop", "a", NULL), "errno ELOOP");
}

static void returns_the_first_cause(void **state)
{
    (void)state;
    unlink("run");
    assert_string_equal(run("./run", NULL, NULL), "errno ENOENT");
    make("run", "#!/nonexistent/sh\n", 0755);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOENT");
    make("run", "#!/nonexistent/sh\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOENT");
    make("run", "no first line\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "errno EACCES");
    make("run", "#!\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "errno EACCES");
    make("run", "no first line\n", 0755);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOEXEC");
    make("run", "", 0755);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOEXEC");
    assert_string_equal(run("./image", NULL, NULL), "errno EACCES");
    assert_int_equal(script_exitcode(ENOENT), 127);
    assert_int_equal(script_exitcode(EACCES), 126);
    unlink("fifo");
    assert_int_equal(mkfifo("fifo", 0644), 0);
    assert_string_equal(run("./fifo", NULL, NULL), "errno EACCES"); /* and does not hang */
}

static void explains(void **state)
{
    (void)state;
    unlink("run");
    assert_string_equal(explain("./run", ENOENT), "./run does not exist");
    assert_int_equal(symlink("nowhere/run", "run"), 0);
    assert_contains(explain("./run", ENOENT),
                    "./run is a symbolic link to nowhere/run, which does not");
    make("run", "#!/nonexistent/python3.11 -u\n", 0755);
    assert_string_equal(
        explain("./run", ENOENT),
        "./run needs the interpreter /nonexistent/python3.11, which does not exist; "
        "install python3");
    make("run", "#!/usr/nonexistent/execlineb -S1\n", 0755);
    assert_contains(explain("./run", ENOENT), "; install execline");
    make("run", "#!/nonexistent/unknown\n", 0755);
    assert_contains(explain("./run", ENOENT), "unknown, which does not exist");
    make("run", "#!/bin/sh\r\necho\r\n", 0755);
    assert_contains(explain("./run", ENOENT), "DOS line endings");
    make("run", "#!/etc/passwd\n", 0755);
    assert_contains(explain("./run", EACCES), "/etc/passwd, which cannot be run: Permission");
    make("run", "echo\n", 0644);
    assert_contains(explain("./run", EACCES), "not executable (mode 0644)");
    make("run", "echo\n", 0755);
    assert_contains(explain("./run", ENOEXEC), "no '#!' line");
    make("run", "", 0755);
    assert_contains(explain("./run", ENOEXEC), "is empty");
    assert_contains(explain("./run", ETXTBSY), "open for writing");
    assert_contains(explain("./run", E2BIG), "./run: ");
    assert_contains(explain("image", EACCES), "is a directory");
    make("run", "#!/x\x1b[31m\n", 0755);
    assert_contains(explain("./run", ENOENT), "/x?[31m");
    unlink("run");
    assert_int_equal(symlink("image/run", "run"), 0);
    make("image/run", "#!/nonexistent/bash\n", 0755);
    assert_contains(explain("./run", ENOENT),
                    "./image/run needs the interpreter /nonexistent/bash");
}

static int setup(void **state)
{
    (void)state;
    static char dir[] = "script.XXXXXX";
    return !mkdtemp(dir) || chdir(dir) == -1 || !getcwd(cwd, sizeof cwd) ||
           mkdir("image", 0755) == -1;
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(runs_a_script),
        cmocka_unit_test(runs_one_that_is_not_executable),
        cmocka_unit_test(follows_links_to_their_name),
        cmocka_unit_test(returns_the_first_cause),
        cmocka_unit_test(explains),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
