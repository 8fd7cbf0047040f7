/* services-up: brings the image's services to life, and takes them down in order.

   services-up [-c] [-l] [-b behaviour] [-v verbosity] [-t milliseconds] [SOURCE [SCANDIR]]
   services-up -u [SCANDIR]
   services-up -d [SCANDIR]

   A stage of init, or alone. Copies every directory in /etc/s6/services and in SOURCE (default:
   services.d of the booted container) to SCANDIR (default: the live scan directory), see livesd,
   and tells svscan to look. With -c, which says that a command will run, it waits for the services
   if S6_CMD_WAIT_FOR_SERVICES says so, at most -t (S6_CMD_WAIT_FOR_SERVICES_MAXTIME). Without -c,
   services are all there is: it is an error if none can be started. A service whose run cannot be
   started is reported, and with behaviour 2 an error.

   Which services are switched off, which wait for others, and what is wrong with that, is decided
   by startplan before anything is copied. Services that wait are started in their order (svstart),
   for as long as -t says; with -l, or with -c and no waiting, they are left to -u, which takes any
   time it needs: init starts that.

   -d asks services to end (control byte d), one that others name in their dependencies.d when those
   are down. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/bootinput.h>
#include <cairn/ctlfifo.h>
#include <cairn/livesd.h>
#include <cairn/logprefix.h>
#include <cairn/script.h>
#include <cairn/servicedir.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>
#include <cairn/stageprog.h>
#include <cairn/startplan.h>
#include <cairn/statedir.h>
#include <cairn/svstart.h>
#include <cairn/svstatus.h>
#include <cairn/svstop.h>
#include <cairn/transcript.h>

#define USAGE                                                                                      \
    "services-up [-c] [-l] [-b behaviour] [-v verbosity] [-t milliseconds] [source [scandir]], "   \
    "or services-up -u [scandir], or services-up -d [scandir]"

enum { FLAG_CMD = 1, FLAG_DOWN = 2, FLAG_LATER = 4, FLAG_UP = 8 }; /* the letters "cdlu" */
enum { LIVE, IMAGE, USER, SOURCES };                               /* later ones win */
enum { WAIT_MAXTIME = 5000, PATH_BYTES = 1024, CODE_REFUSED = 100, CODE_NONE = 127 };
enum { CODE_STUCK = 1, CODE_LATE = 99 };

char const *PROG = "services-up";

static struct transcript out;

struct up {
    struct stageprog opt;
    int scanfd;
    char const *scandir;
    struct startplan_source sources[SOURCES];
    struct startplan plan;
    unsigned int waiting;   /* services that wait for others */
    unsigned int wanted;    /* services that are to be up */
    unsigned int startable; /* of them */
    int code;               /* of the first that cannot be started */
    stralloc ready;         /* names of the startable ones that announce readiness */
    stralloc up;            /* and of those that do not */
    char const *logger;     /* of services without one, or NULL */
    unsigned int loud : 1;  /* say what cannot be started */
    unsigned int later : 1; /* services that wait are somebody else's */
};

static struct svstart starter;

static int join(char *buf, char const *a, char const *b)
{
    size_t alen = strlen(a);
    size_t blen = strlen(b);
    if (alen + blen + 2 > PATH_BYTES)
        return 0;
    memcpy(buf, a, alen);
    buf[alen] = '/';
    memcpy(buf + alen + 1, b, blen + 1);
    return 1;
}

static void say(struct up const *u, char const *a, char const *b)
{
    if (u->opt.verbosity >= TRANSCRIPT_FAILURE)
        strerr_warnw(a, b);
}

/* S6_LOG_PREFIX: services without a logger get one that says whose output it is. */
static void prefix_output(struct up *u)
{
    static char run[PATH_BYTES];
    char value[16];
    enum logprefix how;
    if (logprefix_parse(setting_get(LOGPREFIX_VARIABLE, value, sizeof value), &how) < 0)
        say(u, LOGPREFIX_VARIABLE, " is none of 0, 1, 2, stamp and json: ignored");
    u->logger = how == LOGPREFIX_OFF ? NULL : logprefix_run(run, sizeof run, how);
}

