#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <cairn/ctdep.h>
#include <cairn/urlescape.h>

/* The part of each kind's name before the parenthesis, and of its path before the query. */
static struct {
    char const *name;
    char const *path;
} const kinds[] = {
    [CTDEP_BLOCK] = {"kv.block", "/v1/kv/"},
    [CTDEP_GET] = {"kv.get", "/v1/kv/"},
    [CTDEP_LIST] = {"kv.list", "/v1/kv/"},
    [CTDEP_SERVICE] = {"health.service", "/v1/health/service/"},
    [CTDEP_CONNECT] = {"health.connect", "/v1/health/connect/"},
    [CTDEP_SERVICES] = {"catalog.services", "/v1/catalog/services"},
    [CTDEP_NODE] = {"catalog.node", "/v1/catalog/node/"},
    [CTDEP_NODES] = {"catalog.nodes", "/v1/catalog/nodes"},
    [CTDEP_DATACENTERS] = {"catalog.datacenters", "/v1/catalog/datacenters"},
    [CTDEP_SELF] = {"agent.self", "/v1/agent/self"},
    [CTDEP_ROOTS] = {"connect.caroots", "/v1/agent/connect/ca/roots"},
    [CTDEP_LEAF] = {"connect.caleaf", "/v1/agent/connect/ca/leaf/"},
    [CTDEP_FILE] = {"file", ""},
};

/* In the order of their bits, which is also that of their names in a dependency's. */
static char const *const filters[] = {"passing", "warning", "critical", "maintenance"};

enum { FILTERS = sizeof filters / sizeof *filters, WORD_MAX = 2048 };

/* Bytes of a word. */
struct part {
    char const *s;
    size_t n;
};

struct words {
    struct part tag, name, dc, near;
    unsigned int filter;
};

/* ---- reading */

