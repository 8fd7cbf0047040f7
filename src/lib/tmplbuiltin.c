#include <errno.h>
#include <string.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplbuiltin.h>
#include <cairn/tmplcompare.h>
#include <cairn/tmplescape.h>
#include <cairn/tmplprint.h>
#include <cairn/tmpltext.h>

enum { TEXT_MAX = 64 << 20 }; /* bytes that one call can make */

/* tmplrun does their work */
static int decided(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg[c->n - 1];
    return 1;
}

static int not_(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(!tmplvalue_truth(c->arg));
    return 1;
}

static int len(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *v = c->arg;
    if (tmplvalue_is_nothing(v))
        return tmplcall_fail(c, "nothing has no length");
    if (v->kind != TMPLVALUE_STRING && v->kind != TMPLVALUE_LIST && v->kind != TMPLVALUE_MAP)
        return tmplcall_fail(c, "a value of type %s has no length", tmplvalue_type(v));
    *result = tmplvalue_int((int64_t)v->n);
    return 1;
}

/* An index into something of that length: 0 to max. */
static int index_of(struct tmplcall *c, struct tmplvalue const *v, size_t max, size_t *i)
{
    if (v->kind != TMPLVALUE_INT)
        return tmplcall_fail(c, "an index must be an integer; this is of type %s",
                             tmplvalue_type(v));
    if (v->u.i < 0 || (uint64_t)v->u.i > max)
        return tmplcall_fail(c, "index out of range: %lld", (long long)v->u.i);
    *i = (size_t)v->u.i;
    return 1;
}

static int index_once(struct tmplcall *c, struct tmplvalue const *at, struct tmplvalue *v)
{
    size_t i = 0;
    if (tmplvalue_is_nothing(v))
        return tmplcall_fail(c, "nothing cannot be indexed");
    switch (v->kind) {
    case TMPLVALUE_LIST:
    case TMPLVALUE_STRING:
        if (!v->n)
            return tmplcall_fail(c, "index into an empty %s",
                                 v->kind == TMPLVALUE_LIST ? "list" : "string");
        if (!index_of(c, at, v->n - 1, &i))
            return 0;
        *v = v->kind == TMPLVALUE_LIST ? v->u.item[i] : tmplvalue_int((unsigned char)v->u.s[i]);
        return 1;
    case TMPLVALUE_MAP:
        if (at->kind != TMPLVALUE_STRING)
            return tmplcall_fail(c, "a key must be a string; this is of type %s",
                                 tmplvalue_type(at));
        struct tmplvalue const *found = tmplvalue_get(v, at->u.s, at->n);
        int of_strings = v->flags & TMPLVALUE_OF_STRINGS;
        *v = found ? *found : of_strings ? tmplvalue_text("") : tmplvalue_none();
        return 1;
    default:
        return tmplcall_fail(c, "a value of type %s cannot be indexed", tmplvalue_type(v));
    }
}

static int index_(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg[0];
    for (size_t i = 1; i < c->n; i++)
        if (!index_once(c, c->arg + i, result))
            return 0;
    return 1;
}

static int slice(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *v = c->arg;
    size_t bound[3] = {0, v->n, v->n};
    if (v->kind != TMPLVALUE_LIST && v->kind != TMPLVALUE_STRING)
        return tmplcall_fail(c, "a value of type %s cannot be sliced", tmplvalue_type(v));
    if (c->n > 4)
        return tmplcall_fail(c, "too many indexes");
    if (c->n == 4 && v->kind == TMPLVALUE_STRING)
        return tmplcall_fail(c, "a string is sliced by two indexes and no more");
    for (size_t i = 1; i < c->n; i++)
        if (!index_of(c, c->arg + i, v->n, bound + i - 1))
            return 0;
    if (bound[0] > bound[1] || bound[1] > bound[2])
        return tmplcall_fail(c, "the indexes of a slice must not fall: %zu > %zu",
                             bound[0] > bound[1] ? bound[0] : bound[1],
                             bound[0] > bound[1] ? bound[1] : bound[2]);
    *result = *v;
    result->n = bound[1] - bound[0];
    if (v->kind == TMPLVALUE_LIST)
        result->u.item = v->u.item + bound[0];
    else
        result->u.s = v->u.s + bound[0];
    return 1;
}

static int call(struct tmplcall *c, struct tmplvalue *result)
{
    (void)result;
    return tmplcall_fail(c, "a value of type %s is no function", tmplvalue_type(c->arg));
}

static int print(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    return tmpltext_finish(c, tmplprint_print(&sa, TEXT_MAX, c->arg, c->n), &sa, result);
}

