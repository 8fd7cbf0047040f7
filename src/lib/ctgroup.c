#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/ctgroup.h>
#include <cairn/tmpltext.h>

enum { DEPTH_MAX = 100 };

static int nomem(struct tmplcall *c)
{
    return tmplcall_nomem(c);
}

/* The field of an object in a list, of that kind; NULL with c->why set. */
static struct tmplvalue const *field(struct tmplcall *c, struct tmplvalue const *v,
                                     char const *name, enum tmplvalue_kind kind)
{
    struct tmplvalue const *f =
        v->kind == TMPLVALUE_OBJECT ? tmplvalue_field(v->u.object, name, strlen(name)) : NULL;
    if (f && f->kind == kind)
        return f;
    tmplcall_fail(c, "an item of type %s has no %s", tmplvalue_type(v), name);
    return NULL;
}

/* ---- groups: a map of lists */

/* What belongs to a key. */
struct member {
    char const *key;
    size_t n;
    struct tmplvalue value;
    size_t order;
};

struct group {
    struct member *member;
    size_t n;
    size_t room;
};

static int add(struct tmplcall *c, struct group *g, char const *key, size_t n,
               struct tmplvalue const *v)
{
    if (g->n == g->room) {
        size_t room = g->room ? 2 * g->room : 16;
        struct member *more = pool_get(c->pool, room * sizeof *more);
        if (!more)
            return nomem(c);
        if (g->n)
            memcpy(more, g->member, g->n * sizeof *more);
        g->member = more;
        g->room = room;
    }
    g->member[g->n] = (struct member){key, n, *v, g->n};
    g->n++;
    return 1;
}

static int compare(void const *a, void const *b)
{
    struct member const *x = a;
    struct member const *y = b;
    int order = tmplvalue_cmp(x->key, x->n, y->key, y->n);
    return order ? order : x->order < y->order ? -1 : 1;
}

/* The map of the keys to the lists of what belongs to them. */
static int finish(struct tmplcall *c, struct group *g, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, g->n);
    struct tmplentry *e = item ? tmplcall_entries(c, g->n) : NULL;
    size_t n = 0;
    if (!e)
        return 0;
    if (g->n)
        qsort(g->member, g->n, sizeof *g->member, compare);
    for (size_t i = 0, k; i < g->n; i = k) {
        struct member const *m = g->member + i;
        for (k = i; k < g->n && !tmplvalue_cmp(m->key, m->n, g->member[k].key, g->member[k].n); k++)
            item[k] = g->member[k].value;
        e[n] =
            (struct tmplentry){.key = m->key, .n = m->n, .value = tmplvalue_list(item + i, k - i)};
        n++;
    }
    *result = tmplvalue_map(e, n);
    return 1;
}

static int by_tag(struct tmplcall *c, struct tmplvalue *result)
{
    struct group g = {.n = 0};
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplvalue const *v = c->arg->u.item + i;
        struct tmplvalue const *tags = field(c, v, "Tags", TMPLVALUE_LIST);
        for (size_t k = 0; tags && k < tags->n; k++)
            if (!add(c, &g, tags->u.item[k].u.s, tags->u.item[k].n, v))
                return 0;
        if (!tags)
            return 0;
    }
    return finish(c, &g, result);
}

static int by_port(struct tmplcall *c, struct tmplvalue *result)
{
    struct group g = {.n = 0};
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplvalue const *v = c->arg->u.item + i;
        struct tmplvalue const *port = field(c, v, "Port", TMPLVALUE_INT);
        struct tmplvalue key;
        char text[32];
        if (!port)
            return 0;
        int n = snprintf(text, sizeof text, "%lld", (long long)port->u.i);
        if (!tmplcall_string(c, &key, text, (size_t)n) || !add(c, &g, key.u.s, key.n, v))
            return 0;
    }
    return finish(c, &g, result);
}

