#include <cairn/tmplyaml.h>

#include "config.h"

#if CAIRN_YAML

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include <cairn/yamlscalar.h>

struct anchor {
    char const *name;
    struct tmplvalue value;
    size_t nodes; /* values in it, and itself */
    int height;   /* of lists and maps in one another */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the next */
    struct pool *pool;
    struct anchor *anchor;
    size_t anchors;
    size_t nodes; /* values so far, aliases counted as what they stand for */
    int deepest;  /* where the deepest of them lies, within the value being read */
    char *why;
    unsigned char const *text;
    size_t len;
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
    snprintf(r->why, TMPLYAML_WHY, "%s", pool_why());
    return 0;
}

/* Where the byte is that cannot be read: of those libyaml tells only the offset. */
static yaml_mark_t place(struct reader const *r)
{
    yaml_mark_t at = {0, 0, 0};
    for (size_t i = 0; i < r->parser.problem_offset && i < r->len; i++)
        if (r->text[i] == '\n')
            at = (yaml_mark_t){0, at.line + 1, 0};
        else if ((r->text[i] & 0xc0) != 0x80) /* bytes of one character are one column */
            at.column++;
    return at;
}

/* Goes on to the next event, and gives the last one back. */
static int next(struct reader *r)
{
    yaml_event_delete(&r->event);
    memset(&r->event, 0, sizeof r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return 1;
    if (!r->parser.problem) {
        errno = ENOMEM;
        return no_memory(r);
    }
    yaml_mark_t at = r->parser.error == YAML_READER_ERROR ? place(r) : r->parser.problem_mark;
    return fail(r, &at, "%s", r->parser.problem);
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

static int make_string(struct reader *r, char const *s, size_t n, struct tmplvalue *v)
{
    char const *copy = pool_copy(r->pool, s, n);
    if (!copy)
        return no_memory(r);
    *v = tmplvalue_string(copy, n);
    return 1;
}

static int scalar(struct reader *r, yaml_event_t const *e, struct tmplvalue *v)
{
    char const *s = (char const *)e->data.scalar.value;
    char const *tag = (char const *)e->data.scalar.tag;
    size_t n = e->data.scalar.length;
    char const *refusal = NULL;
    if (tag)
        refusal = yamlscalar_tagged(tag, s, n, v);
    else if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        yamlscalar_plain(s, n, v);
    else
        *v = tmplvalue_string(s, n);
    if (refusal)
        return fail(r, &e->start_mark, "%s", refusal);
    r->nodes++;
    return v->kind != TMPLVALUE_STRING || make_string(r, s, n, v);
}

/* ---- anchors */

/* name lives in the pool */
static int set_anchor(struct reader *r, struct anchor const *a, yaml_mark_t const *at)
{
    if (r->anchors == TMPLYAML_ANCHORS_MAX)
        return fail(r, at, "more than %d anchors", TMPLYAML_ANCHORS_MAX);
    if (!r->anchor && !(r->anchor = pool_get(r->pool, TMPLYAML_ANCHORS_MAX * sizeof *r->anchor)))
        return no_memory(r);
    r->anchor[r->anchors++] = *a;
    return 1;
}

/* The anchor of what begins here, in the pool; NULL for none. */
static int anchor_of(struct reader *r, char const **name)
{
    yaml_char_t const *a = NULL;
    if (r->event.type == YAML_SCALAR_EVENT)
        a = r->event.data.scalar.anchor;
    else if (r->event.type == YAML_SEQUENCE_START_EVENT)
        a = r->event.data.sequence_start.anchor;
    else if (r->event.type == YAML_MAPPING_START_EVENT)
        a = r->event.data.mapping_start.anchor;
    *name = a ? pool_copy(r->pool, (char const *)a, strlen((char const *)a)) : NULL;
    return *name || !a || no_memory(r);
}

/* What the alias stands for: values are never changed, so it is the same one. But who walks them
   meets it once more, with all that is in it. */
static int alias(struct reader *r, yaml_event_t const *e, struct tmplvalue *v, int depth)
{
    char const *name = (char const *)e->data.alias.anchor;
    struct anchor const *a = NULL;
    for (size_t i = r->anchors; i-- && !a;)
        if (!strcmp(r->anchor[i].name, name))
            a = r->anchor + i;
    if (!a)
        return fail(r, &e->start_mark, "there is no anchor of this name before this alias");
    if (depth + a->height > TMPLYAML_DEPTH_MAX)
        return fail(r, &e->start_mark, "nested deeper than %d", TMPLYAML_DEPTH_MAX);
    if (r->nodes + a->nodes > TMPLYAML_ALIASED_MAX)
        return fail(r, &e->start_mark, "with its aliases this is more than %d values",
                    TMPLYAML_ALIASED_MAX);
    if (depth + a->height > r->deepest)
        r->deepest = depth + a->height;
    r->nodes += a->nodes;
    *v = a->value;
    return 1;
}

/* ---- lists and maps */

static int value(struct reader *r, struct tmplvalue *v, int depth);

static int list(struct reader *r, struct tmplvalue *v, int depth)
{
    struct items items = {NULL, 0, 0};
    r->nodes++;
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
static int key(struct reader *r, struct tmplentry *e, int *is_merge, int depth)
{
    yaml_event_t const *ev = &r->event;
    struct anchor a = {.nodes = 1};
    *is_merge = 0;
    if (ev->type == YAML_ALIAS_EVENT) {
        if (!alias(r, ev, &a.value, depth))
            return 0;
    } else if (ev->type == YAML_SCALAR_EVENT) {
        char const *s = (char const *)ev->data.scalar.value;
        if (!anchor_of(r, &a.name) || !make_string(r, s, ev->data.scalar.length, &a.value) ||
            (a.name && !set_anchor(r, &a, &ev->start_mark)))
            return 0;
        *is_merge = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !strcmp(s, "<<");
    }
    if (a.value.kind != TMPLVALUE_STRING)
        return fail(r, &ev->start_mark, "a key must be a string");
    e->key = a.value.u.s;
    e->n = a.value.n;
    return next(r);
}

static int map(struct reader *r, struct tmplvalue *v, int depth)
{
    struct items own = {NULL, 0, 0};
    struct items all = {NULL, 0, 0};
    r->nodes++;
    while (r->event.type != YAML_MAPPING_END_EVENT) {
        struct tmplentry e = {.n = 0};
        int is_merge;
        if (!key(r, &e, &is_merge, depth + 1))
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

static int value(struct reader *r, struct tmplvalue *v, int depth)
{
    yaml_event_type_t type = r->event.type;
    yaml_mark_t at = r->event.start_mark;
    struct anchor a;
    size_t nodes = r->nodes;
    int deepest = r->deepest;
    int ok;
    if (depth > TMPLYAML_DEPTH_MAX)
        return fail(r, &at, "nested deeper than %d", TMPLYAML_DEPTH_MAX);
    if (!anchor_of(r, &a.name))
        return 0;
    r->deepest = depth;
    if (type == YAML_SCALAR_EVENT)
        ok = scalar(r, &r->event, v) && next(r);
    else if (type == YAML_ALIAS_EVENT)
        ok = alias(r, &r->event, v, depth) && next(r);
    else if (type == YAML_SEQUENCE_START_EVENT)
        ok = next(r) && list(r, v, depth);
    else
        ok = next(r) && map(r, v, depth);
    if (!ok)
        return 0;
    if (a.name) {
        a.value = *v;
        a.nodes = r->nodes - nodes;
        a.height = r->deepest - depth;
        if (!set_anchor(r, &a, &at))
            return 0;
    }
    if (deepest > r->deepest)
        r->deepest = deepest;
    return 1;
}

int tmplyaml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                  char why[TMPLYAML_WHY])
{
    struct reader r = {.pool = p, .why = why, .text = (unsigned char const *)s, .len = len};
    errno = ENOMEM;
    if (!yaml_parser_initialize(&r.parser))
        return no_memory(&r);
    yaml_parser_set_input_string(&r.parser, r.text, len);
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
