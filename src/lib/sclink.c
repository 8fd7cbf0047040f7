#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/ctlfifo.h>
#include <cairn/fifodir.h>
#include <cairn/join.h>
#include <cairn/livesd.h>
#include <cairn/sclink.h>
#include <cairn/servicedir.h>
#include <cairn/svlock.h>

enum { SERVICE, LOGGER, HALVES };

/* a service or its logger, and what tells of its supervisor */
struct half {
    struct fifodir_listener listener; /* if listening */
    int fd;                           /* the service directory, or -1: there is none */
    int pidfd;                        /* of the supervisor, or -1 */
    pid_t host;                       /* svscan, if it is the supervisor itself */
    unsigned int listening : 1;
    unsigned int made_down : 1;
    unsigned int done : 1;
};

struct waiting {
    struct half halves[HALVES];
    int svscan;   /* a pidfd, or -1 */
    int signalfd; /* or -1 */
    sigset_t oldmask;
    unsigned int masked : 1;
};

static struct waiting const nothing = {
    .halves = {{.fd = -1, .pidfd = -1}, {.fd = -1, .pidfd = -1}}, .svscan = -1, .signalfd = -1};

int sclink_is_name(char const *name)
{
    return name[0] && name[0] != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

int sclink_is_scanned(int scanfd)
{
    pid_t pid = svlock_owner(scanfd, SVLOCK_SCAN);
    return pid < 0 ? -1 : pid > 0;
}

static enum sclink_result fail(struct sclink *s, char const *what, int half, char const *file)
{
    s->what = what;
    join(s->file, sizeof s->file, half == LOGGER ? "log/" : "", file);
    return SCLINK_ERROR;
}

/* -- what is waited for -- */

static void hold_signals(struct waiting *w)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    w->masked = !sigprocmask(SIG_BLOCK, &set, &w->oldmask);
    w->signalfd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Closes everything. What was held back comes now. */
static enum sclink_result end(struct waiting *w, enum sclink_result r)
{
    int e = errno;
    for (int i = 0; i < HALVES; i++) {
        struct half *h = w->halves + i;
        if (h->listening)
            fifodir_unlisten(&h->listener);
        if (h->pidfd >= 0)
            close(h->pidfd);
        if (h->fd >= 0)
            close(h->fd);
    }
    if (w->svscan >= 0)
        close(w->svscan);
    if (w->signalfd >= 0)
        close(w->signalfd);
    if (w->masked)
        sigprocmask(SIG_SETMASK, &w->oldmask, NULL);
    errno = e;
    return r;
}

static int time_left(int64_t deadline)
{
    struct timespec ts;
    if (deadline == INT64_MAX)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    int64_t left = deadline - ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static int has_heard(struct half *h, char event)
{
    char buf[64];
    for (;;) {
        ssize_t r = read(h->listener.fd, buf, sizeof buf);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return 0;
        if (memchr(buf, event, (size_t)r))
            return 1;
    }
}

/* In compact mode svscan releases the lock in the same turn of its loop, a moment after the word.
 */
static int is_released(struct half const *h, int64_t deadline)
{
    while (h->host && svlock_owner(h->fd, SVLOCK_SERVICE) == h->host && time_left(deadline))
        poll(NULL, 0, 1);
    return 1;
}

/* Waits until every half has heard its event or the end of its process. */
static enum sclink_result wait_for(struct waiting *w, char event, int64_t deadline)
{
    while (!w->halves[SERVICE].done || !w->halves[LOGGER].done) {
        struct pollfd p[2 + 2 * HALVES] = {{.fd = w->signalfd, .events = POLLIN},
                                           {.fd = w->svscan, .events = POLLIN}};
        for (int i = 0; i < HALVES; i++) {
            struct half const *h = w->halves + i;
            p[2 + 2 * i] = (struct pollfd){.fd = !h->done && h->listening ? h->listener.fd : -1,
                                           .events = POLLIN};
            p[3 + 2 * i] = (struct pollfd){.fd = h->done ? -1 : h->pidfd, .events = POLLIN};
        }
        int n = poll(p, 2 + 2 * HALVES, time_left(deadline));
        if (n < 0 && errno != EINTR)
            return SCLINK_ERROR;
        if (!n)
            return SCLINK_TIMEOUT;
        if (n < 0)
            continue;
        for (int i = 0; i < HALVES; i++) {
            struct half *h = w->halves + i;
            /* the process ends a moment after it has said so */
            if (p[3 + 2 * i].revents || (p[2 + 2 * i].revents && has_heard(h, event) &&
                                         h->pidfd < 0 && is_released(h, deadline)))
                h->done = 1;
        }
        if (p[0].revents)
            return SCLINK_INTERRUPTED;
        if (p[1].revents && (!w->halves[SERVICE].done || !w->halves[LOGGER].done))
            return SCLINK_NO_SVSCAN;
    }
    return SCLINK_OK;
}

/* Opens servicedir (below dirfd) and its logger. Returns 0, or -1 with errno. */
static int open_halves(struct waiting *w, int dirfd, char const *servicedir)
{
    struct half *h = w->halves;
    h[SERVICE].fd = openat(dirfd, servicedir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (h[SERVICE].fd < 0)
        return -1;
    h[LOGGER].fd = openat(h[SERVICE].fd, "log", O_PATH | O_DIRECTORY | O_CLOEXEC);
    h[LOGGER].done = h[LOGGER].fd < 0;
    return h[LOGGER].fd >= 0 || errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* -- in -- */

static int make_down(struct half *h)
{
    int fd = openat(h->fd, SERVICEDIR_DOWN, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    close(fd);
    h->made_down = 1;
    return 0;
}

/* event may be a link to where nothing is yet, as on a read-only root: then that is made. */
static int make_event(struct sclink const *s, struct half const *h)
{
    char target[PATH_MAX];
    char const *path = SERVICEDIR_EVENT;
    int r = servicedir_exists(h->fd, path);
    if (r < 0 || (r && !s->force))
        return r < 0 ? -1 : 0;
    ssize_t n = r ? -1 : readlinkat(h->fd, path, target, sizeof target - 1);
    if (n > 0) {
        target[n] = 0;
        path = target;
    }
    return fifodir_make(h->fd, path, s->public_events ? (gid_t)-1 : getegid(), (int)s->force);
}

/* Makes one half ready to be supervised, and listens to it. */
static enum sclink_result prepare(struct sclink *s, struct waiting *w, int i)
{
    struct half *h = w->halves + i;
    if (h->fd < 0)
        return SCLINK_OK;
    if (make_event(s, h) < 0)
        return fail(s, "make ", i, SERVICEDIR_EVENT);
    if (s->down && make_down(h) < 0)
        return fail(s, "make ", i, SERVICEDIR_DOWN);
    if (fifodir_listen(h->fd, SERVICEDIR_EVENT, &h->listener) < 0)
        return fail(s, "subscribe to ", i, SERVICEDIR_EVENT);
    h->listening = 1;
    return SCLINK_OK;
}

/* Is the link there already? errno is EEXIST. */
static int is_same(struct sclink const *s, struct half const *h)
{
    struct stat a, b;
    int same = !fstatat(s->scanfd, s->name, &a, 0) && !fstat(h->fd, &b) && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino;
    errno = EEXIST;
    return same;
}

/* A link that is ours is taken back on any failure. errno is kept. */
static enum sclink_result undo_link(struct sclink const *s, int made, enum sclink_result r)
{
    int e = errno;
    if (r != SCLINK_OK && made)
        unlinkat(s->scanfd, s->name, 0);
    errno = e;
    return r;
}

/* Makes the link and tells svscan. *made: the link is ours. */
static enum sclink_result tell(struct sclink *s, struct waiting const *w, int *made)
{
    *made = !symlinkat(s->target, s->scanfd, s->name);
    if (!*made && (errno != EEXIST || !is_same(s, w->halves + SERVICE)))
        return fail(s, "make the link ", SERVICE, "");
    switch (ctlfifo_send(s->scanfd, CTLFIFO_SCAN, "a", 1)) {
    case CTLFIFO_OK:
        return SCLINK_OK;
    case CTLFIFO_NOT_LISTENING:
        return SCLINK_NO_SVSCAN;
    default:
        return fail(s, "control the svscan of ", SERVICE, "");
    }
}

static void remove_downs(struct sclink const *s, struct waiting const *w, int failed)
{
    for (int i = 0; i < HALVES; i++) {
        struct half const *h = w->halves + i;
        /* a file that was there before goes only when all went well, and never the logger's */
        int old = i == SERVICE && !failed && s->down == SCLINK_DOWN;
        int ours = h->made_down && (failed || s->down == SCLINK_DOWN);
        if (h->fd >= 0 && (old || ours))
            unlinkat(h->fd, SERVICEDIR_DOWN, 0);
    }
}

static enum sclink_result add(struct sclink *s, struct waiting *w)
{
    int made = 0;
    pid_t pid;
    w->svscan = svlock_pidfd(s->scanfd, SVLOCK_SCAN, &pid);
    if (pid < 0)
        return fail(s, "check the svscan of ", SERVICE, "");
    if (!pid)
        return SCLINK_NO_SVSCAN;
    if (open_halves(w, AT_FDCWD, s->servicedir) < 0)
        return fail(s, "open ", SERVICE, "");
    errno = livesd_startable(w->halves[SERVICE].fd, SERVICEDIR_RUN);
    if (errno)
        return SCLINK_UNSTARTABLE;
    pid = svlock_owner(w->halves[SERVICE].fd, SVLOCK_SERVICE);
    if (pid < 0)
        return fail(s, "check the supervisor of ", SERVICE, "");
    if (pid) {
        enum sclink_result r = tell(s, w, &made);
        return r == SCLINK_OK ? SCLINK_SUPERVISED : undo_link(s, made, r);
    }
    hold_signals(w);
    enum sclink_result r = prepare(s, w, SERVICE);
    if (r == SCLINK_OK)
        r = prepare(s, w, LOGGER);
    if (r == SCLINK_OK)
        r = tell(s, w, &made);
    if (r == SCLINK_OK)
        r = wait_for(w, 's', s->deadline);
    undo_link(s, made, r);
    int e = errno;
    remove_downs(s, w, r != SCLINK_OK);
    errno = e;
    return r;
}

enum sclink_result sclink_add(struct sclink *s)
{
    struct waiting w = nothing;
    return end(&w, add(s, &w));
}

/* -- out -- */

/* How the end of its supervisor will be heard of. One that has none is done. */
static void attend(struct half *h, pid_t svscan)
{
    pid_t pid;
    if (h->fd < 0)
        return;
    /* subscribed before it is looked for: its good-bye cannot be missed */
    h->listening = !fifodir_listen(h->fd, SERVICEDIR_EVENT, &h->listener);
    h->pidfd = svlock_pidfd(h->fd, SVLOCK_SERVICE, &pid);
    if (h->pidfd >= 0 && h->listening && pid == svscan) {
        close(h->pidfd);
        h->pidfd = -1;
        h->host = pid;
    }
    h->done = pid <= 0 || (h->pidfd < 0 && !h->listening);
}

static enum sclink_result take_out(struct sclink *s, struct waiting *w)
{
    struct stat st;
    if (fstatat(s->scanfd, s->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? SCLINK_OK : fail(s, "look at ", SERVICE, "");
    if (!S_ISLNK(st.st_mode)) {
        errno = ENOTSUP;
        return fail(s, "remove ", SERVICE, "");
    }
    if (!s->hasty && !open_halves(w, s->scanfd, s->name)) {
        hold_signals(w);
        pid_t svscan = svlock_owner(s->scanfd, SVLOCK_SCAN);
        attend(w->halves + SERVICE, svscan);
        attend(w->halves + LOGGER, svscan);
    } else
        w->halves[SERVICE].done = w->halves[LOGGER].done = 1;
    if (unlinkat(s->scanfd, s->name, 0) < 0 && errno != ENOENT)
        return fail(s, "remove the link ", SERVICE, "");
    switch (ctlfifo_send(s->scanfd, CTLFIFO_SCAN, "an", 2)) {
    case CTLFIFO_OK:
        return wait_for(w, 'x', s->deadline);
    case CTLFIFO_NOT_LISTENING:
        return SCLINK_NO_SVSCAN;
    default:
        return fail(s, "control the svscan of ", SERVICE, "");
    }
}

enum sclink_result sclink_remove(struct sclink *s)
{
    struct waiting w = nothing;
    return end(&w, take_out(s, &w));
}