/* The value of one of the keys, "name" or "name|int", in the service's meta, behind what text has.
 */
static int add_meta(struct tmplcall *c, stralloc *text, struct tmplvalue const *key,
                    struct tmplvalue const *meta)
{
    struct tmplvalue name = *key;
    int is_int = name.n > 4 && !memcmp(name.u.s + name.n - 4, "|int", 4);
    if (is_int)
        name.n -= 4;
    struct tmplvalue const *v = tmplvalue_get(meta, name.u.s, name.n);
    if (!is_int)
        return !v || stralloc_catb(text, v->u.s, v->n) || nomem(c);
    char const *s = v ? tmplcall_cstring(c, v) : "";
    char number[40];
    char *end;
    if (!s)
        return 0;
    long long i = strtoll(s, &end, 10);
    if (*end)
        return tmplcall_fail(c, "the meta value \"%.100s\" is no integer", s);
    snprintf(number, sizeof number, "%05lld", i);
    return stralloc_cats(text, number) || nomem(c);
}

/* byMeta "a,b|int" SERVICES */
static int by_meta(struct tmplcall *c, struct tmplvalue *result)
{
    struct group g = {.n = 0};
    struct tmplvalue keys;
    struct tmplvalue const comma = tmplvalue_text(",");
    stralloc text = STRALLOC_ZERO;
    int ok = tmpltext_split(c, c->arg, &comma, TMPLTEXT_ALL, &keys);
    for (size_t i = 0; ok && i < c->arg[1].n; i++) {
        struct tmplvalue const *v = c->arg[1].u.item + i;
        struct tmplvalue const *meta = field(c, v, "ServiceMeta", TMPLVALUE_MAP);
        struct tmplvalue key;
        text.len = 0;
        ok = meta != NULL;
        for (size_t k = 0; ok && k < keys.n; k++)
            ok = (!k || stralloc_catb(&text, "_", 1) || nomem(c)) &&
                 add_meta(c, &text, keys.u.item + k, meta);
        ok = ok && tmplcall_string(c, &key, text.len ? text.s : "", text.len) &&
             add(c, &g, key.u.s, key.n, v);
    }
    stralloc_free(&text);
    return ok && finish(c, &g, result);
}

/* ---- trees: maps in maps, of names with slashes */

/* A name, without the slashes around it, and its value. */
struct leaf {
    char const *name;
    size_t n;
    struct tmplvalue value;
    size_t order;
};

