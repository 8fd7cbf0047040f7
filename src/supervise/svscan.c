/* svscan: keeps one supervise process running for each service directory of a scan directory.

   svscan [-d notif] [-X console] [-C max] [-L namemax] [-c services] [-t ms] [--stop-fd=fd]
   [--compact] [scandir]

   Reads    scandir/NAME, scandir/NAME/log, scandir/.s6-svscan/{finish,crash,SIGxxx}
   Writes   scandir/.s6-svscan/{lock,control}
   Runs     supervise NAME and supervise NAME/log, joined by a pipe that svscan keeps open

   What is to be started, signalled and forgotten is decided by the library module scandir; here is
   the world: the directory, processes, pipes, signals, the control FIFO, messages. Invariants:
   nothing is allocated once the loop runs; no error ends the loop but a broken poll or signalfd;
   what fails is said once and tried again by a timer; a message never blocks; every child is
   reaped. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/closing.h>
#include <cairn/complaining.h>
#include <cairn/ctlfifo.h>
#include <cairn/dents.h>
#include <cairn/envtake.h>
#include <cairn/news.h>
#include <cairn/pairpipe.h>
#include <cairn/scandir.h>
#include <cairn/script.h>
#include <cairn/sibling.h>
#include <cairn/svhalt.h>
#include <cairn/timerec.h>
#include <cairn/svhost.h>
#include <cairn/svlock.h>
#include <cairn/svrecord.h>

#define USAGE                                                                                      \
    "svscan [ -d notif ] [ -X console ] [ -C max ] [ -L namemax ] [ -t ms ] [ --stop-fd=fd ] [ "   \
    "--compact ] [ scandir ]"
#define dieusage() strerr_dieusage(100, USAGE)

#define CONTROL_DIR   ".s6-svscan"
#define RETRY_SCAN    3000  /* ms: something in the directory could not be looked at */
#define RETRY_FULL    60000 /* more services than -C allows */
#define RETRY_START   4000  /* a supervisor could not be started */
#define BUFFER        2048  /* bytes read at once: every page of the stack counts */
#define SUPERVISE_MAX 512   /* bytes of the path of supervise: so does every page of data */
#define MANY          64    /* supervisors, see look_at_mounts */

char const *PROG = "svscan";
extern char **environ;

enum goal { GO_ON, FINISH, CRASH };

/* What epoll reports, in the upper 8 bits of its data; below them what it needs to know. */
enum source { FROM_SIGNALS, FROM_CONTROL, FROM_SUPERVISOR, FROM_SERVICE };
#define SOURCE_SHIFT 56

static struct {
    struct scandir sd;
    enum goal goal;
    int dirfd;       /* the scan directory, -1 until it could be opened */
    uint64_t dev;    /* its device */
    uint64_t mounts; /* what the mount table was before the last scan, 0: not known */
    int same_mounts; /* and it still is that */
    int sigfd;
    int control;
    int console;  /* -X, or -1 */
    int stopfd;   /* --stop-fd, or -1 */
    int stopmode; /* --stop-fd was given and its reader lives */
    uint32_t period;
    uint32_t scan_at; /* meaningful if scan_armed */
    unsigned int scan_armed : 1;
    unsigned int ask : 1;     /* there may be supervisors that are no children of ours */
    unsigned int compact : 1; /* services are hosted here, without processes of supervisors */
    unsigned int silent : 1;  /* standard output and error are to be given up, see teardown */
    unsigned int prune : 2;   /* after the next successful scan: 1 like n, 2 like N */
    int trouble;              /* errno of the last message about starting */
    int epfd;
    struct svhost host;
} sv = {.dirfd = -1, .console = -1, .stopfd = -1};
static struct news said;
static char supervise[SUPERVISE_MAX];
static char path[SCANDIR_NAMEMAX + 6 + sizeof SVLOCK_SERVICE]; /* of the moment: not on the stack */
/* what supervise gets: our environment and the boot id, which it would have to find out itself */
static char boot[] = SVRECORD_ENV "="
                                  "000000000000000000000000000000000000";
static char tree[SUPERVISE_MAX]; /* and where it is, or empty */
static char **supervise_env;

/* Every signal we know by name runs a program of that name, if there is one */
static struct {
    int sig;
    char const *file;
} const handlers[] = {
    {SIGHUP, CONTROL_DIR "/SIGHUP"},     {SIGINT, CONTROL_DIR "/SIGINT"},
    {SIGTERM, CONTROL_DIR "/SIGTERM"},   {SIGQUIT, CONTROL_DIR "/SIGQUIT"},
    {SIGUSR1, CONTROL_DIR "/SIGUSR1"},   {SIGUSR2, CONTROL_DIR "/SIGUSR2"},
    {SIGWINCH, CONTROL_DIR "/SIGWINCH"},
#ifdef SIGPWR
    {SIGPWR, CONTROL_DIR "/SIGPWR"},
#endif
};
static int const fixed_signals[] = {SIGCHLD, SIGALRM, SIGABRT};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static int is_hosted(uint32_t slot)
{
    return sv.compact && svhost_has(&sv.host, slot);
}

/* What the supervisor of slot is called; valid until the next call. */
static char const *name_of(uint32_t slot)
{
    strcpy(path, scandir_name(&sv.sd, slot));
    if (scandir_is_logger(&sv.sd, slot))
        strcat(path, "/log");
    return path;
}

