#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sig.h>

#include <cairn/readycheck.h>
#include <cairn/servicedir.h>

/* Reads the first line of name into s (size bytes with the NUL). A line that does not fit is
   invalid. Returns 1, 0 or -1 as the functions of the header. */
static int first_line(int dirfd, char const *name, char *s, size_t size)
{
    int fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd == -1)
        return errno == ENOENT ? 0 : -1;
    ssize_t n = fd_read(fd, s, size); /* one read: these files are a few bytes */
    int e = errno;
    close(fd);
    if (n == -1) {
        errno = e;
        return -1;
    }
    char *newline = memchr(s, '\n', (size_t)n);
    if (!newline && (size_t)n == size) {
        errno = EINVAL;
        return -1;
    }
    *(newline ? newline : s + n) = 0;
    return 1;
}

int servicedir_uint(int dirfd, char const *name, uint32_t *value)
{
    char s[12]; /* UINT32_MAX has 10 digits */
    int r = first_line(dirfd, name, s, sizeof s);
    if (r < 1)
        return r;
    uint64_t n = 0;
    for (char *p = s; *p; p++) {
        if (*p < '0' || *p > '9')
            goto invalid;
        n = n * 10 + (unsigned int)(*p - '0');
    }
    if (!*s || n > UINT32_MAX)
        goto invalid;
    *value = (uint32_t)n;
    return 1;
invalid:
    errno = EINVAL;
    return -1;
}

int servicedir_signal(int dirfd, char const *name, int *sig)
{
    char s[16];
    int r = first_line(dirfd, name, s, sizeof s);
    if (r < 1)
        return r;
    int n;
    if (sig0_scan(s, &n) && n > 0 && n < NSIG) {
        *sig = n;
        return 1;
    }
    errno = EINVAL;
    return -1;
}

int servicedir_exists(int dirfd, char const *name)
{
    /* musl's faccessat has a kilobyte of stack for what is not wanted here */
    if (syscall(SYS_faccessat, dirfd, name, F_OK) == 0)
        return 1;
    return errno == ENOENT ? 0 : -1;
}

int servicedir_announces(int dirfd)
{
    struct readycheck r;
    unsigned int line;
    char const *why;
    if (servicedir_exists(dirfd, SERVICEDIR_NOTIFICATION_FD) == 1)
        return 1;
    if (servicedir_exists(dirfd, SERVICEDIR_READY_CHECK) != 1)
        return 0;
    readycheck_init(&r);
    return readycheck_file(&r, dirfd, SERVICEDIR_READY_CHECK, &line, &why) == 0;
}
