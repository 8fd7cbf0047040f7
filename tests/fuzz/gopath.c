/* The first line is a path and a pattern, each further one a name. */

#include <cairn/gopath.h>

#include "fuzz.h"

static char *pattern;

static char *clean_of(char const *s, size_t n, size_t *len)
{
    char *buf = malloc(n + 2);
    HOLDS(buf);
    *len = gopath_clean(buf, s, n);
    HOLDS(*len && *len <= n + !n && !buf[*len]);
    return buf;
}

/* A clean path stays itself, and has no parts that are nothing. */
static void path(char const *s, size_t n)
{
    size_t len;
    size_t again;
    char *clean = clean_of(s, n, &len);
    char *twice = clean_of(clean, len, &again);
    HOLDS(len == again && !memcmp(clean, twice, len));
    HOLDS((n && *s == '/') == (*clean == '/'));
    HOLDS(!memmem(clean, len, "//", 2) && !memmem(clean, len, "/./", 3));
    HOLDS(len == 1 || clean[len - 1] != '/');
    HOLDS(*clean != '/' || !memmem(clean, len, "/../", 4));
    free(twice);
    size_t base = n;
    char const *b = gopath_base(s, &base);
    HOLDS(base && (!memchr(b, '/', base) || base == 1));
    char *dir = malloc(n + 2);
    HOLDS(dir);
    len = gopath_dir(dir, s, n);
    HOLDS(len && len <= n + !n && !dir[len]);
    free(dir);
    free(clean);
}

/* The name itself, each byte behind a backslash, is a pattern that it matches. */
static void quoted(char const *name, size_t n)
{
    char *q = malloc(2 * n + 1);
    size_t k = 0;
    HOLDS(q);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)name[i] < 0x80)
            q[k++] = '\\';
        q[k++] = name[i];
    }
    HOLDS(gopath_match(q, k, name, n) == 1);
    q[k++] = '*'; /* nothing more is something too */
    HOLDS(gopath_match(q, k, name, n) == 1);
    free(q);
}

static void line(char *s)
{
    size_t n = strlen(s);
    path(s, n);
    if (!pattern) {
        pattern = strdup(s);
        HOLDS(pattern);
        return;
    }
    size_t np = strlen(pattern);
    int match = gopath_match(pattern, np, s, n);
    HOLDS(match >= -1 && match <= 1);
    HOLDS((match < 0) == (gopath_match(pattern, np, "", 0) < 0));
    HOLDS(match != 1 || strpbrk(pattern, "*?[\\") || (np == n && !memcmp(pattern, s, n)));
    quoted(s, n);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    pattern = NULL;
    fuzz_lines(data, size, line);
    free(pattern);
    return 0;
}
