#include <stdio.h>
#include <string.h>

#include <cairn/goyaml.h>

#include "config.h"

#if CAIRN_YAML

#include <math.h>
#include <yaml.h>

#include <cairn/catmax.h>
#include <cairn/gofloat.h>
#include <cairn/utf8.h>
#include <cairn/yamlscalar.h>

struct writer {
    yaml_emitter_t emitter;
    stralloc *out;
    size_t max;
    char *why;
};

static int fail(struct writer *w, char const *what)
{
    snprintf(w->why, GOYAML_WHY, "%s", what);
    return 0;
}

static int emit(struct writer *w, yaml_event_t *event, int ok)
{
    if (ok && yaml_emitter_emit(&w->emitter, event))
        return 1;
    return *w->why ? 0 : fail(w, "out of memory");
}

static int take(void *data, unsigned char *s, size_t n)
{
    struct writer *w = data;
    return catmax(w->out, w->max, (char const *)s, n) ||
           fail(w, "more output or memory than is allowed");
}

static int scalar(struct writer *w, char const *s, size_t n, yaml_scalar_style_t style)
{
    yaml_event_t event;
    return emit(w, &event,
                yaml_scalar_event_initialize(&event, NULL, NULL, (yaml_char_t *)(uintptr_t)s,
                                             (int)n, 1, 1, style));
}

/* Can the bytes be part of a number? */
static int is_numeric(char const *s, size_t n)
{
    while (n && *s && strchr("0123456789_+-.xoabcdefABCDEF", *s)) {
        s++;
        n--;
    }
    return !n;
}

/* Would it be something else than a string without quotes? 1:30 was a number once, and the key <<
   merges. */
static int is_other(char const *s, size_t n)
{
    struct tmplvalue v;
    char text[512];
    if (n == 2 && !memcmp(s, "<<", 2))
        return 1;
    if (n >= sizeof text)
        return is_numeric(s, n);
    memcpy(text, s, n);
    text[n] = 0;
    yamlscalar_plain(text, n, &v);
    if (v.kind != TMPLVALUE_STRING)
        return 1;
    size_t digits = strspn(text, "0123456789_");
    return digits && text[digits] == ':' && !text[digits + strspn(text + digits, "0123456789_:.")];
}

static int is_utf8(char const *s, size_t n)
{
    unsigned int rune;
    int ok = 1;
    for (size_t i = 0; i < n && ok;)
        i += utf8_get(s + i, n - i, &rune, &ok);
    return ok;
}

static int string(struct writer *w, char const *s, size_t n)
{
    if (n > INT32_MAX || !is_utf8(s, n))
        return fail(w, "a string is no UTF-8, which YAML has to be");
    if (memchr(s, '\n', n))
        return scalar(w, s, n, YAML_LITERAL_SCALAR_STYLE);
    return scalar(w, s, n,
                  is_other(s, n) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE);
}

static int number(struct writer *w, struct tmplvalue const *v)
{
    stralloc sa = STRALLOC_ZERO;
    struct gofloat const how = {.form = 'g', .precision = -1};
    char text[32];
    if (v->kind == TMPLVALUE_INT) {
        int n = snprintf(text, sizeof text, "%lld", (long long)v->u.i);
        return scalar(w, text, (size_t)n, YAML_PLAIN_SCALAR_STYLE);
    }
    if (!isfinite(v->u.f)) {
        char const *s = isnan(v->u.f) ? ".nan" : v->u.f < 0 ? "-.inf" : ".inf";
        return scalar(w, s, strlen(s), YAML_PLAIN_SCALAR_STYLE);
    }
    int ok = gofloat_put(&sa, 512, &how, v->u.f) ? scalar(w, sa.s, sa.len, YAML_PLAIN_SCALAR_STYLE)
                                                 : fail(w, "out of memory");
    stralloc_free(&sa);
    return ok;
}

static int value(struct writer *w, struct tmplvalue const *v, unsigned int depth);

