#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/closing.h>
#include <cairn/join.h>
#include <cairn/svlock.h>
#include <cairn/svstatus.h>
#include <cairn/svwatch.h>

enum { FEW = 16, TICK_MS = 1000, SYMLINKS_MAX = 8 };

/* -- what is known, and what it means -- */

static int wants_up(enum svwatch_goal goal)
{
    return goal != SVWATCH_DOWN && goal != SVWATCH_FINISHED;
}

static int is_restart(enum svwatch_goal goal)
{
    return goal == SVWATCH_RESTARTED || goal == SVWATCH_RESTARTED_READY;
}

static int is_reached(struct svwatch_service const *s)
{
    if (!s->known)
        return 0;
    switch (s->goal) {
    case SVWATCH_UP:
        return s->up;
    case SVWATCH_READY:
        return s->up && s->ready;
    case SVWATCH_DOWN:
        return !s->up;
    case SVWATCH_FINISHED:
        return !s->up && s->ready;
    case SVWATCH_RESTARTED:
        return s->wasdown && s->up;
    case SVWATCH_RESTARTED_READY:
        return s->wasdown && s->up && s->ready;
    }
    return 0;
}

int svwatch_is_reached(struct svwatch_service const *s)
{
    return is_reached(s);
}

static enum svwatch_result evaluate(struct svwatch *w)
{
    size_t reached = 0, failed = 0, alldown = 1;
    for (size_t i = 0; i < w->n; i++) {
        struct svwatch_service const *s = w->services + i;
        reached += is_reached(s);
        failed += s->failed;
        if (is_restart(s->goal) && !s->wasdown)
            alldown = 0;
    }
    w->nfailed = failed;
    if (w->any && failed)
        return SVWATCH_FAILED;
    if (w->any ? reached && alldown : reached == w->n)
        return SVWATCH_REACHED;
    return reached + failed == w->n && failed ? SVWATCH_FAILED : SVWATCH_PENDING;
}

static void set_state(struct svwatch_service *s, int up, int ready)
{
    s->known = 1;
    s->up = !!up;
    s->ready = !!ready;
    if (!up)
        s->wasdown = 1;
}

static void fold_event(struct svwatch_service *s, char event)
{
    switch (event) {
    case 's': /* a new supervisor knows of nothing that runs */
        s->gone = 0;
        set_state(s, 0, 1);
        break;
    case 'u':
        s->failed = 0;
        set_state(s, 1, 0);
        break;
    case 'U':
        set_state(s, 1, 1);
        break;
    case 'd':
        set_state(s, 0, 0);
        break;
    case 'D':
        set_state(s, 0, 1);
        break;
    case 'O':
        s->failed = wants_up(s->goal);
        break;
    case 'x':
        s->gone = 1;
        break;
    }
}

static enum svwatch_result fail(struct svwatch *w, struct svwatch_service const *s,
                                enum svwatch_result result, char const *what)
{
    w->culprit = s->dir;
    w->what = what;
    return result;
}

/* Folds the events that have come, one by one: a state that lasted but a moment was reached too. */
static enum svwatch_result drain(struct svwatch *w, struct svwatch_service *s)
{
    char buf[64];
    while (s->listening) {
        ssize_t r = read(s->listener.fd, buf, sizeof buf);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        for (ssize_t i = 0; i < r; i++) {
            fold_event(s, buf[i]);
            enum svwatch_result result = evaluate(w);
            if (result != SVWATCH_PENDING)
                return result;
        }
    }
    return SVWATCH_PENDING;
}

/* -- looking at a service -- */

