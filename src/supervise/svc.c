/* svc: sends commands to the supervisors of services, and waits for what comes of it.

   svc [-wu | -wU | -wd | -wD | -wr | -wR] [-T MS] [-s SIGNAL] [-LETTERS] SERVICEDIR...

   Writes the letters, in their order and in one write, to each SERVICEDIR/supervise/control; no
   letters: only asks whether the supervisors listen. With -w it subscribes to SERVICEDIR/event,
   sends, and waits in-process (svwatch.h); with -w and no letters it does what svwait does.

   Every SERVICEDIR is tried. Exits 0; otherwise as the last failure: 1 SERVICEDIR/supervise is
   broken; 99 timed out; 100 wrong usage; 102 no supervisor; 111 system call failed; n, with -w, if
   n services that should come up failed for good. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/ctlfifo.h>
#include <cairn/servicedir.h>
#include <cairn/statedir.h>
#include <cairn/svletter.h>
#include <cairn/svwatchproc.h>

#define LETTERS "abqhkti12pcyroduDUxOQlPCK"
#define USAGE                                                                                      \
    "svc [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] [ -s signal ] [ -" LETTERS           \
    " ] servicedir..."
#define GOALS "uUdDrR" /* in the order of enum svwatch_goal */

enum { MAX_LETTERS = 62 };

#define X(...) +1
_Static_assert(sizeof LETTERS - 1 == SVLETTER_SIGNALS(X) SVLETTER_COMMANDS(X),
               "every letter that supervise knows is an option");
#undef X
_Static_assert(sizeof GOALS - 1 == SVWATCH_RESTARTED_READY + 1, "a letter for each goal");

struct options {
    char letters[MAX_LETTERS];
    size_t n;
    unsigned int timeout;
    int wait;
    enum svwatch_goal goal;
};

char const *PROG = "svc";

static struct svwatch watch;

static void add_letter(struct options *o, char letter)
{
    if (o->n >= MAX_LETTERS)
        strerr_dief(100, "too many commands");
    o->letters[o->n++] = letter;
}

static void add_signal(struct options *o, char const *name)
{
    int sig;
    char letter;
    if (!sig0_scan(name, &sig))
        strerr_dief(100, "invalid signal: ", name);
    letter = svletter_of_signal(sig);
    if (!letter)
        strerr_dief(100, "signal ", name, " cannot be sent by svc");
    add_letter(o, letter);
}

/* s6 looks at the first letter only, so -wud means -wu. Say so: somebody meant -wu -d. */
static void set_goal(struct options *o, char const *arg)
{
    char const *p = arg[0] ? strchr(GOALS, arg[0]) : NULL;
    if (!p)
        strerr_dieusage(100, USAGE);
    if (arg[1])
        strerr_warnw("only the first letter after -w counts: ignoring ", arg + 1);
    o->wait = 1;
    o->goal = (enum svwatch_goal)(p - GOALS);
}

static int options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "w:T:s:" LETTERS, &l)) != -1;)
        switch (opt) {
        case '?':
            strerr_dieusage(100, USAGE);
        case 'w':
            set_goal(o, l.arg);
            break;
        case 'T':
            if (!uint0_scan(l.arg, &o->timeout))
                strerr_dieusage(100, USAGE);
            break;
        case 's':
            add_signal(o, l.arg);
            break;
        default:
            add_letter(o, (char)opt);
        }
    if (l.ind >= argc)
        strerr_dieusage(100, USAGE);
    return l.ind;
}

/* Says why sending to dir failed, and returns the exit code for that. */
static int complain(char const *dir, enum ctlfifo_result r)
{
    switch (r) {
    case CTLFIFO_NOT_LISTENING:
        strerr_warn(PROG, ": fatal: unable to control ", dir, ": supervisor not listening");
        return 102;
    case CTLFIFO_BROKEN:
        if (errno == EEXIST)
            strerr_warn(PROG, ": fatal: ", dir, "/supervise/control is not a FIFO");
        else
            strerr_warnsys(PROG, ": fatal: something is wrong with the ", dir,
                           "/supervise directory");
        return 1;
    default:
        strerr_warnsys(PROG, ": fatal: unable to control ", dir);
        return 111;
    }
}

static int send(struct svwatch_service *s, struct options const *o)
{
    char const *dir = s->dir;
    int fd = openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return complain(dir, CTLFIFO_ERROR);
    enum ctlfifo_result r = ctlfifo_send(fd, CTLFIFO_SERVICE, o->letters, o->n);
    int code = r == CTLFIFO_OK ? 0 : complain(dir, r);
    close(fd);
    return code;
}

