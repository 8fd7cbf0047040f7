#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cairn/hcl.h>
#include <cairn/hclscalar.h>
#include <cairn/tmpljson.h>

enum {
    DEPTH = 64,      /* objects and lists in each other */
    SIZE = 16 << 20, /* bytes of text */
    LABELS = 8,
};

_Static_assert(HCL_WHY == (int)CONFTEXT_WHY && HCL_WHY == (int)TMPLJSON_WHY,
               "all say why in one buffer");

/* ---- between items */

/* Skips blanks, newlines and comments. Returns 0 having failed: a comment that does not end. */
static int space(struct conftext *in)
{
    for (;;) {
        while (conftext_peek(in) == '\n' || conftext_peek(in) == ' ' || conftext_peek(in) == '\t' ||
               conftext_peek(in) == '\r')
            in->p++;
        if (conftext_peek(in) == '#' || conftext_is_at(in, "//")) {
            while (in->p < in->end && *in->p != '\n')
                in->p++;
        } else if (conftext_is_at(in, "/*")) {
            char const *at = in->p;
            in->p += 2;
            while (in->p < in->end && !conftext_is_at(in, "*/"))
                in->p++;
            if (in->p >= in->end)
                return conftext_fail(in, at, "the comment does not end: */ is missing");
            in->p += 2;
        } else {
            return 1;
        }
    }
}

static struct hclvalue *new_value(struct conftext *in)
{
    struct hclvalue *v = pool_get(in->pool, sizeof *v);
    if (!v) {
        conftext_no_memory(in);
        return NULL;
    }
    *v = (struct hclvalue){.line = conftext_line(in, in->p)};
    return v;
}

/* ---- values and items */

static int items(struct conftext *in, struct hclvalue *object, char close, unsigned int depth);
static struct hclvalue *value(struct conftext *in, unsigned int depth);

static int list(struct conftext *in, struct hclvalue *v, unsigned int depth)
{
    struct hclvalue **to = &v->u.first;
    char const *at = in->p++;
    v->kind = HCL_LIST;
    for (;;) {
        if (!space(in))
            return 0;
        if (conftext_peek(in) == ']') {
            in->p++;
            return 1;
        }
        if (!conftext_peek(in))
            return conftext_fail(in, at, "the list does not end: ] is missing");
        if (!(*to = value(in, depth + 1)) || !space(in))
            return 0;
        to = &(*to)->next;
        if (conftext_peek(in) == ',')
            in->p++;
        else if (conftext_peek(in) && conftext_peek(in) != ']')
            return conftext_fail(in, in->p, "a comma belongs between the values of a list");
    }
}

static int object(struct conftext *in, struct hclvalue *v, unsigned int depth)
{
    v->kind = HCL_OBJECT;
    in->p++;
    return items(in, v, '}', depth + 1);
}

static int scalar(struct conftext *in, struct hclvalue *v)
{
    char c = conftext_peek(in);
    if (c == '"')
        return hclscalar_string(in, v);
    if (c == '-' || (c >= '0' && c <= '9'))
        return hclscalar_number(in, v);
    if (conftext_is_at(in, "<<"))
        return hclscalar_heredoc(in, v);
    if (hclscalar_identifier(in))
        return hclscalar_bool(in, v);
    return conftext_fail(in, in->p,
                         "a value belongs here: a string in quotes, a number, true or "
                         "false, a list or an object");
}

static struct hclvalue *value(struct conftext *in, unsigned int depth)
{
    struct hclvalue *v = new_value(in);
    int ok = 0;
    if (v && depth > DEPTH)
        conftext_fail(in, in->p, "more than %d objects and lists in each other", DEPTH);
    else if (v && conftext_peek(in) == '[')
        ok = list(in, v, depth);
    else if (v && conftext_peek(in) == '{')
        ok = object(in, v, depth);
    else if (v)
        ok = scalar(in, v);
    return ok ? v : NULL;
}

/* A key or a label: an identifier, or a string. */
static struct hclitem *key(struct conftext *in)
{
    struct hclitem *item = pool_get(in->pool, sizeof *item);
    struct hclvalue name;
    size_t n = hclscalar_identifier(in);
    if (!item) {
        conftext_no_memory(in);
        return NULL;
    }
    *item = (struct hclitem){.line = conftext_line(in, in->p)};
    if (n) {
        item->key = pool_copy(in->pool, in->p, n);
        item->n = n;
        in->p += n;
        if (!item->key)
            conftext_no_memory(in);
        return item->key ? item : NULL;
    }
    if (conftext_peek(in) != '"') {
        conftext_fail(in, in->p, "a key belongs here: letters, digits, _ and -, or in quotes");
        return NULL;
    }
    if (!hclscalar_string(in, &name))
        return NULL;
    item->key = name.u.string.s;
    item->n = name.u.string.n;
    return item;
}

/* KEY = VALUE, KEY {, KEY "LABEL"... {. */
static struct hclitem *item(struct conftext *in, unsigned int depth)
{
    struct hclitem *first = key(in);
    struct hclitem *last = first;
    unsigned int labels = 0;
    for (;;) {
        if (!last || !space(in))
            return NULL;
        char c = conftext_peek(in);
        if (c == '{' || (c == '=' && !labels))
            break;
        if (c != '"' && !hclscalar_identifier(in)) {
            conftext_fail(in, in->p,
                          c == '=' ? "a block with a label has no ="
                                   : "= or { belongs behind the key");
            return NULL;
        }
        if (++labels > LABELS) {
            conftext_fail(in, in->p, "more than %d labels: is an = missing?", LABELS);
            return NULL;
        }
        /* a label is a key in an object of its own */
        struct hclvalue *v = new_value(in);
        if (!v)
            return NULL;
        v->kind = HCL_OBJECT;
        last->value = v;
        last = v->u.item = key(in);
    }
    if (conftext_peek(in) == '=') {
        in->p++;
        if (!space(in))
            return NULL;
    }
    last->value = value(in, depth + labels);
    return last->value ? first : NULL;
}

