#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/ctfunc.h>

enum { WORDS_MAX = 16 };

void ctrun_begin(struct ctrun *r)
{
    r->n = 0;
    r->missing = 0;
}

void ctrun_free(struct ctrun *r)
{
    free(r->used);
    r->used = NULL;
    r->n = r->room = 0;
}

static int note(struct ctrun *r, struct ctentry *e, int is_missing)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->used[i] == e)
            return 1;
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 8;
        struct ctentry **more = realloc(r->used, room * sizeof *more);
        if (!more)
            return 0;
        r->used = more;
        r->room = room;
    }
    r->used[r->n++] = e;
    r->missing += is_missing != 0;
    return 1;
}

/* Finds the dependency that the words name, and notes that it is used. needs_items: one that is
   empty counts as missing. Returns it, or NULL with c->why set. */
static struct ctentry *look(struct tmplcall *c, enum ctdep_kind kind, char const *const *word,
                            size_t words, int needs_items)
{
    struct ctrun *r = c->data;
    struct ctdep d;
    char why[CTDEP_WHY];
    if (!ctdep_read(&d, kind, word, words, c->pool, why)) {
        tmplcall_fail(c, "%s", why);
        return NULL;
    }
    struct ctentry *e = ctbrain_get(r->brain, &d);
    if (e && note(r, e, !e->has || (needs_items && !e->value.n)))
        return e;
    tmplcall_nomem(c);
    return NULL;
}

/* The same, for a function whose arguments are the words. */
static struct ctentry *look_args(struct tmplcall *c, enum ctdep_kind kind, int needs_items)
{
    char const *word[WORDS_MAX];
    if (c->n > WORDS_MAX) {
        tmplcall_fail(c, "more than %d words", WORDS_MAX);
        return NULL;
    }
    for (size_t i = 0; i < c->n; i++)
        if (!(word[i] = tmplcall_cstring(c, c->arg + i)))
            return NULL;
    return look(c, kind, word, c->n, needs_items);
}

static struct tmplvalue value_or(struct ctentry const *e, struct tmplvalue other)
{
    return e->has && e->value.kind != TMPLVALUE_NIL ? e->value : other;
}

static struct tmplvalue no_items(void)
{
    static struct tmplvalue const none = {.kind = TMPLVALUE_NIL};
    return tmplvalue_list(&none, 0);
}

/* ---- keys */

static int no_key(struct tmplcall const *c)
{
    return !c->arg->n;
}

static int key(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_text("");
    if (no_key(c))
        return 1;
    struct ctentry *e = look_args(c, CTDEP_BLOCK, 0);
    if (e)
        *result = value_or(e, *result);
    return e != NULL;
}

static int key_exists(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(0);
    if (no_key(c))
        return 1;
    struct ctentry *e = look_args(c, CTDEP_GET, 0);
    if (e)
        *result = tmplvalue_bool(e->has && e->value.kind == TMPLVALUE_STRING);
    return e != NULL;
}

static int key_or_default(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg[1];
    if (no_key(c))
        return 1;
    char const *word = tmplcall_cstring(c, c->arg);
    struct ctentry *e = word ? look(c, CTDEP_GET, &word, 1, 0) : NULL;
    if (e && e->has && e->value.kind == TMPLVALUE_STRING && e->value.n)
        *result = e->value;
    return e != NULL;
}

/* Is it one of ls: a key without a slash, or of tree: one that is no directory? */
static int counts(struct tmplvalue const *pair, int is_ls)
{
    struct tmplvalue const *is = pair->u.object->field + 1; /* Key */
    if (is_ls)
        return is->n && !memchr(is->u.s, '/', is->n);
    struct tmplvalue const *path = pair->u.object->field;
    return is->n && path->u.s[path->n - 1] != '/';
}

static int list(struct tmplcall *c, struct tmplvalue *result, int is_ls, int is_safe)
{
    size_t n = 0;
    *result = no_items();
    if (no_key(c))
        return 1;
    struct ctentry *e = look_args(c, CTDEP_LIST, is_safe);
    if (!e)
        return 0;
    struct tmplvalue const all = value_or(e, no_items());
    struct tmplvalue *item = tmplcall_items(c, all.n + 1);
    if (!item)
        return 0;
    for (size_t i = 0; i < all.n; i++)
        if (counts(all.u.item + i, is_ls))
            item[n++] = all.u.item[i];
    *result = tmplvalue_list(item, n);
    return 1;
}

static int ls(struct tmplcall *c, struct tmplvalue *result)
{
    return list(c, result, 1, 0);
}

static int tree(struct tmplcall *c, struct tmplvalue *result)
{
    return list(c, result, 0, 0);
}

static int safe_ls(struct tmplcall *c, struct tmplvalue *result)
{
    return list(c, result, 1, 1);
}

