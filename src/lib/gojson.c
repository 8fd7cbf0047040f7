#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/gofloat.h>
#include <cairn/gojson.h>
#include <cairn/utf8.h>

struct writer {
    stralloc *out;
    size_t max;
    struct gojson const *how;
    unsigned int depth;
    char *why;
};

static int fail(struct writer *w, char const *what)
{
    snprintf(w->why, GOJSON_WHY, "%s", what);
    return 0;
}

static int put(struct writer *w, char const *s, size_t n)
{
    return catmax(w->out, w->max, s, n) || fail(w, catmax_why());
}

static int put_text(struct writer *w, char const *s)
{
    return put(w, s, strlen(s));
}

/* Does the character need an escape? */
static int is_special(struct writer const *w, unsigned int rune)
{
    if (rune < ' ' || rune == '"' || rune == '\\' || rune == 0x2028 || rune == 0x2029)
        return 1;
    return w->how->is_html_safe && (rune == '<' || rune == '>' || rune == '&');
}

static int put_escaped(struct writer *w, unsigned int rune)
{
    char buf[8] = {'\\', (char)rune, 0};
    if (rune == '\n' || rune == '\r' || rune == '\t')
        buf[1] = rune == '\n' ? 'n' : rune == '\r' ? 'r' : 't';
    else if (rune != '"' && rune != '\\')
        snprintf(buf, sizeof buf, "\\u%04x", rune & 0xffff);
    return put_text(w, buf);
}

static int put_string(struct writer *w, char const *s, size_t n)
{
    size_t from = 0; /* what has not been written begins here */
    size_t k;
    if (!put(w, "\"", 1))
        return 0;
    for (size_t i = 0; i < n; i += k) {
        unsigned int rune;
        int ok;
        k = utf8_get(s + i, n - i, &rune, &ok);
        if (ok && !is_special(w, rune))
            continue;
        if (!put(w, s + from, i - from) || !put_escaped(w, rune))
            return 0;
        from = i + k;
    }
    return put(w, s + from, n - from) && put(w, "\"", 1);
}

int gojson_put_float(stralloc *out, size_t max, double f)
{
    double const size = fabs(f);
    struct gofloat const how = {.form = size != 0 && (size < 1e-6 || size >= 1e21) ? 'e' : 'f',
                                .precision = -1};
    if (!gofloat_put(out, max, &how, f))
        return 0;
    char *end = out->s + out->len;
    if (how.form == 'e' && end[-4] == 'e' && end[-3] == '-' && end[-2] == '0') { /* e-09: e-9 */
        end[-2] = end[-1];
        out->len--;
    }
    return 1;
}

static int put_float(struct writer *w, double f)
{
    if (!isfinite(f))
        return fail(w, "JSON has no NaN and no infinity");
    return gojson_put_float(w->out, w->max, f) || fail(w, catmax_why());
}

static int new_line(struct writer *w)
{
    if (!w->how->indent)
        return 1;
    if (!put(w, "\n", 1))
        return 0;
    for (unsigned int i = 0; i < w->depth; i++)
        if (!put_text(w, w->how->indent))
            return 0;
    return 1;
}

static int put_value(struct writer *w, struct tmplvalue const *v);

static int put_key(struct writer *w, char const *key, size_t n)
{
    return put_string(w, key, n) && put_text(w, w->how->indent ? ": " : ":");
}

/* Item i of a list, map or object, with its key. */
static int put_item(struct writer *w, struct tmplvalue const *v, size_t i)
{
    struct tmplobject const *o = v->u.object;
    if (v->kind == TMPLVALUE_LIST)
        return put_value(w, v->u.item + i);
    if (v->kind == TMPLVALUE_MAP)
        return put_key(w, v->u.entry[i].key, v->u.entry[i].n) && put_value(w, &v->u.entry[i].value);
    return put_key(w, o->class->field[i], strlen(o->class->field[i])) && put_value(w, o->field + i);
}

static int put_all(struct writer *w, struct tmplvalue const *v)
{
    size_t n = v->kind == TMPLVALUE_OBJECT ? v->u.object->class->fields : v->n;
    char const *brackets = v->kind == TMPLVALUE_LIST ? "[]" : "{}";
    if (!n)
        return put_text(w, brackets);
    if (w->depth == GOJSON_DEPTH_MAX)
        return fail(w, "lists and maps are in one another too deep");
    if (!put(w, brackets, 1))
        return 0;
    w->depth++;
    for (size_t i = 0; i < n; i++)
        if ((i && !put(w, ",", 1)) || !new_line(w) || !put_item(w, v, i))
            return 0;
    w->depth--;
    return new_line(w) && put(w, brackets + 1, 1);
}

/* Go's nil of a type that has one. */
static int is_null(struct tmplvalue const *v)
{
    return tmplvalue_is_nothing(v) || (!v->n && v->flags & TMPLVALUE_GO_NIL);
}

static int put_value(struct writer *w, struct tmplvalue const *v)
{
    char number[24];
    if (is_null(v))
        return put_text(w, "null");
    switch (v->kind) {
    case TMPLVALUE_BOOL:
        return put_text(w, v->u.b ? "true" : "false");
    case TMPLVALUE_INT:
        snprintf(number, sizeof number, "%" PRId64, v->u.i);
        return put_text(w, number);
    case TMPLVALUE_FLOAT:
        return put_float(w, v->u.f);
    case TMPLVALUE_STRING:
        return put_string(w, v->u.s, v->n);
    case TMPLVALUE_LIST:
    case TMPLVALUE_MAP:
    case TMPLVALUE_OBJECT:
        return put_all(w, v);
    default:
        return fail(w, "JSON has no imaginary numbers");
    }
}

int gojson_put(stralloc *out, size_t max, struct gojson const *how, struct tmplvalue const *v,
               char why[GOJSON_WHY])
{
    struct writer w = {.out = out, .max = max, .how = how, .why = why};
    return put_value(&w, v);
}
