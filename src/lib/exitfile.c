#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#include <cairn/exitfile.h>

static int is_ours(struct stat const *st)
{
    return !st->st_mtim.tv_sec && !st->st_mtim.tv_nsec;
}

int exitfile_put(int dirfd, char const *path, int code, int fresh)
{
    static struct timespec const never[2] = {{.tv_nsec = UTIME_OMIT}, {0, 0}};
    char fmt[INT_FMT + 1];
    struct stat st;
    if (!fresh && !fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) && !is_ours(&st))
        return 0;
    size_t len = int_fmt(fmt, code & 255);
    fmt[len++] = '\n';
    int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                    0644);
    if (fd < 0)
        return -1;
    int r = allwrite(fd, fmt, len) == len ? futimens(fd, never) : -1;
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

int exitfile_get(int dirfd, char const *path, int *code)
{
    char buf[32];
    struct stat st;
    unsigned int u;
    /* nearly always it is as we left it, which one call tells */
    if (!fstatat(dirfd, path, &st, 0) && is_ours(&st))
        return 0;
    int fd = openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    if (fstat(fd, &st) < 0 || is_ours(&st)) {
        close(fd);
        return 0;
    }
    size_t n = allread(fd, buf, sizeof buf - 1);
    close(fd);
    while (n && strchr(" \t\r\n", buf[n - 1]))
        n--;
    buf[n] = 0;
    if (!uint0_scan(buf, &u)) {
        errno = EINVAL;
        return -1;
    }
    *code = (int)(u & 255);
    return 1;
}
