#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h> /* rename */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include <cairn/logsink.h>

int logsink_reserve(struct logsink *s, size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return -1;
    s->buf = p;
    s->size = size;
    s->start = s->end = 0;
    return 0;
}

int logsink_room(struct logsink *s, size_t n, int64_t now)
{
    if (s->size - s->end >= n)
        return 1;
    if (!logsink_flush(s, now)) {
        memmove(s->buf, s->buf + s->start, s->end - s->start);
        s->end -= s->start;
        s->start = 0;
        return s->size - s->end >= n;
    }
    if (s->size >= n)
        return 1;
    void *p = mremap(s->buf, s->size, n * 2, MREMAP_MAYMOVE);
    if (p == MAP_FAILED)
        return 0;
    s->buf = p;
    s->size = n * 2;
    return 1;
}

/* The last line of the n bytes replaces the file, padded with newlines or cut to its size. */
static int write_status(struct logsink *s, char const *p, size_t n)
{
    char name[PATH_MAX], newlines[256];
    memset(newlines, '\n', sizeof newlines);
    size_t len = strlen(s->path);
    if (len + 5 > sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, s->path, len);
    memcpy(name + len, ".new", 5);
    char const *line = memrchr(p, '\n', n - 1);
    if (line) {
        n -= (size_t)(line + 1 - p);
        p = line + 1;
    }
    if (s->pad && n > s->pad)
        n = s->pad;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    int ok = allwrite(fd, p, n) == n;
    for (size_t w; ok && n < s->pad; n += w) {
        w = s->pad - n < sizeof newlines ? s->pad - n : sizeof newlines;
        ok = allwrite(fd, newlines, w) == w;
    }
    int e = errno;
    if (close(fd) < 0 && ok)
        ok = 0, e = errno;
    if (ok && rename(name, s->path) == 0)
        return 0;
    if (ok)
        e = errno;
    unlink(name);
    errno = e;
    return -1;
}

/* How much of the n bytes at p to write at once: whole lines of no more than a pipe takes as a
   whole, so that lines of several writers to it stay whole. */
static size_t piece(struct logsink const *s, char const *p, size_t n)
{
    if (n <= PIPE_BUF)
        return n;
    char const *newline = memrchr(p, '\n', PIPE_BUF);
    if (newline)
        return (size_t)(newline - p) + 1;
    if (s->waits)
        return PIPE_BUF;
    newline = memchr(p + PIPE_BUF, '\n', n - PIPE_BUF);
    return newline ? (size_t)(newline - p) + 1 : n;
}

static ssize_t put(struct logsink const *s, char const *p, size_t n)
{
    struct pollfd x = {.fd = s->fd, .events = POLLOUT};
    if (s->waits && poll(&x, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return write(s->fd, p, piece(s, p, n));
}

size_t logsink_write(struct logsink *s, char const *p, size_t n, int64_t now)
{
    if (s->kind == LOGSCRIPT_DIR)
        return logdir_write(&s->dir, p, n, now);
    if (s->kind == LOGSCRIPT_STATUS) {
        if (n && write_status(s, p, n) < 0)
            s->error = errno;
        return n;
    }
    size_t done = 0;
    while (done < n && s->fd >= 0) {
        ssize_t w = put(s, p + done, n - done);
        if (w >= 0) {
            done += (size_t)w;
        } else if (errno == EAGAIN) {
            return done;
        } else if (errno != EINTR) {
            s->error = errno;
            s->fd = -1;
        }
    }
    return n;
}

int logsink_flush(struct logsink *s, int64_t now)
{
    if (s->start < s->end)
        s->start += logsink_write(s, s->buf + s->start, s->end - s->start, now);
    if (s->start < s->end)
        return 0;
    s->start = s->end = 0;
    return 1;
}