static void failed(struct up *u, int code)
{
    if (!u->code)
        u->code = code;
}

static void copy_one(struct up *u, char const *source, char const *name, enum downfile down)
{
    char path[PATH_BYTES];
    char culprit[PATH_BYTES];
    if (!join(path, source, name)) {
        say(u, name, ": name too long: left out");
        failed(u, 111);
        return;
    }
    if (livesd_copy_logged(path, u->scanfd, name, down, u->logger, culprit, sizeof culprit) < 0) {
        int e = errno;
        if (u->opt.verbosity >= TRANSCRIPT_FAILURE)
            strerr_warnwu("copy service ", path, ": ", culprit, ": ", strerror(e));
        failed(u, 111);
    }
}

static void add_source(struct up *u, unsigned int i, char const *path)
{
    u->sources[i].path = path;
    u->sources[i].fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (u->sources[i].fd >= 0 || errno == ENOENT)
        return;
    strerr_warnwu2sys("read directory ", path);
    failed(u, 111);
}

/* --- what is to be done --- */

static char const *variable(void *sa, char const *name)
{
    return setting_take(name, sa);
}

static void make_plan(struct up *u)
{
    stralloc disable = STRALLOC_ZERO, enable = STRALLOC_ZERO, value = STRALLOC_ZERO;
    struct svswitch_env env = {.get = variable, .data = &value};
    char const *culprit;
    if (startplan_make(&u->plan, u->sources, SOURCES, setting_take(SVSWITCH_DISABLE, &disable),
                       setting_take(SVSWITCH_ENABLE, &enable), &env, &culprit) < 0)
        strerr_diefu2sys(111, "read the services in ", culprit);
}

/* Says what is to be said. Returns the code to stop with, or 0. */
static int judge_plan(struct up const *u)
{
    enum startplan_weight weight;
    char const *text;
    int code = 0;
    int strict = u->opt.behaviour >= 2;
    for (unsigned int i = 0; (text = startplan_remark(&u->plan, i, &weight)); i++) {
        int fatal = weight == STARTPLAN_REFUSAL || (weight == STARTPLAN_STRICT && strict);
        if (fatal) {
            code = CODE_REFUSED;
            strerr_warn(PROG, ": fatal: ", text,
                        weight == STARTPLAN_STRICT ? " (S6_BEHAVIOUR_IF_STAGE2_FAILS=2)" : "");
        } else
            say(u, text, weight == STARTPLAN_STRICT ? ": it is started without that" : "");
    }
    return code;
}

/* One that runs already needs nobody any more to be started. */
static int runs_already(struct up const *u, char const *name, struct startplan_service const *s)
{
    struct svstatus st;
    return s->sources & 1u << LIVE && s->was == DOWNFILE_NONE &&
           !svstatus_read(u->scanfd, name, &st) && !svstatus_is_never_started(&st);
}

static void put_down(struct up *u, char const *name, enum downfile down)
{
    int fd = openat(u->scanfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || downfile_write(fd, down) < 0) {
        if (u->opt.verbosity >= TRANSCRIPT_FAILURE)
            strerr_warnwu("write ", u->scandir, "/", name, "/" SERVICEDIR_DOWN ": ",
                          strerror(errno));
        failed(u, 111);
    }
    if (fd >= 0)
        close(fd);
}

static void carry_out(struct up *u)
{
    for (unsigned int node = 0; node < svorder_count(&u->plan.order); node++) {
        char const *name = svorder_name(&u->plan.order, node);
        struct startplan_service *s = startplan_service(&u->plan, node);
        if (s->waits && runs_already(u, name, s))
            s->waits = s->held = 0;
        enum downfile down = startplan_down(s);
        u->waiting += down == DOWNFILE_WAITS;
        for (unsigned int i = IMAGE; i < SOURCES; i++)
            if (s->sources & 1u << i)
                copy_one(u, u->sources[i].path, name, down);
        if (s->sources == 1u << LIVE && down != DOWNFILE_USER)
            put_down(u, name, down);
    }
}

