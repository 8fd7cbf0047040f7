#include <cairn/sprigsame.h>

enum { DEPTH_MAX = 5000 }; /* deeper ones are not equal: the stack has an end */

static int same(struct tmplvalue const *a, struct tmplvalue const *b, unsigned int depth);

static int same_items(struct tmplvalue const *a, struct tmplvalue const *b, size_t n,
                      unsigned int depth)
{
    for (size_t i = 0; i < n; i++)
        if (!same(a + i, b + i, depth))
            return 0;
    return 1;
}

static int same_entries(struct tmplvalue const *a, struct tmplvalue const *b, unsigned int depth)
{
    for (size_t i = 0; i < a->n; i++) {
        struct tmplentry const *x = a->u.entry + i;
        struct tmplentry const *y = b->u.entry + i;
        if (tmplvalue_cmp(x->key, x->n, y->key, y->n) || !same(&x->value, &y->value, depth))
            return 0;
    }
    return 1;
}

static int same_objects(struct tmplobject const *a, struct tmplobject const *b, unsigned int depth)
{
    return a == b || (a->class == b->class && a->data == b->data && a->class->fields &&
                      same_items(a->field, b->field, a->class->fields, depth));
}

static int same(struct tmplvalue const *a, struct tmplvalue const *b, unsigned int depth)
{
    if (tmplvalue_is_nothing(a) || tmplvalue_is_nothing(b))
        return tmplvalue_is_nothing(a) && tmplvalue_is_nothing(b);
    if (a->kind != b->kind || a->flags != b->flags || !depth--)
        return 0;
    switch (a->kind) {
    case TMPLVALUE_BOOL:
        return !a->u.b == !b->u.b;
    case TMPLVALUE_INT:
        return a->u.i == b->u.i;
    case TMPLVALUE_STRING:
        return !tmplvalue_cmp(a->u.s, a->n, b->u.s, b->n);
    case TMPLVALUE_LIST:
        return a->n == b->n && same_items(a->u.item, b->u.item, a->n, depth);
    case TMPLVALUE_MAP:
        return a->n == b->n && same_entries(a, b, depth);
    case TMPLVALUE_OBJECT:
        return same_objects(a->u.object, b->u.object, depth);
    default:
        return a->u.f == b->u.f;
    }
}

int sprigsame(struct tmplvalue const *a, struct tmplvalue const *b)
{
    return same(a, b, DEPTH_MAX);
}
