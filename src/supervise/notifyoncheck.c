/* notifyoncheck: tells supervise that a service is ready when a program finds it so.

   notifyoncheck [-d] [-3 FD] [-s MS=10] [-T MS=0] [-t MS=0] [-w MS=1000] [-n TRIES=7]
                 [-c CMD | -r LINE...] PROG...
   notifyoncheck --service FD NAME

   For run scripts; the working directory is the service directory. Becomes PROG at once, the
   service; a child (-d: a grandchild) waits -s, runs ./data/check (or CMD, by execlineb), at most
   -t long, again every -w, at most -n times (0: no limit) and until -T is over (0: never). When the
   check exits 0 it writes the newline to FD (default: ./notification-fd says which) by which
   supervise learns that the service is ready.

   With -r it checks as those lines of ready-check say (readycheck.h). With --service it is the
   child alone, as supervise starts it for a service with such a file: it checks by ./ready-check,
   and ends when nobody reads FD any more.

   The child lives no longer than PROG: it watches it by a pidfd, or, where there are none, hears of
   its death in event/. It polls the service, because that is what it is for, but for the end of a
   check it never polls. A check that is broken off is killed with all it started.

   Exits 100 wrong usage, no supervisor, FD is not open; 111 system call failed; 126, 127 PROG could
   not be executed. The child: 0 ready, 1 no check succeeded, 2 PROG ended, 3 -T is over, 111. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/fifodir.h>
#include <cairn/join.h>
#include <cairn/readytry.h>
#include <cairn/script.h>
#include <cairn/servicedir.h>
#include <cairn/sibling.h>
#include <cairn/svlock.h>
#include <cairn/svwatch.h>

#define CHECK     "./data/check"
#define EXECLINEB "execlineb"
#define USAGE                                                                                      \
    "notifyoncheck [ -d ] [ -3 fd ] [ -s initialsleep ] [ -T globaltimeout ] [ -t localtimeout ] " \
    "[ -w waitingtime ] [ -n tries ] [ -c \"checkprog...\" | -r readycheck... ] prog..."

enum { TRY_LEAST = 10000 }; /* ms that one try may take, however often there is one */
enum { EXIT_READY, EXIT_TRIES, EXIT_ENDED, EXIT_TIMEOUT };
enum happened { ENDED, CHILD, OVER }; /* the service, a check, the time */

extern char **environ;

struct options {
    char const *command; /* of -c */
    unsigned int fd, initial, global, local, period, tries;
    struct readycheck *ready; /* of -r, or of the service's file; NULL: a program checks */
    unsigned int has_fd : 1;
    unsigned int twice : 1;
    unsigned int is_service : 1; /* --service */
};

struct checker {
    struct options const *o;
    struct fifodir_listener listener; /* if listening */
    int pidfd;                        /* of the service, or -1 */
    int signalfd;                     /* SIGCHLD */
    int listening;
    int64_t deadline;
    sigset_t mask;     /* what it was */
    pid_t check;       /* running, or 0 */
    int told;          /* why the check could not be run */
    unsigned int left; /* ready: how many checks the last try did not pass or come to */
};

char const *PROG = "notifyoncheck";

static struct readycheck ready;

static void add_line(struct options *o, char const *line)
{
    char const *why;
    if (!o->ready)
        readycheck_init(&ready);
    o->ready = &ready;
    if (readycheck_line(&ready, line, strlen(line), &why) < 0)
        strerr_dief(100, line, ": ", why);
}

static unsigned int number(char const *s)
{
    unsigned int n;
    if (!uint0_scan(s, &n))
        strerr_dieusage(100, USAGE);
    return n;
}

static int options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "d3:s:T:t:w:n:c:r:", &l)) != -1;)
        switch (opt) {
        case 'd':
            o->twice = 1;
            break;
        case '3':
            o->has_fd = 1;
            o->fd = number(l.arg);
            break;
        case 'r':
            add_line(o, l.arg);
            break;
        case 's':
            o->initial = number(l.arg);
            break;
        case 'T':
            o->global = number(l.arg);
            break;
        case 't':
            o->local = number(l.arg);
            break;
        case 'w':
            o->period = number(l.arg);
            break;
        case 'n':
            o->tries = number(l.arg);
            break;
        case 'c':
            o->command = l.arg;
            break;
        default:
            strerr_dieusage(100, USAGE);
        }
    if (l.ind >= argc || (o->ready && o->command))
        strerr_dieusage(100, USAGE);
    return l.ind;
}

/* The times in the lines are those of the options, and there is no limit of tries. */
static void take_times(struct options *o)
{
    o->initial = o->ready->after;
    o->period = o->ready->every;
    o->local = o->period > TRY_LEAST ? o->period : TRY_LEAST;
    o->global = o->ready->within;
    o->tries = 0;
}

/* -- before PROG -- */

/* Without the right to look at the lock, as a service that is not root, one goes on in good faith.
 */
