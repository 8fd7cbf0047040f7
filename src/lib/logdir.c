#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/logarchive.h>
#include <cairn/logdir.h>
#include <cairn/logline.h>
#include <cairn/logproc.h>
#include <cairn/logrecover.h>
#include <cairn/servicedir.h>
#include <cairn/svlock.h>

static void trouble(struct logdir *d, char const *what, char const *file, int e, int64_t now)
{
    d->due = now + d->retry;
    if (!d->complained && d->complain)
        d->complain(d, what, file, NULL, e);
    d->complained = 1;
}

/* Opens current for appending, not marked as clean. */
static int open_current(struct logdir *d)
{
    struct stat st;
    int fd = openat(d->dirfd, "current",
                    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 ||
        ((st.st_mode & S_IXUSR) && fchmod(fd, st.st_mode & 07777 & ~S_IXUSR) < 0)) {
        int e = errno;
        close(fd);
        errno = e;
        return -1;
    }
    d->fd = fd;
    d->written = (uint64_t)st.st_size;
    d->torn = 0;
    return 0;
}

/* Is the file that fd was opened as not there any more? There are file systems that count no
   links. */
static int is_removed(struct logdir const *d, int fd, char const *file)
{
    struct stat st, named;
    if (fstat(fd, &st) < 0 || st.st_nlink)
        return 0;
    return fstatat(d->dirfd, file, &named, AT_SYMLINK_NOFOLLOW) < 0 || named.st_ino != st.st_ino ||
           named.st_dev != st.st_dev;
}

/* A lock that was removed keeps nobody out. Returns 0, or -1 with errno. */
static int relock(struct logdir *d)
{
    if (!is_removed(d, d->lockfd, "lock"))
        return 0;
    int fd = svlock_take(d->dirfd, "lock", 0666);
    if (fd < 0)
        return -1;
    close(d->lockfd);
    d->lockfd = fd;
    return 0;
}

static void rearm_period(struct logdir *d, int64_t now)
{
    d->rotate = d->period ? now + (int64_t)d->period * 1000 : LOGDIR_NEVER;
}

int logdir_open(struct logdir *d, int64_t now, char const **what)
{
    d->fd = d->oldfd = -1;
    d->step = LOGDIR_IDLE;
    d->pid = 0;
    d->failed = d->closing = d->complained = 0;
    d->due = LOGDIR_NEVER;
    d->stamp = (tain)TAIN_EPOCH;
    d->stuck[0] = 0;
    *what = "";
    if (mkdir(d->path, 02700) < 0 && errno != EEXIST)
        return -1;
    d->dirfd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->dirfd < 0)
        return -1;
    d->lockfd = svlock_take(d->dirfd, *what = "lock", 0666);
    if (d->lockfd < 0 || logrecover(d->dirfd, &d->stamp, what) < 0)
        return -1;
    *what = "current";
    rearm_period(d, now);
    return open_current(d);
}

/* ---- the steps of a rotation: each returns 1 when it is done, 0 when it has to wait */

static int mark_clean(int fd)
{
    struct stat st;
    return fstat(fd, &st) < 0 || fchmod(fd, (st.st_mode | S_IXUSR) & 07777) < 0 ? -1 : 0;
}

