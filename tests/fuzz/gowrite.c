/* Any bytes as JSON (the first one says how): its value written as JSON, as YAML and as TOML, and
   read again, is the same value. */

#include <cairn/gojson.h>
#include <cairn/gotoml.h>
#include <cairn/goyaml.h>
#include <cairn/tmpljson.h>
#include <cairn/tmplyaml.h>
#include <cairn/toml.h>

#include "fuzz.h"

enum { MEMORY = 4 << 20, OUTPUT = 1 << 18 };

static struct pool pool;

/* Are they the same, but for what the formats do not tell apart? */
static int is_same(struct tmplvalue const *a, struct tmplvalue const *b)
{
    if (a->kind == TMPLVALUE_FLOAT && b->kind == TMPLVALUE_INT)
        return a->u.f == (double)b->u.i;
    if (a->kind != b->kind)
        return 0;
    switch (a->kind) {
    case TMPLVALUE_BOOL:
        return a->u.b == b->u.b;
    case TMPLVALUE_INT:
        return a->u.i == b->u.i;
    case TMPLVALUE_FLOAT:
        return a->u.f == b->u.f;
    case TMPLVALUE_STRING:
        return a->n == b->n && !memcmp(a->u.s, b->u.s, a->n);
    case TMPLVALUE_LIST:
        if (a->n != b->n)
            return 0;
        for (size_t i = 0; i < a->n; i++)
            if (!is_same(a->u.item + i, b->u.item + i))
                return 0;
        return 1;
    case TMPLVALUE_MAP:
        if (a->n != b->n)
            return 0;
        for (size_t i = 0; i < a->n; i++)
            if (tmplvalue_cmp(a->u.entry[i].key, a->u.entry[i].n, b->u.entry[i].key,
                              b->u.entry[i].n) ||
                !is_same(&a->u.entry[i].value, &b->u.entry[i].value))
                return 0;
        return 1;
    default:
        return 1;
    }
}

/* A float beyond what integers can be is written as one that cannot be read as such. */
static int has_great(struct tmplvalue const *v)
{
    int has = v->kind == TMPLVALUE_FLOAT && (v->u.f >= 0x1p63 || v->u.f < -0x1p63);
    for (size_t i = 0; v->kind == TMPLVALUE_LIST && i < v->n; i++)
        has |= has_great(v->u.item + i);
    for (size_t i = 0; v->kind == TMPLVALUE_MAP && i < v->n; i++)
        has |= has_great(&v->u.entry[i].value);
    return has;
}

static void check_json(struct tmplvalue const *v, unsigned int first)
{
    struct gojson how = {.is_html_safe = first & 2, .indent = first & 4 ? "  " : NULL};
    stralloc out = STRALLOC_ZERO;
    struct tmplvalue back;
    char why[TMPLJSON_WHY];
    char why_not[GOJSON_WHY];
    if (gojson_put(&out, OUTPUT, &how, v, why_not)) {
        int is_great = has_great(v);
        HOLDS(tmpljson_read(out.s, out.len, is_great, &pool, &back, why));
        HOLDS(is_great || is_same(v, &back));
        HOLDS(!how.is_html_safe || !memchr(out.s, '<', out.len));
    } else {
        HOLDS(*why_not);
    }
    stralloc_free(&out);
}

static void check_yaml(struct tmplvalue const *v)
{
    stralloc out = STRALLOC_ZERO;
    struct tmplvalue back;
    char why[TMPLYAML_WHY];
    char why_not[GOYAML_WHY];
    if (goyaml_put(&out, OUTPUT, v, why_not)) {
        HOLDS(out.len && out.s[out.len - 1] == '\n');
        HOLDS(tmplyaml_read(out.s, out.len, &pool, &back, why) && is_same(v, &back));
    } else {
        HOLDS(*why_not && !out.len);
    }
    stralloc_free(&out);
}

static void check_toml(struct tmplvalue const *v)
{
    stralloc out = STRALLOC_ZERO;
    struct tmplvalue back;
    unsigned int line, column;
    char why[TOML_WHY];
    char why_not[GOTOML_WHY];
    if (!gotoml_put(&out, OUTPUT, v, why_not))
        HOLDS(*why_not);
    else if (out.len)
        HOLDS(toml_read(out.s, out.len, &pool, &back, &line, &column, why));
    stralloc_free(&out);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct tmplvalue v;
    char why[TMPLJSON_WHY];
    if (!size)
        return 0;
    pool_init(&pool, MEMORY);
    if (tmpljson_read((char const *)data + 1, size - 1, *data & 1, &pool, &v, why)) {
        check_json(&v, *data);
        check_yaml(&v);
        check_toml(&v);
    }
    pool_free(&pool);
    return 0;
}