static int listen_to(int fd, enum source source, uint64_t data)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = (uint64_t)source << SOURCE_SHIFT | data};
    return epoll_ctl(sv.epfd, EPOLL_CTL_ADD, fd, &e);
}

static uint32_t now_ms(void)
{
    struct timespec ts;
    if (clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
        return 0;
    return (uint32_t)((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

/* Messages. Standard error may be a pipe to a logger that is dead and that we have to restart: a
   message that would block is dropped. */

#define warnsys(a, b, c, d)                                                                        \
    do                                                                                             \
        if (can_complain())                                                                        \
            strerr_warnwu4sys(a, b, c, d);                                                         \
    while (0)
#define warn(a, b, c, d)                                                                           \
    do                                                                                             \
        if (can_complain())                                                                        \
            strerr_warnw4x(a, b, c, d);                                                            \
    while (0)

/* Ending */

static void default_signals(void)
{
    /* ignoring a signal also throws away what is pending of it */
    for (size_t i = 0; i < COUNT(handlers); i++) {
        signal(handlers[i].sig, SIG_IGN);
        signal(handlers[i].sig, SIG_DFL);
    }
    for (size_t i = 0; i < COUNT(fixed_signals); i++) {
        signal(fixed_signals[i], SIG_IGN);
        signal(fixed_signals[i], SIG_DFL);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Replaces us by file; returns with errno. Who takes the x bits away means it. */
static void exec_script(char const *file)
{
    struct stat st;
    char *argv[] = {(char *)file, NULL};
    if (fstatat(AT_FDCWD, file, &st, 0) < 0)
        return;
    if (!(st.st_mode & 0111)) {
        errno = EACCES;
        return;
    }
    script_exec(file, argv, environ);
}

static void restore_console(void)
{
    if (sv.console < 0)
        return;
    dup2(sv.console, 2);
    dup2(sv.console, 1);
}

static _Noreturn void crash(void)
{
    restore_console();
    default_signals();
    exec_script(CONTROL_DIR "/crash");
    if (errno == ENOENT)
        strerr_dief1x(111, "no " CONTROL_DIR "/crash to run: giving up");
    strerr_diefu1sys(111, "exec " CONTROL_DIR "/crash");
}

static _Noreturn void panic(char const *what)
{
    if (can_complain())
        strerr_warnwu3sys(what, ": executing into ", CONTROL_DIR "/crash");
    crash();
}

static _Noreturn void finish(void)
{
    if (sv.stopmode)
        _exit(0);
    restore_console();
    default_signals();
    exec_script(CONTROL_DIR "/finish");
    if (errno == ENOENT)
        _exit(0);
    panic("exec " CONTROL_DIR "/finish");
}

/* Starting. After vfork the child borrows our memory: it only makes system calls, and reports by
 *failure. No handler of ours can run in it, we have none. */

static _Noreturn void child_failed(int volatile *failure)
{
    *failure = errno;
    _exit(127);
}

static void child_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static pid_t parent_result(pid_t pid, int volatile const *failure)
{
    /* a child that failed is reaped like any other */
    if (pid > 0 && *failure) {
        errno = *failure;
        return -1;
    }
    return pid;
}

/* fds[i] becomes the child's descriptor i, unless it is negative */
static pid_t spawn_supervise(char const *arg, int const fds[3])
{
    int volatile failure = 0;
    char *const argv[] = {"s6-supervise", (char *)arg, NULL};
    pid_t pid = vfork();
    if (!pid) {
        for (int i = 0; i < 3; i++)
            if (fds[i] >= 0 && dup2(fds[i], i) < 0)
                child_failed(&failure);
        /* it keeps our signal mask until it sets its own, so that no signal is lost or kills it */
        execve(supervise, argv, supervise_env);
        child_failed(&failure);
    }
    return parent_result(pid, &failure);
}

static pid_t spawn_handler(char const *file)
{
    int volatile failure = 0;
    pid_t pid = vfork();
    if (!pid) {
        child_signals();
        exec_script(file);
        child_failed(&failure);
    }
    return parent_result(pid, &failure);
}

static int make_pipe(int *fds)
{
    return !fds || fds[0] >= 0 || !pipe2(fds, O_CLOEXEC) ? 0 : -1;
}

/* Supervisors that live on after the svscan that started them. None is started beside one that
   holds the lock: that one is waited for, signalled and replaced as if it were a child, and the
   pipe that it holds becomes ours again. */

/* The supervisor pid of slot was found when its pair had a pipe already, which happens to one that
   had no lock yet when we looked for it. The service's pipe counts; the logger is told to end when
   it has read the other one to its end, and comes back to this one. */
static void settle_pipe(uint32_t slot, pid_t pid, int *pair)
{
    int logger = scandir_is_logger(&sv.sd, slot);
    int its[2];
    if (pairpipe_open(pid, !logger, its) < 0)
        return;
    if (!pairpipe_is_same(its, pair)) {
        pid_t reader = logger ? pid : scandir_pid(&sv.sd, scandir_peer(&sv.sd, slot));
        if (!logger) {
            int old[2] = {pair[0], pair[1]};
            memcpy(pair, its, sizeof its);
            memcpy(its, old, sizeof old);
        }
        if (reader > 0)
            kill(reader, SIGHUP);
    }
    close(its[0]);
    close(its[1]);
}

/* Returns whether slot has a supervisor already; if so, it is ours now. */
static int adopt(uint32_t slot, int *pair)
{
    pid_t owner;
    pairpipe_path(path, scandir_name(&sv.sd, slot), scandir_is_logger(&sv.sd, slot),
                  SVLOCK_SERVICE);
    int pidfd = svlock_pidfd(AT_FDCWD, path, &owner);
    if (pidfd < 0)
        return 0; /* should there be one after all, the new one ends at once */
    if (listen_to(pidfd, FROM_SUPERVISOR, (uint64_t)owner << 24 | (unsigned int)pidfd) < 0) {
        close(pidfd);
        return 0;
    }
    if (pair && pair[0] >= 0)
        settle_pipe(slot, owner, pair);
    scandir_started(&sv.sd, slot, owner, now_ms());
    return 1;
}

/* A supervisor process. Returns its pid, or -1. */
static pid_t start_process(uint32_t slot, int const *pair, char const *arg)
{
    int fds[3] = {-1, -1, -1};
    int logger = scandir_is_logger(&sv.sd, slot);
    if (pair)
        fds[!logger] = pair[!logger];
    if (scandir_is_catchall(&sv.sd, slot))
        fds[2] = sv.console;
    return spawn_supervise(arg, fds);
}

/* A supervisor in this process. Its ends of the pipe are its own, so that x can release them.
   Returns 0, or -1 with errno. */
static int start_hosted(uint32_t slot, int const *pair, char const *arg, char const **culprit)
{
    int io[3] = {0, 1, 2};
    int logger = scandir_is_logger(&sv.sd, slot);
    *culprit = arg;
    int dirfd = open(arg, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dirfd < 0)
        return -1;
    if (pair) {
        io[!logger] = fcntl(pair[!logger], F_DUPFD_CLOEXEC, 3);
        if (io[!logger] < 0) {
            close_keeping_errno(dirfd);
            return -1;
        }
    }
    if (scandir_is_catchall(&sv.sd, slot) && sv.console >= 0)
        io[2] = sv.console;
    tain_now_g();
    return svhost_start(&sv.host, slot, dirfd, io, pair ? 1u << !logger : 0, &STAMP, culprit);
}

static void could_not_start(uint32_t slot, char const *what, char const *object, char const *arg,
                            uint32_t delay)
{
    int e = errno;
    /* the same trouble of many is one message */
    if (scandir_failed(&sv.sd, slot, now_ms(), delay) && e != sv.trouble) {
        errno = e;
        warnsys(what, object, " for ", arg);
        sv.trouble = e;
    }
}

static void start(uint32_t slot)
{
    char const *culprit = supervise;
    int *pair = scandir_pipe(&sv.sd, slot);
    pid_t pid = -1;
    if (sv.ask) {
        if (pair && pair[0] < 0)
            pairpipe_find(scandir_name(&sv.sd, slot), pair);
        if (adopt(slot, pair))
            return;
    }
    char const *arg = name_of(slot);
    if (make_pipe(pair) < 0)
        culprit = "a pipe";
    else if (sv.compact)
        pid = start_hosted(slot, pair, arg, &culprit);
    else
        pid = start_process(slot, pair, arg);
    if (pid >= 0) {
        scandir_started(&sv.sd, slot, pid, now_ms());
        if (!sv.sd.waiting)
            sv.trouble = 0;
    } else if (!sv.compact) {
        could_not_start(slot, "start ", culprit, arg, RETRY_START);
    } else if (errno == EBUSY || errno == EAGAIN) {
        /* it has a supervisor, or will be known soon to have none */
        sv.ask |= errno == EBUSY;
        if (errno == EBUSY && adopt(slot, pair))
            return;
        scandir_failed(&sv.sd, slot, now_ms(), SCANDIR_THROTTLE);
    } else {
        could_not_start(slot, "use ", culprit, arg, SCANDIR_THROTTLE);
    }
}

static void start_due(void)
{
    uint32_t cursor = 0, now = now_ms(), slot;
    while ((slot = scandir_due(&sv.sd, now, &cursor)) != SCANDIR_NONE)
        start(slot);
}

static void effect(void *ctx, enum scandir_effect what, uint32_t slot, int arg)
{
    (void)ctx;
    if (what == SCANDIR_KILL) {
        if (is_hosted(slot))
            svhost_event(&sv.host, slot, arg == SIGHUP ? SVFSM_EVENT_HUP : SVFSM_EVENT_TERM,
                         &STAMP);
        else
            kill(scandir_pid(&sv.sd, slot), arg);
        return;
    }
    int *fds = scandir_pipe(&sv.sd, slot);
    close(fds[0]);
    close(fds[1]);
}

/* Scanning */

static void arm_scan(uint32_t delay)
{
    uint32_t at = now_ms() + delay;
    if (!sv.scan_armed || (int32_t)(at - sv.scan_at) < 0)
        sv.scan_at = at;
    sv.scan_armed = 1;
}

static void scan_now(void)
{
    arm_scan(0);
}

/* NAME/log is a directory? -1: cannot be found out. */
static int has_logger(char const *name)
{
    struct stat st;
    strcpy(path, name);
    strcat(path, "/log");
    if (!fstatat(sv.dirfd, path, &st, 0))
        return S_ISDIR(st.st_mode);
    return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

static void trouble_with(char const *name, char const *suffix)
{
    if (news_is(&said, name, errno))
        warnsys("look at ", name, suffix, " (trying again)");
    scandir_keep(&sv.sd, name);
    arm_scan(RETRY_SCAN);
}

static void see_new(char const *name, struct stat const *st)
{
    uint32_t slot;
    int logger = has_logger(name);
    if (logger < 0) {
        trouble_with(name, "/log");
        return;
    }
    if (scandir_add(&sv.sd, name, st->st_dev, st->st_ino, logger, now_ms(), &slot) < 0) {
        if (news_is(&said, "", 1))
            warn("no room to start ", name,
                 ", and perhaps others:", " there are more services than -C allows");
        arm_scan(RETRY_FULL);
        return;
    }
    /* at once, so that the first service does not wait for the last */
    start(slot);
    slot = scandir_peer(&sv.sd, slot);
    if (slot != SCANDIR_NONE)
        start(slot);
}

/* A known directory under a name that is not the one it was started by: renamed, or is this a
 * second one? */
static void see_other_name(uint32_t slot, char const *name, struct stat const *st)
{
    struct stat old;
    char const *oldname = scandir_name(&sv.sd, slot);
    uint32_t peer = scandir_peer(&sv.sd, slot);
    if (!fstatat(sv.dirfd, oldname, &old, 0) && old.st_dev == st->st_dev &&
        old.st_ino == st->st_ino) {
        if (news_is(&said, name, 0))
            warn(name, " is the same directory as ", oldname, ": ignored");
        return;
    }
    if (!is_hosted(slot) && (peer == SCANDIR_NONE || !is_hosted(peer)))
        scandir_rename(&sv.sd, slot, name);
}

static void see(char const *name, unsigned char type, uint64_t ino)
{
    struct stat st;
    uint32_t slot;
    if (name[0] == '.' || (type != DT_DIR && type != DT_LNK && type != DT_UNKNOWN))
        return;
    /* a real directory of the same name and inode is the same one, if nothing was mounted: spare
     * the stat */
    if (sv.same_mounts && type == DT_DIR && scandir_see_same(&sv.sd, name, sv.dev, ino))
        return;
    if (strlen(name) > sv.sd.namemax) {
        if (news_is(&said, name, ENAMETOOLONG))
            warn(name, ": name too long, ignored", "", "");
        return;
    }
    if (fstatat(sv.dirfd, name, &st, 0) < 0) {
        /* a link to nothing: the service is gone, but its directory may be on its way */
        if (errno != ENOENT)
            trouble_with(name, "");
        else if (type != DT_DIR) {
            if (news_is(&said, name, ENOENT))
                warnsys("follow the link ", name, "", " (trying again)");
            arm_scan(RETRY_SCAN);
        }
        return;
    }
    if (!S_ISDIR(st.st_mode))
        return;
    switch (scandir_see(&sv.sd, name, st.st_dev, st.st_ino, &slot)) {
    case SCANDIR_KNOWN:
        break;
    case SCANDIR_NEW:
        see_new(name, &st);
        break;
    case SCANDIR_OTHERNAME:
        see_other_name(slot, name, &st);
        break;
    }
}

/* A number for the mount table, 0 if it cannot be had */
static uint64_t hash_mounts(void)
{
    char buf[BUFFER];
    uint64_t h = 14695981039346656037u;
    int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t r;
    while ((r = read(fd, buf, sizeof buf)) > 0)
        for (ssize_t i = 0; i < r; i++)
            h = (h ^ (unsigned char)buf[i]) * 1099511628211u;
    close(fd);
    return r < 0 ? 0 : h;
}

/* Identity is device and inode, and telling them takes a stat for each entry. Where there are many,
   the mount table is looked at instead: as long as it stays the same, an inode of the scan
   directory cannot hide another one. */
static void look_at_mounts(void)
{
    uint64_t h = sv.sd.used < MANY ? 0 : hash_mounts();
    sv.same_mounts = h && h == sv.mounts;
    sv.mounts = h;
}

static int open_directory(void)
{
    struct stat st;
    if (sv.dirfd >= 0)
        return lseek(sv.dirfd, 0, SEEK_SET) < 0 ? -1 : 0;
    sv.dirfd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sv.dirfd < 0)
        return -1;
    if (!fstat(sv.dirfd, &st))
        sv.dev = st.st_dev;
    return 0;
}

/* Returns 1 when all entries were read */
static int read_directory(void)
{
    _Alignas(struct dent) char buf[BUFFER];
    if (open_directory() < 0)
        return 0;
    for (;;) {
        long n = dents_read(sv.dirfd, buf, sizeof buf);
        if (n <= 0)
            return !n;
        for (long at = 0; at < n;) {
            struct dent const *d = dents_next(buf, &at);
            see(d->name, d->type, d->ino);
        }
    }
}

static void prune(int how)
{
    scandir_prune(&sv.sd, how == 2);
    sv.prune = 0;
}

static void scan(void)
{
    sv.scan_armed = 0;
    if (sv.sd.ending)
        return;
    look_at_mounts();
    scandir_begin(&sv.sd);
    int complete = read_directory();
    if (!complete) {
        if (news_is(&said, ".", errno))
            warnsys("read the scan directory", "", "", " (trying again)");
        arm_scan(RETRY_SCAN);
    }
    scandir_end(&sv.sd, complete);
    news_end(&said, complete);
    if (sv.period)
        arm_scan(sv.period);
    if (complete && sv.prune)
        prune(sv.prune);
}

/* n and N speak of the last scan; of the coming one if there is to be one now */
static void want_prune(int how)
{
    if (!sv.scan_armed || (int32_t)(now_ms() - sv.scan_at) < 0)
        prune(how);
    else if (sv.prune < (unsigned int)how)
        sv.prune = how & 3;
}

static void scan_and_prune(void)
{
    scan_now();
    if (!sv.prune)
        sv.prune = 1;
}

static void died(pid_t pid)
{
    scandir_died(&sv.sd, pid, now_ms());
    if (sv.sd.rescan) {
        sv.sd.rescan = 0;
        scan_now();
    }
}

/* The supervisor pid has ended because it found another one. That one is followed from now on: were
   it looked for only when the next is due, a stop before that would not reach it. Returns 0 if
   there is none. */
static int adopt_instead_of(pid_t pid)
{
    uint32_t slot = scandir_slot(&sv.sd, pid);
    sv.ask = 1;
    if (slot == SCANDIR_NONE || !adopt(slot, scandir_pipe(&sv.sd, slot)))
        return 0;
    scandir_tell(&sv.sd, slot);
    return 1;
}

static void reap(void)
{
    int wstat;
    pid_t pid;
    while ((pid = waitpid(-1, &wstat, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
        if (pid < 0)
            continue;
        if (sv.compact && svhost_on_death(&sv.host, pid, wstat, &STAMP))
            continue;
        if (WIFEXITED(wstat) && WEXITSTATUS(wstat) == 100 && adopt_instead_of(pid))
            continue;
        died(pid);
    }
}

/* A supervisor that is no child of ours has ended */
static void on_adopted(uint64_t data)
{
    close((int)(data & 0xffffff));
    died((pid_t)(data >> 24 & UINT32_MAX));
}

/* Hosted services that have ended. What was renamed meanwhile is looked for before its next start:
   run has to be called by the name that it was first started by. */
static void on_ended(void)
{
    uint32_t slot;
    struct stat st;
    while ((slot = svhost_ended(&sv.host)) != SVHOST_NONE) {
        if (fstatat(AT_FDCWD, scandir_name(&sv.sd, slot), &st, 0) < 0)
            scan_now();
        scandir_ended(&sv.sd, slot, now_ms());
        if (sv.sd.rescan) {
            sv.sd.rescan = 0;
            scan_now();
        }
    }
}

/* The catch-all logger ends when nobody has its FIFO open. Hosted services write to it by our
   descriptors until they are gone. */
static void give_up_output(void)
{
    for (uint32_t s = 0; s < sv.sd.high; s++)
        if (is_hosted(s) && !scandir_is_catchall(&sv.sd, s))
            return;
    sv.silent = 0;
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        warnsys("open ", "/dev/null", "", "");
        return;
    }
    dup2(fd, 1);
    dup2(fd, 2);
    close(fd);
}

static void teardown(int all)
{
    sv.silent = scandir_has_catchall(&sv.sd) != 0;
    sv.prune = 0;
    sv.scan_armed = 0;
    scandir_teardown(&sv.sd, all);
    if (sv.silent)
        give_up_output();
}

/* Hands a stop request to who gave us --stop-fd. Returns 0 if nobody is there any more. */
static int pass_on(char c)
{
    ssize_t r;
    if (!sv.stopmode)
        return 0;
    do
        r = write(sv.stopfd, &c, 1);
    while (r < 0 && errno == EINTR);
    /* full: it has plenty of requests to read */
    if (r >= 0 || errno == EAGAIN)
        return 1;
    if (errno != EPIPE)
        warnsys("write to the descriptor of --stop-fd", "", "", "");
    sv.stopmode = 0;
    return 0;
}

static void on_control_byte(char c)
{
    char const text[2] = {c, 0};
    switch (c) {
    case 't':
    case 'i':
        if (!pass_on(c))
            teardown(0);
        break;
    case 'q':
        if (!pass_on(c))
            teardown(1);
        break;
    case 'b':
        if (!pass_on(c))
            sv.goal = FINISH;
        break;
    case 'z':
        reap();
        break;
    case 'a':
        scan_now();
        break;
    case 'h':
        scan_and_prune();
        break;
    case 'n':
        want_prune(1);
        break;
    case 'N':
        want_prune(2);
        break;
    case '6':
    case '7':
    case '8':
    case '0':
        if (pass_on(c))
            break;
        /* fallthrough */
    default:
        warn("unknown control byte ", text, ": ignored", "");
    }
}

static void on_control(void)
{
    char buf[64];
    ssize_t r = read(sv.control, buf, sizeof buf);
    if (r < 0 && errno != EAGAIN && errno != EINTR)
        panic("read from " CTLFIFO_SCAN);
    for (ssize_t i = 0; i < r && sv.goal == GO_ON; i++)
        on_control_byte(buf[i]);
}

static void default_action(int sig)
{
    switch (sig) {
    case SIGHUP:
        scan_and_prune();
        break;
    case SIGINT:
    case SIGTERM:
        teardown(0);
        break;
    case SIGQUIT:
        teardown(1);
        break;
    default:
        break;
    }
}

static void on_signal(int sig)
{
    switch (sig) {
    case SIGCHLD:
        reap();
        return;
    case SIGALRM:
        scan_now();
        return;
    case SIGABRT:
        sv.goal = FINISH;
        return;
    default:
        break;
    }
    for (size_t i = 0; i < COUNT(handlers); i++) {
        if (handlers[i].sig != sig)
            continue;
        if (spawn_handler(handlers[i].file) > 0)
            return;
        if (errno != ENOENT)
            warnsys("run ", handlers[i].file, ", doing what the signal does without it", "");
    }
    default_action(sig);
}

static void on_signals(void)
{
    struct signalfd_siginfo si[4];
    ssize_t r = read(sv.sigfd, si, sizeof si);
    if (r < 0 && errno != EAGAIN && errno != EINTR)
        panic("read signals");
    for (size_t i = 0; r > 0 && i < (size_t)r / sizeof *si && sv.goal == GO_ON; i++)
        on_signal((int)si[i].ssi_signo);
}

static int earlier(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* ms until something is due, or -1 */
static int next_timeout(void)
{
    uint32_t now = now_ms();
    int ms = sv.sd.ending ? -1 : scandir_wait(&sv.sd, now);
    if (sv.scan_armed) {
        int32_t until = (int32_t)(sv.scan_at - now);
        ms = earlier(ms, until < 0 ? 0 : until);
    }
    return sv.compact ? earlier(ms, svhost_timeout(&sv.host, &STAMP)) : ms;
}

#define BATCH 32 /* events taken at once */

/* Readiness comes before deaths, so that a service that was ready and died has been ready; commands
   come last. */
static void dispatch(struct epoll_event const *e, int n)
{
    uint64_t const payload = ((uint64_t)1 << SOURCE_SHIFT) - 1;
    for (int i = 0; i < n; i++)
        if (e[i].data.u64 >> SOURCE_SHIFT == FROM_SERVICE && !svhost_is_command(e[i].data.u64))
            svhost_on_ready(&sv.host, e[i].data.u64 & payload, &STAMP);
    for (int i = 0; i < n; i++) {
        if (e[i].data.u64 >> SOURCE_SHIFT == FROM_SUPERVISOR)
            on_adopted(e[i].data.u64 & payload);
        if (e[i].data.u64 >> SOURCE_SHIFT == FROM_SIGNALS)
            on_signals();
    }
    for (int i = 0; i < n && sv.goal == GO_ON; i++) {
        if (e[i].data.u64 >> SOURCE_SHIFT == FROM_SERVICE && svhost_is_command(e[i].data.u64))
            svhost_on_ready(&sv.host, e[i].data.u64 & payload, &STAMP);
        if (e[i].data.u64 >> SOURCE_SHIFT == FROM_CONTROL)
            on_control();
    }
}

/* What the turn before and a scan have ended. Returns whether there is anything left to wait for.
 */
static int settle(void)
{
    if (sv.compact)
        on_ended();
    if (sv.silent)
        give_up_output();
    if (sv.goal != GO_ON)
        return 0;
    if (!sv.sd.ending)
        return 1;
    /* whoever gave us --stop-fd waits for it, and ends those that keep it from seeing its end */
    return sv.sd.running && !(sv.stopmode && scandir_runs_only_catchall(&sv.sd));
}

static void loop(void)
{
    struct epoll_event e[BATCH];
    while (settle()) {
        if (sv.scan_armed && (int32_t)(now_ms() - sv.scan_at) >= 0) {
            scan();
            continue;
        }
        start_due();
        int n = epoll_wait(sv.epfd, e, BATCH, next_timeout());
        if (n < 0 && errno != EINTR)
            panic("wait for events");
        if (sv.compact)
            tain_now_g();
        dispatch(e, n);
        if (sv.compact)
            svhost_on_timeout(&sv.host, &STAMP);
    }
}

/* Setting up */

struct options {
    unsigned int max, namemax, period;
    unsigned int notif, console, stop; /* 0: not given */
    int compact;
};

static unsigned int number(char const *option, char const *value)
{
    unsigned int n;
    if (!value || !uint0_scan(value, &n))
        strerr_dief4x(100, option, ": not a number: ", value ? value : "(missing)",
                      "; usage: " USAGE);
    return n;
}

static unsigned int descriptor(char const *what, char const *option, char const *value)
{
    unsigned int fd = number(option, value);
    if (fd < 3)
        strerr_dief2x(100, what, " must be 3 or more");
    if (fcntl(fd > INT_MAX ? -1 : (int)fd, F_GETFD) < 0)
        strerr_diefu4sys(100, "use ", what, " ", value);
    return fd;
}

static unsigned int clamp(unsigned int n, unsigned int low, unsigned int high)
{
    return n < low ? low : n > high ? high : n;
}

static void set_option(struct options *o, char letter, char const *option, char const *value)
{
    switch (letter) {
    case 'd':
        o->notif = descriptor("notification fd", option, value);
        break;
    case 'X':
        o->console = descriptor("console holder fd", option, value);
        break;
    case 's':
        o->stop = descriptor("stop fd", option, value);
        break;
    case 'c':
        o->max = 2 * clamp(number(option, value), 2, SCANDIR_MAX / 2);
        break;
    case 'C':
        o->max = clamp(number(option, value), 4, SCANDIR_MAX);
        break;
    case 'L':
        o->namemax = clamp(number(option, value), 11, SCANDIR_NAMEMAX);
        break;
    case 't':
        o->period = clamp(number(option, value), 0, INT_MAX);
        break;
    default:
        dieusage();
    }
}

static struct {
    char const *name;
    char letter;
} const long_options[] = {
    {"notification-fd", 'd'}, {"console-fd", 'X'},      {"max-processes", 'C'},
    {"max-services", 'c'},    {"max-name-length", 'L'}, {"rescan-interval", 't'},
    {"stop-fd", 's'},
};

static void set_long_option(struct options *o, char const *arg)
{
    if (!strcmp(arg, "--compact")) {
        o->compact = 1;
        return;
    }
    char const *value = strchr(arg, '=');
    size_t len = value ? (size_t)(value - arg) : strlen(arg);
    for (size_t i = 0; i < COUNT(long_options); i++) {
        if (strlen(long_options[i].name) + 2 != len ||
            memcmp(arg + 2, long_options[i].name, len - 2))
            continue;
        set_option(o, long_options[i].letter, arg, value ? value + 1 : NULL);
        return;
    }
    dieusage();
}

/* All options but --compact take a value. Returns the scan directory, or NULL. */
static char const *parse(struct options *o, char const *const *argv)
{
    for (; *argv && argv[0][0] == '-' && argv[0][1]; argv++) {
        if (argv[0][1] == '-' && !argv[0][2]) {
            argv++;
            break;
        }
        if (argv[0][1] == '-') {
            set_long_option(o, *argv);
            continue;
        }
        char const option[3] = {'-', argv[0][1], 0};
        if (!strchr("dXcCLt", option[1]))
            dieusage();
        char const *value = *argv + 2;
        if (!*value)
            value = *++argv;
        if (!value)
            dieusage();
        set_option(o, option[1], option, value);
    }
    return *argv;
}

static void sanitize_descriptors(void)
{
    struct pollfd p[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};
    if (poll(p, 3, 0) <= 0)
        return;
    for (int i = 0; i < 3; i++)
        if (p[i].revents & POLLNVAL && open("/dev/null", i ? O_WRONLY : O_RDONLY) < 0)
            strerr_diefu1sys(111, "open /dev/null");
}

static void set_descriptors(struct options const *o)
{
    if (o->console) {
        sv.console = (int)o->console;
        fcntl(sv.console, F_SETFD, FD_CLOEXEC);
    }
    if (o->stop) {
        sv.stopfd = (int)o->stop;
        sv.stopmode = 1;
        fcntl(sv.stopfd, F_SETFD, FD_CLOEXEC);
        fcntl(sv.stopfd, F_SETFL, fcntl(sv.stopfd, F_GETFL) | O_NONBLOCK);
    }
}

static void lock(char const *dir)
{
    char pid[UINT_FMT];
    if (mkdir(CONTROL_DIR, 0700) < 0 && errno != EEXIST)
        strerr_diefu4sys(111, "make ", dir, "/", CONTROL_DIR);
    /* there was an svscan before: its supervisors may live */
    sv.ask = !access(SVLOCK_SCAN, F_OK);
    if (svlock_take(AT_FDCWD, SVLOCK_SCAN, 0600) >= 0)
        return;
    if (errno != EBUSY)
        strerr_diefu4sys(111, "lock ", dir, "/", SVLOCK_SCAN);
    pid_t owner = svlock_owner(AT_FDCWD, SVLOCK_SCAN);
    pid[uint_fmt(pid, owner > 0 ? (unsigned int)owner : 0)] = 0;
    strerr_dief5x(100, "another svscan (pid ", pid, ") is already running on ", dir,
                  ": end it with svscanctl -t, or use another scan directory");
}

static void set_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < COUNT(handlers); i++)
        sigaddset(&set, handlers[i].sig);
    for (size_t i = 0; i < COUNT(fixed_signals); i++)
        sigaddset(&set, fixed_signals[i]);
    sv.sigfd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    /* SIGPIPE is blocked, not ignored: ignored, it would be so for the services too */
    sigaddset(&set, SIGPIPE);
    if (sv.sigfd < 0 || sigprocmask(SIG_SETMASK, &set, NULL) < 0)
        strerr_diefu1sys(111, "trap signals");
    /* an ignored SIGCHLD means no child to wait for */
    signal(SIGCHLD, SIG_DFL);
}

static void *get_memory(size_t size)
{
    void *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (m == MAP_FAILED)
        strerr_diefu1sys(111, "get memory for so many services (see -C and -L)");
    /* a huge page would be touched as a whole */
    if (size >= 1 << 20)
        madvise(m, size, MADV_NOHUGEPAGE);
    return m;
}

static void warn_of(struct service const *s, char const *what, char const *object, int e)
{
    char const *prog = PROG;
    char const *name = sv.host.common.name(s);
    char said_by[sizeof "supervise " + SCANDIR_NAMEMAX + 5];
    if (!can_complain())
        return;
    strcpy(said_by, "supervise ");
    strcat(said_by, name);
    PROG = said_by;
    errno = e;
    if (e)
        strerr_warnw2sys(what, object);
    else
        strerr_warnw2x(what, object);
    PROG = prog;
}

/* on-exit says halt: as a byte that somebody else has written. */
static void halt_of(struct service const *s, unsigned int code)
{
    if (!*tree)
        warn_of(s, "unable to halt: the path of the scan directory is too long", "", 0);
    else if (svhalt(tree + sizeof SVHALT_ENV, code) < 0)
        warn_of(s, "unable to halt ", tree + sizeof SVHALT_ENV, errno);
}

static char const *name_of_service(struct service const *s)
{
    return name_of(svhost_id(&sv.host, s));
}

static struct timerec timeline; /* of the boot that starts us */

static void first_of(struct service const *s, int ready)
{
    timerec_service(&timeline, ready, s->notify != -1, name_of_service(s));
}

static void check_limit(uint32_t max)
{
    char have[UINT64_FMT], need[UINT64_FMT];
    uint64_t needed = (uint64_t)max * SVHOST_DESCRIPTORS + 64;
    rlim_t limit = svhost_limit(&sv.host);
    if (limit == RLIM_INFINITY || limit >= needed)
        return;
    have[uint64_fmt(have, limit)] = 0;
    need[uint64_fmt(need, needed)] = 0;
    strerr_warnw5x("the limit of ", have, " descriptors may be too low: compact mode needs ", need,
                   " for so many services (see -C)");
}

static void set_compact(struct options const *o)
{
    if (!o->compact && access(CONTROL_DIR "/flag-compact", F_OK) < 0)
        return;
    sv.compact = 1;
    tain_now_set_stopwatch_g();
    sv.host.common.warn = &warn_of;
    sv.host.common.halt = &halt_of;
    sv.host.common.name = &name_of_service;
    if (timeline.path)
        sv.host.common.first = &first_of;
    svhost_init(&sv.host, get_memory(svhost_size(o->max)), o->max, sv.epfd,
                (uint64_t)FROM_SERVICE << SOURCE_SHIFT);
    check_limit(o->max);
}

static void set_events(void)
{
    sv.epfd = epoll_create1(EPOLL_CLOEXEC);
    if (sv.epfd < 0 || listen_to(sv.sigfd, FROM_SIGNALS, 0) < 0 ||
        listen_to(sv.control, FROM_CONTROL, 0) < 0)
        strerr_diefu1sys(111, "prepare to wait for events");
}

static void setup(struct options const *o, char const *dir)
{
    sanitize_descriptors();
    if (!sibling_path(supervise, sizeof supervise, "supervise"))
        strerr_diefu1sys(111, "find supervise");
    if (dir && chdir(dir) < 0)
        strerr_diefu2sys(111, "chdir to ", dir);
    set_descriptors(o);
    set_signals(); /* whoever finds us listening may send some */
    lock(dir ? dir : ".");
    sv.control = ctlfifo_serve(AT_FDCWD, CTLFIFO_SCAN, 0600, 0);
    if (sv.control < 0)
        strerr_diefu4sys(111, "open ", dir ? dir : ".", "/", CTLFIFO_SCAN);
    scandir_init(&sv.sd, get_memory(scandir_size(o->max, o->namemax)), o->max, o->namemax, effect,
                 NULL);
    set_events();
    set_compact(o);
    sv.period = o->period;
    if (o->notif) {
        while (write((int)o->notif, "\n", 1) < 0 && errno == EINTR)
            ;
        close((int)o->notif);
    }
}

static size_t count_environment(void)
{
    size_t n = 0;
    while (environ[n])
        n++;
    return n;
}

/* The working directory is the scan directory. Where its path is too long, on-exit cannot halt. */
static void set_tree(int is_init)
{
    strcpy(tree, SVHALT_ENV "=");
    char *p = tree + sizeof SVHALT_ENV;
    if (is_init)
        *p++ = SVHALT_INIT;
    if (!getcwd(p, (size_t)(tree + sizeof tree - p)))
        *tree = 0;
}

/* What we have been given of them ourselves is of no use. */
static void set_supervise_env(char **env, char *line, int is_init)
{
    size_t n = 0;
    svrecord_boot_from(environ);
    envtake(environ, SVHALT_ENV);
    for (; environ[n]; n++)
        env[n] = environ[n];
    if (svrecord_boot(boot + sizeof SVRECORD_ENV) == 0)
        env[n++] = boot;
    set_tree(is_init);
    if (*tree)
        env[n++] = tree;
    if (timeline.path)
        env[n++] = timerec_format(&timeline, line);
    env[n] = NULL;
    supervise_env = env;
}

int main(int argc, char const *const *argv)
{
    struct options o = {.max = 1000, .namemax = 251};
    (void)argc;
    char const *dir = parse(&o, argv + 1);
    timerec_take(&timeline, environ);
    char *env[count_environment() + 4];
    char line[TIMEREC_VALUE + (timeline.path ? strlen(timeline.path) : 0)];
    setup(&o, dir);
    set_supervise_env(env, line, o.stop != 0);
    scan_now();
    loop();
    finish();
}