static int list(struct writer *w, struct tmplvalue const *v, unsigned int depth)
{
    yaml_event_t event;
    if (!emit(
            w, &event,
            yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE)))
        return 0;
    for (size_t i = 0; i < v->n; i++)
        if (!value(w, v->u.item + i, depth + 1))
            return 0;
    return emit(w, &event, yaml_sequence_end_event_initialize(&event));
}

static int map_begin(struct writer *w)
{
    yaml_event_t event;
    return emit(
        w, &event,
        yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
}

static int map_end(struct writer *w)
{
    yaml_event_t event;
    return emit(w, &event, yaml_mapping_end_event_initialize(&event));
}

static int map(struct writer *w, struct tmplvalue const *v, unsigned int depth)
{
    if (!map_begin(w))
        return 0;
    for (size_t i = 0; i < v->n; i++)
        if (!string(w, v->u.entry[i].key, v->u.entry[i].n) ||
            !value(w, &v->u.entry[i].value, depth + 1))
            return 0;
    return map_end(w);
}

/* The names of fields are in small letters, as yaml.v2 has them. */
static int object(struct writer *w, struct tmplobject const *o, unsigned int depth)
{
    char name[128];
    if (!map_begin(w))
        return 0;
    for (size_t i = 0; i < o->class->fields; i++) {
        size_t n = 0;
        for (char const *s = o->class->field[i]; *s && n < sizeof name; s++, n++)
            name[n] = (char)(*s >= 'A' && *s <= 'Z' ? *s + ('a' - 'A') : *s);
        if (!string(w, name, n) || !value(w, o->field + i, depth + 1))
            return 0;
    }
    return map_end(w);
}

static int value(struct writer *w, struct tmplvalue const *v, unsigned int depth)
{
    if (depth > GOYAML_DEPTH_MAX)
        return fail(w, "more lists and maps in one another than are allowed");
    switch (v->kind) {
    case TMPLVALUE_NONE:
    case TMPLVALUE_NIL:
        return scalar(w, "null", 4, YAML_PLAIN_SCALAR_STYLE);
    case TMPLVALUE_BOOL:
        return scalar(w, v->u.b ? "true" : "false", v->u.b ? 4 : 5, YAML_PLAIN_SCALAR_STYLE);
    case TMPLVALUE_INT:
    case TMPLVALUE_FLOAT:
        return number(w, v);
    case TMPLVALUE_STRING:
        return string(w, v->u.s, v->n);
    case TMPLVALUE_LIST:
        return list(w, v, depth);
    case TMPLVALUE_MAP:
        return map(w, v, depth);
    case TMPLVALUE_OBJECT:
        return object(w, v->u.object, depth);
    case TMPLVALUE_IMAGINARY:
        break;
    }
    return fail(w, "an imaginary number has no YAML");
}

static int document(struct writer *w, struct tmplvalue const *v)
{
    yaml_event_t event;
    return emit(w, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
           emit(w, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
           value(w, v, 0) && emit(w, &event, yaml_document_end_event_initialize(&event, 1)) &&
           emit(w, &event, yaml_stream_end_event_initialize(&event));
}

int goyaml_put(stralloc *out, size_t max, struct tmplvalue const *v, char why[GOYAML_WHY])
{
    struct writer w = {.out = out, .max = max, .why = why};
    size_t len = out->len;
    *why = 0;
    if (!yaml_emitter_initialize(&w.emitter))
        return fail(&w, "out of memory");
    yaml_emitter_set_output(&w.emitter, take, &w);
    yaml_emitter_set_unicode(&w.emitter, 1);
    int ok = document(&w, v);
    yaml_emitter_delete(&w.emitter);
    if (!ok)
        out->len = len;
    return ok;
}

#else

int goyaml_put(stralloc *out, size_t max, struct tmplvalue const *v, char why[GOYAML_WHY])
{
    (void)out;
    (void)max;
    (void)v;
    snprintf(why, GOYAML_WHY, "this build writes no YAML (libyaml)");
    return 0;
}

#endif
