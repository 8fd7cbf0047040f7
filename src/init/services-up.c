/* services-up: brings the image's services to life, and takes them down in order.

   services-up [-c] [-b behaviour] [-v verbosity] [-t milliseconds] [SOURCE [SCANDIR]]
   services-up -d [SCANDIR]

   A stage of init, or alone. Copies every directory in /etc/s6/services and in SOURCE (default:
   services.d of the booted container) to SCANDIR (default: the live scan directory), see livesd,
   and tells svscan to look. With -c, which says that a command will run, it waits for the services
   if S6_CMD_WAIT_FOR_SERVICES says so, at most -t (S6_CMD_WAIT_FOR_SERVICES_MAXTIME). Without -c,
   services are all there is: it is an error if none can be started. A service whose run cannot be
   started is reported, and with behaviour 2 an error.

   -d asks services to end (control byte d), one that others name in their dependencies.d when those
   are down. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/ctlfifo.h>
#include <cairn/livesd.h>
#include <cairn/logprefix.h>
#include <cairn/scandir.h>
#include <cairn/script.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>
#include <cairn/stageprog.h>
#include <cairn/statedir.h>
#include <cairn/svstop.h>
#include <cairn/svstatus.h>
#include <cairn/transcript.h>

#define USAGE                                                                                      \
    "services-up [-c] [-b behaviour] [-v verbosity] [-t milliseconds] [source [scandir]], or "     \
    "services-up -d [scandir]"
#define TEMPLATE "/etc/s6/services"

enum { FLAG_CMD = 1, FLAG_DOWN = 2, WAIT_MAXTIME = 5000, PATH_BYTES = 1024, CODE_NONE = 127 };

char const *PROG = "services-up";

static struct transcript out;

struct up {
    struct stageprog opt;
    int scanfd;
    char const *scandir;
    unsigned int wanted;    /* services without a file "down" */
    unsigned int startable; /* of them */
    int code;               /* of the first that cannot be started */
    stralloc ready;         /* names of the startable ones that announce readiness */
    stralloc up;            /* and of those that do not */
    char const *logger;     /* of services without one, or NULL */
    unsigned int loud : 1;  /* say what cannot be started */
};

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

static void copy_one(struct up *u, char const *source, char const *name)
{
    char path[PATH_BYTES];
    char culprit[PATH_BYTES];
    struct stat st;
    if (!join(path, source, name)) {
        say(u, name, ": name too long: left out");
        failed(u, 111);
        return;
    }
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return;
    if (livesd_copy_logged(path, u->scanfd, name, u->logger, culprit, sizeof culprit) < 0) {
        int e = errno;
        if (u->opt.verbosity >= TRANSCRIPT_FAILURE)
            strerr_warnwu("copy service ", path, ": ", culprit, ": ", strerror(e));
        failed(u, 111);
    }
}

