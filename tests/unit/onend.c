#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/onend.h>

static void say(void *arg)
{
    if (write(*(int *)arg, "c", 1) != 1)
        _exit(99);
}

/* What a process gets told of that ends itself by sig, as wait status; *cleaned: how often the
   cleaner ran. */
static int end_by(int sig, int ignored, int held, int *cleaned)
{
    int p[2], wstat;
    char buf[8];
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        signal(sig, ignored ? SIG_IGN : SIG_DFL);
        onend_call(say, p + 1);
        if (held)
            onend_hold();
        raise(sig);
        if (held && write(p[1], "h", 1) == 1)
            onend_release();
        _exit(7);
    }
    close(p[1]);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    *cleaned = (int)read(p[0], buf, sizeof buf);
    if (*cleaned && held)
        assert_int_equal(buf[0], 'h');
    close(p[0]);
    return wstat;
}

static void onend_cleans_once_and_ends(void **state)
{
    static int const sigs[] = {SIGHUP, SIGINT, SIGTERM};
    (void)state;
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++) {
        int cleaned;
        int wstat = end_by(sigs[i], 0, 0, &cleaned);
        assert_true(WIFSIGNALED(wstat) && WTERMSIG(wstat) == sigs[i]);
        assert_int_equal(cleaned, 1);
    }
}

static void onend_leaves_ignored_signals_alone(void **state)
{
    int cleaned;
    (void)state;
    int wstat = end_by(SIGHUP, 1, 0, &cleaned);
    assert_true(WIFEXITED(wstat) && WEXITSTATUS(wstat) == 7);
    assert_int_equal(cleaned, 0);
}

static void onend_holds_signals_back(void **state)
{
    int cleaned;
    (void)state;
    int wstat = end_by(SIGTERM, 0, 1, &cleaned);
    assert_true(WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGTERM);
    assert_int_equal(cleaned, 2); /* and what it wrote itself */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(onend_cleans_once_and_ends),
        cmocka_unit_test(onend_leaves_ignored_signals_alone),
        cmocka_unit_test(onend_holds_signals_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
