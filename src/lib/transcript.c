#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/say.h>
#include <cairn/transcript.h>

void transcript_init(struct transcript *t, int fd, unsigned int verbosity)
{
    t->fd = fd;
    t->waits = 0;
    t->json = say_is_json();
    t->verbosity = verbosity;
    t->len = 0;
}

void transcript_init_nonblocking(struct transcript *t, int fd, unsigned int verbosity)
{
    char path[32] = "/proc/self/fd/";
    struct stat st;
    transcript_init(t, fd, verbosity);
    if (fstat(fd, &st) < 0 || S_ISREG(st.st_mode))
        return;
    t->waits = 1;
    if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
        return;
    /* O_NONBLOCK on fd itself would change it for everybody who shares it */
    path[14 + uint_fmt(path + 14, (unsigned int)fd)] = 0;
    int nonblocking = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (nonblocking < 0)
        return;
    t->fd = nonblocking;
    t->waits = 0;
}

/* Adds what is whole, or drops it. */
static void add(struct transcript *t, char const *s, size_t len)
{
    if (len > sizeof t->buf - t->len)
        transcript_flush(t);
    if (len > sizeof t->buf - t->len)
        return;
    memcpy(t->buf + t->len, s, len);
    t->len += len;
}

/* The same lines as objects. */
static void put_json(struct transcript *t, unsigned int level, char const *const *s, size_t n)
{
    char text[TRANSCRIPT_SIZE];
    char object[TRANSCRIPT_SIZE];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = strnlen(s[i], sizeof text - len);
        memcpy(text + len, s[i], k);
        len += k;
    }
    for (char const *line = text, *end = text + len; line < end;) {
        char const *newline = memchr(line, '\n', (size_t)(end - line));
        size_t k = (size_t)((newline ? newline : end) - line);
        add(t, object,
            say_json_now(object, sizeof object,
                         level >= TRANSCRIPT_NORMAL ? SAY_INFO
                         : level > TRANSCRIPT_FATAL ? SAY_WARNING
                                                    : SAY_FATAL,
                         line, k));
        line += k + 1;
    }
}

void transcript_put(struct transcript *t, unsigned int level, char const *const *s, size_t n)
{
    size_t len = 0;
    if (level > t->verbosity)
        return;
    if (t->json) {
        put_json(t, level, s, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        len += strlen(s[i]);
    if (len > sizeof t->buf - t->len)
        transcript_flush(t);
    if (len > sizeof t->buf - t->len)
        return;
    for (size_t i = 0; i < n; i++) {
        len = strlen(s[i]);
        memcpy(t->buf + t->len, s[i], len);
        t->len += len;
    }
}

static ssize_t write_some(struct transcript const *t, char const *s, size_t len)
{
    struct pollfd p = {.fd = t->fd, .events = POLLOUT};
    if (t->waits) {
        if (len > PIPE_BUF / 8)
            len = PIPE_BUF / 8;
        if (poll(&p, 1, 0) != 1) {
            errno = EAGAIN;
            return -1;
        }
    }
    ssize_t w;
    do
        w = write(t->fd, s, len);
    while (w < 0 && errno == EINTR);
    return w;
}

int transcript_flush(struct transcript *t)
{
    size_t done = 0;
    int e = 0;
    while (done < t->len) {
        ssize_t w = write_some(t, t->buf + done, t->len - done);
        if (w < 0) {
            e = errno;
            if (e != EAGAIN)
                done = t->len;
            break;
        }
        done += (size_t)w;
    }
    t->len -= done;
    memmove(t->buf, t->buf + done, t->len);
    if (!e)
        return 0;
    errno = e;
    return -1;
}