/* Prints what a failed wait for w means. Returns its exit code. */
static int report(struct svwatch const *w, enum svwatch_result r)
{
    char why[PATH_MAX + 128];
    svwatch_explain(w, r, why, sizeof why);
    strerr_warn(PROG, ": fatal: ", why);
    return svwatch_exitcode(w, r);
}

/* Subscribes to one service before it gets its commands. */
static int listen_to(struct svwatch_service *s, struct options const *o)
{
    (void)o;
    struct svwatch one = {.services = s, .n = 1};
    enum svwatch_result r = svwatch_listen(&one);
    return r == SVWATCH_PENDING ? 0 : report(&one, r);
}

/* Does step for each service in turn and keeps in the watch only those for which it succeeded. */
static int for_all(int (*step)(struct svwatch_service *, struct options const *),
                   struct options const *o)
{
    int code = 0;
    size_t n = 0;
    for (size_t i = 0; i < watch.n; i++) {
        struct svwatch one = {.services = watch.services + i, .n = 1};
        int e = step(watch.services + i, o);
        if (e) {
            code = e;
            svwatch_end(&one);
        } else
            watch.services[n++] = watch.services[i];
    }
    watch.n = n;
    return code;
}

/* A service that cannot tell when it is ready would be waited for in vain. */
static enum svwatch_goal goal_for(char const *dir, enum svwatch_goal goal)
{
    if (goal != SVWATCH_READY && goal != SVWATCH_RESTARTED_READY)
        return goal;
    int fd = openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int absent = fd >= 0 && servicedir_exists(fd, SERVICEDIR_NOTIFICATION_FD) == 0 &&
                 !servicedir_announces(fd);
    if (fd >= 0)
        close(fd);
    if (!absent)
        return goal;
    strerr_warnw(dir, "/notification-fd not present - ignoring request for readiness notification");
    return goal == SVWATCH_READY ? SVWATCH_UP : SVWATCH_RESTARTED;
}

static void add(struct svwatch_service *s, char const *arg, struct options const *o)
{
    char buf[PATH_MAX];
    char const *mapped = statedir_map(arg, buf, sizeof buf);
    if (!arg[0])
        strerr_dief(100, "invalid service path");
    s->dir = mapped == buf ? strdup(buf) : arg;
    if (!s->dir)
        strerr_diefusys(111, "allocate memory");
    s->goal = o->wait ? goal_for(s->dir, o->goal) : 0;
}

/* Subscribes, sends, waits. */
static int send_and_wait(struct options const *o)
{
    int64_t deadline = svwatch_deadline(o->timeout);
    svwatchproc_prepare(&watch);
    int code = for_all(listen_to, o);
    int sent = for_all(send, o);
    if (sent)
        code = sent;
    if (!watch.n)
        return code;
    enum svwatch_result r = svwatch_wait(&watch, deadline);
    if (r != SVWATCH_REACHED)
        code = report(&watch, r);
    svwatch_end(&watch);
    return code;
}

/* What svwait does. */
static int only_wait(struct options const *o)
{
    int64_t deadline = svwatch_deadline(o->timeout);
    if (svwatch_look(&watch) == SVWATCH_REACHED)
        return 0;
    svwatchproc_prepare(&watch);
    enum svwatch_result r = svwatch_listen(&watch);
    if (r == SVWATCH_PENDING)
        r = svwatch_wait(&watch, deadline);
    int code = r == SVWATCH_REACHED ? 0 : report(&watch, r);
    svwatch_end(&watch);
    return code;
}

int main(int argc, char const *const *argv)
{
    static struct svwatch_service few[SVWATCHPROC_FEW];
    struct options o = {.n = 0};
    argv += options(argc, argv, &o);
    while (argv[watch.n])
        watch.n++;
    watch.services = watch.n <= SVWATCHPROC_FEW ? few : calloc(watch.n, sizeof *few);
    if (!watch.services)
        strerr_diefusys(111, "allocate memory");
    for (size_t i = 0; i < watch.n; i++)
        add(watch.services + i, argv[i], &o);
    signal(SIGPIPE, SIG_IGN); /* whoever read our messages may end: the others are told too */
    return !o.wait ? for_all(send, &o) : o.n ? send_and_wait(&o) : only_wait(&o);
}
