#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/dnsclient.h>
#include <cairn/shellcmd.h>

static stralloc out = STRALLOC_ZERO;
static int status;

static enum shellcmd_end run(char const *command, size_t max, int wake_fd, int64_t patience)
{
    out.len = 0;
    int64_t deadline = patience < 0 ? -1 : dnsclient_now() + patience;
    enum shellcmd_end end = shellcmd_run(command, &out, max, wake_fd, deadline, &status);
    assert_true(stralloc_0(&out));
    return end;
}

static void output_and_status_are_told(void **state)
{
    (void)state;
    char words[SHELLCMD_WORDS];
    assert_int_equal(run("echo out; echo err >&2; exit 3", 100, -1, -1), SHELLCMD_DONE);
    assert_string_equal(out.s, "out\nerr\n");
    assert_string_equal(shellcmd_words(words, status), "exit status 3");
    assert_int_equal(run("kill -9 $$", 100, -1, -1), SHELLCMD_DONE);
    assert_string_equal(shellcmd_words(words, status), "signal: Killed");
    assert_int_equal(run("cat", 100, -1, 60000), SHELLCMD_DONE); /* standard input is empty */
    assert_string_equal(out.s, "");
    assert_int_equal(status, 0);
}

static void output_is_kept_up_to_a_bound_but_read(void **state)
{
    (void)state;
    assert_int_equal(
        run("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done; exit 5", 15, -1,
            -1),
        SHELLCMD_DONE);
    assert_string_equal(out.s, "0123456789\n0123");
    assert_int_equal(WEXITSTATUS(status), 5);
}

static void a_child_that_holds_the_pipe_is_not_waited_for(void **state)
{
    (void)state;
    int64_t begin = dnsclient_now();
    assert_int_equal(run("sleep 30 & echo $!", 100, -1, -1), SHELLCMD_DONE);
    assert_true(dnsclient_now() - begin < 20000);
    pid_t pid = atoi(out.s);
    assert_true(pid > 1);
    kill(pid, SIGKILL);
}

static void the_deadline_kills(void **state)
{
    (void)state;
    char words[SHELLCMD_WORDS];
    assert_int_equal(run("exec sleep 30", 100, -1, 50), SHELLCMD_TIMEOUT);
    assert_string_equal(shellcmd_words(words, status), "signal: Killed");
}

static void being_woken_ends_the_wait(void **state)
{
    (void)state;
    int p[2];
    assert_int_equal(pipe(p), 0);
    assert_int_equal(write(p[1], "x", 1), 1);
    assert_int_equal(run("exec sleep 30", 100, p[0], -1), SHELLCMD_WOKEN);
    pid_t pid = waitpid(-1, &status, 0);
    assert_true(pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    close(p[0]);
    close(p[1]);
}

static void signals_are_as_by_default(void **state)
{
    (void)state;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(run("kill -TERM $$; echo blocked", 100, -1, -1), SHELLCMD_DONE);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(run("kill -PIPE $$; echo ignored", 100, -1, -1), SHELLCMD_DONE);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int teardown(void **state)
{
    (void)state;
    stralloc_free(&out);
    return 0;
}

/* Where CHLD is ignored nobody can say how it ended: that must not look like an answer. */
static void no_status_is_a_failure(void **state)
{
    (void)state;
    signal(SIGCHLD, SIG_IGN);
    enum shellcmd_end end = run("exit 3", 100, -1, -1);
    int e = errno;
    signal(SIGCHLD, SIG_DFL);
    assert_int_equal(end, SHELLCMD_FAILED);
    assert_int_equal(e, ECHILD);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(output_and_status_are_told),
        cmocka_unit_test(output_is_kept_up_to_a_bound_but_read),
        cmocka_unit_test(a_child_that_holds_the_pipe_is_not_waited_for),
        cmocka_unit_test(the_deadline_kills),
        cmocka_unit_test(being_woken_ends_the_wait),
        cmocka_unit_test(signals_are_as_by_default),
        cmocka_unit_test(no_status_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
