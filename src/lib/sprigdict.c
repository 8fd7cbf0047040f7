#include <string.h>

#include <cairn/sprigarg.h>
#include <cairn/sprigdict.h>
#include <cairn/tmpltext.h>

enum { DEPTH_MAX = 1000 }; /* of dicts merged in one another */

/* The argument as a key, as Go's dict makes one: its text. */
static int key_of(struct tmplcall *c, struct tmplvalue const *v, struct tmplentry *e)
{
    struct tmplvalue text;
    if (!sprigarg_text(c, v, &text))
        return 0;
    e->key = text.u.s;
    e->n = text.n;
    return 1;
}

static struct tmplvalue present(struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_NONE ? tmplvalue_nil() : *v;
}

static int dict(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = (c->n + 1) / 2;
    struct tmplentry *e = tmplcall_entries(c, n);
    if (!e)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!key_of(c, c->arg + 2 * i, e + i))
            return 0;
        e[i].value = 2 * i + 1 < c->n ? present(c->arg + 2 * i + 1) : tmplvalue_text("");
    }
    *result = tmplvalue_map(e, n);
    return 1;
}

/* Room for the entries of the map and more of them, those of the map copied. */
static struct tmplentry *copied(struct tmplcall *c, struct tmplvalue const *map, size_t more)
{
    struct tmplentry *e = tmplcall_entries(c, map->n + more);
    if (e && map->n)
        memcpy(e, map->u.entry, map->n * sizeof *e);
    return e;
}

static int set(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = c->arg->n;
    struct tmplentry *e = copied(c, c->arg, 1);
    if (!e)
        return 0;
    e[n] = (struct tmplentry){.key = c->arg[1].u.s, .n = c->arg[1].n, .value = present(c->arg + 2)};
    *result = tmplvalue_map(e, n + 1);
    return 1;
}

static int is_key(struct tmplentry const *e, struct tmplvalue const *v)
{
    return !tmplvalue_cmp(e->key, e->n, v->u.s, v->n);
}

/* Is the key of e one of the n strings? */
static int is_one_of(struct tmplentry const *e, struct tmplvalue const *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_key(e, v + i))
            return 1;
    return 0;
}

/* The entries whose keys are among the arguments behind the dict, or those that are not. */
static int chosen(struct tmplcall *c, int wanted, struct tmplvalue *result)
{
    struct tmplentry *e = tmplcall_entries(c, c->arg->n);
    size_t k = 0;
    if (!e)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++)
        if (is_one_of(c->arg->u.entry + i, c->arg + 1, c->n - 1) == wanted)
            e[k++] = c->arg->u.entry[i];
    *result = tmplvalue_map(e, k);
    return 1;
}

static int pick(struct tmplcall *c, struct tmplvalue *result)
{
    return chosen(c, 1, result);
}

static int omit(struct tmplcall *c, struct tmplvalue *result)
{
    return chosen(c, 0, result);
}

/* ---- questions */

static int get(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *v = tmplvalue_get(c->arg, c->arg[1].u.s, c->arg[1].n);
    *result = v ? *v : tmplvalue_text("");
    return 1;
}

static int has_key(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(tmplvalue_get(c->arg, c->arg[1].u.s, c->arg[1].n) != NULL);
    return 1;
}

/* KEY... DEFAULT DICT */
static int dig(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *v = c->arg + c->n - 1;
    for (size_t i = 0; i + 2 < c->n; i++) {
        if (c->arg[i].kind != TMPLVALUE_STRING)
            return tmplcall_fail(c, "a key must be a string; this is of type %s",
                                 tmplvalue_type(c->arg + i));
        if (!sprigarg_is_map(c, v))
            return 0;
        v = tmplvalue_get(v, c->arg[i].u.s, c->arg[i].n);
        if (!v)
            break;
    }
    *result = v ? *v : c->arg[c->n - 2];
    return 1;
}

static int pluck(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, c->n);
    size_t k = 0;
    if (!item)
        return 0;
    if (c->arg->kind != TMPLVALUE_STRING)
        return tmplcall_fail(c, "a key must be a string; this is of type %s",
                             tmplvalue_type(c->arg));
    for (size_t i = 1; i < c->n; i++) {
        if (!sprigarg_is_map(c, c->arg + i))
            return 0;
        struct tmplvalue const *v = tmplvalue_get(c->arg + i, c->arg->u.s, c->arg->n);
        if (v)
            item[k++] = *v;
    }
    *result = tmplvalue_list(item, k);
    return 1;
}