static int safe_tree(struct tmplcall *c, struct tmplvalue *result)
{
    return list(c, result, 0, 1);
}

/* ---- the catalogue */

static int instances(struct tmplcall *c, struct tmplvalue *result, enum ctdep_kind kind)
{
    *result = no_items();
    if (no_key(c))
        return 1;
    struct ctentry *e = look_args(c, kind, 0);
    if (e)
        *result = value_or(e, *result);
    return e != NULL;
}

static int service(struct tmplcall *c, struct tmplvalue *result)
{
    return instances(c, result, CTDEP_SERVICE);
}

static int connect_(struct tmplcall *c, struct tmplvalue *result)
{
    return instances(c, result, CTDEP_CONNECT);
}

static int list_of(struct tmplcall *c, struct tmplvalue *result, enum ctdep_kind kind)
{
    struct ctentry *e = look_args(c, kind, 0);
    if (e)
        *result = value_or(e, no_items());
    return e != NULL;
}

static int services(struct tmplcall *c, struct tmplvalue *result)
{
    return list_of(c, result, CTDEP_SERVICES);
}

static int nodes(struct tmplcall *c, struct tmplvalue *result)
{
    return list_of(c, result, CTDEP_NODES);
}

static int datacenters(struct tmplcall *c, struct tmplvalue *result)
{
    return list_of(c, result, CTDEP_DATACENTERS);
}

static int ca_roots(struct tmplcall *c, struct tmplvalue *result)
{
    return list_of(c, result, CTDEP_ROOTS);
}

/* node without a name is the agent's own, which it has to be asked for first. */
static int node(struct tmplcall *c, struct tmplvalue *result)
{
    char const *word;
    *result = tmplvalue_nil();
    if (c->n && c->arg->n && c->arg->u.s[0] != '@') {
        word = tmplcall_cstring(c, c->arg);
    } else {
        struct ctentry *self = look(c, CTDEP_SELF, NULL, 0, 0);
        if (!self || !self->has)
            return self != NULL;
        size_t n = self->value.n;
        size_t more = c->n ? c->arg->n : 0;
        char *name = pool_get(c->pool, n + more + 1);
        if (!name)
            return tmplcall_nomem(c);
        memcpy(name, self->value.u.s, n);
        if (more)
            memcpy(name + n, c->arg->u.s, more);
        name[n + more] = 0;
        word = name;
    }
    struct ctentry *e = word ? look(c, CTDEP_NODE, &word, 1, 0) : NULL;
    if (e)
        *result = value_or(e, *result);
    return e != NULL;
}

static int ca_leaf(struct tmplcall *c, struct tmplvalue *result)
{
    struct ctentry *e = look_args(c, CTDEP_LEAF, 0);
    if (e)
        *result = value_or(e, tmplvalue_nil());
    return e != NULL;
}

/* ---- files */

static int is_below(char const *dir, char const *path)
{
    size_t n = strlen(dir);
    while (n && dir[n - 1] == '/')
        n--;
    return !strncmp(dir, path, n) && path[n] == '/';
}

/* Is the path, without .. and symbolic links, below the sandbox? */
static int is_allowed(struct tmplcall *c, char const *path)
{
    char const *sandbox = ((struct ctrun *)c->data)->sandbox;
    if (!sandbox || !*sandbox)
        return 1;
    char *root = realpath(sandbox, NULL);
    char *real = root ? realpath(path, NULL) : NULL;
    int ok = real ? is_below(root, real)
                  : errno == ENOENT && root && is_below(sandbox, path) && !strstr(path, "/..");
    free(root);
    free(real);
    return ok || tmplcall_fail(c, "'%s' is outside of sandbox", path);
}

static int file(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_text("");
    if (no_key(c))
        return 1;
    char const *path = tmplcall_cstring(c, c->arg);
    struct ctentry *e = path && is_allowed(c, path) ? look(c, CTDEP_FILE, &path, 1, 0) : NULL;
    if (e)
        *result = value_or(e, *result);
    return e != NULL;
}

static struct tmplfunc const functions[] = {
    {"caLeaf", "s", ca_leaf},
    {"caRoots", "", ca_roots},
    {"connect", "ss*", connect_},
    {"datacenters", "", datacenters},
    {"file", "s", file},
    {"key", "s", key},
    {"keyExists", "s", key_exists},
    {"keyOrDefault", "ss", key_or_default},
    {"ls", "s", ls},
    {"node", "?s", node},
    {"nodes", "?s", nodes},
    {"safeLs", "s", safe_ls},
    {"safeTree", "s", safe_tree},
    {"service", "ss*", service},
    {"services", "?s", services},
    {"tree", "s", tree},
};

struct tmplfunc_table ctfunc_table(struct ctrun *r)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, r};
}