/* Returns 0 if there is no such directory. */
static int copy_all(struct up *u, char const *source)
{
    DIR *dir = opendir(source);
    if (!dir) {
        if (errno == ENOENT)
            return 0;
        strerr_warnwu2sys("read directory ", source);
        failed(u, 111);
        return 1;
    }
    for (struct dirent const *d; (d = readdir(dir));)
        if (d->d_name[0] != '.')
            copy_one(u, source, d->d_name);
    closedir(dir);
    return 1;
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

static void check_one(struct up *u, char const *name)
{
    int fd = openat(u->scanfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return;
    if (!fstatat(fd, "log", &st, 0) && S_ISDIR(st.st_mode))
        check_run(u, fd, name, "log/run");
    if (fstatat(fd, "down", &st, 0) < 0) {
        u->wanted++;
        if (check_run(u, fd, name, "run") && check_fds(u, fd, name)) {
            stralloc *list = fstatat(fd, "notification-fd", &st, 0) < 0 ? &u->up : &u->ready;
            u->startable++;
            if (!stralloc_catb(list, name, strlen(name) + 1))
                strerr_diefu1sys(111, "allocate memory");
        }
    }
    close(fd);
}

static void check_all(struct up *u)
{
    int fd = openat(u->scanfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        strerr_diefu2sys(111, "read directory ", u->scandir);
    for (struct dirent const *d; (d = readdir(dir));)
        if (d->d_name[0] != '.' && strcmp(d->d_name, SCANDIR_CATCHALL) != 0)
            check_one(u, d->d_name);
    closedir(dir);
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

/* Names those in list that are not up yet (or, if asked for, not ready). */
static void say_late(struct up const *u, stralloc const *list, int ready)
{
    for (size_t i = 0; i < list->len; i += strlen(list->s + i) + 1) {
        char const *name = list->s + i;
        struct svstatus st;
        if (svstatus_read(u->scanfd, name, &st) < 0 || !svstatus_is_up(&st))
            say(u, "not up: ", name);
        else if (ready && !st.ready)
            say(u, "up, but not ready (it has written nothing to its notification-fd): ", name);
    }
}

/* Returns 0, or the code of the svwait that failed. */
static int wait_for_services(struct up *u)
{
    char ms[UINT_FMT];
    unsigned int on = 0;
    if (setting_bool("S6_CMD_WAIT_FOR_SERVICES", &on) < 0)
        say(u, "S6_CMD_WAIT_FOR_SERVICES", " is neither 0 nor 1: ignored");
    if (!on)
        return 0;
    ms[u->opt.maxtime ? uint_fmt(ms, u->opt.maxtime) : 0] = 0;
    pid_t ready = start_wait(u, &u->ready, "-U", ms);
    pid_t up = start_wait(u, &u->up, "-u", ms);
    int r = end_wait(ready);
    int s = end_wait(up);
    if (!r)
        r = s;
    if (!r)
        return 0;
    say(u,
        r == 99 ? "services are not up after S6_CMD_WAIT_FOR_SERVICES_MAXTIME (ms): "
                : "waiting for services failed",
        r == 99 ? ms : "");
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
    copy_all(u, TEMPLATE);
    /* the live directory's links lead to the image's files, not through our own link to them */
    ssize_t r = readlink(source, real, sizeof real - 1);
    if (r > 0 && real[0] == '/') {
        real[r] = 0;
        source = real;
    }
    struct stat st;
    int header = !stat(source, &st);
    if (header) {
        transcript_say(&out, TRANSCRIPT_NORMAL, "[services.d] starting services\n");
        transcript_flush(&out);
        copy_all(u, source);
    }
    check_all(u);
    r = verdict(u, has_cmd);
    if (r)
        return (int)r;
    tell_svscan(u);
    if (has_cmd && (r = wait_for_services(u)) && u->opt.behaviour >= 2)
        return (int)r;
    if (header)
        transcript_say(&out, TRANSCRIPT_NORMAL, "[services.d] done.\n");
    transcript_flush(&out);
    return 0;
}

int main(int argc, char const *const *argv)
{
    char source[PATH_BYTES];
    char scandir[PATH_BYTES] = "/run/service";
    char const *why, *junk;
    unsigned int set = 0;
    struct up u = {.opt.maxtime = WAIT_MAXTIME, .ready = STRALLOC_ZERO, .up = STRALLOC_ZERO};
    int first = stageprog_options(&u.opt, argc, argv, "bvt", "cd", &set,
                                  "S6_CMD_WAIT_FOR_SERVICES_MAXTIME", &why, &junk);
    int down = !!(set & FLAG_DOWN);
    if (first < 0 || argc - first > (down ? 1 : 2))
        strerr_dieusage(100, USAGE);
    if (junk)
        strerr_warnw(junk, " is not a number: ignored");
    char const *from =
        !down && first < argc ? argv[first++] : stageprog_dir(source, sizeof source, "services.d");
    u.scandir = first < argc ? argv[first] : NULL;
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
    transcript_init(&out, 1, u.opt.verbosity);
    _exit(go_up(&u, from, !!(set & FLAG_CMD)));
}
