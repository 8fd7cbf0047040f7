/* with-retries: runs a program until it succeeds, a few times at most.

   with-retries [-n tries] [-t ms] PROG ARG...

   Runs PROG at most -n (3) times, one after the other without a pause, each for at most -t (500)
   milliseconds; 0 is no limit. When the time is over it gets TERM and CONT, and KILL if it is still
   there after the same time again. Standard input and output are PROG's. HUP, INT, QUIT and TERM
   are passed on to it, and then it is not tried again.

   Exits 0 as soon as PROG did; 1 after the last failure; 128+N when it was asked to end by signal
   N; 100 wrong usage; 111 system call failed; 126 or 127 if PROG cannot be executed, or is not
   there. */

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#define USAGE      "with-retries [ -n tries ] [ -t milliseconds ] prog..."
#define dieusage() strerr_dieusage(100, USAGE)

enum { TRIES = 3, LIMIT = 500, NEVER = -1 };

char const *PROG = "with-retries";

extern char **environ;

static sigset_t watched; /* blocked here, waited for */
static sigset_t original;

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static pid_t start(char const *const *argv)
{
    posix_spawnattr_t attr;
    pid_t pid;
    int e = posix_spawnattr_init(&attr);
    if (!e)
        e = posix_spawnattr_setsigmask(&attr, &original);
    if (!e)
        e = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    if (!e) {
        e = posix_spawnp(&pid, argv[0], NULL, &attr, (char *const *)argv, environ);
        posix_spawnattr_destroy(&attr);
    }
    if (!e)
        return pid;
    errno = e;
    if (e == EAGAIN || e == ENOMEM || e == EMFILE || e == ENFILE)
        strerr_diefu2sys(111, "start ", argv[0]);
    strerr_diefu2sys(e == ENOENT ? 127 : 126, "run ", argv[0]);
}

/* Waits for one of the watched signals until the deadline. Returns it, or 0. */
static int next_signal(int64_t deadline)
{
    struct timespec ts = {0};
    if (deadline == NEVER) {
        int sig = sigwaitinfo(&watched, NULL);
        return sig < 0 ? 0 : sig;
    }
    int64_t left = deadline - now_ms();
    if (left > 0) {
        ts.tv_sec = (time_t)(left / 1000);
        ts.tv_nsec = (long)(left % 1000) * 1000000;
    }
    int sig = sigtimedwait(&watched, NULL, &ts);
    return sig < 0 ? 0 : sig;
}

/* Waits for the end of pid. Returns its wait status; *asked is the signal that asked us to end, or
   0. */
static int await(pid_t pid, unsigned int limit, int *asked)
{
    int64_t deadline = limit ? now_ms() + limit : NEVER;
    int sent = 0;
    for (;;) {
        int wstat;
        pid_t r = waitpid(pid, &wstat, WNOHANG);
        if (r == pid)
            return wstat;
        if (r < 0 && errno != EINTR)
            strerr_diefu1sys(111, "wait for the program");
        int sig = next_signal(deadline);
        if (sig && sig != SIGCHLD) {
            *asked = sig;
            kill(pid, sig);
        } else if (!sig && deadline != NEVER && now_ms() >= deadline) {
            kill(pid, sent ? SIGKILL : SIGTERM);
            kill(pid, SIGCONT);
            deadline = sent ? NEVER : deadline + limit;
            sent = 1;
        }
    }
}

static void watch_signals(void)
{
    static int const signals[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&watched, signals[i]);
    /* were it ignored, there would be no status to wait for */
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &watched, &original);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    unsigned int tries = TRIES, limit = LIMIT;
    int asked = 0;
    for (int opt; (opt = subgetopt_r(argc, argv, "n:t:", &l)) != -1;) {
        if ((opt != 'n' && opt != 't') || !uint0_scan(l.arg, opt == 'n' ? &tries : &limit))
            dieusage();
    }
    argv += l.ind;
    if (!*argv || !tries)
        dieusage();
    watch_signals();
    while (tries--) {
        int wstat = await(start(argv), limit, &asked);
        if (WIFEXITED(wstat) && !WEXITSTATUS(wstat))
            return 0;
        if (asked)
            return 128 + asked;
    }
    return 1;
}