static int compare_leaves(void const *a, void const *b)
{
    struct leaf const *x = a;
    struct leaf const *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    /* as if the slash came before every other character: what is below a name follows it at once */
    for (size_t i = 0; i < n; i++) {
        unsigned int p = x->name[i] == '/' ? 0 : 1U + (unsigned char)x->name[i];
        unsigned int q = y->name[i] == '/' ? 0 : 1U + (unsigned char)y->name[i];
        if (p != q)
            return p < q ? -1 : 1;
    }
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static size_t first_part(struct leaf const *l, size_t from)
{
    char const *slash = memchr(l->name + from, '/', l->n - from);
    return slash ? (size_t)(slash - l->name) - from : l->n - from;
}

/* Makes the map of n leaves whose names are the same up to the byte from. */
static int make_tree(struct tmplcall *c, struct leaf const *l, size_t n, size_t from,
                     unsigned int depth, struct tmplvalue *result)
{
    struct tmplentry *e = tmplcall_entries(c, n);
    size_t entries = 0;
    if (!e)
        return 0;
    if (depth > DEPTH_MAX)
        return tmplcall_fail(c, "more than %d names in one another", DEPTH_MAX);
    for (size_t i = 0, k; i < n; i = k) {
        size_t len = first_part(l + i, from);
        char const *name = l[i].name + from;
        struct tmplentry *at = e + entries++;
        for (k = i + 1;
             k < n && first_part(l + k, from) == len && !memcmp(l[k].name + from, name, len); k++)
            ;
        *at = (struct tmplentry){.key = name, .n = len};
        size_t leaves = 0;
        while (i + leaves < k && l[i + leaves].n == from + len)
            leaves++;
        if (leaves && i + leaves < k)
            return tmplcall_fail(c, "the key \"%.*s\" has a value, and keys below it",
                                 l[i].n > 200 ? 200 : (int)l[i].n, l[i].name);
        if (leaves)
            at->value = l[k - 1].value; /* of equal names the last */
        else if (!make_tree(c, l + i, k - i, from + len + 1, depth + 1, &at->value))
            return 0;
    }
    *result = tmplvalue_map(e, entries);
    return 1;
}

/* Adds a leaf, unless its name is that of a directory. */
static void add_leaf(struct leaf *l, size_t *n, struct tmplvalue const *name,
                     struct tmplvalue const *value)
{
    char const *s = name->u.s;
    size_t len = name->n;
    if (!len || s[len - 1] == '/')
        return;
    for (; len && *s == '/'; s++)
        len--;
    l[*n] = (struct leaf){s, len, *value, *n};
    ++*n;
}

static int finish_tree(struct tmplcall *c, struct leaf *l, size_t n, struct tmplvalue *result)
{
    if (n)
        qsort(l, n, sizeof *l, compare_leaves);
    return make_tree(c, l, n, 0, 0, result);
}

static struct leaf *leaves(struct tmplcall *c, size_t n)
{
    struct leaf *l = pool_get(c->pool, (n + 1) * sizeof *l);
    if (!l)
        nomem(c);
    return l;
}

static int explode(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = 0;
    struct leaf *l = leaves(c, c->arg->n);
    if (!l)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplvalue const *key = field(c, c->arg->u.item + i, "Key", TMPLVALUE_STRING);
        struct tmplvalue const *value = field(c, c->arg->u.item + i, "Value", TMPLVALUE_STRING);
        if (!key || !value)
            return 0;
        add_leaf(l, &n, key, value);
    }
    return finish_tree(c, l, n, result);
}

static int explode_map(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = 0;
    struct leaf *l = leaves(c, c->arg->n);
    if (!l)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplentry const *e = c->arg->u.entry + i;
        struct tmplvalue const key = tmplvalue_string(e->key, e->n);
        add_leaf(l, &n, &key, &e->value);
    }
    return finish_tree(c, l, n, result);
}

/* ---- keys by their first part */

/* A copy of the pair whose Key is what is behind n bytes of it. */
static int shorter_pair(struct tmplcall *c, struct tmplvalue const *pair, size_t n,
                        struct tmplvalue *v)
{
    struct tmplobject const *from = pair->u.object;
    struct tmplvalue *f = tmplcall_items(c, from->class->fields);
    struct tmplobject *o = f ? pool_get(c->pool, sizeof *o) : NULL;
    if (!o)
        return f ? nomem(c) : 0;
    for (size_t i = 0; i < from->class->fields; i++) {
        f[i] = from->field[i];
        if (!strcmp(from->class->field[i], "Key")) {
            f[i].u.s += n;
            f[i].n -= n;
        }
    }
    *o = *from;
    o->field = f;
    *v = tmplvalue_object(o);
    return 1;
}

