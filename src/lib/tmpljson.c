#include <stdio.h>
#include <string.h>

#include <cairn/tmpljson.h>

#include "config.h"

#if CAIRN_JANSSON

#include <jansson.h>

/* jansson has bounded how deep this goes. Returns 0 where the pool has no more. */
static int convert(struct pool *p, json_t const *j, struct tmplvalue *v);

static int convert_list(struct pool *p, json_t const *j, struct tmplvalue *v)
{
    size_t n = json_array_size(j);
    struct tmplvalue *item = pool_get(p, n * sizeof *item);
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!convert(p, json_array_get(j, i), item + i))
            return 0;
    *v = tmplvalue_list(item, n);
    return 1;
}

static int convert_map(struct pool *p, json_t *j, struct tmplvalue *v)
{
    size_t n = 0;
    struct tmplentry *e = pool_get(p, json_object_size(j) * sizeof *e);
    if (!e)
        return 0;
    for (void *at = json_object_iter(j); at; at = json_object_iter_next(j, at), n++) {
        char const *key = json_object_iter_key(at);
        e[n] = (struct tmplentry){.n = strlen(key)};
        e[n].key = pool_copy(p, key, e[n].n);
        if (!e[n].key || !convert(p, json_object_iter_value(at), &e[n].value))
            return 0;
    }
    *v = tmplvalue_map(e, n);
    return 1;
}

static int convert_string(struct pool *p, json_t const *j, struct tmplvalue *v)
{
    size_t n = json_string_length(j);
    char const *s = pool_copy(p, json_string_value(j), n);
    if (s)
        *v = tmplvalue_string(s, n);
    return !!s;
}

static int convert(struct pool *p, json_t const *j, struct tmplvalue *v)
{
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return convert_map(p, (json_t *)(uintptr_t)j, v);
    case JSON_ARRAY:
        return convert_list(p, j, v);
    case JSON_STRING:
        return convert_string(p, j, v);
    case JSON_INTEGER:
        *v = tmplvalue_int(json_integer_value(j)); /* with all_floats jansson makes none */
        return 1;
    case JSON_REAL:
        *v = tmplvalue_float(json_real_value(j));
        return 1;
    case JSON_TRUE:
    case JSON_FALSE:
        *v = tmplvalue_bool(json_is_true(j));
        return 1;
    default:
        *v = tmplvalue_nil();
        return 1;
    }
}

/* What could command a terminal goes, and bytes of characters that are cut. */
static void make_harmless(char *s)
{
    for (; *s; s++)
        if (*s < ' ' || *s > '~')
            *s = '?';
}

int tmpljson_read(char const *s, size_t len, int all_floats, struct pool *p, struct tmplvalue *v,
                  char why[TMPLJSON_WHY])
{
    size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | (all_floats ? JSON_DECODE_INT_AS_REAL : 0);
    json_error_t e;
    json_t *j = json_loadb(s, len, flags, &e);
    if (!j) {
        snprintf(why, TMPLJSON_WHY, "line %d, column %d: %s", e.line, e.column, e.text);
        make_harmless(why); /* it quotes the text */
        return 0;
    }
    int ok = convert(p, j, v);
    if (!ok)
        snprintf(why, TMPLJSON_WHY, "%s", pool_why());
    json_decref(j);
    return ok;
}

#else

int tmpljson_read(char const *s, size_t len, int all_floats, struct pool *p, struct tmplvalue *v,
                  char why[TMPLJSON_WHY])
{
    (void)s, (void)len, (void)all_floats, (void)p, (void)v;
    snprintf(why, TMPLJSON_WHY, "this build has no JSON reader (jansson)");
    return 0;
}

#endif
