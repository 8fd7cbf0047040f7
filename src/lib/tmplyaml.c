#include <cairn/tmplyaml.h>

#include "config.h"

#if CAIRN_YAML

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include <cairn/tmplconst.h>

enum {
    DEPTH_MAX = 200,   /* of lists and maps in one another */
    ANCHORS_MAX = 1000 /* in a document */
};

struct anchor {
    char const *name;
    struct tmplvalue value;
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the next */
    struct pool *pool;
    struct anchor *anchor;
    size_t anchors;
    char *why;
};

/* A list or map that is being read. */
struct items {
    void *item;
    size_t n;
    size_t room;
};

__attribute__((format(printf, 3, 4))) static int fail(struct reader *r, yaml_mark_t const *at,
                                                      char const *format, ...)
{
    int n = snprintf(r->why, TMPLYAML_WHY, "line %zu, column %zu: ", at->line + 1, at->column + 1);
    va_list ap;
    va_start(ap, format);
    vsnprintf(r->why + n, (size_t)(TMPLYAML_WHY - n), format, ap);
    va_end(ap);
    return 0;
}

static int no_memory(struct reader *r)
{
    snprintf(r->why, TMPLYAML_WHY, "%s",
             errno == EDQUOT ? "more memory than is allowed" : "out of memory");
    return 0;
}

