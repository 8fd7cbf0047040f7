#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/tai.h>

#include <cairn/closing.h>
#include <cairn/dents.h>
#include <cairn/fifodir.h>

#define PREFIX    "ftrig1:"
#define PREFIXLEN (sizeof PREFIX - 1)

_Static_assert(FIFODIR_NAMELEN == PREFIXLEN + TIMESTAMP + 1 + 6, "length of a listener's name");

int fifodir_make(int dirfd, char const *path, gid_t gid, int force)
{
    int made = !mkdirat(dirfd, path, S_IRWXU);
    if (!made && errno != EEXIST)
        return -1;
    struct stat st;
    if (!made) {
        if (fstatat(dirfd, path, &st, 0) < 0)
            return -1;
        errno = !S_ISDIR(st.st_mode) ? ENOTDIR : st.st_uid != geteuid() ? EACCES : 0;
        if (errno)
            return -1;
        if (!force)
            return 0;
    }
    mode_t mode = gid == (gid_t)-1 ? FIFODIR_PUBLIC : FIFODIR_RESTRICTED;
    /* nearly always the group is right already */
    if (made && !fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode) &&
        (gid == (gid_t)-1 || st.st_gid == gid) && !fchmodat(dirfd, path, mode, 0))
        return 0;
    int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    /* the owner first: chown takes the set-group-id bit away */
    if ((gid == (gid_t)-1 || !fchown(fd, (uid_t)-1, gid)) && !fchmod(fd, mode)) {
        close(fd);
        return 0;
    }
    close_keeping_errno(fd);
    if (made) {
        int e = errno;
        unlinkat(dirfd, path, AT_REMOVEDIR);
        errno = e;
    }
    return -1;
}

/* Writes len bytes (0: only looks whether somebody reads) to the listener name, and removes it when
   nobody does. Returns whether it was reached. */
static int tell(int dirfd, char const *name, char const *events, size_t len)
{
    /* anybody may make names here: follow no link, and write to nothing but a FIFO */
    int fd = openat(dirfd, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        struct stat st;
        if (errno == ENXIO && !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) &&
            S_ISFIFO(st.st_mode))
            unlinkat(dirfd, name, 0);
        return 0;
    }
    struct stat st;
    int reached = 0;
    if (!fstat(fd, &st) && S_ISFIFO(st.st_mode)) {
        reached = !len || write(fd, events, len) == (ssize_t)len;
        if (!reached && errno == EPIPE)
            unlinkat(dirfd, name, 0);
    }
    close(fd);
    return reached;
}

/* Tells every entry that looks like a listener. */
static int each(int dirfd, char const *path, char const *events, size_t len)
{
    _Alignas(
        struct dent) char buf[512]; /* small, because supervise's stack is most of its memory */
    int n = 0;
    int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    for (;;) {
        long r = dents_read(fd, buf, sizeof buf);
        if (r <= 0) {
            close_keeping_errno(fd);
            return r < 0 ? -1 : n;
        }
        for (long at = 0; at < r;) {
            char const *name = dents_next(buf, &at)->name;
            if (!strncmp(name, PREFIX "@", PREFIXLEN + 1) && strlen(name) == FIFODIR_NAMELEN)
                n += tell(fd, name, events, len);
        }
    }
}

int fifodir_notify(int dirfd, char const *path, char const *events, size_t len)
{
    return each(dirfd, path, events, len);
}

int fifodir_clean(int dirfd, char const *path)
{
    return each(dirfd, path, "", 0) < 0 ? -1 : 0;
}

/* Puts 6 random letters at s. They need only differ from those of others, so any source does. */
static void random_letters(char *s)
{
    static char const alphabet[64] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char r[6];
    if (getrandom(r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        uint32_t x = (uint32_t)now.tv_nsec ^ ((uint32_t)getpid() << 12);
        for (unsigned int i = 0; i < sizeof r; i++, x = x * 1664525u + 1013904223u)
            r[i] = (unsigned char)(x >> 24);
    }
    for (unsigned int i = 0; i < sizeof r; i++)
        s[i] = alphabet[r[i] & 63];
}

int fifodir_listen(int dirfd, char const *path, struct fifodir_listener *l)
{
    char dotname[1 + FIFODIR_NAMELEN + 1] = "." PREFIX;
    char *suffix = dotname + 1 + PREFIXLEN + TIMESTAMP;
    tain now;

    /* listeners may enter and write the directory, but not read it: O_PATH */
    l->dirfd = openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (l->dirfd < 0)
        return -1;
    if (!tain_wallclock_read(&now))
        goto fail;
    timestamp_fmt(dotname + 1 + PREFIXLEN, &now);
    suffix[0] = ':';
    suffix[7] = 0;
    for (;;) {
        random_letters(suffix + 1);
        if (!mkfifoat(l->dirfd, dotname, 0622))
            break;
        if (errno != EEXIST)
            goto fail;
    }
    l->fd = openat(l->dirfd, dotname, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (l->fd < 0)
        goto failmade;
    /* the umask must not keep a notifier of another user out */
    if (fchmod(l->fd, 0622) < 0)
        goto failopen;
    l->writefd = openat(l->dirfd, dotname, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (l->writefd < 0)
        goto failopen;
    memcpy(l->name, dotname + 1, FIFODIR_NAMELEN + 1);
    if (!renameat(l->dirfd, dotname, l->dirfd, l->name))
        return 0;

    close_keeping_errno(l->writefd);
failopen:
    close_keeping_errno(l->fd);
failmade : {
    int e = errno;
    unlinkat(l->dirfd, dotname, 0);
    errno = e;
}
fail:
    close_keeping_errno(l->dirfd);
    return -1;
}

void fifodir_unlisten(struct fifodir_listener *l)
{
    int e = errno;
    unlinkat(l->dirfd, l->name, 0);
    close(l->writefd);
    close(l->fd);
    close(l->dirfd);
    l->fd = l->writefd = l->dirfd = -1;
    errno = e;
}
