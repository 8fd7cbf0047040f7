/* svwatchproc: a signal takes the listener away and still kills; an ignored one stays ignored; the
 * descriptor limit */

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/svwatchproc.h>

/* Entries of sv/event but . and .. */
static int listeners(void)
{
    int n = -2;
    DIR *d = opendir("sv/event");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static int make_service(void **state)
{
    (void)state;
    return mkdir("sv", 0755) || mkdir("sv/event", 0755) || mkdir("sv/supervise", 0755);
}

/* A process that listens, says so, and gets sig. Returns its wait status. */
static int run_child(int sig, int ignored)
{
    int p[2];
    char c;
    int wstat;
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        struct svwatch_service s = {.dir = "sv"};
        struct svwatch w = {.services = &s, .n = 1};
        signal(sig, ignored ? SIG_IGN : SIG_DFL);
        svwatchproc_prepare(&w);
        svwatch_listen(&w);
        (void)!write(p[1], "", 1);
        if (!ignored)
            pause();
        raise(sig);
        svwatch_end(&w);
        _exit(0);
    }
    close(p[1]);
    assert_int_equal(read(p[0], &c, 1), 1);
    close(p[0]);
    if (!ignored) {
        assert_int_equal(listeners(), 1);
        kill(pid, sig);
    }
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    return wstat;
}

static void svwatchproc_leaves_no_listener(void **state)
{
    (void)state;
    int const sigs[] = {SIGHUP, SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++) {
        int wstat = run_child(sigs[i], 0);
        assert_true(WIFSIGNALED(wstat));
        assert_int_equal(WTERMSIG(wstat), sigs[i]);
        assert_int_equal(listeners(), 0);
    }
}

static void svwatchproc_keeps_ignored_signals(void **state)
{
    (void)state;
    assert_int_equal(run_child(SIGHUP, 1), 0);
    assert_int_equal(listeners(), 0);
}

static void svwatchproc_raises_the_limit_only_when_it_must(void **state)
{
    (void)state;
    struct rlimit old, rl;
    struct svwatch w = {.n = SVWATCHPROC_FEW};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    rl = old;
    rl.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
    svwatchproc_prepare(&w);
    getrlimit(RLIMIT_NOFILE, &rl);
    assert_int_equal(rl.rlim_cur, 64);
    w.n = 100;
    svwatchproc_prepare(&w);
    getrlimit(RLIMIT_NOFILE, &rl);
    assert_int_equal(rl.rlim_cur, rl.rlim_max);
    setrlimit(RLIMIT_NOFILE, &old);
    w.n = 0;
}

static void svwatchproc_knows_letters_and_places(void **state)
{
    (void)state;
    struct svwatch_service s = {.dir = NULL};
    enum svwatch_goal goal;
    assert_int_equal(svwatchproc_goal('R', &goal), 1);
    assert_int_equal(goal, SVWATCH_RESTARTED_READY);
    assert_int_equal(svwatchproc_goal('x', &goal), 0);
    assert_int_equal(svwatchproc_set(&s, "sv", SVWATCH_DOWN), 0);
    assert_string_equal(s.dir, "sv");
    assert_int_equal(s.goal, SVWATCH_DOWN);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svwatchproc_leaves_no_listener),
        cmocka_unit_test(svwatchproc_keeps_ignored_signals),
        cmocka_unit_test(svwatchproc_raises_the_limit_only_when_it_must),
        cmocka_unit_test(svwatchproc_knows_letters_and_places),
    };
    return cmocka_run_group_tests(tests, make_service, NULL);
}
