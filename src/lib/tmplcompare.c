#include <cairn/tmplcompare.h>

static char const different[] = "values of different types are not comparable";

static int is_basic(struct tmplvalue const *v)
{
    return v->kind >= TMPLVALUE_BOOL && v->kind <= TMPLVALUE_STRING;
}

char const *tmplcompare_equal(struct tmplvalue const *a, struct tmplvalue const *b, int *result)
{
    *result = 0;
    if (tmplvalue_is_nothing(a) || tmplvalue_is_nothing(b)) {
        *result = tmplvalue_is_nothing(a) && tmplvalue_is_nothing(b);
        return NULL;
    }
    if (a->kind != b->kind)
        return different;
    if (!is_basic(a))
        return "lists, maps and objects are not comparable";
    switch (a->kind) {
    case TMPLVALUE_BOOL:
        *result = a->u.b == b->u.b;
        break;
    case TMPLVALUE_INT:
        *result = a->u.i == b->u.i;
        break;
    case TMPLVALUE_STRING:
        *result = !tmplvalue_cmp(a->u.s, a->n, b->u.s, b->n);
        break;
    default:
        *result = a->u.f == b->u.f;
        break;
    }
    return NULL;
}

char const *tmplcompare_order(struct tmplvalue const *a, struct tmplvalue const *b, int *result)
{
    *result = 0;
    if (!is_basic(a) || !is_basic(b) || a->kind == TMPLVALUE_BOOL || a->kind == TMPLVALUE_IMAGINARY)
        return "a value of a type that has no order";
    if (a->kind != b->kind)
        return different;
    switch (a->kind) {
    case TMPLVALUE_INT:
        *result = (a->u.i > b->u.i) - (a->u.i < b->u.i);
        break;
    case TMPLVALUE_STRING:
        *result = tmplvalue_cmp(a->u.s, a->n, b->u.s, b->n);
        break;
    default:
        *result = (a->u.f > b->u.f) - (a->u.f < b->u.f);
        break;
    }
    return NULL;
}