/* The items up to close, or to the end of the text where that is 0. */
static int items(struct conftext *in, struct hclvalue *object, char close, unsigned int depth)
{
    struct hclitem **to = &object->u.item;
    char const *at = in->p;
    for (;;) {
        if (!space(in))
            return 0;
        if (in->p >= in->end)
            return close ? conftext_fail(in, at, "the block does not end: } is missing") : 1;
        if (close && conftext_peek(in) == close) {
            in->p++;
            return 1;
        }
        if (!(*to = item(in, depth)) || !space(in))
            return 0;
        to = &(*to)->next;
        if (conftext_peek(in) == ',')
            in->p++;
    }
}

/* ---- JSON */

/* A copy, NULL with errno; EINVAL: there is a byte 0 in it. */
static char *json_text(struct pool *p, char const *s, size_t n)
{
    if (!memchr(s, 0, n))
        return pool_copy(p, s, n);
    errno = EINVAL;
    return NULL;
}

static struct hclvalue *of_json(struct pool *p, struct tmplvalue const *from);

static int json_items(struct pool *p, struct tmplvalue const *from, struct hclvalue *v)
{
    struct hclitem **to = &v->u.item;
    v->kind = HCL_OBJECT;
    for (size_t i = 0; i < from->n; i++) {
        struct tmplentry const *e = from->u.entry + i;
        if (e->value.kind == TMPLVALUE_NIL)
            continue; /* as if it were not there */
        struct hclitem *it = pool_get(p, sizeof *it);
        char *name = it ? json_text(p, e->key, e->n) : NULL;
        struct hclvalue *is = name ? of_json(p, &e->value) : NULL;
        if (!is)
            return 0;
        *it = (struct hclitem){.key = name, .n = e->n, .value = is};
        *to = it;
        to = &it->next;
    }
    return 1;
}

static int json_list(struct pool *p, struct tmplvalue const *from, struct hclvalue *v)
{
    struct hclvalue **to = &v->u.first;
    v->kind = HCL_LIST;
    for (size_t i = 0; i < from->n; i++) {
        if (!(*to = of_json(p, from->u.item + i)))
            return 0;
        to = &(*to)->next;
    }
    return 1;
}

/* The reader bounds the depth. NULL with errno as json_text. */
static struct hclvalue *of_json(struct pool *p, struct tmplvalue const *from)
{
    struct hclvalue *v = pool_get(p, sizeof *v);
    int ok = v != NULL;
    if (!ok)
        return NULL;
    *v = (struct hclvalue){.kind = HCL_STRING};
    switch (from->kind) {
    case TMPLVALUE_BOOL:
        v->kind = HCL_BOOL;
        v->u.b = from->u.b;
        break;
    case TMPLVALUE_INT:
        v->kind = HCL_INT;
        v->u.i = from->u.i;
        break;
    case TMPLVALUE_FLOAT:
        v->kind = HCL_FLOAT;
        v->u.f = from->u.f;
        break;
    case TMPLVALUE_LIST:
        ok = json_list(p, from, v);
        break;
    case TMPLVALUE_MAP:
        ok = json_items(p, from, v);
        break;
    default: /* a string, or nothing in a list */
        v->u.string.n = from->kind == TMPLVALUE_STRING ? from->n : 0;
        v->u.string.s = json_text(p, v->u.string.n ? from->u.s : "", v->u.string.n);
        ok = v->u.string.s != NULL;
    }
    return ok ? v : NULL;
}

static struct hclvalue *json(char const *s, size_t len, struct conftext *in)
{
    struct tmplvalue v;
    in->at = in->s;
    if (!tmpljson_read(s, len, 0, in->pool, &v, in->why))
        return NULL; /* which has line and column in its words */
    struct hclvalue *root = of_json(in->pool, &v);
    if (!root && errno == EINVAL)
        conftext_fail(in, in->s, "a string cannot have a byte 0");
    else if (!root)
        conftext_no_memory(in);
    return root;
}

static int is_json(char const *s, size_t len)
{
    size_t i = 0;
    while (i < len && strchr(" \t\r\n", s[i]) && s[i])
        i++;
    return i < len && s[i] == '{';
}

struct hclvalue *hcl_read(char const *s, size_t len, struct pool *p, unsigned int *line,
                          unsigned int *column, char why[HCL_WHY])
{
    size_t bom = len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
    struct conftext in = {.s = s + bom, .p = s + bom, .end = s + len, .pool = p, .why = why};
    struct hclvalue *root = NULL;
    *line = *column = 0;
    if (len > SIZE) {
        snprintf(why, HCL_WHY, "a file of more than %d bytes", SIZE);
        return NULL;
    }
    if (is_json(in.s, len - bom))
        return json(in.s, len - bom, &in);
    if (conftext_check(&in) && (root = new_value(&in))) {
        root->kind = HCL_OBJECT;
        if (!items(&in, root, 0, 1))
            root = NULL;
    }
    if (!root)
        conftext_place(&in, line, column);
    return root;
}