static int println(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    return tmpltext_finish(c, tmplprint_println(&sa, TEXT_MAX, c->arg, c->n), &sa, result);
}

static int printf_(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    return tmpltext_finish(
        c, tmplprint_printf(&sa, TEXT_MAX, c->arg->u.s, c->arg->n, c->arg + 1, c->n - 1), &sa,
        result);
}

/* The arguments as one text, escaped: a string as it is, others joined as print does, but nothing
   is "<no value>". */
static int escaped(struct tmplcall *c, struct tmplvalue *result,
                   int (*escape)(stralloc *, size_t, char const *, size_t))
{
    stralloc sa = STRALLOC_ZERO;
    stralloc text = STRALLOC_ZERO;
    int ok;
    if (c->n == 1 && c->arg->kind == TMPLVALUE_STRING)
        ok = escape(&sa, TEXT_MAX, c->arg->u.s, c->arg->n);
    else
        ok = (c->n == 1 ? tmplprint_action(&text, TEXT_MAX, c->arg)
                        : tmplprint_print(&text, TEXT_MAX, c->arg, c->n)) &&
             escape(&sa, TEXT_MAX, text.len ? text.s : "", text.len);
    stralloc_free(&text);
    return tmpltext_finish(c, ok, &sa, result);
}

static int html(struct tmplcall *c, struct tmplvalue *result)
{
    return escaped(c, result, tmplescape_html);
}

static int js(struct tmplcall *c, struct tmplvalue *result)
{
    return escaped(c, result, tmplescape_js);
}

static int urlquery(struct tmplcall *c, struct tmplvalue *result)
{
    return escaped(c, result, tmplescape_urlquery);
}

static int eq(struct tmplcall *c, struct tmplvalue *result)
{
    int is_equal = 0;
    if (c->n < 2)
        return tmplcall_fail(c, "eq wants two arguments or more");
    for (size_t i = 1; i < c->n && !is_equal; i++) {
        char const *why = tmplcompare_equal(c->arg, c->arg + i, &is_equal);
        if (why)
            return tmplcall_fail(c, "%s: %s, %s", why, tmplvalue_type(c->arg),
                                 tmplvalue_type(c->arg + i));
    }
    *result = tmplvalue_bool(is_equal);
    return 1;
}

static int ne(struct tmplcall *c, struct tmplvalue *result)
{
    if (!eq(c, result))
        return 0;
    *result = tmplvalue_bool(!result->u.b);
    return 1;
}

static int order(struct tmplcall *c, int *result)
{
    *result = 0;
    char const *why = tmplcompare_order(c->arg, c->arg + 1, result);
    return !why ||
           tmplcall_fail(c, "%s: %s, %s", why, tmplvalue_type(c->arg), tmplvalue_type(c->arg + 1));
}

static int lt(struct tmplcall *c, struct tmplvalue *result)
{
    int cmp;
    int ok = order(c, &cmp);
    *result = tmplvalue_bool(cmp < 0);
    return ok;
}

static int le(struct tmplcall *c, struct tmplvalue *result)
{
    int cmp;
    int ok = order(c, &cmp);
    *result = tmplvalue_bool(cmp <= 0);
    return ok;
}

static int gt(struct tmplcall *c, struct tmplvalue *result)
{
    int cmp;
    int ok = order(c, &cmp);
    *result = tmplvalue_bool(cmp > 0);
    return ok;
}

static int ge(struct tmplcall *c, struct tmplvalue *result)
{
    int cmp;
    int ok = order(c, &cmp);
    *result = tmplvalue_bool(cmp >= 0);
    return ok;
}

static struct tmplfunc const func[] = {
    {"and", "..*", decided},
    {"or", "..*", decided},
    {"not", ".", not_},
    {"len", ".", len},
    {"index", "..*", index_},
    {"slice", "..*", slice},
    {"call", "..*", call},
    {"print", ".*", print},
    {"println", ".*", println},
    {"printf", "s.*", printf_},
    {"html", ".*", html},
    {"js", ".*", js},
    {"urlquery", ".*", urlquery},
    {"eq", "..*", eq},
    {"ne", "..", ne},
    {"lt", "..", lt},
    {"le", "..", le},
    {"gt", "..", gt},
    {"ge", "..", ge},
};

int tmplbuiltin_is_and(struct tmplfunc const *f)
{
    return f == func;
}

int tmplbuiltin_is_or(struct tmplfunc const *f)
{
    return f == func + 1;
}

struct tmplfunc_table tmplbuiltin_table(void)
{
    return (struct tmplfunc_table){.func = func, .n = sizeof func / sizeof *func};
}