static void check_supervisor(void)
{
    if (!svlock_owner(AT_FDCWD, SVLOCK_SERVICE))
        strerr_dief(100,
                    "no supervisor is running on the working directory (this program is for the "
                    "run script of a service, with the service directory as working directory)");
}

static void find_fd(struct options *o)
{
    char fmt[UINT_FMT];
    uint32_t fd;
    if (!o->has_fd) {
        int r = servicedir_uint(AT_FDCWD, SERVICEDIR_NOTIFICATION_FD, &fd);
        if (!r)
            strerr_dief(111,
                        "there is no ./notification-fd: put into it the number of a descriptor "
                        "(such as 3) that the service does not use");
        if (r < 0 && errno == EINVAL)
            strerr_dief(100, "invalid ./notification-fd");
        if (r < 0)
            strerr_diefusys(111, "read ./notification-fd");
        o->fd = fd;
    }
    fmt[uint_fmt(fmt, o->fd)] = 0;
    if (o->fd > INT_MAX || fcntl((int)o->fd, F_GETFD) < 0)
        strerr_dief(111, "descriptor ", fmt,
                    " is not open: supervise opens the one that is in "
                    "./notification-fd when the service starts, and nothing "
                    "in the run script may close it");
}

/* -- the child -- */

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What comes first: the end of the service, of a check, or the deadline. */
static enum happened await(struct checker *c, int64_t deadline)
{
    for (;;) {
        struct pollfd p[] = {{.fd = c->pidfd, .events = POLLIN},
                             {.fd = c->listening ? c->listener.fd : -1, .events = POLLIN},
                             {.fd = c->signalfd, .events = POLLIN},
                             {.fd = (int)c->o->fd, .events = 0}}; /* nobody reads it any more */
        char buf[sizeof(struct signalfd_siginfo)];
        int64_t left = deadline - now_ms();
        int ms = deadline == INT64_MAX ? -1 : left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
        int n = poll(p, 4, ms);
        if (n < 0 && errno != EINTR)
            strerr_diefusys(111, "poll");
        if (!n && ms < INT_MAX)
            return OVER;
        if (n > 0 && (p[0].revents || p[3].revents))
            return ENDED;
        for (ssize_t i = 0, r; n > 0 && p[1].revents; i = 0) {
            if ((r = read(c->listener.fd, buf, sizeof buf)) <= 0)
                break;
            while (i < r)
                if (buf[i++] == 'd')
                    return ENDED;
        }
        if (n > 0 && p[2].revents && read(c->signalfd, buf, sizeof buf) > 0)
            return CHILD;
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Does not return. A child of its own group, so that all of it can be killed. */
static void become_check(struct checker const *c)
{
    char const *args[] = {EXECLINEB, "-Pc", c->o->command, NULL};
    char why[PATH_MAX + 256], path[PATH_MAX];
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &c->mask, NULL);
    if (c->o->ready)
        _exit((int)(c->o->ready->n - readytry_all(c->o->ready)));
    signal(SIGPIPE, SIG_DFL);
    if (!c->o->command) {
        char *argv[] = {(char[]){CHECK}, NULL};
        script_exec(CHECK, argv, environ);
        int e = errno;
        if (c->told)
            _exit(script_exitcode(e));
        strerr_dief(script_exitcode(e), script_explain(why, sizeof why, AT_FDCWD, CHECK, e));
    }
    /* ours knows where execline lies; where it is not installed, PATH may */
    if (sibling_path(path, sizeof path, EXECLINEB))
        execv(path, (char *const *)args);
    execvp(EXECLINEB, (char *const *)args);
    if (c->told)
        _exit(script_exitcode(errno));
    strerr_diefusys(script_exitcode(errno), "exec " EXECLINEB " for -c (the package is execline)");
}

static void kill_check(struct checker *c)
{
    if (!c->check)
        return;
    kill(-c->check, SIGKILL);
    kill(c->check, SIGKILL);
    waitpid(c->check, NULL, 0);
    c->check = 0;
}

static void leave(struct checker *c, int code)
{
    kill_check(c);
    if (c->listening)
        fifodir_unlisten(&c->listener);
    _exit(code);
}

/* One check. Returns 1 if it succeeded. */
static int check(struct checker *c)
{
    int wstat;
    int64_t over = earlier(c->deadline, svwatch_deadline(c->o->local));
    if (c->o->ready)
        readytry_logs(c->o->ready);
    c->check = fork();
    if (c->check < 0) {
        c->check = 0;
        strerr_warnwusys("fork");
        return 0;
    }
    if (!c->check)
        become_check(c);
    for (;;)
        switch (await(c, over)) {
        case ENDED:
            leave(c, EXIT_ENDED);
            break;
        case OVER:
            kill_check(c);
            return 0;
        case CHILD:
            if (waitpid(c->check, &wstat, WNOHANG) != c->check)
                break;
            c->check = 0;
            c->left = WIFEXITED(wstat) ? (unsigned int)WEXITSTATUS(wstat) : 0;
            c->told |= WIFEXITED(wstat) && WEXITSTATUS(wstat) >= 126;
            return WIFEXITED(wstat) && !WEXITSTATUS(wstat);
        }
}

/* Which check it was that did not pass. */
static void say_late(struct checker const *c)
{
    struct readycheck const *r = c->o->ready;
    char fmt[UINT_FMT];
    if (!r)
        return;
    fmt[uint_fmt(fmt, r->within)] = 0;
    strerr_warnw("not ready within ", fmt,
                 " ms: ", r->list[c->left && c->left <= r->n ? r->n - c->left : 0].line,
                 c->left ? " does not pass" : " does not answer in time");
}

/* Waits ms. Leaves when the service or the time ends. */
static void wait_ms(struct checker *c, unsigned int ms)
{
    int64_t until = ms ? svwatch_deadline(ms) : 0;
    enum happened h;
    while ((h = await(c, earlier(until, c->deadline))) == CHILD)
        ;
    if (h == ENDED)
        leave(c, EXIT_ENDED);
    if (now_ms() >= c->deadline) {
        say_late(c);
        leave(c, EXIT_TIMEOUT);
    }
}

/* supervise starts run when it has read a byte. */
static void begun(struct options const *o)
{
    if (o->is_service && write((int)o->fd, " ", 1) < 0)
        _exit(EXIT_ENDED);
}

static void begin(struct options const *o)
{
    char const *line;
    int r = readytry_begin(o->ready, &line);
    begun(o);
    if (!r)
        return;
    if (!line)
        strerr_diefusys(111, "allocate memory");
    strerr_warnw("ignoring " SERVICEDIR_READY_CHECK ": the regular expression is not valid: ",
                 line);
    _exit(EXIT_TRIES);
}

/* The child. Does not return. */
static void run(struct checker *c)
{
    c->deadline = svwatch_deadline(c->o->global);
    fcntl((int)c->o->fd, F_SETFD, FD_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    if (c->o->ready)
        begin(c->o);
    wait_ms(c, c->o->initial);
    for (unsigned int n = 1;; n++) {
        if (check(c)) {
            if (write((int)c->o->fd, "\n", 1) < 0)
                leave(c, EXIT_ENDED);
            leave(c, EXIT_READY);
        }
        if (n == c->o->tries)
            leave(c, EXIT_TRIES);
        wait_ms(c, c->o->period);
    }
}

/* How the child will hear of the end of the service, which this process is about to become. */
static void watch_self(struct checker *c)
{
    c->pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    c->listening = c->pidfd < 0 && !fifodir_listen(AT_FDCWD, SERVICEDIR_EVENT, &c->listener);
}

static void watch_children(struct checker *c)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    c->signalfd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (c->signalfd < 0 || sigprocmask(SIG_BLOCK, &set, &c->mask) < 0)
        strerr_diefusys(111, "prepare for SIGCHLD");
}

/* --service FD NAME: supervise has started us for that service, whose directory this is. */
static void serve(char const *const *argv)
{
    struct options o = {.ready = &ready, .has_fd = 1, .is_service = 1};
    struct checker c = {.o = &o, .pidfd = -1};
    char prog[300];
    char fmt[UINT_FMT];
    char const *why;
    unsigned int line;
    if (!argv[0] || !uint0_scan(argv[0], &o.fd) || !argv[1] || !fd_sanitize())
        strerr_dieusage(100, USAGE);
    join(prog, sizeof prog, "supervise ", argv[1]);
    PROG = prog;
    readycheck_init(&ready);
    if (readycheck_file(&ready, AT_FDCWD, SERVICEDIR_READY_CHECK, &line, &why) < 0) {
        int e = errno;
        begun(&o);
        if (!why && e == ENOENT)
            _exit(EXIT_ENDED);
        errno = e;
        fmt[uint_fmt(fmt, line)] = 0;
        strerr_warnw("ignoring " SERVICEDIR_READY_CHECK, line ? ", line " : "", line ? fmt : "",
                     ": ", why ? why : strerror(errno));
        _exit(EXIT_TRIES);
    }
    take_times(&o);
    watch_children(&c);
    run(&c);
}

int main(int argc, char const *const *argv)
{
    if (argc > 1 && !strcmp(argv[1], "--service"))
        serve(argv + 2);
    struct options o = {.initial = 10, .period = 1000, .tries = 7};
    struct checker c = {.o = &o};
    argv += options(argc, argv, &o);
    if (o.ready)
        take_times(&o);
    check_supervisor();
    find_fd(&o);
    watch_self(&c);
    watch_children(&c);
    pid_t pid = fork();
    if (pid < 0)
        strerr_diefusys(111, "fork");
    if (!pid) {
        /* the one between dies at once: nobody has to wait for the checker */
        pid_t grandchild = o.twice ? fork() : 0;
        if (grandchild)
            _exit(grandchild < 0 ? 111 : 0);
        PROG = "notifyoncheck (child)";
        run(&c);
    }
    if (o.twice)
        waitpid(pid, NULL, 0);
    sigprocmask(SIG_SETMASK, &c.mask, NULL);
    close((int)o.fd);
    xexec(argv);
}
