#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cairn/resolvtake.h>

struct text {
    char *s;
    size_t n;
    size_t size;
    int full;
};

static void put(struct text *t, char const *s, size_t n)
{
    if (n > t->size - t->n)
        t->full = 1;
    else {
        memcpy(t->s + t->n, s, n);
        t->n += n;
    }
}

static ssize_t finish(struct text const *t)
{
    if (!t->full)
        return (ssize_t)t->n;
    errno = E2BIG;
    return -1;
}

static int begins(char const *s, size_t n, char const *prefix)
{
    size_t len = strlen(prefix);
    return n >= len && !memcmp(s, prefix, len);
}

static int ends(char const *s, size_t n, char const *suffix)
{
    size_t len = strlen(suffix);
    while (n && strchr(" \t\r", s[n - 1]))
        n--;
    return n >= len && !memcmp(s + n - len, suffix, len);
}

/* The length of the line at s, its newline included if it has one. */
static size_t line_length(char const *s, size_t n)
{
    char const *newline = memchr(s, '\n', n);
    return newline ? (size_t)(newline - s) + 1 : n;
}

static size_t without_newline(char const *s, size_t n)
{
    return n && s[n - 1] == '\n' ? n - 1 : n;
}

static size_t without_blanks(char const *s, size_t n)
{
    while (n && strchr(" \t\r\n", s[n - 1]))
        n--;
    return n;
}

/* Is the line at next what the mark at s, which ends in RESOLVTAKE_ADDED, stands for? */
static int is_marked(char const *s, size_t n, char const *next, size_t next_len)
{
    n = without_blanks(s, n) - strlen(RESOLVTAKE_ADDED);
    next_len = without_blanks(next, next_len);
    return n > 2 && begins(s, n, "# ") && next_len == n - 2 && !memcmp(next, s + 2, n - 2);
}

ssize_t resolvtake_clean(char *out, size_t size, char const *text, size_t n)
{
    struct text t = {.s = out, .size = size};
    for (size_t len; n; text += len, n -= len) {
        len = line_length(text, n);
        if (ends(text, without_newline(text, len), RESOLVTAKE_ADDED)) {
            size_t next_len = line_length(text + len, n - len);
            if (is_marked(text, len, text + len, next_len))
                len += next_len;
            continue;
        }
        size_t skip = 0;
        /* more than one: of two that both thought to be the first */
        while (begins(text + skip, len - skip, RESOLVTAKE_DISABLED))
            skip += strlen(RESOLVTAKE_DISABLED);
        put(&t, text + skip, len - skip);
    }
    return finish(&t);
}

static int is_nameserver(char const *s, size_t n)
{
    static char const word[] = "nameserver";
    while (n && (*s == ' ' || *s == '\t')) {
        s++;
        n--;
    }
    return begins(s, n, word) && n > sizeof word - 1 && strchr(" \t", s[sizeof word - 1]);
}

ssize_t resolvtake_take(char *out, size_t size, char const *text, size_t n,
                        struct netaddr const *own)
{
    struct text t = {.s = out, .size = size};
    char address[NETADDR_FMT];
    netaddr_fmt(address, own);
    put(&t, "# nameserver ", 13);
    put(&t, address, strlen(address));
    put(&t, RESOLVTAKE_ADDED "\nnameserver ", strlen(RESOLVTAKE_ADDED "\nnameserver "));
    put(&t, address, strlen(address));
    put(&t, "\n", 1);
    for (size_t len; n; text += len, n -= len) {
        len = line_length(text, n);
        if (is_nameserver(text, len))
            put(&t, RESOLVTAKE_DISABLED, strlen(RESOLVTAKE_DISABLED));
        put(&t, text, len);
    }
    return finish(&t);
}

/* Reads the whole file. Returns its length, -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
    size_t n = 0;
    for (;;) {
        ssize_t r = pread(fd, buf + n, size - n, (off_t)n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (!r)
            return (ssize_t)n;
        n += (size_t)r;
        if (n == size) {
            errno = E2BIG;
            return -1;
        }
    }
}

/* First what is new, then the end: who reads meanwhile finds servers at any time. */
static int write_all(int fd, char const *buf, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = pwrite(fd, buf + done, n - done, (off_t)done);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        done += (size_t)r;
    }
    while (ftruncate(fd, (off_t)n) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

int resolvtake_file(int fd, struct netaddr const *own)
{
    char was[RESOLVTAKE_MAX];
    char clean[RESOLVTAKE_MAX];
    char taken[RESOLVTAKE_MAX];
    char const *new = clean;
    ssize_t had = read_all(fd, was, sizeof was);
    if (had < 0)
        return -1;
    ssize_t n = resolvtake_clean(clean, sizeof clean, was, (size_t)had);
    if (n >= 0 && own) {
        n = resolvtake_take(taken, sizeof taken, clean, (size_t)n, own);
        new = taken;
    }
    if (n < 0)
        return -1;
    if (n == had && !memcmp(was, new, (size_t)n))
        return 0;
    return write_all(fd, new, (size_t)n) < 0 ? -1 : 1;
}

int resolvtake_read(struct resolvconf *c, char const *file)
{
    char was[RESOLVTAKE_MAX];
    char clean[RESOLVTAKE_MAX + 1];
    resolvconf_init(c);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read_all(fd, was, sizeof was);
    int e = errno;
    close(fd);
    errno = e;
    if (n >= 0)
        n = resolvtake_clean(clean, sizeof clean - 1, was, (size_t)n);
    if (n < 0)
        return -1;
    clean[n] = 0;
    char *rest = clean;
    for (char *line; (line = strsep(&rest, "\n"));)
        resolvconf_line(c, line);
    return 0;
}
