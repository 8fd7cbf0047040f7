#include <signal.h>
#include <sys/resource.h>

#include <cairn/svwatchproc.h>

static struct svwatch *watch; /* for on_signal */

static void on_signal(int sig)
{
    svwatch_end(watch);
    raise(sig); /* its action is the default again */
}

static void catch_signals(void)
{
    static int const sigs[] = {SIGHUP, SIGINT, SIGTERM};
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
        if (!sigaction(sigs[i], &sa, &old) && old.sa_handler == SIG_IGN)
            sigaction(sigs[i], &old, NULL);
}

/* A service takes four descriptors. */
static void raise_limit(size_t n)
{
    struct rlimit rl;
    if (n <= SVWATCHPROC_FEW || getrlimit(RLIMIT_NOFILE, &rl) < 0 ||
        rl.rlim_cur >= 4 * n + SVWATCHPROC_FEW)
        return;
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
}

void svwatchproc_prepare(struct svwatch *w)
{
    watch = w;
    raise_limit(w->n);
    catch_signals();
}