static int open_dir(char const *dir)
{
    return openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Returns 0, or -1 with errno. */
static int read_state(struct svwatch_service *s, int dirfd)
{
    struct svstatus status;
    if (svstatus_read(dirfd, ".", &status) < 0) {
        s->known = 0;
        return -1;
    }
    set_state(s, svstatus_is_up(&status), status.ready);
    if (s->settled && !s->up && !status.wantup && !svstatus_is_never_started(&status))
        s->failed = wants_up(s->goal);
    s->settled = 0;
    return 0;
}

enum svwatch_result svwatch_look(struct svwatch *w)
{
    for (size_t i = 0; i < w->n; i++) {
        struct svstatus status;
        struct svwatch_service *s = w->services + i;
        s->known = 0;
        if (!svstatus_read(AT_FDCWD, s->dir, &status))
            set_state(s, svstatus_is_up(&status), status.ready);
    }
    return evaluate(w) == SVWATCH_REACHED ? SVWATCH_REACHED : SVWATCH_PENDING;
}

static int is_patient(struct svwatch const *w, struct svwatch_service const *s)
{
    return w->patient || s->coming;
}

/* Is a first supervisor on its way? None has ever written a status, and an svscan runs on the
   directory that this one was named in. */
static int is_coming(char const *dir, int dirfd)
{
    char scandir[PATH_MAX];
    struct stat st;
    size_t len = strlen(dir);
    if (len >= sizeof scandir || !fstatat(dirfd, SVSTATUS_FILE, &st, 0) || errno != ENOENT)
        return 0;
    while (len > 1 && dir[len - 1] == '/')
        len--;
    while (len && dir[len - 1] != '/')
        len--;
    memcpy(scandir, len ? dir : ".", len ? len : 1);
    scandir[len ? len : 1] = 0;
    int fd = open_dir(scandir);
    if (fd < 0)
        return 0;
    int coming = svlock_owner(fd, SVLOCK_SCAN) > 0;
    close(fd);
    return coming;
}

/* There is no supervisor: is that the end? errno tells in which way there is none. */
static enum svwatch_result no_supervisor(struct svwatch *w, struct svwatch_service const *s)
{
    return is_patient(w, s) ? SVWATCH_PENDING : fail(w, s, SVWATCH_NO_SUPERVISOR, "");
}

static enum svwatch_result subscribe(struct svwatch *w, struct svwatch_service *s, int dirfd)
{
    if (fifodir_listen(dirfd, "event", &s->listener) < 0) {
        if (errno != ENOENT)
            return fail(w, s, SVWATCH_ERROR, "subscribe to events for ");
        pid_t pid = svlock_owner(dirfd, SVLOCK_SERVICE);
        if (!pid)
            return read_state(s, dirfd) < 0 || !is_reached(s) ? no_supervisor(w, s)
                                                              : SVWATCH_PENDING;
        /* it may have started between the two looks: a supervisor makes event before it takes the
           lock, so event is there now or never */
        if (pid < 0 || fifodir_listen(dirfd, "event", &s->listener) < 0)
            return fail(w, s, SVWATCH_ERROR, "subscribe to events for ");
    }
    s->listening = 1;
    if (!read_state(s, dirfd))
        return SVWATCH_PENDING;
    /* no status, or garbage: what that means depends on whether somebody will write it */
    int e = errno;
    if (e == ENOENT)
        return SVWATCH_PENDING;
    if (!svlock_owner(dirfd, SVLOCK_SERVICE))
        return no_supervisor(w, s);
    errno = e;
    return fail(w, s, SVWATCH_ERROR, "read status for ");
}

static enum svwatch_result attach(struct svwatch *w, struct svwatch_service *s)
{
    int dirfd = open_dir(s->dir);
    if (dirfd < 0)
        return w->patient && errno == ENOENT
                   ? SVWATCH_PENDING
                   : fail(w, s, SVWATCH_ERROR, "subscribe to events for ");
    s->coming = is_coming(s->dir, dirfd);
    enum svwatch_result r = subscribe(w, s, dirfd);
    close_keeping_errno(dirfd);
    return r;
}

enum svwatch_result svwatch_listen(struct svwatch *w)
{
    for (size_t i = 0; i < w->n; i++) {
        struct svwatch_service *s = w->services + i;
        if (s->listening)
            continue;
        enum svwatch_result r = attach(w, s);
        if (r != SVWATCH_PENDING)
            return r;
    }
    return SVWATCH_PENDING;
}

/* -- inotify -- */

static void watch_path(struct svwatch *w, char const *path, uint32_t mask)
{
    if (!w->has_inotify) {
        w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (w->inotify < 0) {
            w->tick = 1;
            return;
        }
        w->has_inotify = 1;
    }
    /* what does not exist yet is announced by the directory above it */
    if (inotify_add_watch(w->inotify, path, mask) < 0 && errno != ENOENT && errno != ENOTDIR)
        w->tick = 1;
}

/* Watches each directory on the way to path for new entries, also on the ways that symbolic links
   point out: services are often links, and so are their supervise directories where the root is
   read-only. */
static void watch_way(struct svwatch *w, char const *path, unsigned int depth)
{
    char prefix[PATH_MAX], target[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof prefix || !depth) {
        w->tick = 1;
        return;
    }
    memcpy(prefix, path, len + 1);
    watch_path(w, path[0] == '/' ? "/" : ".", IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
    for (size_t i = 1; i <= len; i++) {
        if ((path[i] && path[i] != '/') || path[i - 1] == '/')
            continue;
        prefix[i] = 0;
        watch_path(w, prefix, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
        ssize_t r = readlink(prefix, target, sizeof target - 1);
        if (r > 0) {
            char *slash = strrchr(prefix, '/');
            size_t up = target[0] == '/' || !slash ? 0 : (size_t)(slash - prefix) + 1;
            target[r] = 0;
            if (up + (size_t)r >= sizeof target) {
                w->tick = 1;
            } else {
                memmove(target + up, target, (size_t)r + 1);
                memcpy(target, path, up);
                watch_way(w, target, depth - 1);
            }
        }
        prefix[i] = path[i];
    }
}

static void watch_below(struct svwatch *w, struct svwatch_service const *s, char const *name,
                        void (*watch)(struct svwatch *, char const *))
{
    char path[PATH_MAX];
    if (join(path, sizeof path, s->dir, "/", name) >= sizeof path)
        w->tick = 1;
    else
        watch(w, path);
}

static void watch_lock(struct svwatch *w, char const *path)
{
    watch_path(w, path, IN_CLOSE_WRITE);
}

static void watch_arrival(struct svwatch *w, char const *path)
{
    watch_way(w, path, SYMLINKS_MAX);
}

/* -- the supervisor -- */

/* Asks for the supervisor. Returns its pid, 0 if there is none, -1 with errno. */
static pid_t find_supervisor(struct svwatch_service *s, int dirfd)
{
    pid_t owner;
    int fd = svlock_pidfd(dirfd, SVLOCK_SERVICE, &owner);
    if (fd >= 0) {
        s->pidfd = fd;
        s->has_pidfd = 1;
    }
    if (owner > 0)
        s->coming = 0;
    return owner;
}

/* Sees to it that the end of s's supervisor, or in patience the beginning, will be heard of. */
static enum svwatch_result guard(struct svwatch *w, struct svwatch_service *s, int dirfd)
{
    pid_t owner = dirfd < 0 ? 0 : find_supervisor(s, dirfd);
    if (owner > 0 && !s->has_pidfd) {
        watch_below(w, s, SVLOCK_SERVICE, watch_lock);
        /* it may have died before the watch was there */
        owner = svlock_owner(dirfd, SVLOCK_SERVICE);
        s->guarded = owner > 0;
    }
    if (!owner && is_patient(w, s)) {
        watch_below(w, s, "supervise", watch_arrival);
        s->guarded = 1;
    }
    if (owner < 0)
        return fail(w, s, SVWATCH_ERROR, "check the supervisor of ");
    return owner ? SVWATCH_PENDING : no_supervisor(w, s);
}

/* Has the directory we listen in been replaced? Only a patient watch lives to see that. */
static int is_stale(struct svwatch_service const *s, int dirfd)
{
    struct stat a, b;
    return fstatat(dirfd, "event", &a, 0) < 0 || fstat(s->listener.dirfd, &b) < 0 ||
           a.st_dev != b.st_dev || a.st_ino != b.st_ino;
}

static void unsubscribe(struct svwatch_service *s)
{
    if (s->listening)
        fifodir_unlisten(&s->listener);
    s->listening = 0;
}

/* Makes sure that whatever can happen to s will wake us up. What was not there when the watches
   were set, or at the first look, may be there now, so everything is tried once more after that. */
static enum svwatch_result tend(struct svwatch *w, struct svwatch_service *s)
{
    for (int pass = 0; pass < 3; pass++) {
        int dirfd = open_dir(s->dir);
        if (dirfd < 0 && (!w->patient || errno != ENOENT))
            return fail(w, s, SVWATCH_ERROR, "find ");
        enum svwatch_result r = SVWATCH_PENDING;
        if (is_patient(w, s) && s->listening && (dirfd < 0 || is_stale(s, dirfd)))
            unsubscribe(s);
        if (dirfd >= 0 && !s->listening)
            r = subscribe(w, s, dirfd);
        else if (dirfd >= 0 && !s->known)
            read_state(s, dirfd);
        if (r == SVWATCH_PENDING && !s->has_pidfd)
            r = guard(w, s, dirfd);
        int e = errno;
        if (dirfd >= 0)
            close(dirfd);
        errno = e;
        /* a supervisor that is gone may have said something before */
        if (r == SVWATCH_NO_SUPERVISOR) {
            enum svwatch_result last = drain(w, s);
            return last != SVWATCH_PENDING ? last : r;
        }
        if (r != SVWATCH_PENDING || (s->listening && (s->has_pidfd || !is_patient(w, s))))
            return r;
        /* a third time only for a supervisor that came after the last try to subscribe */
        if (pass && !s->has_pidfd)
            break;
    }
    return drain(w, s);
}

static void drop_pidfd(struct svwatch_service *s)
{
    if (s->has_pidfd)
        close(s->pidfd);
    s->has_pidfd = 0;
}

/* The supervisor of s has died. What it has written last still counts. */
static enum svwatch_result on_death(struct svwatch *w, struct svwatch_service *s)
{
    drop_pidfd(s);
    enum svwatch_result r = drain(w, s);
    if (r != SVWATCH_PENDING || is_reached(s) || s->failed)
        return r;
    return no_supervisor(w, s);
}

static enum svwatch_result on_event(struct svwatch *w, struct svwatch_service *s)
{
    enum svwatch_result r = drain(w, s);
    if (r == SVWATCH_PENDING && s->gone && !is_reached(s) && !s->failed)
        r = no_supervisor(w, s);
    return r;
}

/* Something we watch has changed, or a second is over: look again at all that have no pidfd. */
static void on_change(struct svwatch *w)
{
    union {
        struct inotify_event event;
        char bytes[1024];
    } buf;
    while (w->has_inotify && read(w->inotify, buf.bytes, sizeof buf) > 0)
        ;
    for (size_t i = 0; i < w->n; i++)
        w->services[i].guarded = 0;
}

/* -- the loop -- */

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + (ts.tv_nsec + 999999) / 1000000;
}

int64_t svwatch_deadline(unsigned int ms)
{
    return ms ? now_ms() + ms : INT64_MAX;
}

/* Milliseconds to wait, for poll; *is_tick says whether the tick comes before the deadline. */
static int time_left(struct svwatch const *w, int64_t deadline, int *is_tick)
{
    int64_t left = deadline == INT64_MAX ? INT64_MAX : deadline - now_ms();
    *is_tick = w->tick && left > TICK_MS;
    if (*is_tick)
        return TICK_MS;
    if (left == INT64_MAX)
        return -1;
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Fills p: first inotify, then a pair for each service. Negative descriptors are skipped by poll.
 */
static void fill(struct svwatch const *w, struct pollfd *p)
{
    p[0] = (struct pollfd){.fd = w->has_inotify ? w->inotify : -1, .events = POLLIN};
    for (size_t i = 0; i < w->n; i++) {
        struct svwatch_service const *s = w->services + i;
        p[1 + 2 * i] = (struct pollfd){.fd = s->listening ? s->listener.fd : -1, .events = POLLIN};
        p[2 + 2 * i] = (struct pollfd){.fd = s->has_pidfd ? s->pidfd : -1, .events = POLLIN};
    }
}

static enum svwatch_result dispatch(struct svwatch *w, struct pollfd const *p)
{
    enum svwatch_result r = SVWATCH_PENDING;
    if (p[0].revents)
        on_change(w);
    /* first all that was announced, then who has died */
    for (size_t i = 0; r == SVWATCH_PENDING && i < w->n; i++)
        if (p[1 + 2 * i].revents)
            r = on_event(w, w->services + i);
    for (size_t i = 0; r == SVWATCH_PENDING && i < w->n; i++)
        if (p[2 + 2 * i].revents)
            r = on_death(w, w->services + i);
    return r;
}

static enum svwatch_result loop(struct svwatch *w, int64_t deadline, struct pollfd *p)
{
    for (;;) {
        enum svwatch_result r = SVWATCH_PENDING;
        for (size_t i = 0; r == SVWATCH_PENDING && i < w->n; i++) {
            struct svwatch_service *s = w->services + i;
            if (!is_reached(s) && !s->failed && !s->has_pidfd && !s->guarded)
                r = tend(w, s);
        }
        if (r == SVWATCH_PENDING)
            r = evaluate(w);
        if (r != SVWATCH_PENDING)
            return r;
        fill(w, p);
        int is_tick;
        int n = poll(p, 1 + 2 * w->n, time_left(w, deadline, &is_tick));
        if (n < 0 && errno != EINTR)
            return w->culprit = "", w->what = "poll", SVWATCH_ERROR;
        if (!n && is_tick)
            on_change(w);
        else if (!n)
            return SVWATCH_TIMEOUT;
        else if (n > 0)
            r = dispatch(w, p);
        if (r != SVWATCH_PENDING)
            return r;
    }
}

enum svwatch_result svwatch_wait(struct svwatch *w, int64_t deadline)
{
    struct pollfd few[1 + 2 * FEW];
    enum svwatch_result r = evaluate(w);
    if (r != SVWATCH_PENDING)
        return r;
    if (w->n <= FEW)
        return loop(w, deadline, few);
    struct pollfd *many = malloc((1 + 2 * w->n) * sizeof *many);
    if (!many)
        return w->culprit = "", w->what = "allocate memory", SVWATCH_ERROR;
    r = loop(w, deadline, many);
    free(many);
    return r;
}

void svwatch_end(struct svwatch *w)
{
    for (size_t i = 0; i < w->n; i++) {
        struct svwatch_service *s = w->services + i;
        unsubscribe(s);
        drop_pidfd(s);
    }
    if (w->has_inotify)
        close(w->inotify);
    w->has_inotify = 0;
}

int svwatch_exitcode(struct svwatch const *w, enum svwatch_result r)
{
    switch (r) {
    case SVWATCH_FAILED:
        return w->nfailed < 98 ? (int)w->nfailed : 98; /* 99 means something else */
    case SVWATCH_NO_SUPERVISOR:
        return 102;
    case SVWATCH_TIMEOUT:
        return 99;
    case SVWATCH_ERROR:
        return 111;
    default:
        return 0;
    }
}

/* Which service was waited for in vain: the first, and how many there are besides. */
static void explain_timeout(struct svwatch const *w, char *buf, size_t size)
{
    static char const *const goals[] = {[SVWATCH_UP] = "up",
                                        [SVWATCH_READY] = "ready",
                                        [SVWATCH_DOWN] = "down",
                                        [SVWATCH_FINISHED] = "down and finished",
                                        [SVWATCH_RESTARTED] = "restarted",
                                        [SVWATCH_RESTARTED_READY] = "restarted and ready"};
    struct svwatch_service const *first = NULL;
    char more[SIZE_FMT];
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (!svwatch_is_reached(w->services + i) && !n++)
            first = w->services + i;
    more[size_fmt(more, n ? n - 1 : 0)] = 0;
    if (!n) /* each was there, but not all at the same time */
        join(buf, size, "timed out");
    else if (n == 1)
        join(buf, size, "timed out: ", first->dir, " is not ", goals[first->goal]);
    else
        join(buf, size, "timed out: ", first->dir, " is not ", goals[first->goal], ", like ", more,
             n == 2 ? " other" : " others");
}

char const *svwatch_explain(struct svwatch const *w, enum svwatch_result r, char *buf, size_t size)
{
    int e = errno;
    switch (r) {
    case SVWATCH_FAILED:
        if (w->n == 1)
            join(buf, size, w->services[0].dir, " reported permanent failure");
        else
            join(buf, size, "some services reported permanent failure");
        break;
    case SVWATCH_NO_SUPERVISOR:
        join(buf, size, "no supervisor is running on ", w->culprit);
        break;
    case SVWATCH_TIMEOUT:
        explain_timeout(w, buf, size);
        break;
    case SVWATCH_ERROR:
        if (e == EPROTO)
            join(buf, size, "unable to ", w->what, w->culprit, ": supervise/status is damaged");
        else
            join(buf, size, "unable to ", w->what, w->culprit, ": ", strerror(e));
        break;
    default:
        buf[0] = 0;
    }
    return buf;
}
