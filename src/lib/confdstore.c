#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/confdstore.h>
#include <cairn/gopath.h>
#include <cairn/tmplprint.h>

enum {
    KEY_MAX = 65536, /* bytes of a key that is being put together */
    DEPTH_MAX = 500  /* of maps and lists in one another */
};

void confdstore_init(struct confdstore *s, struct pool *p)
{
    *s = (struct confdstore){.pool = p};
}

static int add(struct confdstore *s, char const *key, char const *value)
{
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct confdpair *pair = pool_get(s->pool, room * sizeof *pair);
        if (!pair)
            return 0;
        if (s->n)
            memcpy(pair, s->pair, s->n * sizeof *pair);
        s->pair = pair;
        s->room = room;
    }
    s->pair[s->n] = (struct confdpair){key, value, s->n};
    s->n++;
    return 1;
}

/* Sets the n bytes at key, made clean and absolute. */
static int set(struct confdstore *s, char const *key, size_t n, char const *value)
{
    char *rooted = pool_get(s->pool, n + 1);
    char *clean = pool_get(s->pool, n + 3);
    char *copy = pool_copy(s->pool, value, strlen(value));
    if (!rooted || !clean || !copy)
        return 0;
    rooted[0] = '/';
    memcpy(rooted + 1, key, n);
    gopath_clean(clean, rooted, n + 1);
    return add(s, clean, copy);
}

int confdstore_set(struct confdstore *s, char const *key, char const *value)
{
    return set(s, key, strlen(key), value);
}

