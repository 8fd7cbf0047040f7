#include <errno.h>
#include <string.h>

#include <cairn/fifomatch.h>

enum { CHUNK = 512 };

int fifomatch_init(struct fifomatch *m, char const *regex)
{
    int r = regcomp(&m->re, regex, REG_EXTENDED | REG_NOSUB);
    if (r) {
        errno = r == REG_ESPACE ? ENOMEM : EINVAL;
        return -1;
    }
    m->len = 0;
    m->has_dollar = !!strchr(regex, '$');
    m->max = m->has_dollar ? FIFOMATCH_MAX_DOLLAR : FIFOMATCH_MAX;
    m->has_forgotten = 0;
    return 0;
}

/* Is there a match in the first len bytes of what has been seen? */
static int matches(struct fifomatch *m, size_t len)
{
    char kept = m->seen[len];
    m->seen[len] = 0;
    int r = regexec(&m->re, m->seen, 0, NULL, m->has_forgotten ? REG_NOTBOL : 0);
    m->seen[len] = kept;
    return !r;
}

/* Appends up to CHUNK bytes without the NULs, making room first. Returns where they begin. */
static size_t append(struct fifomatch *m, char const *bytes, size_t n)
{
    if (m->len + n > m->max) {
        size_t half = m->len - m->max / 2;
        memmove(m->seen, m->seen + half, m->len - half);
        m->len -= half;
        m->has_forgotten = 1;
    }
    size_t old = m->len;
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            m->seen[m->len++] = bytes[i];
    return old;
}

/* Where the bytes from old on complete a match: the length up to there, or 0. One search tells that
   a chunk holds none, as long as further bytes cannot undo a match. */
static size_t find(struct fifomatch *m, size_t old)
{
    if (m->len > old && (m->has_dollar || matches(m, m->len)))
        for (size_t len = old + 1; len <= m->len; len++)
            if (matches(m, len))
                return len;
    return 0;
}

/* How many of the bytes make up n that are not NUL. */
static size_t bytes_for(char const *bytes, size_t n)
{
    size_t i = 0;
    while (n)
        n -= !!bytes[i++];
    return i;
}

int fifomatch_feed(struct fifomatch *m, char const *bytes, size_t n, size_t *used)
{
    for (*used = 0; *used < n;) {
        char const *chunk = bytes + *used;
        size_t size = n - *used < CHUNK ? n - *used : CHUNK;
        size_t old = append(m, chunk, size);
        size_t at = find(m, old);
        if (at) {
            *used += bytes_for(chunk, at - old);
            m->len = 0;
            m->has_forgotten = 0;
            return (unsigned char)m->seen[at - 1];
        }
        *used += size;
    }
    return 0;
}

void fifomatch_end(struct fifomatch *m)
{
    regfree(&m->re);
}
