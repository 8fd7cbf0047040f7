#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <cairn/linefilter.h>

static char in[LINEFILTER_IN];
static char out[LINEFILTER_OUT];

/* Was it only that fd would block? Then waits until it does not. */
static int try_again(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    if (errno == EINTR)
        return 1;
    if (errno != EAGAIN)
        return 0;
    return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

static ssize_t read_some(char *to, size_t len)
{
    ssize_t r;
    do
        r = read(0, to, len);
    while (r < 0 && try_again(0, POLLIN));
    return r;
}

static void flush(struct linefilter *f)
{
    size_t done = 0;
    while (done < f->outlen && !f->error) {
        ssize_t r = write(1, out + done, f->outlen - done);
        if (r >= 0)
            done += (size_t)r;
        else if (!try_again(1, POLLOUT))
            f->error = errno;
    }
    f->outlen = 0;
}

void linefilter_put(struct linefilter *f, char const *s, size_t len)
{
    while (len) {
        size_t n = LINEFILTER_OUT - f->outlen;
        if (!n) {
            flush(f);
            continue;
        }
        if (n > len)
            n = len;
        memcpy(out + f->outlen, s, n);
        f->outlen += n;
        s += n;
        len -= n;
    }
}

/* The end of the line that starts at s, or NULL. */
static char const *line_end(struct linefilter const *f, char const *s, size_t len)
{
    char const *end = memchr(s, '\n', len);
    if (f->nul_ends) {
        char const *nul = memchr(s, 0, end ? (size_t)(end - s) : len);
        if (nul)
            return nul;
    }
    return end;
}

/* The whole line, or, where continued says so, a further piece of it. */
static void put_line(struct linefilter *f, int continued, char const *s, size_t len)
{
    size_t used = continued ? 0 : f->head(f, s, len);
    linefilter_put(f, s + used, len - used);
}

/* Puts the complete lines of the len bytes of in. Returns how many bytes they take. */
static size_t put_lines(struct linefilter *f, size_t len, int *continued)
{
    size_t at = 0;
    for (char const *end; !f->error && (end = line_end(f, in + at, len - at));) {
        put_line(f, *continued, in + at, (size_t)(end - in) - at);
        linefilter_put(f, "\n", 1);
        *continued = 0;
        at = (size_t)(end - in) + 1;
    }
    return at;
}

static int failed(char const **what, char const *why, int e)
{
    *what = why;
    errno = e;
    return -1;
}

int linefilter_run(struct linefilter *f, char const **what)
{
    int continued = 0;
    size_t len = 0;
    f->error = 0;
    f->outlen = 0;
    for (;;) {
        ssize_t r = read_some(in + len, sizeof in - len);
        if (r < 0)
            return failed(what, "read standard input", errno);
        if (!r)
            break;
        len += (size_t)r;
        size_t used = put_lines(f, len, &continued);
        if (!used && len == sizeof in) {
            put_line(f, continued, in, len);
            continued = 1;
            used = len;
        }
        flush(f);
        if (f->error)
            return failed(what, "write to standard output", f->error);
        len -= used;
        memmove(in, in + used, len);
    }
    if (len)
        put_line(f, continued, in, len);
    if ((len || continued) && f->terminates)
        linefilter_put(f, "\n", 1);
    flush(f);
    return f->error ? failed(what, "write to standard output", f->error) : 0;
}