/* How many bytes at the beginning of s may be in a name: letters, digits, _ - and those in more. */
static size_t span(char const *s, char const *more)
{
    size_t n = 0;
    while (s[n] &&
           (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-' || strchr(more, s[n])))
        n++;
    return n;
}

static int invalid(enum ctdep_kind kind, char const *what, char const *word, char why[CTDEP_WHY])
{
    snprintf(why, CTDEP_WHY, "%s: invalid %s: \"%.160s\"",
             kind == CTDEP_BLOCK ? "kv.get" : kinds[kind].name, what, word);
    return 0;
}

/* Takes a part that mark opens, if it stands at *s. Returns 0 where the part is empty. */
static int take(char const **s, char mark, struct part *part)
{
    if (**s != mark)
        return 1;
    part->s = *s + 1;
    part->n = span(part->s, ".");
    *s = part->s + part->n;
    return part->n > 0;
}

static unsigned int filter_bit(char const *s, size_t n)
{
    if (n == 3 && !memcmp(s, "any", 3))
        return CTDEP_ANY;
    for (unsigned int i = 0; i < FILTERS; i++)
        if (strlen(filters[i]) == n && !memcmp(filters[i], s, n))
            return 1U << i;
    return 0;
}

/* Reads names with commas (or |) between them. */
static int read_filters(enum ctdep_kind kind, char const *s, unsigned int *set, char why[CTDEP_WHY])
{
    for (char const *at = s; *at;) {
        size_t n = strcspn(at, ",|");
        size_t left = 0;
        while (left < n && at[left] == ' ')
            left++;
        size_t right = n;
        while (right > left && at[right - 1] == ' ')
            right--;
        unsigned int bit = filter_bit(at + left, right - left);
        if (!bit && right > left)
            return invalid(kind, "filter (any, passing, warning, critical, maintenance)", s, why);
        *set |= bit;
        at += n + (at[n] != 0);
    }
    return 1;
}

static int read_service(enum ctdep_kind kind, char const *const *word, size_t n, struct words *w,
                        char why[CTDEP_WHY])
{
    char const *s = word[0];
    size_t all = span(s, ".:=");
    size_t dot = all;
    while (dot && s[dot - 1] != '.')
        dot--;
    if (dot)
        w->tag = (struct part){s, dot - 1};
    w->name = (struct part){s + dot, all - dot};
    if (!w->name.n || (dot && !w->tag.n) || span(w->name.s, "") < w->name.n)
        return invalid(kind, "format", s, why);
    char const *at = s + all;
    if (!take(&at, '@', &w->dc) || !take(&at, '~', &w->near) || (*at && *at != '|'))
        return invalid(kind, "format", s, why);
    if (*at && !read_filters(kind, at + 1, &w->filter, why))
        return 0;
    for (size_t i = 1; i < n; i++)
        if (!read_filters(kind, word[i], &w->filter, why))
            return 0;
    if (!w->filter)
        w->filter = CTDEP_PASSING;
    return 1;
}

/* A key, or what keys begin with: anything but @, one slash before it left out. */
static int read_key(enum ctdep_kind kind, char const *s, struct words *w, char why[CTDEP_WHY])
{
    char const *at = s + (*s == '/');
    w->name = (struct part){at, strcspn(at, "@")};
    at += w->name.n;
    if ((!w->name.n && kind != CTDEP_LIST) || !take(&at, '@', &w->dc) || *at)
        return invalid(kind, "format", s, why);
    return 1;
}

static int read_place(enum ctdep_kind kind, char const *s, struct words *w, char why[CTDEP_WHY])
{
    char const *at = s;
    if (kind == CTDEP_NODE || kind == CTDEP_LEAF) {
        w->name = (struct part){s, span(s, ".")};
        at += w->name.n;
        if (!w->name.n)
            return invalid(kind, "format", s, why);
    }
    if (!take(&at, '@', &w->dc) || (kind == CTDEP_NODES && !take(&at, '~', &w->near)) || *at)
        return invalid(kind, "format", s, why);
    return 1;
}

static int read_words(enum ctdep_kind kind, char const *const *word, size_t n, struct words *w,
                      char why[CTDEP_WHY])
{
    char const *s = n ? word[0] : "";
    if (strlen(s) > WORD_MAX)
        return invalid(kind, "format (it is too long)", s, why);
    switch (kind) {
    case CTDEP_SERVICE:
    case CTDEP_CONNECT:
        return read_service(kind, word, n, w, why);
    case CTDEP_BLOCK:
    case CTDEP_GET:
    case CTDEP_LIST:
        return read_key(kind, s, w, why);
    case CTDEP_FILE:
        w->name = (struct part){s, strlen(s)};
        return 1;
    default:
        return read_place(kind, s, w, why);
    }
}

/* ---- writing */

/* Bytes that are put one after another; room is enough for what one dependency can have. */
struct text {
    char s[(4 * WORD_MAX) + 256];
    size_t n;
};

static void put(struct text *t, char const *s, size_t n)
{
    memcpy(t->s + t->n, s, n);
    t->n += n;
}

static void puts_(struct text *t, char const *s)
{
    put(t, s, strlen(s));
}

static void put_escaped(struct text *t, struct part const *part)
{
    t->n += urlescape(t->s + t->n, part->s, part->n);
}

static void put_marked(struct text *t, char const *mark, struct part const *part)
{
    if (!part->n)
        return;
    puts_(t, mark);
    put(t, part->s, part->n);
}

static void put_filters(struct text *t, unsigned int set)
{
    char const *between = "|";
    if (set == CTDEP_ANY) {
        puts_(t, "|any");
        return;
    }
    for (unsigned int i = 0; i < FILTERS; i++)
        if (set & (1U << i)) {
            puts_(t, between);
            puts_(t, filters[i]);
            between = ",";
        }
}

static void write_name(struct text *t, enum ctdep_kind kind, struct words const *w)
{
    struct text in = {.n = 0};
    put(&in, w->tag.s, w->tag.n);
    if (w->tag.n)
        puts_(&in, ".");
    put(&in, w->name.s, w->name.n);
    put_marked(&in, "@", &w->dc);
    put_marked(&in, "~", &w->near);
    if (kind == CTDEP_SERVICE || kind == CTDEP_CONNECT)
        put_filters(&in, w->filter);
    puts_(t, kinds[kind].name);
    if (!in.n)
        return;
    puts_(t, "(");
    put(t, in.s, in.n);
    puts_(t, ")");
}

static void put_query(struct text *t, char const **between, char const *name,
                      struct part const *value)
{
    if (!value->n)
        return;
    puts_(t, *between);
    puts_(t, name);
    put_escaped(t, value);
    *between = "&";
}

static void write_path(struct text *t, enum ctdep_kind kind, struct words const *w)
{
    char const *between = "?";
    puts_(t, kinds[kind].path);
    if (kind == CTDEP_FILE) {
        put(t, w->name.s, w->name.n);
        return;
    }
    put_escaped(t, &w->name);
    if (kind == CTDEP_LIST) {
        puts_(t, "?recurse=");
        between = "&";
    }
    put_query(t, &between, "dc=", &w->dc);
    put_query(t, &between, "near=", &w->near);
    put_query(t, &between, "tag=", &w->tag);
    if (w->filter == CTDEP_PASSING)
        put_query(t, &between, "passing=", &(struct part){"1", 1});
}

int ctdep_read(struct ctdep *d, enum ctdep_kind kind, char const *const *word, size_t words,
               struct pool *p, char why[CTDEP_WHY])
{
    struct words w = {.tag = {"", 0}, .name = {"", 0}, .dc = {"", 0}, .near = {"", 0}};
    struct text name = {.n = 0};
    struct text path = {.n = 0};
    if (!read_words(kind, word, words, &w, why))
        return 0;
    write_name(&name, kind, &w);
    write_path(&path, kind, &w);
    d->kind = kind;
    d->filter = w.filter;
    d->is_near = w.near.n > 0;
    d->name = pool_copy(p, name.s, name.n);
    d->path = pool_copy(p, path.s, path.n);
    d->prefix = pool_copy(p, w.name.s, w.name.n);
    if (d->name && d->path && d->prefix)
        return 1;
    snprintf(why, CTDEP_WHY, "%s", pool_why());
    return 0;
}

int ctdep_copy(struct ctdep *to, struct ctdep const *d, struct pool *p)
{
    *to = *d;
    to->name = pool_copy(p, d->name, strlen(d->name));
    to->path = pool_copy(p, d->path, strlen(d->path));
    to->prefix = pool_copy(p, d->prefix, strlen(d->prefix));
    return to->name && to->path && to->prefix;
}
