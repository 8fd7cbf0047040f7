#include <stdlib.h>
#include <string.h>

#include <cairn/tmplvalue.h>

struct tmplvalue tmplvalue_none(void)
{
    return (struct tmplvalue){.kind = TMPLVALUE_NONE};
}

struct tmplvalue tmplvalue_nil(void)
{
    return (struct tmplvalue){.kind = TMPLVALUE_NIL};
}

struct tmplvalue tmplvalue_bool(int b)
{
    return (struct tmplvalue){.kind = TMPLVALUE_BOOL, .u.b = !!b};
}

struct tmplvalue tmplvalue_int(int64_t i)
{
    return (struct tmplvalue){.kind = TMPLVALUE_INT, .u.i = i};
}

struct tmplvalue tmplvalue_float(double f)
{
    return (struct tmplvalue){.kind = TMPLVALUE_FLOAT, .u.f = f};
}

struct tmplvalue tmplvalue_string(char const *s, size_t n)
{
    return (struct tmplvalue){.kind = TMPLVALUE_STRING, .u.s = s, .n = n};
}

struct tmplvalue tmplvalue_text(char const *s)
{
    return tmplvalue_string(s, strlen(s));
}

struct tmplvalue tmplvalue_list(struct tmplvalue const *item, size_t n)
{
    return (struct tmplvalue){.kind = TMPLVALUE_LIST, .u.item = item, .n = n};
}

struct tmplvalue tmplvalue_object(struct tmplobject const *o)
{
    return (struct tmplvalue){.kind = TMPLVALUE_OBJECT, .u.object = o};
}

int tmplvalue_cmp(char const *a, size_t an, char const *b, size_t bn)
{
    size_t n = an < bn ? an : bn;
    int c = n ? memcmp(a, b, n) : 0;
    return c ? c : (an > bn) - (an < bn);
}

int tmplvalue_cmp_strings(void const *a, void const *b)
{
    struct tmplvalue const *x = a;
    struct tmplvalue const *y = b;
    return tmplvalue_cmp(x->u.s, x->n, y->u.s, y->n);
}

static int cmp_key(void const *a, void const *b)
{
    struct tmplentry const *x = a;
    struct tmplentry const *y = b;
    return tmplvalue_cmp(x->key, x->n, y->key, y->n);
}

/* qsort need not leave equal keys in their order. */
static int cmp_entry(void const *a, void const *b)
{
    struct tmplentry const *x = a;
    struct tmplentry const *y = b;
    int c = cmp_key(a, b);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

static int is_in_order(struct tmplentry const *e, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (cmp_key(e + i - 1, e + i) >= 0)
            return 0;
    return 1;
}

struct tmplvalue tmplvalue_map(struct tmplentry *e, size_t n)
{
    size_t kept = n;
    if (!is_in_order(e, n)) {
        for (size_t i = 0; i < n; i++)
            e[i].order = i;
        qsort(e, n, sizeof *e, cmp_entry);
        kept = 0;
        for (size_t i = 0; i < n; i++)
            if (i + 1 == n || cmp_key(e + i, e + i + 1))
                e[kept++] = e[i];
    }
    return (struct tmplvalue){.kind = TMPLVALUE_MAP, .u.entry = e, .n = kept};
}

struct tmplvalue const *tmplvalue_get(struct tmplvalue const *map, char const *key, size_t n)
{
    size_t low = 0;
    size_t high = map->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct tmplentry const *e = map->u.entry + middle;
        int c = tmplvalue_cmp(key, n, e->key, e->n);
        if (!c)
            return &e->value;
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct tmplvalue const *tmplvalue_field(struct tmplobject const *o, char const *name, size_t n)
{
    for (size_t i = 0; i < o->class->fields; i++)
        if (strlen(o->class->field[i]) == n && !memcmp(o->class->field[i], name, n))
            return o->field + i;
    return NULL;
}

int tmplvalue_is_nothing(struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_NONE || v->kind == TMPLVALUE_NIL;
}

int tmplvalue_truth(struct tmplvalue const *v)
{
    switch (v->kind) {
    case TMPLVALUE_NONE:
    case TMPLVALUE_NIL:
        return 0;
    case TMPLVALUE_BOOL:
        return v->u.b;
    case TMPLVALUE_INT:
        return v->u.i != 0;
    case TMPLVALUE_FLOAT:
    case TMPLVALUE_IMAGINARY:
        return v->u.f != 0;
    case TMPLVALUE_STRING:
    case TMPLVALUE_LIST:
    case TMPLVALUE_MAP:
        return v->n != 0;
    case TMPLVALUE_OBJECT:
        break;
    }
    return 1;
}

char const *tmplvalue_type(struct tmplvalue const *v)
{
    int of_strings = v->flags & TMPLVALUE_OF_STRINGS;
    switch (v->kind) {
    case TMPLVALUE_NONE:
    case TMPLVALUE_NIL:
        break;
    case TMPLVALUE_BOOL:
        return "bool";
    case TMPLVALUE_INT:
        return "int";
    case TMPLVALUE_FLOAT:
        return "float64";
    case TMPLVALUE_IMAGINARY:
        return "complex128";
    case TMPLVALUE_STRING:
        return "string";
    case TMPLVALUE_LIST:
        return of_strings ? "[]string" : "[]interface {}";
    case TMPLVALUE_MAP:
        return of_strings ? "map[string]string" : "map[string]interface {}";
    case TMPLVALUE_OBJECT:
        return v->u.object->class->name;
    }
    return "<nil>";
}