static int cmp(void const *a, void const *b)
{
    struct confdpair const *x = a;
    struct confdpair const *y = b;
    int c = strcmp(x->key, y->key);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

void confdstore_sort(struct confdstore *s)
{
    size_t kept = 0;
    if (s->n)
        qsort(s->pair, s->n, sizeof *s->pair, cmp);
    for (size_t i = 0; i < s->n; i++)
        if (i + 1 == s->n || strcmp(s->pair[i].key, s->pair[i + 1].key) != 0) {
            s->pair[kept] = s->pair[i];
            s->pair[kept].order = kept; /* before what is set from now on */
            kept++;
        }
    s->n = kept;
}

struct confdpair const *confdstore_get(struct confdstore const *s, char const *key, size_t n)
{
    size_t low = 0;
    size_t high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        char const *k = s->pair[middle].key;
        int c = tmplvalue_cmp(key, n, k, strlen(k));
        if (!c)
            return s->pair + middle;
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

char *confdstore_join(struct pool *p, char const *prefix, char const *key)
{
    size_t n = strlen(prefix) + 1 + strlen(key);
    char *path = pool_get(p, n + 1);
    char *clean = pool_get(p, n + 3);
    if (!path || !clean)
        return NULL;
    snprintf(path, n + 1, "%s/%s", prefix, key);
    gopath_clean(clean, path, n);
    return clean;
}

/* The same as the name of a variable: /app/name is APP_NAME. ASCII only, as names of variables
   are. */
static char *variable(struct pool *p, char const *prefix, char const *key)
{
    char *name = confdstore_join(p, prefix, key);
    if (!name)
        return NULL;
    for (char *c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 32);
        else if (*c == '/')
            *c = '_';
    }
    return name + strspn(name, "_");
}

/* The key that a variable's name of n bytes stands for: APP_NAME is /app/name. */
static char *key_of(struct pool *p, char const *name, size_t n)
{
    char *key = pool_get(p, n + 2);
    if (!key)
        return NULL;
    key[0] = '/';
    for (size_t i = 0; i < n; i++)
        key[i + 1] = (char)(name[i] == '_'                     ? '/'
                            : name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32
                                                               : name[i]);
    key[n + 1] = 0;
    return key;
}

/* What is left of key without prefix. */
static char const *without(char const *key, char const *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(key, prefix, n) ? key : key + n;
}

int confdstore_below(struct confdstore *s, char const *prefix, char const *key, char const *value)
{
    return confdstore_set(s, without(key, prefix), value);
}

int confdstore_env(struct confdstore *s, char const *prefix, char const *const *keys, size_t n,
                   char const *const *env)
{
    for (size_t i = 0; i < n; i++) {
        char const *wanted = variable(s->pool, prefix, keys[i]);
        if (!wanted)
            return 0;
        for (char const *const *e = env; *e; e++) {
            char const *equals = strchr(*e, '=');
            if (!equals || strncmp(*e, wanted, strlen(wanted)) != 0 ||
                (size_t)(equals - *e) < strlen(wanted))
                continue;
            char const *key = key_of(s->pool, *e, (size_t)(equals - *e));
            if (!key || !confdstore_below(s, prefix, key, equals + 1))
                return 0;
        }
    }
    return 1;
}

/* A walk through the value of a file. */
struct walk {
    struct confdstore *s;
    char const *prefix;
    char const **wanted; /* the beginnings of keys, with the prefix */
    size_t n;
    stralloc path; /* of the value that is looked at */
};

/* Does the key begin with one that is wanted? */
static int is_wanted(struct walk const *w, char const *key)
{
    for (size_t i = 0; i < w->n; i++)
        if (!strncmp(key, w->wanted[i], strlen(w->wanted[i])))
            return 1;
    return 0;
}

static int leaf(struct walk *w, struct tmplvalue const *v)
{
    stralloc text = STRALLOC_ZERO;
    size_t len = w->path.len;
    int ok = stralloc_0(&w->path);
    w->path.len = len;
    if (ok && strlen(w->path.s) == len && is_wanted(w, w->path.s)) {
        ok = tmplprint_value(&text, w->s->pool->max, v) && stralloc_0(&text);
        if (ok && strlen(text.s) + 1 == text.len)
            ok = confdstore_below(w->s, w->prefix, w->path.s, text.s);
    }
    stralloc_free(&text);
    return ok;
}

static int walk(struct walk *w, struct tmplvalue const *v, int depth);

/* The value behind one more part of the path. */
static int step(struct walk *w, char const *part, size_t n, struct tmplvalue const *v, int depth)
{
    size_t len = w->path.len;
    int ok = catmax(&w->path, KEY_MAX, "/", 1) && catmax(&w->path, KEY_MAX, part, n) &&
             walk(w, v, depth + 1);
    w->path.len = len;
    return ok;
}

static int walk(struct walk *w, struct tmplvalue const *v, int depth)
{
    char number[24];
    if (depth > DEPTH_MAX) {
        errno = EDQUOT;
        return 0;
    }
    switch (v->kind) {
    case TMPLVALUE_BOOL:
    case TMPLVALUE_INT:
    case TMPLVALUE_FLOAT:
    case TMPLVALUE_STRING:
        return leaf(w, v);
    case TMPLVALUE_LIST:
        for (size_t i = 0; i < v->n; i++) {
            int n = snprintf(number, sizeof number, "%zu", i);
            if (!step(w, number, (size_t)n, v->u.item + i, depth))
                return 0;
        }
        return 1;
    case TMPLVALUE_MAP:
        for (size_t i = 0; i < v->n; i++)
            if (!step(w, v->u.entry[i].key, v->u.entry[i].n, &v->u.entry[i].value, depth))
                return 0;
        return 1;
    default:
        return 1;
    }
}

int confdstore_value(struct confdstore *s, char const *prefix, char const *const *keys, size_t n,
                     struct tmplvalue const *v)
{
    struct walk w = {s, prefix, pool_get(s->pool, n * sizeof *w.wanted), n, STRALLOC_ZERO};
    if (!w.wanted)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!(w.wanted[i] = confdstore_join(s->pool, prefix, keys[i])))
            return 0;
    int ok = walk(&w, v, 0);
    int e = errno;
    stralloc_free(&w.path);
    errno = e;
    return ok;
}
