#include "scratch.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cairn/proctree.h>

static pid_t forked(void)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    return pid;
}

static void proctree_finds_descendants_and_nobody_else(void **state)
{
    (void)state;
    int fds[2], wstat;
    pid_t foreign;
    /* our child is the root of the tree; a process of ours beside it is foreign to it */
    foreign = forked();
    if (!foreign) {
        pause();
        _exit(0);
    }
    assert_int_equal(pipe(fds), 0);
    pid_t root = forked();
    if (!root) {
        signal(SIGTERM, SIG_IGN);
        pid_t a = fork();
        if (!a) {
            pid_t b = fork();
            if (!b) {
                setsid();
                /* a name that could be taken for the end of its own */
                prctl(PR_SET_NAME, "x) S 1 (");
                signal(SIGTERM, SIG_DFL);
                if (write(fds[1], "x", 1) != 1)
                    _exit(1);
                pause();
                _exit(0);
            }
            if (write(fds[1], &b, sizeof b) != sizeof b)
                _exit(1);
            pause();
            _exit(0);
        }
        char buf[16];
        size_t n = 0;
        while (n < sizeof(pid_t) + 1) {
            ssize_t r = read(fds[0], buf, sizeof buf);
            if (r <= 0)
                _exit(1);
            n += (size_t)r;
        }
        int killed = proctree_kill(SIGTERM, 0);
        if (killed != 2 || proctree_kill(SIGKILL, SIGHUP) < 1)
            _exit(2);
        waitpid(a, &wstat, 0);
        _exit(WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGKILL ? 0 : 3);
    }
    close(fds[1]);
    assert_int_equal(waitpid(root, &wstat, 0), root);
    assert_int_equal(wstat, 0);
    assert_int_equal(waitpid(foreign, &wstat, WNOHANG), 0);
    kill(foreign, SIGKILL);
    waitpid(foreign, &wstat, 0);
}

static void proctree_counts_nobody_without_children(void **state)
{
    (void)state;
    int wstat;
    pid_t pid = forked();
    if (!pid)
        _exit(proctree_kill(SIGTERM, 0));
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(proctree_finds_descendants_and_nobody_else),
        cmocka_unit_test(proctree_counts_nobody_without_children),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
