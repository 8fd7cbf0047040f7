#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/hookstage.h>
#include <cairn/lifefsm.h>
#include <cairn/script.h>

enum { PATH_BYTES = 1024, CODE_TIMEOUT = 99, CODE_TERMED = 143, CODE_SYSTEM = 111 };

struct hookstage const hookstage_fixattrs = {
    "fix-attrs", "fix-attrs.d", "applying ownership & permissions fixes...", "applying", 1};
struct hookstage const hookstage_continit = {
    "cont-init", "cont-init.d", "executing container initialization scripts...", "executing", 0};
struct hookstage const hookstage_contfinish = {
    "cont-finish", "cont-finish.d", "executing container finish scripts...", "executing", 0};

void hookstage_begin(struct hookstage const *h, struct transcript *t)
{
    transcript_say(t, TRANSCRIPT_NORMAL, "[", h->dir, "] ", h->title, "\n");
}

void hookstage_end(struct hookstage const *h, struct transcript *t)
{
    transcript_say(t, TRANSCRIPT_NORMAL, "[", h->dir, "] done.\n");
}

int hookstage_probe(char const *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    int n = 0;
    for (struct dirent const *d; !n && (d = readdir(dir));)
        n = d->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* Few names: insertion keeps this free of a comparison function with hidden state. */
static void sort(char const *s, size_t *o, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        size_t x = o[i];
        size_t j = i;
        for (; j && strcmp(s + o[j - 1], s + x) > 0; j--)
            o[j] = o[j - 1];
        o[j] = x;
    }
}

int hookstage_list(char const *path, stralloc *sa, genalloc *offsets)
{
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    for (;;) {
        errno = 0;
        struct dirent const *d = readdir(dir);
        if (!d)
            break;
        if (d->d_name[0] == '.')
            continue;
        if (!genalloc_append(size_t, offsets, &sa->len) ||
            !stralloc_catb(sa, d->d_name, strlen(d->d_name) + 1))
            break;
    }
    int e = errno;
    closedir(dir);
    errno = e;
    if (e)
        return -1;
    sort(sa->s, genalloc_s(size_t, offsets), genalloc_len(size_t, offsets));
    return 0;
}

static uint64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void child(struct hookstage const *h, struct hookstage_options const *o, char const *path)
{
    char *argv[3] = {(char *)path, NULL, NULL};
    char const *file = path;
    char why[512];
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) {
        dup2(null, 0);
        if (null)
            close(null);
    }
    if (h->is_fix) {
        file = o->runner;
        argv[0] = (char *)o->runner;
        argv[1] = (char *)path;
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    script_exec(file, argv, o->envp);
    int e = errno;
    strerr_warnw(script_explain(why, sizeof why, AT_FDCWD, file, e));
    _exit(script_exitcode(e));
}

/* Waits for the script pid. *termed is set when we are told to end. Returns its wait status; *late
   is set when it was killed because its time was over. */
static int watch(pid_t pid, int sfd, unsigned int maxtime, int *termed, int *late)
{
    uint64_t deadline = maxtime ? now_ms() + maxtime : LIFEFSM_NEVER;
    struct pollfd p = {.fd = sfd, .events = POLLIN};
    for (;;) {
        int wstat;
        pid_t r = waitpid(pid, &wstat, WNOHANG);
        if (r == pid)
            return wstat;
        if (r < 0)
            return 0;
        int timeout = -1;
        if (deadline != LIFEFSM_NEVER) {
            uint64_t now = now_ms();
            if (now >= deadline) {
                kill(-pid, SIGKILL);
                kill(pid, SIGKILL);
                *late = 1;
                deadline = LIFEFSM_NEVER;
            } else
                timeout = (int)(deadline - now);
        }
        struct signalfd_siginfo si;
        if (poll(&p, 1, timeout) != 1 || read(sfd, &si, sizeof si) != (ssize_t)sizeof si)
            continue;
        if (si.ssi_signo == SIGTERM) {
            *termed = 1;
            /* the child may not have got as far as its own group */
            if (kill(-pid, SIGTERM) < 0)
                kill(pid, SIGTERM);
            kill(-pid, SIGCONT);
        }
    }
}

