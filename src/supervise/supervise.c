/* supervise: keeps one service running.

   Synopsis: supervise SERVICEDIR
   Reads: all that cairn-servicedir(7) lists. Writes: SERVICEDIR/supervise/, SERVICEDIR/event/.

   The loop around one struct service (cairn/service.h), which does everything that has to do with
   the service. Here are only the process: its signals, its descriptors, its exit codes.

   Invariants: works in the service directory; allocates nothing; every signal it uses is blocked
   for its whole life and read from a descriptor; is never a session leader of its own, so that it
   shares svscan's terminal. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/iopause.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>

#include <cairn/complaining.h>
#include <cairn/envtake.h>
#include <cairn/service.h>
#include <cairn/svhalt.h>

char const *PROG = "supervise";

#define USAGE      "supervise servicedir"
#define dieusage() strerr_dieusage(100, USAGE)

extern char **environ;
static struct service service;
static char const *name;
static char const *tree; /* see svhalt.h, or NULL */

static void warn(struct service const *s, char const *what, char const *object, int e)
{
    (void)s;
    if (!can_complain())
        return;
    if (e) {
        errno = e;
        strerr_warnw2sys(what, object);
    } else {
        strerr_warnw2x(what, object);
    }
}

/* on-exit says halt. */
static void halt(struct service const *s, unsigned int code)
{
    if (!tree)
        warn(s, "on-exit says halt, but no svscan has started this supervisor: ", "staying down",
             0);
    else if (svhalt(tree, code) == -1)
        warn(s, "unable to halt ", tree, errno);
}

static char const *get_name(struct service const *s)
{
    (void)s;
    return name;
}

/* SIGPIPE is never read: blocked, it is as good as ignored, and children get it unblocked and as it
   was. Whoever started us may have ignored SIGCHLD, and then no death would be told; svscan, which
   names the boot, has not. */
static int __attribute__((noinline)) setup_signals(char const *boot)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGINT);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd == -1)
        strerr_diefu1sys(111, "trap signals");
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_SETMASK, &set, NULL);
    struct sigaction sa = {.sa_handler = SIG_DFL};
    if (!boot)
        sigaction(SIGCHLD, &sa, NULL);
    return fd;
}

static void reap(void)
{
    int wstat;
    pid_t pid;
    while ((pid = waitpid(-1, &wstat, WNOHANG)) > 0)
        service_on_death(&service, pid, wstat, &STAMP);
}

/* Returns whether there were any. Not inlined: its frame would be on the stack for the whole life.
 */
static int __attribute__((noinline)) on_signals(int fd)
{
    struct signalfd_siginfo info;
    int any = 0;
    while (!service_is_gone(&service) && read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
        any = 1;
        switch (info.ssi_signo) {
        case SIGCHLD:
            reap();
            break;
        case SIGTERM:
            service_event(&service, SVFSM_EVENT_TERM, &STAMP);
            break;
        case SIGHUP:
            service_event(&service, SVFSM_EVENT_HUP, &STAMP);
            break;
        case SIGQUIT:
            service_event(&service, SVFSM_EVENT_QUIT, &STAMP);
            break;
        case SIGINT:
            service_event(&service, SVFSM_EVENT_INT, &STAMP);
            break;
        }
    }
    return any;
}

/* Readiness comes before signals, so that a service that was ready and died has been ready; control
   bytes wait for a wake-up without signals. */
static void dispatch(iopause_fd const *x)
{
    if (x[1 + SERVICE_NOTIFY].revents)
        service_on_fd(&service, SERVICE_NOTIFY, &STAMP);
    int signalled = x[0].revents && on_signals(x[0].fd);
    if (!signalled && x[1 + SERVICE_CONTROL].revents)
        service_on_fd(&service, SERVICE_CONTROL, &STAMP);
    if (x[1 + SERVICE_ADOPTED].revents)
        service_on_fd(&service, SERVICE_ADOPTED, &STAMP);
    if (x[1 + SERVICE_WATCH].revents)
        service_on_fd(&service, SERVICE_WATCH, &STAMP);
    if (!tain_future(service_deadline(&service)))
        service_on_timeout(&service, &STAMP);
}

/* The kernel refuses to poll more descriptors than RLIMIT_NOFILE, which somebody may have lowered.
   Then everything is asked in turn, once a second: none of it ever waits. */
static void wait_blindly(iopause_fd *x)
{
    poll(NULL, 0, 1000);
    tain_now_g();
    for (unsigned int i = 0; i < 1 + SERVICE_FDS; i++)
        x[i].revents = POLLIN;
}

static void loop(int sigfd)
{
    iopause_fd x[1 + SERVICE_FDS];
    while (!service_is_gone(&service)) {
        x[0] = (iopause_fd){.fd = sigfd, .events = IOPAUSE_READ};
        for (unsigned int i = 0; i < SERVICE_FDS; i++)
            x[1 + i] = (iopause_fd){.fd = service_fd(&service, i), .events = IOPAUSE_READ};
        tain deadline = *service_deadline(&service);
        if (iopause_g(x, 1 + SERVICE_FDS, &deadline) < 0) {
            if (errno == EINTR)
                continue;
            wait_blindly(x);
        }
        dispatch(x);
    }
}

static void __attribute__((noinline)) become_supervisor(char const *boot)
{
    static struct service_host host = {
        .warn = &warn, .halt = &halt, .name = &get_name, .patient = 1};
    static char own_boot[SVRECORD_BOOT + 1];
    static int const io[3] = {0, 1, 2};
    char const *culprit;
    if (service_open(&service, &host, AT_FDCWD, io, 7, &culprit) == -1) {
        if (errno == EBUSY)
            strerr_dief1x(100, "another instance of supervise is already running");
        strerr_diefu2sys(errno == EEXIST || errno == ENOTDIR ? 100 : 111, "use ", culprit);
    }
    host.boot = boot;
    if (!boot && svrecord_boot(own_boot) == 0)
        host.boot = own_boot;
}

/* A service must not get one of our descriptors as its standard one. The first one we open tells
   whether all three were there. */
static int open_signals(char const *boot)
{
    int fd = setup_signals(boot);
    if (fd > 2)
        return fd;
    close(fd);
    if (!fd_sanitize())
        strerr_diefu1sys(111, "open /dev/null as a standard descriptor");
    return setup_signals(boot);
}

int main(int argc, char const *const *argv)
{
    if (argc < 2)
        dieusage();
    size_t len = strlen(argv[1]);
    char prog[sizeof "supervise " + len];
    memcpy(prog, "supervise ", 10);
    memcpy(prog + 10, argv[1], len + 1);
    PROG = prog;

    if (chdir(argv[1]) == -1)
        strerr_diefu2sys(111, "chdir to ", argv[1]);
    char const *boot = svrecord_boot_from(environ);
    tree = envtake(environ, SVHALT_ENV);
    int sigfd = open_signals(boot);
    name = argv[1];
    become_supervisor(boot);
    tain_now_set_stopwatch_g();
    service_start(&service, &STAMP);
    loop(sigfd);
    return 0;
}
