/* setlock: holds a lock on a file while a program runs.

   setlock [-n | -N | -t MS] [-r | -w] [-d FD] FILE PROG ARG...
   Writes: FILE is made if it does not exist, and stays empty. The lock is a POSIX record lock
   (fcntl), as real s6 and our daemons take it. It belongs to the process, so PROG holds it, and
   loses it with the first descriptor of FILE that it closes.

   The descriptor is where it is to be before the lock is taken: closing another one afterwards
   would give the lock away. A wait with a limit is one F_SETLKW that an alarm ends; no helper
   process, no polling. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

char const *PROG = "setlock";
#define USAGE      "setlock [ -n | -N | -t ms ] [ -r | -w ] [ -d fd ] file prog..."
#define dieusage() strerr_dieusage(100, USAGE)

enum wait { TRY, FOREVER, LIMITED };

static volatile sig_atomic_t expired;

static void on_alarm(int sig)
{
    (void)sig;
    expired = 1;
}

/* A FIFO without a reader must not hang us, hence O_NONBLOCK; regular files do not know it. */
static int open_file(char const *file, int shared)
{
    int const flags = O_NONBLOCK | O_NOCTTY;
    int fd = -1;
    /* a shared lock needs no right to write, nor an existing file a right to make files */
    if (shared) {
        fd = open(file, O_RDONLY | flags);
        if (fd < 0 && errno == ENOENT)
            fd = open(file, O_RDONLY | O_CREAT | flags, 0666);
    } else
        fd = open(file, O_WRONLY | O_CREAT | flags, 0666);
    if (fd < 0)
        strerr_diefu2sys(111, "open ", file);
    return fd;
}

static void move_to(int from, unsigned int to)
{
    char fmt[UINT_FMT];
    if ((unsigned int)from == to)
        return;
    fmt[uint_fmt(fmt, to)] = 0;
    if (dup2(from, (int)to) < 0)
        strerr_diefu2sys(111, "use descriptor ", fmt);
    close(from);
}

static int lock(int fd, int cmd, int shared)
{
    struct flock f = {.l_type = shared ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, cmd, &f);
}

static int lock_forever(int fd, int shared)
{
    int r;
    do
        r = lock(fd, F_SETLKW, shared);
    while (r < 0 && errno == EINTR);
    return r;
}

/* Like lock_forever, but for ms > 0 at most: then ETIMEDOUT. Signals are as before afterwards. */
static int lock_for(int fd, int shared, unsigned int ms)
{
    /* An alarm between the check and the system call would be lost: it is repeated. */
    struct itimerval t = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000},
                          .it_interval = {.tv_usec = 10000}};
    struct itimerval const none = {.it_value = {.tv_sec = 0}};
    struct sigaction sa = {.sa_handler = on_alarm}, old;
    sigset_t alarm, mask;
    int r;
    sigemptyset(&sa.sa_mask);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigaction(SIGALRM, &sa, &old);
    sigprocmask(SIG_UNBLOCK, &alarm, &mask);
    if (setitimer(ITIMER_REAL, &t, NULL) < 0)
        return -1;
    do
        r = lock(fd, F_SETLKW, shared);
    while (r < 0 && errno == EINTR && !expired);
    int e = r < 0 && errno == EINTR ? ETIMEDOUT : errno;
    setitimer(ITIMER_REAL, &none, NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGALRM, &old, NULL);
    errno = e;
    return r;
}

static void take(int fd, char const *file, int shared, enum wait wait, unsigned int ms)
{
    int r;
    if (wait == FOREVER)
        r = lock_forever(fd, shared);
    else {
        r = lock(fd, F_SETLK, shared);
        if (r < 0 && (errno == EACCES || errno == EAGAIN) && wait == LIMITED && ms)
            r = lock_for(fd, shared, ms);
    }
    if (!r)
        return;
    if (errno == EACCES || errno == EAGAIN)
        strerr_dief3x(1, "unable to lock ", file, ": another process holds it");
    if (errno == ETIMEDOUT)
        strerr_dief3x(1, "unable to lock ", file, ": another process still holds it");
    strerr_diefu2sys(1, "lock ", file);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    enum wait wait = FOREVER;
    unsigned int ms = 0, to = 0;
    int shared = 0, moved = 0;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "nNrwt:d:", &l);
        if (opt < 0)
            break;
        if (opt == 'n' || opt == 'N')
            wait = opt == 'n' ? TRY : FOREVER;
        else if (opt == 'r' || opt == 'w')
            shared = opt == 'r';
        else if (opt == 't' && uint0_scan(l.arg, &ms))
            wait = LIMITED;
        else if (opt == 'd' && uint0_scan(l.arg, &to) && to <= 0x7fffffff)
            moved = 1;
        else
            dieusage();
    }
    argc -= l.ind;
    argv += l.ind;
    if (argc < 2)
        dieusage();
    int fd = open_file(argv[0], shared);
    if (moved) {
        move_to(fd, to);
        fd = (int)to;
    }
    take(fd, argv[0], shared, wait, ms);
    xexec(argv + 1);
}
