#include <math.h>
#include <stdint.h>

#include <cairn/ctmath.h>

enum { LOOP_MAX = 10000000 };

/* ---- numbers */

struct two {
    struct tmplvalue a; /* what is piped in: the second argument */
    struct tmplvalue b;
    int is_float;
};

/* Two numbers, of Go's types only: text is none. */
static int numbers(struct tmplcall *c, char const *name, struct two *n)
{
    for (size_t i = 0; i < 2; i++) {
        struct tmplvalue const *v = c->arg + i;
        if (v->kind == TMPLVALUE_INT || v->kind == TMPLVALUE_FLOAT)
            continue;
        if (v->kind == TMPLVALUE_STRING)
            return tmplcall_fail(c, "%s: unknown type for \"%.*s\" (string)", name,
                                 v->n > 100 ? 100 : (int)v->n, v->u.s);
        return tmplcall_fail(c, "%s: unknown type (%s)", name, tmplvalue_type(v));
    }
    *n = (struct two){.a = c->arg[1], .b = c->arg[0]};
    n->is_float = n->a.kind == TMPLVALUE_FLOAT || n->b.kind == TMPLVALUE_FLOAT;
    return 1;
}

static double as_float(struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_FLOAT ? v->u.f : (double)v->u.i;
}

/* Integers wrap round, as Go's do. */
static struct tmplvalue wrapped(uint64_t n)
{
    return tmplvalue_int((int64_t)n);
}

static int add(struct tmplcall *c, struct tmplvalue *result)
{
    struct two n;
    if (!numbers(c, "add", &n))
        return 0;
    *result = n.is_float ? tmplvalue_float(as_float(&n.a) + as_float(&n.b))
                         : wrapped((uint64_t)n.a.u.i + (uint64_t)n.b.u.i);
    return 1;
}

static int subtract(struct tmplcall *c, struct tmplvalue *result)
{
    struct two n;
    if (!numbers(c, "subtract", &n))
        return 0;
    *result = n.is_float ? tmplvalue_float(as_float(&n.a) - as_float(&n.b))
                         : wrapped((uint64_t)n.a.u.i - (uint64_t)n.b.u.i);
    return 1;
}

static int multiply(struct tmplcall *c, struct tmplvalue *result)
{
    struct two n;
    if (!numbers(c, "multiply", &n))
        return 0;
    *result = n.is_float ? tmplvalue_float(as_float(&n.a) * as_float(&n.b))
                         : wrapped((uint64_t)n.a.u.i * (uint64_t)n.b.u.i);
    return 1;
}

static int by_zero(struct tmplcall *c)
{
    return tmplcall_fail(c, "runtime error: integer divide by zero");
}

static int divide(struct tmplcall *c, struct tmplvalue *result)
{
    struct two n;
    if (!numbers(c, "divide", &n))
        return 0;
    if (n.is_float)
        *result = tmplvalue_float(as_float(&n.a) / as_float(&n.b));
    else if (!n.b.u.i)
        return by_zero(c);
    else if (n.b.u.i == -1) /* the least integer has no other side */
        *result = wrapped(0 - (uint64_t)n.a.u.i);
    else
        *result = tmplvalue_int(n.a.u.i / n.b.u.i);
    return 1;
}

static int modulo(struct tmplcall *c, struct tmplvalue *result)
{
    struct two n;
    if (!numbers(c, "modulo", &n))
        return 0;
    if (n.is_float)
        return tmplcall_fail(c, "modulo: it wants integers, not %s and %s", tmplvalue_type(&n.a),
                             tmplvalue_type(&n.b));
    if (!n.b.u.i)
        return by_zero(c);
    *result = tmplvalue_int(n.b.u.i == -1 ? 0 : n.a.u.i % n.b.u.i);
    return 1;
}

static int least(struct tmplcall *c, struct tmplvalue *result, char const *name, int is_max)
{
    struct two n;
    if (!numbers(c, name, &n))
        return 0;
    int a_is_less = n.is_float ? as_float(&n.a) < as_float(&n.b) : n.a.u.i < n.b.u.i;
    struct tmplvalue const *v = a_is_less != is_max ? &n.a : &n.b;
    *result = n.is_float ? tmplvalue_float(as_float(v)) : *v;
    return 1;
}

static int minimum(struct tmplcall *c, struct tmplvalue *result)
{
    return least(c, result, "minimum", 0);
}

static int maximum(struct tmplcall *c, struct tmplvalue *result)
{
    return least(c, result, "maximum", 1);
}

/* ---- loop */

/* A whole number: an integer, or a float or text that is one. */
static int whole(struct tmplcall *c, struct tmplvalue const *v, int64_t *n)
{
    if (v->kind == TMPLVALUE_INT) {
        *n = v->u.i;
        return 1;
    }
    if (v->kind == TMPLVALUE_FLOAT && v->u.f == floor(v->u.f) && fabs(v->u.f) < 1e15) {
        *n = (int64_t)v->u.f;
        return 1;
    }
    return tmplcall_fail(c, "loop: bad parameter type: %s is no integer: parseInt makes one",
                         tmplvalue_type(v));
}

/* loop N: 0 to N-1; loop A B: A to B-1. */
static int loop(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t from = 0;
    int64_t to;
    if (c->n < 1 || c->n > 2)
        return tmplcall_fail(c, "loop: wrong number of arguments, expected 1 or 2, but got %zu",
                             c->n);
    if (!whole(c, c->arg + c->n - 1, &to) || (c->n == 2 && !whole(c, c->arg, &from)))
        return 0;
    uint64_t n = to > from ? (uint64_t)to - (uint64_t)from : 0;
    if (n > LOOP_MAX)
        return tmplcall_fail(c, "loop: more than %d turns", LOOP_MAX);
    struct tmplvalue *item = tmplcall_items(c, (size_t)n);
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        item[i] = tmplvalue_int(from + (int64_t)i);
    *result = tmplvalue_list(item, (size_t)n);
    return 1;
}

static struct tmplfunc const functions[] = {
    {"add", "..", add},           {"divide", "..", divide},     {"loop", ".*", loop},
    {"maximum", "..", maximum},   {"minimum", "..", minimum},   {"modulo", "..", modulo},
    {"multiply", "..", multiply}, {"subtract", "..", subtract},
};

struct tmplfunc_table ctmath_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
