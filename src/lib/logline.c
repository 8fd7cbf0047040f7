#include <string.h>

#include <cairn/logline.h>

/* GNU vectors, which the compilers turn into what the machine has: the C library's memchr is slow
   in static programs, and this is where svlog spends its time. */
typedef unsigned char block __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

static block load(char const *p)
{
    block b;
    memcpy(&b, p, sizeof b);
    return b;
}

/* Is there a NUL among the n bytes? */
static int has_nul(char const *p, size_t n)
{
    block zero = {0}, found = {0};
    for (; n >= 64; p += 64, n -= 64) {
        block a = load(p) == zero, b = load(p + 16) == zero;
        block c = load(p + 32) == zero, d = load(p + 48) == zero;
        found |= (a | b) | (c | d);
    }
    halves h = (halves)found;
    return (h[0] | h[1]) || (n && memchr(p, 0, n));
}

char const *logline_newline(char const *p)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    block nl;
    memset(&nl, '\n', sizeof nl);
    for (;; p += 16) {
        halves h = (halves)(load(p) == nl);
        if (h[0])
            return p + __builtin_ctzll(h[0]) / 8;
        if (h[1])
            return p + 8 + __builtin_ctzll(h[1]) / 8;
    }
#else
    return rawmemchr(p, '\n');
#endif
}

static void nuls_to_newlines(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!p[i])
            p[i] = '\n';
}

static void insert_newline(struct logline *l, size_t at)
{
    memmove(l->buf + at + 1, l->buf + at, l->end - at);
    l->buf[at] = '\n';
    l->end++;
}

void logline_add(struct logline *l, size_t n)
{
    size_t from = l->end;
    l->end += n;
    if (has_nul(l->buf + from, n))
        nuls_to_newlines(l->buf + from, n);
    /* from newline to newline in steps as long as a line may be */
    while (l->limit && l->end - l->complete > l->limit) {
        char *p = memrchr(l->buf + l->complete, '\n', l->limit + 1);
        if (!p) {
            insert_newline(l, l->complete + l->limit);
            p = l->buf + l->complete + l->limit;
        }
        l->complete = (size_t)(p - l->buf) + 1;
    }
    if (from < l->complete)
        from = l->complete;
    char *last = memrchr(l->buf + from, '\n', l->end - from);
    if (last)
        l->complete = (size_t)(last - l->buf) + 1;
}

void logline_finish(struct logline *l)
{
    if (l->complete < l->end) {
        l->buf[l->end++] = '\n';
        l->complete = l->end;
    }
}

void logline_compact(struct logline *l)
{
    if (!l->start)
        return;
    memmove(l->buf, l->buf + l->start, l->end - l->start);
    l->complete -= l->start;
    l->end -= l->start;
    l->start = 0;
}

size_t logline_fit(char const *p, size_t n, uint64_t size, uint64_t threshold, uint64_t max)
{
    if (size + n < threshold)
        return n;
    size_t from = threshold > size + 1 ? (size_t)(threshold - size - 1) : 0;
    char const *nl = memchr(p + from, '\n', n - from);
    size_t end = nl ? (size_t)(nl - p) + 1 : n;
    if (size + end <= max)
        return end;
    nl = memrchr(p, '\n', from);
    if (nl)
        return (size_t)(nl - p) + 1;
    return size ? 0 : end;
}