/* Goes on to the next event, and gives the last one back. */
static int next(struct reader *r)
{
    yaml_event_delete(&r->event);
    memset(&r->event, 0, sizeof r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return 1;
    yaml_mark_t at = r->parser.problem_mark;
    if (r->parser.error == YAML_READER_ERROR)
        at = (yaml_mark_t){0, 0, 0};
    return fail(r, &at, "%s", r->parser.problem ? r->parser.problem : "out of memory");
}

/* Room for one more item of that size, or NULL. */
static void *more(struct reader *r, struct items *i, size_t size)
{
    if (i->n == i->room) {
        size_t room = i->room ? 2 * i->room : 8;
        void *item = pool_get(r->pool, room * size);
        if (!item) {
            no_memory(r);
            return NULL;
        }
        if (i->n)
            memcpy(item, i->item, i->n * size);
        i->item = item;
        i->room = room;
    }
    return (char *)i->item + i->n++ * size;
}

/* ---- scalars */

static int is_one_of(char const *s, char const *const *words)
{
    for (; *words; words++)
        if (!strcmp(s, *words))
            return 1;
    return 0;
}

static int read_null(char const *s)
{
    static char const *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return is_one_of(s, words);
}

static int read_bool(char const *s, struct tmplvalue *v)
{
    static char const *const yes[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                      "True", "TRUE", "on",  "On",  "ON",  NULL};
    static char const *const no[] = {"n",     "N",     "no",  "No",  "NO",  "false",
                                     "False", "FALSE", "off", "Off", "OFF", NULL};
    int b = is_one_of(s, yes);
    if (!b && !is_one_of(s, no))
        return 0;
    *v = tmplvalue_bool(b);
    return 1;
}

static int read_special_float(char const *s, struct tmplvalue *v)
{
    static char const *const infinite[] = {".inf", ".Inf", ".INF", NULL};
    static char const *const nan_[] = {".nan", ".NaN", ".NAN", NULL};
    int is_signed = *s == '-' || *s == '+';
    if (is_one_of(s + is_signed, infinite))
        *v = tmplvalue_float(*s == '-' ? -HUGE_VAL : HUGE_VAL);
    else if (is_one_of(s, nan_))
        *v = tmplvalue_float(NAN);
    else
        return 0;
    return 1;
}

/* Is it written as a decimal float? 1. and 1e5 are; hexadecimal ones and 2i, which Go's constants
   may be, are not. */
static int is_number(char const *s)
{
    int is_signed = *s == '-' || *s == '+';
    if (s[is_signed] == '0' && s[is_signed + 1] && strchr("xXbBoO", s[is_signed + 1]))
        return !s[strcspn(s, ".pP")];
    return s[is_signed] && s[strspn(s, "+-0123456789_.eE")] == 0;
}

static int read_number(char const *s, struct tmplvalue *v)
{
    if (read_special_float(s, v))
        return 1;
    if (!is_number(s) || tmplconst_number(s, strlen(s), v))
        return 0;
    return v->kind == TMPLVALUE_INT || v->kind == TMPLVALUE_FLOAT;
}

/* 2026-11-26, with or without a time behind it */
static int is_date(char const *s)
{
    static char const form[] = "dddd-dd-dd";
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
            return 0;
    return !s[10] || s[10] == 'T' || s[10] == 't' || s[10] == ' ';
}

static int make_string(struct reader *r, char const *s, size_t n, struct tmplvalue *v)
{
    char const *copy = pool_copy(r->pool, s, n);
    if (!copy)
        return no_memory(r);
    *v = tmplvalue_string(copy, n);
    return 1;
}

/* A scalar whose tag says what it is. */
static int tagged(struct reader *r, yaml_event_t const *e, char const *tag, struct tmplvalue *v)
{
    char const *s = (char const *)e->data.scalar.value;
    int ok;
    if (!strcmp(tag, YAML_STR_TAG) || !strcmp(tag, "!"))
        return make_string(r, s, e->data.scalar.length, v);
    if (!strcmp(tag, YAML_NULL_TAG))
        ok = read_null(s);
    else if (!strcmp(tag, YAML_BOOL_TAG))
        ok = read_bool(s, v);
    else if (!strcmp(tag, YAML_INT_TAG))
        ok = read_number(s, v) && v->kind == TMPLVALUE_INT;
    else if (!strcmp(tag, YAML_FLOAT_TAG)) {
        ok = read_number(s, v);
        if (ok && v->kind == TMPLVALUE_INT)
            *v = tmplvalue_float((double)v->u.i);
    } else
        return fail(r, &e->start_mark, "the tag %.60s is not known here", tag);
    return ok || fail(r, &e->start_mark, "%.40s is not what its tag %.60s says", s, tag);
}

static int scalar(struct reader *r, yaml_event_t const *e, struct tmplvalue *v)
{
    char const *s = (char const *)e->data.scalar.value;
    char const *tag = (char const *)e->data.scalar.tag;
    int is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    *v = tmplvalue_nil();
    if (tag)
        return tagged(r, e, tag, v);
    if (is_plain && strlen(s) == e->data.scalar.length &&
        (read_null(s) || read_bool(s, v) || is_date(s) || read_number(s, v)))
        return 1;
    return make_string(r, s, e->data.scalar.length, v);
}

/* ---- anchors */

static int set_anchor(struct reader *r, char const *name, struct tmplvalue const *v,
                      yaml_mark_t const *at)
{
    if (r->anchors == ANCHORS_MAX)
        return fail(r, at, "more than %d anchors", ANCHORS_MAX);
    if (!r->anchor)
        r->anchor = pool_get(r->pool, ANCHORS_MAX * sizeof *r->anchor);
    char const *copy = r->anchor ? pool_copy(r->pool, name, strlen(name)) : NULL;
    if (!copy)
        return no_memory(r);
    r->anchor[r->anchors++] = (struct anchor){copy, *v};
    return 1;
}

/* What the alias stands for: values are never changed, so it is the same one. */
static int alias(struct reader *r, yaml_event_t const *e, struct tmplvalue *v)
{
    char const *name = (char const *)e->data.alias.anchor;
    for (size_t i = r->anchors; i--;)
        if (!strcmp(r->anchor[i].name, name)) {
            *v = r->anchor[i].value;
            return 1;
        }
    return fail(r, &e->start_mark, "there is no anchor &%.60s before this", name);
}

/* ---- lists and maps */

static int value(struct reader *r, struct tmplvalue *v, int depth);

static int list(struct reader *r, struct tmplvalue *v, int depth)
{
    struct items items = {NULL, 0, 0};
    while (r->event.type != YAML_SEQUENCE_END_EVENT) {
        struct tmplvalue *item = more(r, &items, sizeof *item);
        struct tmplvalue read;
        if (!item || !value(r, &read, depth + 1))
            return 0;
        *item = read;
    }
    *v = tmplvalue_list(items.item, items.n);
    return next(r);
}

/* Puts the entries of a merged map, or of a list of such, where the map's own come later and win.
   Of several maps the first wins. */
static int merge(struct reader *r, struct items *items, struct tmplvalue const *v,
                 yaml_mark_t const *at)
{
    if (v->kind == TMPLVALUE_LIST) {
        for (size_t i = v->n; i--;)
            if (v->u.item[i].kind != TMPLVALUE_MAP || !merge(r, items, v->u.item + i, at))
                return fail(r, at, "<< wants a map or a list of maps");
        return 1;
    }
    if (v->kind != TMPLVALUE_MAP)
        return fail(r, at, "<< wants a map or a list of maps");
    for (size_t i = 0; i < v->n; i++) {
        struct tmplentry *e = more(r, items, sizeof *e);
        if (!e)
            return 0;
        *e = v->u.entry[i];
    }
    return 1;
}

/* A key, which must be a scalar: as it is written. is_merge: it is a plain <<. */
static int key(struct reader *r, struct tmplentry *e, int *is_merge)
{
    yaml_event_t const *ev = &r->event;
    struct tmplvalue v;
    *is_merge = 0;
    if (ev->type == YAML_ALIAS_EVENT) {
        if (!alias(r, ev, &v))
            return 0;
        if (v.kind != TMPLVALUE_STRING)
            return fail(r, &ev->start_mark, "a key must be a string");
    } else if (ev->type == YAML_SCALAR_EVENT) {
        char const *s = (char const *)ev->data.scalar.value;
        if (!make_string(r, s, ev->data.scalar.length, &v) ||
            (ev->data.scalar.anchor &&
             !set_anchor(r, (char const *)ev->data.scalar.anchor, &v, &ev->start_mark)))
            return 0;
        *is_merge = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !strcmp(s, "<<");
    } else
        return fail(r, &ev->start_mark, "a key must be a string");
    e->key = v.u.s;
    e->n = v.n;
    return next(r);
}

static int map(struct reader *r, struct tmplvalue *v, int depth)
{
    struct items own = {NULL, 0, 0};
    struct items all = {NULL, 0, 0};
    while (r->event.type != YAML_MAPPING_END_EVENT) {
        struct tmplentry e = {.n = 0};
        int is_merge;
        if (!key(r, &e, &is_merge))
            return 0;
        yaml_mark_t at = r->event.start_mark;
        if (!value(r, &e.value, depth + 1))
            return 0;
        if (is_merge) {
            if (!merge(r, &all, &e.value, &at))
                return 0;
            continue;
        }
        struct tmplentry *entry = more(r, &own, sizeof *entry);
        if (!entry)
            return 0;
        *entry = e;
    }
    for (size_t i = 0; all.n && i < own.n; i++) {
        struct tmplentry *entry = more(r, &all, sizeof *entry);
        if (!entry)
            return 0;
        *entry = ((struct tmplentry const *)own.item)[i];
    }
    *v = all.n ? tmplvalue_map(all.item, all.n) : tmplvalue_map(own.item, own.n);
    return next(r);
}

/* The anchor of the value that begins here, in the pool; "" for none, NULL for no memory. */
static char const *anchor_of(struct reader *r)
{
    yaml_char_t const *a = NULL;
    if (r->event.type == YAML_SCALAR_EVENT)
        a = r->event.data.scalar.anchor;
    else if (r->event.type == YAML_SEQUENCE_START_EVENT)
        a = r->event.data.sequence_start.anchor;
    else if (r->event.type == YAML_MAPPING_START_EVENT)
        a = r->event.data.mapping_start.anchor;
    return a ? pool_copy(r->pool, (char const *)a, strlen((char const *)a)) : "";
}

static int value(struct reader *r, struct tmplvalue *v, int depth)
{
    yaml_event_type_t type = r->event.type;
    yaml_mark_t at = r->event.start_mark;
    char const *anchor = anchor_of(r);
    int ok;
    if (!anchor)
        return no_memory(r);
    if (depth > DEPTH_MAX)
        return fail(r, &at, "nested deeper than %d", DEPTH_MAX);
    if (type == YAML_SCALAR_EVENT)
        ok = scalar(r, &r->event, v) && next(r);
    else if (type == YAML_ALIAS_EVENT)
        ok = alias(r, &r->event, v) && next(r);
    else if (type == YAML_SEQUENCE_START_EVENT)
        ok = next(r) && list(r, v, depth);
    else
        ok = next(r) && map(r, v, depth);
    return ok && (!*anchor || set_anchor(r, anchor, v, &at));
}

int tmplyaml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                  char why[TMPLYAML_WHY])
{
    struct reader r = {.pool = p, .why = why};
    if (!yaml_parser_initialize(&r.parser))
        return no_memory(&r);
    yaml_parser_set_input_string(&r.parser, (unsigned char const *)s, len);
    *v = tmplvalue_nil();
    int ok = next(&r) /* the stream's beginning, then the document's */ && next(&r);
    if (ok && r.event.type != YAML_STREAM_END_EVENT)
        ok = next(&r) && value(&r, v, 0);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return ok;
}

#else

#include <stdio.h>

int tmplyaml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                  char why[TMPLYAML_WHY])
{
    (void)s, (void)len, (void)p, (void)v;
    snprintf(why, TMPLYAML_WHY, "this build has no YAML reader (libyaml)");
    return 0;
}

#endif
