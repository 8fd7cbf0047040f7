#include <string.h>

#include <cairn/gopath.h>
#include <cairn/utf8.h>

size_t gopath_clean(char *buf, char const *s, size_t n)
{
    int is_rooted = n && *s == '/';
    size_t floor = (size_t)is_rooted; /* what no .. goes back over */
    size_t len = floor;
    buf[0] = '/';
    for (size_t i = 0; i < n;) {
        char const *part = s + i;
        char const *slash = memchr(part, '/', n - i);
        size_t k = slash ? (size_t)(slash - part) : n - i;
        i += k + !!slash;
        if (!k || (k == 1 && *part == '.'))
            continue;
        int is_up = k == 2 && !memcmp(part, "..", 2);
        if (is_up && len > floor) {
            while (len > floor && buf[len - 1] != '/')
                len--;
            len -= len > floor;
            continue;
        }
        if (is_up && is_rooted)
            continue;
        if (len > (size_t)is_rooted)
            buf[len++] = '/';
        memcpy(buf + len, part, k);
        len += k;
        if (is_up)
            floor = len;
    }
    if (!len)
        buf[len++] = '.';
    buf[len] = 0;
    return len;
}

char const *gopath_base(char const *s, size_t *n)
{
    size_t len = *n;
    if (!len) {
        *n = 1;
        return ".";
    }
    while (len && s[len - 1] == '/')
        len--;
    size_t begin = len;
    while (begin && s[begin - 1] != '/')
        begin--;
    *n = len - begin;
    if (*n)
        return s + begin;
    *n = 1;
    return "/";
}

size_t gopath_dir(char *buf, char const *s, size_t n)
{
    while (n && s[n - 1] != '/')
        n--;
    return gopath_clean(buf, s, n);
}

/* One character of a class, maybe behind a backslash. Returns whether there is one. */
static int class_rune(char const **p, char const *end, unsigned int *rune)
{
    int ok;
    if (*p == end || **p == '-' || **p == ']')
        return 0;
    if (**p == '\\' && ++*p == end)
        return 0;
    *p += utf8_get(*p, (size_t)(end - *p), rune, &ok);
    return ok && *p < end; /* the ] is still to come */
}

/* A class, behind its [: does it have the character? -1: it is malformed. *p is behind its ] then.
 */
static int match_class(char const **p, char const *end, unsigned int rune)
{
    int is_negated = *p < end && **p == '^';
    int has = 0;
    unsigned int ranges = 0;
    *p += is_negated;
    for (; *p < end && !(**p == ']' && ranges); ranges++) {
        unsigned int low;
        if (!class_rune(p, end, &low))
            return -1;
        unsigned int high = low;
        if (**p == '-') {
            ++*p;
            if (!class_rune(p, end, &high))
                return -1;
        }
        has |= low <= rune && rune <= high;
    }
    if (*p == end)
        return -1;
    ++*p;
    return has != is_negated;
}

/* One character of the name against what stands at *p, which is not a star. 1, 0, -1 as above; *p
   is behind it. Without a name (n 0) it is looked at for its form only. */
static int match_one(char const **p, char const *end, char const *name, size_t n, size_t *used)
{
    unsigned int rune = 0;
    int ok = 0;
    *used = n ? utf8_get(name, n, &rune, &ok) : 0;
    switch (**p) {
    case '?':
        ++*p;
        return n && *name != '/';
    case '[':
        ++*p;
        int r = match_class(p, end, rune);
        return r < 0 ? -1 : r && n;
    case '\\':
        if (++*p == end)
            return -1;
        break;
    default:
        break;
    }
    /* bytes, not characters: what is no UTF-8 equals only itself */
    char const *want = *p;
    size_t k = utf8_get(want, (size_t)(end - want), &rune, &ok);
    *p += k;
    return k == *used && !memcmp(want, name, k);
}

/* Is the rest of the pattern well formed? */
static int is_sound(char const *p, char const *end)
{
    size_t used;
    while (p < end) {
        if (*p == '*')
            p++;
        else if (match_one(&p, end, "", 0, &used) < 0)
            return 0;
    }
    return 1;
}

int gopath_match(char const *pattern, size_t np, char const *name, size_t n)
{
    char const *end = pattern + np;
    char const *last = name + n;
    char const *star = NULL; /* behind the last star, and where what it matches ends */
    char const *retry = NULL;
    if (!is_sound(pattern, end))
        return -1;
    for (;;) {
        size_t used = 0;
        if (pattern < end && *pattern == '*') {
            star = ++pattern;
            retry = name;
            continue;
        }
        char const *before = pattern;
        if (pattern == end && name == last)
            return 1;
        if (pattern < end && name < last &&
            match_one(&pattern, end, name, (size_t)(last - name), &used) > 0) {
            name += used;
            continue;
        }
        pattern = before;
        if (!star || retry == last || *retry == '/')
            return 0;
        name = ++retry;
        pattern = star;
    }
}
