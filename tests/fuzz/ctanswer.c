/* Any bytes as the agent's answer: the first one says to what was asked, the second with which
   status; the rest is the body. Any bytes as a template's words, too. */

#include <cairn/ctanswer.h>
#include <cairn/ctobject.h>

#include "fuzz.h"

enum { KINDS = CTDEP_FILE + 1, DEPTH = 2049 };

/* Touches all bytes of the value. */
static size_t sum(struct tmplvalue const *v, unsigned int depth)
{
    size_t n = 0;
    HOLDS(depth < DEPTH);
    switch (v->kind) {
    case TMPLVALUE_STRING:
        for (size_t i = 0; i < v->n; i++)
            n += (unsigned char)v->u.s[i];
        break;
    case TMPLVALUE_LIST:
        for (size_t i = 0; i < v->n; i++)
            n += sum(v->u.item + i, depth + 1);
        break;
    case TMPLVALUE_MAP:
        for (size_t i = 0; i < v->n; i++)
            n += sum(&v->u.entry[i].value, depth + 1);
        break;
    case TMPLVALUE_OBJECT:
        for (size_t i = 0; i < v->u.object->class->fields; i++)
            n += sum(v->u.object->field + i, depth + 1);
        break;
    default:
        break;
    }
    return n;
}

/* The words' dependency has a name in parentheses and a path that no blank or control character can
 * get into. */
static void check_dep(struct ctdep const *d)
{
    if (d->kind == CTDEP_FILE)
        return;
    HOLDS(*d->path == '/');
    for (char const *p = d->path; *p; p++)
        HOLDS((unsigned char)*p > ' ' && (unsigned char)*p < 0x7f);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    struct ctdep d;
    struct tmplvalue v;
    char why[CTANSWER_WHY] = "";
    int has;
    if (size < 2)
        return 0;
    enum ctdep_kind kind = (enum ctdep_kind)(*data % KINDS);
    pool_init(&pool, 1 << 20);
    char *word = pool_copy(&pool, (char const *)data + 2, size - 2);
    char const *const words[] = {word, "any"};
    HOLDS(word);
    if (ctdep_read(&d, kind, words, 1 + (kind == CTDEP_SERVICE && (data[1] & 2)), &pool, why))
        check_dep(&d);
    char const *const usual[] = {kind == CTDEP_LIST ? "a/" : "a"};
    size_t n = kind == CTDEP_SERVICES || kind == CTDEP_NODES || kind == CTDEP_DATACENTERS ||
                       kind == CTDEP_SELF || kind == CTDEP_ROOTS
                   ? 0
                   : 1;
    HOLDS(ctdep_read(&d, kind, usual, n, &pool, why));
    char *body = malloc(size - 1); /* whose end the sanitizer knows */
    HOLDS(body);
    memcpy(body, data + 2, size - 2);
    int ok = ctanswer_read(&d, data[1] & 1 ? 404 : 200, body, data[1] & 1 ? 0 : size - 2, &pool, &v,
                           &has, why);
    free(body);
    if (ok)
        sum(&v, 0);
    else
        HOLDS(*why);
    pool_free(&pool);
    return 0;
}
