#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <cairn/capture.h>
#include <cairn/dnsclient.h>

static int wake_fd = -1;

static ssize_t run(char const *script, char *buf, size_t size, int ms, int *status)
{
    char const *argv[] = {"/bin/sh", "-c", script, NULL};
    return capture(argv, buf, size, 1, wake_fd, dnsclient_now() + ms, status);
}

static void capture_takes_output_and_status(void **state)
{
    (void)state;
    char buf[64];
    int status;
    assert_int_equal(
        run("echo a; echo b; echo not this >&2; exit 3", buf, sizeof buf, 10000, &status), 4);
    assert_string_equal(buf, "a\nb\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_int_equal(run(":", buf, sizeof buf, 10000, &status), 0);
    assert_string_equal(buf, "");
    /* what we have blocked is not blocked there */
    sigset_t all, was;
    sigfillset(&all);
    assert_int_equal(sigprocmask(SIG_BLOCK, &all, &was), 0);
    assert_int_equal(run("kill -TERM $$; echo lives", buf, sizeof buf, 10000, &status), 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(sigprocmask(SIG_SETMASK, &was, NULL), 0);
}

static void capture_is_bounded(void **state)
{
    (void)state;
    char buf[64];
    int status;
    assert_int_equal(run("while :; do echo aaaaaaaa; done", buf, sizeof buf, 10000, &status), -1);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(run("exec sleep 100", buf, sizeof buf, 50, &status), -1);
    assert_int_equal(errno, ETIMEDOUT);
    int p[2];
    assert_int_equal(pipe(p), 0);
    wake_fd = p[0];
    assert_int_equal(run("echo a", buf, sizeof buf, 10000, &status), 2);
    assert_int_equal(write(p[1], "", 1), 1);
    assert_int_equal(run("exec sleep 100", buf, sizeof buf, 10000, &status), -1);
    assert_int_equal(errno, ECANCELED);
    wake_fd = -1;
    close(p[0]);
    close(p[1]);
    char const *argv[] = {"/nonexistent", NULL};
    assert_int_equal(capture(argv, buf, sizeof buf, 0, -1, 0, &status), -1);
    assert_int_equal(errno, ENOENT);
}

/* The deadline is the program's, not that of its output. */
static void capture_kills_who_has_closed_its_output(void **state)
{
    (void)state;
    char buf[64];
    int status;
    int64_t begin = dnsclient_now();
    assert_int_equal(run("exec >&-; exec sleep 20", buf, sizeof buf, 100, &status), -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_true(dnsclient_now() - begin < 10000);
    assert_int_equal(run("exec >&-; sleep 0.1; exit 5", buf, sizeof buf, 10000, &status), 0);
    assert_int_equal(WEXITSTATUS(status), 5);
}

/* Where CHLD is ignored nobody can say how it ended: that must not look like an answer. */
static void capture_fails_without_a_status(void **state)
{
    (void)state;
    char buf[64];
    int status = 0;
    signal(SIGCHLD, SIG_IGN);
    ssize_t r = run("exit 3", buf, sizeof buf, 10000, &status);
    int e = errno;
    signal(SIGCHLD, SIG_DFL);
    assert_int_equal(r, -1);
    assert_int_equal(e, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capture_takes_output_and_status),
        cmocka_unit_test(capture_is_bounded),
        cmocka_unit_test(capture_kills_who_has_closed_its_output),
        cmocka_unit_test(capture_fails_without_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