/* Runs one entry. Returns its wait status, or -1 with errno if no process could be had. */
static int run_one(struct hookstage const *h, struct hookstage_options const *o, char const *name,
                   int sfd, int *termed, int *late)
{
    char path[PATH_BYTES];
    size_t dirlen = strlen(o->path);
    size_t namelen = strlen(name);
    if (dirlen + namelen + 2 > sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, o->path, dirlen);
    path[dirlen] = '/';
    memcpy(path + dirlen + 1, name, namelen + 1);
    pid_t pid = fork();
    if (pid < 0)
        return -1;
    if (!pid)
        child(h, o, path);
    return watch(pid, sfd, o->maxtime, termed, late);
}

/* One entry with its lines. Returns its code, 0 for success. */
static int entry(struct hookstage const *h, struct hookstage_options const *o, struct transcript *t,
                 char const *name, int sfd, int *termed)
{
    char fmt[INT_FMT];
    int late = 0;
    transcript_say(t, TRANSCRIPT_NORMAL, "[", h->dir, "] ", name, ": ", h->doing, "... \n");
    transcript_flush(t);
    timerec_put(&o->timeline, TIMELINE_HOOK, TIMELINE_START, 0, h->dir, name);
    int wstat = run_one(h, o, name, sfd, termed, &late);
    int code = CODE_SYSTEM;
    int shown = CODE_SYSTEM;
    if (wstat < 0) {
        if (t->verbosity >= TRANSCRIPT_FAILURE)
            strerr_warnwu4sys("run ", o->path, "/", name);
    } else if (late) {
        code = shown = CODE_TIMEOUT;
        fmt[uint_fmt(fmt, o->maxtime)] = 0;
        if (t->verbosity >= TRANSCRIPT_FAILURE)
            strerr_warnw(o->path, "/", name, ": killed after ", fmt,
                         " ms (S6_KILL_FINISH_MAXTIME)");
    } else {
        code = lifefsm_code(wstat);
        shown = WIFSIGNALED(wstat) ? 256 + WTERMSIG(wstat) : code;
    }
    timerec_put(&o->timeline, TIMELINE_HOOK, TIMELINE_END, (unsigned int)code, h->dir, name);
    fmt[int_fmt(fmt, shown)] = 0;
    transcript_say(t, code ? TRANSCRIPT_FAILURE : TRANSCRIPT_NORMAL, "[", h->dir, "] ", name,
                   ": exited ", fmt, ".\n");
    transcript_flush(t);
    if (code && o->behaviour == 1 && t->verbosity >= TRANSCRIPT_FAILURE)
        strerr_warnw(o->path, "/", name, " failed with exit code ", fmt,
                     "; going on (S6_BEHAVIOUR_IF_STAGE2_FAILS=1)");
    if (code && o->behaviour >= 2)
        strerr_warnw(o->path, "/", name, " failed with exit code ", fmt,
                     ": stopping (S6_BEHAVIOUR_IF_STAGE2_FAILS=2)");
    return code;
}

int hookstage_run(struct hookstage const *h, struct hookstage_options const *o,
                  struct transcript *t)
{
    stralloc sa = STRALLOC_ZERO;
    genalloc offsets = GENALLOC_ZERO;
    int code = 0;
    int termed = 0;
    sigset_t all;
    if (hookstage_list(o->path, &sa, &offsets) < 0) {
        if (errno == ENOENT)
            return 0;
        strerr_warnwu2sys("read directory ", o->path);
        code = o->behaviour >= 2 ? CODE_SYSTEM : 0;
        goto out;
    }
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    /* whoever started us may have ignored it: then no end would be told, and no code be kept */
    signal(SIGCHLD, SIG_DFL);
    int sfd = signalfd(-1, &all, SFD_CLOEXEC);
    if (sfd < 0) {
        strerr_warnwu1sys("make a signalfd");
        code = CODE_SYSTEM;
        goto out;
    }
    size_t n = genalloc_len(size_t, &offsets);
    size_t const *sorted = genalloc_s(size_t, &offsets);
    hookstage_begin(h, t);
    for (size_t i = 0; i < n && !termed; i++) {
        int r = entry(h, o, t, sa.s + sorted[i], sfd, &termed);
        if (r && o->behaviour >= 2) {
            code = r;
            break;
        }
    }
    if (termed)
        code = CODE_TERMED;
    else if (!code)
        hookstage_end(h, t);
    transcript_flush(t);
    close(sfd);
out:
    genalloc_free(size_t, &offsets);
    stralloc_free(&sa);
    return code;
}