/* Can run (of the service, or of its logger) be started? Says why not. */
static int check_run(struct up *u, int fd, char const *name, char const *run)
{
    char why[512];
    int e = livesd_startable(fd, run);
    if (!e)
        return 1;
    if (u->loud)
        strerr_warnw("service ", name,
                     " cannot be started: ", script_explain(why, sizeof why, fd, run, e));
    failed(u, script_exitcode(e));
    return 0;
}

static int check_fds(struct up *u, int fd, char const *name)
{
    char const *misfit = livesd_misfit(fd);
    if (!misfit)
        return 1;
    if (u->loud)
        strerr_warnw("service ", name, " cannot be started: ", misfit,
                     " is out of range (1 to the limit of open files), or the same as the other");
    failed(u, 126);
    return 0;
}

static void check_one(struct up *u, char const *name, struct startplan_service const *s)
{
    int fd = openat(u->scanfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return;
    if (!fstatat(fd, "log", &st, 0) && S_ISDIR(st.st_mode))
        check_run(u, fd, name, "log/run");
    if (svswitch_is_on(s->why)) {
        u->wanted++;
        if (check_run(u, fd, name, SERVICEDIR_RUN) && check_fds(u, fd, name)) {
            stralloc *list = servicedir_announces(fd) ? &u->ready : &u->up;
            u->startable++;
            /* what somebody starts by hand is not waited for, nor who waits for it */
            if (!s->held && !stralloc_catb(list, name, strlen(name) + 1))
                strerr_diefu1sys(111, "allocate memory");
        }
    }
    close(fd);
}

static void check_all(struct up *u)
{
    for (unsigned int node = 0; node < svorder_count(&u->plan.order); node++)
        check_one(u, svorder_name(&u->plan.order, node), startplan_service(&u->plan, node));
}

static void tell_svscan(struct up const *u)
{
    switch (ctlfifo_send(u->scanfd, CTLFIFO_SCAN, "a", 1)) {
    case CTLFIFO_OK:
        return;
    case CTLFIFO_NOT_LISTENING:
        strerr_dief(102, "no svscan runs on ", u->scandir);
    default:
        strerr_diefu4sys(111, "write to ", u->scandir, "/", CTLFIFO_SCAN);
    }
}

/* Starts svwait on the services named in list. Returns its pid, or 0 if there is nothing to wait
 * for. */
static pid_t start_wait(struct up const *u, stralloc const *list, char const *what, char const *ms)
{
    char program[PATH_BYTES];
    size_t n = 0;
    if (!list->len)
        return 0;
    pid_t pid = fork();
    if (pid < 0)
        strerr_diefu1sys(111, "fork");
    if (pid)
        return pid;
    for (size_t i = 0; i < list->len; i++)
        n += !list->s[i];
    char const **argv = malloc((n + 7) * sizeof *argv);
    if (!argv || !sibling_path(program, sizeof program, "svwait") || fchdir(u->scanfd) < 0)
        strerr_diefu1sys(111, "prepare svwait");
    n = 0;
    argv[n++] = "svwait";
    argv[n++] = "-W";
    argv[n++] = what;
    if (*ms) {
        argv[n++] = "-t";
        argv[n++] = ms;
    }
    argv[n++] = "--";
    for (size_t i = 0; i < list->len; i += strlen(list->s + i) + 1)
        argv[n++] = list->s + i;
    argv[n] = NULL;
    execv(program, (char *const *)argv);
    strerr_diefu2sys(errno == ENOENT ? 127 : 126, "run ", program);
}

static int end_wait(pid_t pid)
{
    int wstat;
    pid_t r;
    if (!pid)
        return 0;
    do
        r = waitpid(pid, &wstat, 0);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return 111;
    return WIFEXITED(wstat) ? WEXITSTATUS(wstat) : 128 + WTERMSIG(wstat);
}

/* Names what a service waits for that is not up yet, or not ready although it announces that. */
static void say_waiting(struct up const *u, char const *name)
{
    struct svorder const *o = &u->plan.order;
    int node = svorder_find(o, name, svorder_count(o));
    size_t at = 0;
    for (int i; node >= 0 && (i = svorder_needed(o, (unsigned int)node, &at)) >= 0;) {
        char const *needed = svorder_name(o, (unsigned int)i);
        struct svstatus st;
        int fd = openat(u->scanfd, needed, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (!downfile_is_off(downfile_read(fd)) &&
            (svstatus_read(fd, ".", &st) < 0 || !svstatus_is_up(&st) ||
             (servicedir_announces(fd) && !st.ready)) &&
            u->opt.verbosity >= TRANSCRIPT_FAILURE)
            strerr_warnw("not started: ", name, ": it waits for ", needed);
        close(fd);
    }
}

static int is_waiting(struct up const *u, char const *name)
{
    int fd = openat(u->scanfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && downfile_read(fd) == DOWNFILE_WAITS;
    if (fd >= 0)
        close(fd);
    return r;
}

/* Names those in list that are not up yet (or, if asked for, not ready). */
static void say_late(struct up const *u, stralloc const *list, int ready)
{
    for (size_t i = 0; i < list->len; i += strlen(list->s + i) + 1) {
        char const *name = list->s + i;
        struct svstatus st;
        if (is_waiting(u, name))
            say_waiting(u, name);
        else if (svstatus_read(u->scanfd, name, &st) < 0 || !svstatus_is_up(&st))
            say(u, "not up: ", name);
        else if (ready && !st.ready)
            say(u, "up, but not ready (it has written nothing to its notification-fd): ", name);
    }
}

/* --- services that wait for others --- */

static void say_failed(char const *service, char const *needed)
{
    strerr_warnw("service ", service, " waits for ", needed,
                 ", which is down for good (failed, or taken down)");
}

static void say_trouble(char const *service)
{
    strerr_warnwu2sys("start service ", service);
}

static enum svstart_result start_in_order(struct up const *u, unsigned int maxtime, int give_up)
{
    if (fchdir(u->scanfd) < 0)
        strerr_diefu2sys(111, "change to ", u->scandir);
    starter.told = say_failed;
    starter.trouble = say_trouble;
    starter.give_up = !!give_up;
    enum svstart_result r = svstart_run(&starter, svwatch_deadline(maxtime));
    if (r == SVSTART_ERROR)
        strerr_warnwu(starter.what, starter.culprit, ": ", strerror(errno));
    return r;
}

/* Without a command there is no other bound for it, so what is late is left as it is. */
static int start_waiting(struct up const *u)
{
    switch (start_in_order(u, u->opt.maxtime, 1)) {
    case SVSTART_TIMEOUT:
        say(u, "some services still wait for others: ", "\"services-up -u\" starts them");
        return CODE_LATE;
    case SVSTART_STUCK:
        return CODE_STUCK;
    case SVSTART_ERROR:
        return 111;
    default:
        return 0;
    }
}

static int is_cmd_to_wait(struct up const *u)
{
    unsigned int on = 0;
    if (setting_bool("S6_CMD_WAIT_FOR_SERVICES", &on) < 0)
        say(u, "S6_CMD_WAIT_FOR_SERVICES", " is neither 0 nor 1: ignored");
    return !!on;
}

/* Returns 0, or the code of the svwait that failed. */
static int wait_for_services(struct up *u)
{
    char ms[UINT_FMT];
    ms[u->opt.maxtime ? uint_fmt(ms, u->opt.maxtime) : 0] = 0;
    pid_t ready = start_wait(u, &u->ready, "-U", ms);
    pid_t up = start_wait(u, &u->up, "-u", ms);
    int stuck = u->waiting && start_in_order(u, u->opt.maxtime, 1) == SVSTART_STUCK;
    if (stuck && ready)
        kill(ready, SIGTERM);
    if (stuck && up)
        kill(up, SIGTERM);
    int r = end_wait(ready);
    int s = end_wait(up);
    if (!r)
        r = s;
    if (stuck)
        r = CODE_STUCK;
    if (!r)
        return 0;
    say(u,
        r == CODE_LATE ? "services are not up after S6_CMD_WAIT_FOR_SERVICES_MAXTIME (ms): "
                       : "waiting for services failed",
        r == CODE_LATE ? ms : "");
    say_late(u, &u->ready, 1);
    say_late(u, &u->up, 0);
    return r;
}

/* The code to stop with, or 0. What cannot be started is named here only when it stops the
   container: else its supervisor does that. */
static int verdict(struct up *u, int has_cmd)
{
    int none = !has_cmd && u->wanted && !u->startable;
    int code = none ? CODE_NONE : u->opt.behaviour >= 2 ? u->code : 0;
    if (!code)
        return 0;
    u->loud = 1;
    check_all(u);
    if (none)
        strerr_warnw("no service could be started, and there is no command: stopping");
    else
        strerr_warnw("stopping (S6_BEHAVIOUR_IF_STAGE2_FAILS=2)");
    return code;
}

static int go_up(struct up *u, char const *source, int has_cmd)
{
    char real[PATH_BYTES];
    prefix_output(u);
    /* the live directory's links lead to the image's files, not through our own link to them */
    ssize_t len = readlink(source, real, sizeof real - 1);
    if (len > 0 && real[0] == '/') {
        real[len] = 0;
        source = real;
    }
    u->sources[LIVE] = (struct startplan_source){.fd = u->scanfd, .path = u->scandir};
    add_source(u, IMAGE, BOOTINPUT_TEMPLATES);
    add_source(u, USER, source);
    make_plan(u);
    int r = judge_plan(u);
    if (r)
        return r;
    int header = u->sources[USER].fd >= 0;
    if (header) {
        transcript_say(&out, TRANSCRIPT_NORMAL, "[services.d] starting services\n");
        transcript_flush(&out);
    }
    carry_out(u);
    check_all(u);
    r = verdict(u, has_cmd);
    if (r)
        return r;
    tell_svscan(u);
    if (has_cmd && is_cmd_to_wait(u))
        r = wait_for_services(u);
    else if (u->waiting && !u->later && !has_cmd) /* nothing delays a command unasked */
        r = start_waiting(u);
    if (r && u->opt.behaviour >= 2)
        return r;
    if (header)
        transcript_say(&out, TRANSCRIPT_NORMAL, "[services.d] done.\n");
    transcript_flush(&out);
    return 0;
}

int main(int argc, char const *const *argv)
{
    char source[PATH_BYTES];
    char scandir[PATH_BYTES];
    char const *why, *junk;
    unsigned int set = 0;
    struct up u = {.opt.maxtime = WAIT_MAXTIME,
                   .plan = STARTPLAN_ZERO,
                   .ready = STRALLOC_ZERO,
                   .up = STRALLOC_ZERO};
    signal(SIGCHLD, SIG_DFL); /* ignored, no end of a child has a code */
    signal(SIGPIPE, SIG_IGN); /* whoever read our messages may end: the others are told too */
    int first = stageprog_options(&u.opt, argc, argv, "bvt", "cdlu", &set,
                                  "S6_CMD_WAIT_FOR_SERVICES_MAXTIME", &why, &junk);
    int down = !!(set & FLAG_DOWN);
    int no_copy = !!(set & (FLAG_DOWN | FLAG_UP));
    if (first < 0 || argc - first > (no_copy ? 1 : 2) || (down && set & FLAG_UP))
        strerr_dieusage(100, USAGE);
    if (junk)
        strerr_warnw(junk, " is not a number: ignored");
    u.later = !!(set & FLAG_LATER);
    char const *from = !no_copy && first < argc
                           ? statedir_map(argv[first++], source, sizeof source)
                           : stageprog_dir(source, sizeof source, "services.d");
    u.scandir = first < argc ? statedir_map(argv[first], scandir, sizeof scandir) : NULL;
    if (!u.scandir) {
        if (!statedir_find(scandir, sizeof scandir - sizeof "/services"))
            strerr_dief(102, "no container init of ours runs here: name the scan directory");
        strcat(scandir, "/services");
        u.scandir = scandir;
    }
    u.scanfd = open(u.scandir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (u.scanfd < 0)
        strerr_diefu2sys(111, "open directory ", u.scandir);
    if (down) {
        if (svstop_in_order(u.scanfd) < 0)
            strerr_diefu2sys(111, "read the services in ", u.scandir);
        _exit(0);
    }
    if (set & FLAG_UP)
        _exit(start_in_order(&u, 0, 0) == SVSTART_DONE ? 0 : 111);
    transcript_init(&out, 1, u.opt.verbosity);
    _exit(go_up(&u, from, !!(set & FLAG_CMD)));
}
