#include <string.h>

#include <cairn/sprigarg.h>
#include <cairn/spriglist.h>
#include <cairn/sprigsame.h>

/* A list of the type that of has, with n items from item. */
static int made(struct tmplvalue const *of, struct tmplvalue const *item, size_t n,
                struct tmplvalue *result)
{
    *result = tmplvalue_list(item, n);
    if (of)
        result->flags = of->flags;
    return 1;
}

static int list(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, c->n);
    if (!item)
        return 0;
    for (size_t i = 0; i < c->n; i++)
        item[i] = tmplvalue_is_nothing(c->arg + i) ? tmplvalue_nil() : c->arg[i];
    return made(NULL, item, c->n, result);
}

/* ---- parts */

static int first(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg->n ? *c->arg->u.item : tmplvalue_nil();
    return 1;
}

static int last(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg->n ? c->arg->u.item[c->arg->n - 1] : tmplvalue_nil();
    return 1;
}

static int rest(struct tmplcall *c, struct tmplvalue *result)
{
    size_t some = !!c->arg->n;
    return made(c->arg, some ? c->arg->u.item + 1 : NULL, c->arg->n - some, result);
}

static int initial(struct tmplcall *c, struct tmplvalue *result)
{
    return made(c->arg, c->arg->u.item, c->arg->n - !!c->arg->n, result);
}

static int slice(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t n = (int64_t)c->arg->n;
    int64_t from = c->n > 1 ? sprigarg_int(c->arg + 1) : 0;
    int64_t to = c->n > 2 ? sprigarg_int(c->arg + 2) : n;
    if (from < 0 || to > n || from > to)
        return tmplcall_fail(c, "no part of a list of %lld items lies from %lld to %lld",
                             (long long)n, (long long)from, (long long)to);
    return made(c->arg, n ? c->arg->u.item + from : NULL, (size_t)(to - from), result);
}

static int chunk(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *l = c->arg + 1;
    if (c->arg->u.i < 1)
        return tmplcall_fail(c, "a part cannot have %lld items", (long long)c->arg->u.i);
    size_t size = (size_t)c->arg->u.i;
    size_t n = l->n / size + !!(l->n % size);
    struct tmplvalue *item = tmplcall_items(c, n);
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        made(l, l->u.item + i * size, i + 1 < n ? size : l->n - i * size, item + i);
    return made(NULL, item, n, result);
}

/* ---- more of them */

static int concat(struct tmplcall *c, struct tmplvalue *result)
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
            item[k++] = c->arg[i].u.item[j];
    return made(NULL, item, n, result);
}

/* The list, and the value at its end or, moved by 1, at its beginning. */
static int extended(struct tmplcall *c, size_t move, struct tmplvalue *result)
{
    size_t n = c->arg->n;
    struct tmplvalue *item = tmplcall_items(c, n + 1);
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        item[i + move] = c->arg->u.item[i];
    item[move ? 0 : n] = c->arg[1];
    return made(NULL, item, n + 1, result);
}

static int append(struct tmplcall *c, struct tmplvalue *result)
{
    return extended(c, 0, result);
}

static int prepend(struct tmplcall *c, struct tmplvalue *result)
{
    return extended(c, 1, result);
}

static int reverse(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, c->arg->n);
    if (!item)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++)
        item[i] = c->arg->u.item[c->arg->n - 1 - i];
    return made(NULL, item, c->arg->n, result);
}

/* ---- some of them */

static int is_in(struct tmplvalue const *item, size_t n, struct tmplvalue const *v)
{
    for (size_t i = 0; i < n; i++)
        if (sprigsame(item + i, v))
            return 1;
    return 0;
}

/* The items of the list that are none of those n, nor, with once, one that has been; or, with full,
   that are not empty. */
struct choice {
    struct tmplvalue const *no;
    size_t n;
    int once;
    int full;
};

static int chosen(struct tmplcall *c, struct choice const *which, struct tmplvalue *result)
{
    struct tmplvalue *item = tmplcall_items(c, c->arg->n);
    size_t k = 0;
    if (!item)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplvalue const *v = c->arg->u.item + i;
        if (!is_in(which->no, which->n, v) && !(which->once && is_in(item, k, v)) &&
            !(which->full && sprigarg_is_empty(v)))
            item[k++] = *v;
    }
    return made(NULL, item, k, result);
}

static int uniq(struct tmplcall *c, struct tmplvalue *result)
{
    return chosen(c, &(struct choice){.once = 1}, result);
}

static int without(struct tmplcall *c, struct tmplvalue *result)
{
    return chosen(c, &(struct choice){.no = c->arg + 1, .n = c->n - 1}, result);
}

static int compact(struct tmplcall *c, struct tmplvalue *result)
{
    return chosen(c, &(struct choice){.full = 1}, result);
}

static int has(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(is_in(c->arg[1].u.item, c->arg[1].n, c->arg));
    return 1;
}

static struct tmplfunc const functions[] = {
    {"sprig_append", "l.", append},
    {"sprig_chunk", "il", chunk},
    {"sprig_compact", "l", compact},
    {"sprig_concat", "?l*", concat},
    {"sprig_first", "l", first},
    {"sprig_has", ".l", has},
    {"sprig_initial", "l", initial},
    {"sprig_last", "l", last},
    {"sprig_list", ".*", list},
    {"sprig_mustAppend", "l.", append},
    {"sprig_mustChunk", "il", chunk},
    {"sprig_mustCompact", "l", compact},
    {"sprig_mustFirst", "l", first},
    {"sprig_mustHas", ".l", has},
    {"sprig_mustInitial", "l", initial},
    {"sprig_mustLast", "l", last},
    {"sprig_mustPrepend", "l.", prepend},
    {"sprig_mustPush", "l.", append},
    {"sprig_mustRest", "l", rest},
    {"sprig_mustReverse", "l", reverse},
    {"sprig_mustSlice", "l?..", slice},
    {"sprig_mustUniq", "l", uniq},
    {"sprig_mustWithout", "l?.*", without},
    {"sprig_prepend", "l.", prepend},
    {"sprig_push", "l.", append},
    {"sprig_rest", "l", rest},
    {"sprig_reverse", "l", reverse},
    {"sprig_slice", "l?..", slice},
    {"sprig_tuple", ".*", list},
    {"sprig_uniq", "l", uniq},
    {"sprig_without", "l?.*", without},
};

struct tmplfunc_table spriglist_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
