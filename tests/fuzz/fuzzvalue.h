/* fuzzvalue: what holds for every value that a reader of foreign text has made. */

#ifndef CAIRN_TESTS_FUZZVALUE_H
#define CAIRN_TESTS_FUZZVALUE_H

#include <cairn/tmplvalue.h>

#include "fuzz.h"

static inline void fuzz_bytes(char const *s, size_t n, size_t *sum)
{
    for (size_t i = 0; i < n; i++)
        *sum += (unsigned char)s[i];
}

/* Its lists and maps are not deeper than depth, its maps in order; all bytes are touched, so that
   the sanitizers see one that lives no more. Returns how many values it met. */
static inline size_t fuzz_value(struct tmplvalue const *v, unsigned int depth, size_t *sum)
{
    size_t n = 1;
    switch (v->kind) {
    case TMPLVALUE_NIL:
    case TMPLVALUE_INT:
    case TMPLVALUE_FLOAT:
        break;
    case TMPLVALUE_BOOL:
        HOLDS(v->u.b == !!v->u.b);
        break;
    case TMPLVALUE_STRING:
        fuzz_bytes(v->u.s, v->n, sum);
        break;
    case TMPLVALUE_LIST:
        HOLDS(depth);
        for (size_t i = 0; i < v->n; i++)
            n += fuzz_value(v->u.item + i, depth - 1, sum);
        break;
    case TMPLVALUE_MAP:
        HOLDS(depth);
        for (size_t i = 0; i < v->n; i++) {
            struct tmplentry const *e = v->u.entry + i;
            HOLDS(!i || tmplvalue_cmp(e[-1].key, e[-1].n, e->key, e->n) < 0);
            HOLDS(tmplvalue_get(v, e->key, e->n) == &e->value);
            fuzz_bytes(e->key, e->n, sum);
            n += fuzz_value(&e->value, depth - 1, sum);
        }
        break;
    default:
        HOLDS(0);
    }
    return n;
}

/* The reason of a refusal is a line of plain ASCII. */
static inline void fuzz_why(char const *why, size_t max)
{
    size_t n = strnlen(why, max);
    HOLDS(n && n < max);
    for (size_t i = 0; i < n; i++)
        HOLDS(why[i] >= ' ' && why[i] <= '~');
}

#endif
