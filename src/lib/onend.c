#include <signal.h>
#include <stddef.h>

#include <cairn/onend.h>

static int const sigs[] = {SIGHUP, SIGINT, SIGTERM};
static void (*cleaner)(void *);
static void *cleaned;
static sigset_t before; /* whoever started us may have blocked some */

static void on_signal(int sig)
{
    cleaner(cleaned);
    raise(sig); /* its action is the default again */
}

void onend_call(void (*clean)(void *), void *arg)
{
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;
    cleaner = clean;
    cleaned = arg;
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
        if (!sigaction(sigs[i], &sa, &old) && old.sa_handler == SIG_IGN)
            sigaction(sigs[i], &old, NULL);
}

void onend_hold(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
        sigaddset(&set, sigs[i]);
    sigprocmask(SIG_BLOCK, &set, &before);
}

void onend_release(void)
{
    sigprocmask(SIG_SETMASK, &before, NULL);
}
