#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cairn/lines.h>

void lines_init(struct lines *l, int fd)
{
    l->fd = fd;
    l->skipping = 0;
    l->number = 0;
    l->skipped = 0;
    l->pos = 0;
    l->len = 0;
}

int lines_open(struct lines *l, char const *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -1;
    lines_init(l, fd);
    return 0;
}

void lines_close(struct lines *l)
{
    int e = errno;
    close(l->fd);
    errno = e;
}

/* Reads more behind what is kept. Returns the number of bytes, 0 at the end, -1 with errno. */
static ssize_t fill(struct lines *l)
{
    ssize_t r;
    memmove(l->buf, l->buf + l->pos, l->len - l->pos);
    l->len -= l->pos;
    l->pos = 0;
    do
        r = read(l->fd, l->buf + l->len, LINES_MAX + 1 - l->len);
    while (r < 0 && errno == EINTR);
    if (r > 0)
        l->len += (size_t)r;
    return r;
}

/* A line ends. Returns whether it is to be handed out. */
static int count(struct lines *l)
{
    int whole = !l->skipping;
    l->number++;
    l->skipped += !whole;
    l->skipping = 0;
    return whole;
}

int lines_next(struct lines *l, char **line)
{
    for (;;) {
        char *start = l->buf + l->pos;
        char *newline = memchr(start, '\n', l->len - l->pos);
        if (newline) {
            *newline = 0;
            l->pos = (size_t)(newline - l->buf) + 1;
            if (!count(l))
                continue;
            *line = start;
            return 1;
        }
        if (l->len - l->pos == LINES_MAX + 1) {
            l->skipping = 1;
            l->pos = l->len;
        }
        ssize_t r = fill(l);
        if (r < 0)
            return -1;
        if (r)
            continue;
        if ((!l->len && !l->skipping) || !count(l))
            return 0;
        l->buf[l->len] = 0;
        *line = l->buf;
        l->pos = l->len;
        return 1;
    }
}

char *lines_word(char **s)
{
    static char const blanks[] = " \t\r\f\v";
    char *start = *s + strspn(*s, blanks);
    if (!*start)
        return NULL;
    *s = start + strcspn(start, blanks);
    if (**s)
        *(*s)++ = 0;
    return start;
}
