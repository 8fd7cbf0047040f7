/* Any bytes as a JSON document; the first one's lowest bit says whether all numbers are floats. */

#include <cairn/tmpljson.h>

#include "fuzzvalue.h"

enum { DEPTH = 2049 /* jansson's */ };

static int has_integers(struct tmplvalue const *v)
{
    int has = v->kind == TMPLVALUE_INT;
    for (size_t i = 0; v->kind == TMPLVALUE_LIST && i < v->n; i++)
        has |= has_integers(v->u.item + i);
    for (size_t i = 0; v->kind == TMPLVALUE_MAP && i < v->n; i++)
        has |= has_integers(&v->u.entry[i].value);
    return has;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    struct tmplvalue v;
    size_t sum = 0;
    char why[TMPLJSON_WHY] = "";
    int all_floats = size && (*data & 1);
    size_t len = size ? size - 1 : 0;
    char *text = malloc(len + !len);
    HOLDS(text);
    if (len)
        memcpy(text, data + 1, len);
    pool_init(&pool, 1 << 20);
    int ok = tmpljson_read(text, len, all_floats, &pool, &v, why);
    free(text);
    if (ok) {
        HOLDS(fuzz_value(&v, DEPTH, &sum) <= len);
        HOLDS(!all_floats || !has_integers(&v));
    } else
        fuzz_why(why, sizeof why);
    pool_free(&pool);
    return 0;
}