/* EINVAL: a file system that has no fsync */
static int sync_file(int fd)
{
    return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

static int step_rename(struct logdir *d, int64_t now)
{
    if (sync_file(d->fd) < 0)
        return trouble(d, "sync", "current", errno, now), 0;
    /* what was moved away or removed is not ours any more */
    if (renameat(d->dirfd, "current", d->dirfd, "previous") < 0 && errno != ENOENT)
        return trouble(d, "rename to previous", "current", errno, now), 0;
    d->oldfd = d->fd;
    d->fd = -1;
    d->step = LOGDIR_REOPEN;
    return 1;
}

static int step_reopen(struct logdir *d, int64_t now)
{
    if (relock(d) < 0)
        return trouble(d, "lock", "lock", errno, now), 0;
    if (open_current(d) < 0)
        return trouble(d, "open", "current", errno, now), 0;
    rearm_period(d, now);
    d->failed = 0;
    d->step = LOGDIR_PROCESS;
    return 1;
}

static void archive(struct logdir *d, char const *source, char const *suffix)
{
    d->source = source;
    d->suffix = suffix;
    d->step = LOGDIR_ARCHIVE;
}

/* The processor failed. It is tried again, but at the end what it did not process is kept as it
   is. */
static int fail(struct logdir *d, char const *what, int e, int64_t now)
{
    d->failed = 1;
    d->step = LOGDIR_PROCESS;
    trouble(d, what, "previous", e, now);
    return d->closing ? archive(d, "previous", ".u"), 1 : 0;
}

static int step_process(struct logdir *d, int64_t now)
{
    if (d->oldfd >= 0) {
        if (mark_clean(d->oldfd) < 0)
            return trouble(d, "change the mode of", "previous", errno, now), 0;
        close(d->oldfd);
        d->oldfd = -1;
    }
    if (!d->processor || !servicedir_exists(d->dirfd, "previous"))
        return archive(d, "previous", ".s"), 1;
    d->pid = logproc_start(d->dirfd, d->processor, d->shell);
    if (d->pid < 0) {
        d->pid = 0;
        return fail(d, "start the processor of", errno, now);
    }
    d->step = LOGDIR_RUNNING;
    return 0;
}

static int sync_name(struct logdir *d, char const *file, int clean)
{
    int fd = openat(d->dirfd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int r = sync_file(fd) < 0 || (clean && mark_clean(fd) < 0) ? -1 : 0;
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

static int step_complete(struct logdir *d, int64_t now)
{
    /* the processor may have removed its newstate: then the state stays */
    if (sync_name(d, "newstate", 0) < 0 && errno != ENOENT)
        return trouble(d, "sync", "newstate", errno, now), 0;
    if (sync_name(d, "processed", 1) < 0) {
        if (errno != ENOENT)
            return trouble(d, "sync", "processed", errno, now), 0;
        if (servicedir_exists(d->dirfd, "previous"))
            return fail(d, "find what the processor made of", ENOENT, now);
    }
    if (unlinkat(d->dirfd, "previous", 0) < 0 && errno != ENOENT)
        return trouble(d, "remove", "previous", errno, now), 0;
    if (renameat(d->dirfd, "newstate", d->dirfd, "state") < 0 && errno != ENOENT)
        return trouble(d, "rename to state", "newstate", errno, now), 0;
    archive(d, "processed", ".s");
    return 1;
}

static int step_archive(struct logdir *d, int64_t now)
{
    if (logarchive_make(d->dirfd, d->source, d->suffix, &d->stamp) < 0)
        return trouble(d, "archive", d->source, errno, now), 0;
    /* what a processor that failed has left */
    if (d->failed && (unlinkat(d->dirfd, "processed", 0) < 0 && errno != ENOENT))
        return trouble(d, "remove", "processed", errno, now), 0;
    if (d->failed && (unlinkat(d->dirfd, "newstate", 0) < 0 && errno != ENOENT))
        return trouble(d, "remove", "newstate", errno, now), 0;
    d->step = LOGDIR_TRIM;
    return 1;
}

static void tell_of_stuck(struct logdir const *d, char const *stuck, int e)
{
    if (!d->complain || !strcmp(stuck, d->stuck))
        return;
    if (!strcmp(stuck, "."))
        d->complain(d, "delete old archives in", NULL, NULL, e);
    else
        d->complain(d, "delete", stuck, "which you have to remove by hand", e);
}

/* What cannot be deleted is no reason to wait: the next rotation tries again. */
static int step_trim(struct logdir *d, int64_t now)
{
    char stuck[LOGARCHIVE_NAME + 1];
    (void)now;
    if (logarchive_trim(d->dirfd, d->archives, d->total, stuck) < 0)
        tell_of_stuck(d, stuck, errno);
    else
        stuck[0] = 0;
    strcpy(d->stuck, stuck);
    d->failed = 0;
    d->complained = 0;
    d->step = LOGDIR_IDLE;
    return 0;
}

static void go_on(struct logdir *d, int64_t now)
{
    static int (*const steps[])(struct logdir *, int64_t) = {
        [LOGDIR_RENAME] = step_rename,   [LOGDIR_REOPEN] = step_reopen,
        [LOGDIR_PROCESS] = step_process, [LOGDIR_COMPLETE] = step_complete,
        [LOGDIR_ARCHIVE] = step_archive, [LOGDIR_TRIM] = step_trim,
    };
    d->due = LOGDIR_NEVER;
    while (d->step != LOGDIR_IDLE && d->step != LOGDIR_RUNNING && steps[d->step](d, now))
        ;
}

void logdir_rotate(struct logdir *d, int64_t now)
{
    if (d->step != LOGDIR_IDLE || !d->written || d->torn)
        return;
    d->step = LOGDIR_RENAME;
    go_on(d, now);
}

/* current has to be rotated before it can be written to. Can it be, now? A processor that runs is
   waited for; one that failed has had its chance: its file is archived unprocessed, because a
   logger that waits for ever stops the service, and the size cap is hard. */
static int make_room(struct logdir *d, int64_t now)
{
    if (d->step == LOGDIR_PROCESS && d->failed) {
        archive(d, "previous", ".u");
        go_on(d, now);
    }
    if (d->step == LOGDIR_IDLE)
        logdir_rotate(d, now);
    return d->fd >= 0 && !d->written;
}

/* What can be written to current at once, 0: nothing. */
static size_t room(struct logdir const *d, char const *p, size_t n)
{
    if (d->torn) {
        char const *nl = memchr(p, '\n', n);
        return nl ? (size_t)(nl - p) + 1 : n;
    }
    if (d->written + d->tolerance >= d->size)
        return 0;
    return logline_fit(p, n, d->written, d->size - d->tolerance, d->size);
}

/* As trouble, for a write: a step that waits too is not put off. */
static void write_trouble(struct logdir *d, char const *what, char const *file, int e, int64_t now)
{
    int64_t due = d->due;
    trouble(d, what, file, e, now);
    if (due < d->due)
        d->due = due;
}

/* Somebody has removed current, perhaps all that is in the directory, and nobody would see what is
   written there from now on. Returns 1 if it can be written to. */
static int renew(struct logdir *d, int64_t now)
{
    int old = d->fd, locked = relock(d) == 0;
    if (!locked || open_current(d) < 0) {
        if (errno == ENOENT) /* the directory is gone too */
            return 1;
        write_trouble(d, locked ? "open" : "lock", locked ? "current" : "lock", errno, now);
        return 0;
    }
    close(old);
    if (d->complain)
        d->complain(d, "find", "current", "so it is made anew", 0);
    return 1;
}

size_t logdir_write(struct logdir *d, char const *p, size_t n, int64_t now)
{
    size_t done = 0;
    while (done < n) {
        if (d->fd < 0 || (d->due > now && d->due != LOGDIR_NEVER && d->step == LOGDIR_IDLE))
            break;
        if (is_removed(d, d->fd, "current") && !renew(d, now))
            break;
        size_t m = room(d, p + done, n - done);
        if (!m) {
            if (!make_room(d, now))
                break;
            continue;
        }
        ssize_t w = write(d->fd, p + done, m);
        if (w < 0) {
            if (errno == EINTR)
                continue;
            write_trouble(d, "write to", "current", errno, now);
            break;
        }
        done += (size_t)w;
        d->written += (uint64_t)w;
        d->torn = p[done - 1] != '\n';
        if (d->step == LOGDIR_IDLE) {
            d->complained = 0;
            if (!d->torn && d->written + d->tolerance >= d->size)
                logdir_rotate(d, now);
        }
    }
    return done;
}

int64_t logdir_due(struct logdir const *d)
{
    /* no rotation in the middle of a line: its end brings the next look */
    int64_t rotate = d->step == LOGDIR_IDLE && d->written && !d->torn ? d->rotate : LOGDIR_NEVER;
    return d->due < rotate ? d->due : rotate;
}

void logdir_tick(struct logdir *d, int64_t now)
{
    if (d->due <= now)
        go_on(d, now);
    if (d->rotate <= now && d->step == LOGDIR_IDLE) {
        if (d->written)
            logdir_rotate(d, now);
        else
            rearm_period(d, now);
    }
}

void logdir_ended(struct logdir *d, int wstat, int64_t now)
{
    d->pid = 0;
    if (WIFEXITED(wstat) && !WEXITSTATUS(wstat)) {
        d->failed = 0;
        d->step = LOGDIR_COMPLETE;
        go_on(d, now);
        return;
    }
    if (fail(d, "process", 0, now))
        go_on(d, now);
}

void logdir_closing(struct logdir *d, int force, int64_t now)
{
    d->closing = 1;
    if (d->step == LOGDIR_PROCESS && d->failed) {
        archive(d, "previous", ".u");
        go_on(d, now);
    }
    if (force && d->pid)
        kill(d->pid, SIGKILL);
}

int logdir_close(struct logdir *d)
{
    if (d->fd < 0) {
        errno = EBADF;
        return -1;
    }
    return sync_file(d->fd) < 0 || mark_clean(d->fd) < 0 ? -1 : 0;
}
