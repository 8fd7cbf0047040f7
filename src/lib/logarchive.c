#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/dents.h>
#include <cairn/logarchive.h>

int logarchive_is(char const *name)
{
    tain t;
    return strlen(name) == LOGARCHIVE_NAME && timestamp_scan(name, &t) == TIMESTAMP &&
           name[TIMESTAMP] == '.' && strchr("su", name[TIMESTAMP + 1]);
}

/* Gives the file a second name, or on a file system that knows no links, another one. */
static int move(int dirfd, char const *file, char const *to)
{
    if (linkat(dirfd, file, dirfd, to, 0) == 0)
        return unlinkat(dirfd, file, 0);
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    if (faccessat(dirfd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(dirfd, file, dirfd, to);
}

static void next_nanosecond(tain *t)
{
    if (++t->nano == 1000000000) {
        t->nano = 0;
        t->sec.x++;
    }
}

int logarchive_make(int dirfd, char const *file, char const *suffix, tain *last)
{
    char name[LOGARCHIVE_NAME + 1];
    struct stat st;
    tain t;
    if (fstatat(dirfd, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -1;
    if (!st.st_size || st.st_nlink > 1)
        return unlinkat(dirfd, file, 0);
    if (!tain_wallclock_read(&t))
        return -1;
    if (!tain_less(last, &t))
        t = *last;
    for (;; next_nanosecond(&t)) {
        if (t.sec.x == last->sec.x && t.nano == last->nano)
            continue;
        timestamp_fmt(name, &t);
        memcpy(name + TIMESTAMP, suffix, 3);
        if (move(dirfd, file, name) == 0)
            break;
        if (errno != EEXIST)
            return -1;
    }
    *last = t;
    return 0;
}

struct survey {
    uint32_t n;
    uint64_t total, size; /* of all; of the oldest */
    char oldest[LOGARCHIVE_NAME + 1];
};

/* Looks at the archives whose names are greater than after. */
static int look(int fd, int sizes, char const *after, struct survey *s)
{
    _Alignas(struct dent) char buf[4096];
    struct stat st = {.st_size = 0};
    long len;
    *s = (struct survey){.n = 0};
    if (lseek(fd, 0, SEEK_SET) < 0)
        return -1;
    while ((len = dents_read(fd, buf, sizeof buf)) > 0)
        for (long at = 0; at < len;) {
            struct dent const *d = dents_next(buf, &at);
            if (!logarchive_is(d->name) || strcmp(d->name, after) <= 0)
                continue;
            if (sizes && fstatat(fd, d->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                continue;
            s->total += (uint64_t)st.st_size;
            if (!s->n++ || strcmp(d->name, s->oldest) < 0) {
                memcpy(s->oldest, d->name, sizeof s->oldest);
                s->size = (uint64_t)st.st_size;
            }
        }
    return len < 0 ? -1 : 0;
}

int logarchive_trim(int dirfd, uint32_t keep, uint64_t total, char *stuck)
{
    struct survey s;
    char after[LOGARCHIVE_NAME + 1] = "";
    int e = 0, r;
    memcpy(stuck, ".", 2);
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    while ((r = look(fd, total != 0, after, &s)) == 0 &&
           (s.n > keep || (total && s.total > total))) {
        memcpy(after, s.oldest, sizeof after);
        if (unlinkat(fd, s.oldest, 0) < 0 && errno != ENOENT && !e) {
            e = errno;
            memcpy(stuck, s.oldest, sizeof s.oldest);
        }
    }
    close_keeping_errno(fd);
    if (!e)
        return r;
    errno = e;
    return -1;
}