/* Of each group the map of its keys. Keys without a slash are left out. */
static int by_key(struct tmplcall *c, struct tmplvalue *result)
{
    struct group g = {.n = 0};
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplvalue const *pair = c->arg->u.item + i;
        struct tmplvalue const *key = field(c, pair, "Key", TMPLVALUE_STRING);
        if (!key)
            return 0;
        char const *slash = memchr(key->u.s, '/', key->n);
        struct tmplvalue v;
        if (!slash || slash + 1 == key->u.s + key->n)
            continue;
        size_t n = (size_t)(slash - key->u.s);
        if (!shorter_pair(c, pair, n + 1, &v) || !add(c, &g, key->u.s, n, &v))
            return 0;
    }
    if (!finish(c, &g, result))
        return 0;
    for (size_t i = 0; i < result->n; i++) {
        struct tmplvalue const list = result->u.entry[i].value;
        struct tmplentry *e = tmplcall_entries(c, list.n);
        if (!e)
            return 0;
        for (size_t k = 0; k < list.n; k++) {
            struct tmplvalue const *key = field(c, list.u.item + k, "Key", TMPLVALUE_STRING);
            e[k] = (struct tmplentry){.key = key->u.s, .n = key->n, .value = list.u.item[k]};
        }
        ((struct tmplentry *)result->u.entry)[i].value = tmplvalue_map(e, list.n);
    }
    return 1;
}

/* ---- maps */

/* splitToMap ITEMS KEY TEXT: "a:1,b:2" with "," and ":". */
static int split_to_map(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue items;
    if (!tmpltext_split(c, c->arg + 2, c->arg, TMPLTEXT_ALL, &items))
        return 0;
    struct tmplentry *e = tmplcall_entries(c, items.n);
    size_t n = 0;
    if (!e)
        return 0;
    for (size_t i = 0; i < items.n; i++) {
        struct tmplvalue const *item = items.u.item + i;
        struct tmplvalue const *sep = c->arg + 1;
        if (!item->n)
            continue;
        char const *at = sep->n ? memmem(item->u.s, item->n, sep->u.s, sep->n) : NULL;
        size_t key = at ? (size_t)(at - item->u.s) : item->n;
        size_t from = at ? key + sep->n : item->n;
        e[n] = (struct tmplentry){.key = item->u.s,
                                  .n = key,
                                  .value = tmplvalue_string(item->u.s + from, item->n - from)};
        n++;
    }
    *result = tmplvalue_map(e, n);
    return 1;
}

/* What b has and a has not, or, with override, what b has at all; maps in both are merged. */
static int merge(struct tmplcall *c, struct tmplvalue const *a, struct tmplvalue const *b,
                 int override, unsigned int depth, struct tmplvalue *result)
{
    struct tmplentry *e = tmplcall_entries(c, a->n + b->n);
    size_t n = 0;
    if (!e)
        return 0;
    if (depth > DEPTH_MAX)
        return tmplcall_fail(c, "more than %d maps in one another", DEPTH_MAX);
    for (; n < a->n; n++)
        e[n] = a->u.entry[n];
    for (size_t i = 0; i < b->n; i++) {
        struct tmplentry const *from = b->u.entry + i;
        struct tmplvalue const *old = tmplvalue_get(a, from->key, from->n);
        e[n] = *from;
        if (old && old->kind == TMPLVALUE_MAP && from->value.kind == TMPLVALUE_MAP) {
            if (!merge(c, old, &from->value, override, depth + 1, &e[n].value))
                return 0;
        } else if (old && !override) {
            continue;
        }
        n++; /* of equal keys the last counts */
    }
    *result = tmplvalue_map(e, n);
    return 1;
}

/* mergeMap MAP MORE */
static int merge_map(struct tmplcall *c, struct tmplvalue *result)
{
    return merge(c, c->arg, c->arg + 1, 0, 0, result);
}

static int merge_map_with_override(struct tmplcall *c, struct tmplvalue *result)
{
    return merge(c, c->arg, c->arg + 1, 1, 0, result);
}

static struct tmplfunc const functions[] = {
    {"byKey", "l", by_key},
    {"byMeta", "sl", by_meta},
    {"byPort", "l", by_port},
    {"byTag", "l", by_tag},
    {"explode", "l", explode},
    {"explodeMap", "m", explode_map},
    {"mergeMap", "mm", merge_map},
    {"mergeMapWithOverride", "mm", merge_map_with_override},
    {"splitToMap", "sss", split_to_map},
};

struct tmplfunc_table ctgroup_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