static int keys(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = 0;
    size_t k = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->arg[i].n;
    struct tmplvalue *item = tmplcall_items(c, n);
    if (!item)
        return 0;
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->arg[i].n; j++)
            item[k++] = tmplvalue_string(c->arg[i].u.entry[j].key, c->arg[i].u.entry[j].n);
    *result = tmpltext_strings(item, n);
    return 1;
}

static int values(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, c->arg->n);
    if (!item)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++)
        item[i] = c->arg->u.entry[i].value;
    *result = tmplvalue_list(item, c->arg->n);
    return 1;
}

/* ---- several as one */

/* The value that the key of one has among the n entries; it is there. */
static struct tmplvalue *value_in(struct tmplentry *e, size_t n, struct tmplentry const *one)
{
    struct tmplvalue key = tmplvalue_string(one->key, one->n);
    size_t i = 0;
    while (i + 1 < n && !is_key(e + i, &key))
        i++;
    return &e[i].value;
}

/* What b adds to a: keys that a does not have, and where a's value is empty, or b's wins and is not
   empty, b's value. Dicts under one key are merged likewise. */
static int merged(struct tmplcall *c, struct tmplvalue const *a, struct tmplvalue const *b,
                  int b_wins, unsigned int depth, struct tmplvalue *result)
{
    size_t n = a->n;
    struct tmplentry *e = copied(c, a, b->n);
    if (!e)
        return 0;
    if (!depth)
        return tmplcall_fail(c, "too many dicts in one another");
    for (size_t i = 0; i < b->n; i++) {
        struct tmplentry const *from = b->u.entry + i;
        struct tmplvalue const *old = tmplvalue_get(a, from->key, from->n);
        if (!old) {
            e[n++] = *from;
            continue;
        }
        struct tmplvalue *v = value_in(e, a->n, from);
        if (old->kind == TMPLVALUE_MAP && from->value.kind == TMPLVALUE_MAP) {
            if (!merged(c, old, &from->value, b_wins, depth - 1, v))
                return 0;
        } else if (sprigarg_is_empty(old) || (b_wins && !sprigarg_is_empty(&from->value))) {
            *v = from->value;
        }
    }
    *result = tmplvalue_map(e, n);
    return 1;
}

static int merge_all(struct tmplcall *c, int later_wins, struct tmplvalue *result)
{
    struct tmplvalue sum = *c->arg;
    for (size_t i = 1; i < c->n; i++)
        if (!merged(c, &sum, c->arg + i, later_wins, DEPTH_MAX, &sum))
            return 0;
    *result = sum;
    return 1;
}

static int merge(struct tmplcall *c, struct tmplvalue *result)
{
    return merge_all(c, 0, result);
}

static int merge_overwrite(struct tmplcall *c, struct tmplvalue *result)
{
    return merge_all(c, 1, result);
}

/* No value is ever changed: it is its own copy. */
static int deep_copy(struct tmplcall *c, struct tmplvalue *result)
{
    *result = *c->arg;
    return 1;
}

static struct tmplfunc const functions[] = {
    {"sprig_deepCopy", ".", deep_copy},
    {"sprig_dict", ".*", dict},
    {"sprig_dig", "....*", dig},
    {"sprig_get", "ms", get},
    {"sprig_hasKey", "ms", has_key},
    {"sprig_keys", "?m*", keys},
    {"sprig_merge", "=mm*", merge},
    {"sprig_mergeOverwrite", "=mm*", merge_overwrite},
    {"sprig_mustDeepCopy", ".", deep_copy},
    {"sprig_mustMerge", "=mm*", merge},
    {"sprig_mustMergeOverwrite", "=mm*", merge_overwrite},
    {"sprig_omit", "m?s*", omit},
    {"sprig_pick", "m?s*", pick},
    {"sprig_pluck", "..*", pluck},
    {"sprig_set", "=ms.", set},
    {"sprig_unset", "=ms", omit},
    {"sprig_values", "m", values},
};

struct tmplfunc_table sprigdict_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
