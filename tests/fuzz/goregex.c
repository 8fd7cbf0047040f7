/* A pattern, what replaces, and a text, each but the last ended by a newline. */

#include <cairn/goregex.h>

#include "fuzz.h"

enum { GROUPS = 8 };

static void find(struct goregex const *re, struct pool *pool, char const *text, size_t n)
{
    size_t place[GROUPS * 2];
    if (goregex_find(re, pool, text, n, 0, place, GROUPS) != 1)
        return;
    for (size_t i = 0; i < GROUPS; i++) {
        size_t begin = place[i * 2];
        size_t end = place[i * 2 + 1];
        if (begin == (size_t)-1 && end == (size_t)-1)
            HOLDS(i);
        else
            HOLDS(begin <= end && end <= n && place[0] <= begin && end <= place[1]);
    }
}

/* Takes a line. */
static char *line(uint8_t const **data, size_t *size, size_t *n)
{
    uint8_t const *newline = *size ? memchr(*data, '\n', *size) : NULL;
    *n = newline ? (size_t)(newline - *data) : *size;
    char *copy = malloc(*n + !*n);
    HOLDS(copy);
    if (*n)
        memcpy(copy, *data, *n);
    size_t took = *n + (newline != NULL);
    *data += took;
    *size -= took;
    return copy;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    size_t n;
    size_t withlen;
    char why[GOREGEX_WHY] = "";
    stralloc out = STRALLOC_ZERO;
    pool_init(&pool, 4 << 20);
    char *pattern = line(&data, &size, &n);
    char *with = line(&data, &size, &withlen);
    struct goregex *re = goregex_compile(&pool, pattern, n, why);
    free(pattern); /* nothing of it is needed any more */
    if (re) {
        HOLDS(goregex_groups(re) >= 1);
        find(re, &pool, (char const *)data, size);
        if (goregex_replace(re, &pool, (char const *)data, size, with, withlen, 1, &out))
            HOLDS(out.len <= size + (size + 1) * withlen);
        out.len = 0;
        goregex_replace(re, &pool, (char const *)data, size, with, withlen, 0, &out);
    } else
        HOLDS(*why && strlen(why) < GOREGEX_WHY);
    stralloc_free(&out);
    free(with);
    pool_free(&pool);
    return 0;
}
