#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/gofloat.h>
#include <cairn/gotoml.h>
#include <cairn/utf8.h>

/* The table that is being written, and those it is in. */
struct path {
    struct path const *up;
    char const *key;
    size_t n;
};

struct writer {
    stralloc *out;
    size_t max;
    size_t begin; /* of what is ours in out */
    char *why;
};

static int fail(struct writer *w, char const *what)
{
    snprintf(w->why, GOTOML_WHY, "%s", what);
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

/* ---- keys and strings */

static int put_escaped(struct writer *w, char const *s, size_t n)
{
    static char const special[] = "\b\t\n\f\r\"\\";
    static char const letter[] = "btnfr\"\\";
    unsigned int rune;
    int ok;
    if (!put(w, "\"", 1))
        return 0;
    for (size_t i = 0, k; i < n; i += k) {
        char buf[8];
        char const *at = s[i] ? strchr(special, s[i]) : NULL;
        k = utf8_get(s + i, n - i, &rune, &ok);
        if (!ok)
            return fail(w, "a string is no UTF-8, which TOML has to be");
        if (at)
            snprintf(buf, sizeof buf, "\\%c", letter[at - special]);
        else if (rune < ' ' || rune == 0x7f)
            snprintf(buf, sizeof buf, "\\u%04x", rune);
        else if (!put(w, s + i, k))
            return 0;
        if ((at || rune < ' ' || rune == 0x7f) && !put_text(w, buf))
            return 0;
    }
    return put(w, "\"", 1);
}

static int put_key(struct writer *w, char const *s, size_t n)
{
    size_t k = 0;
    while (k < n && ((s[k] >= 'a' && s[k] <= 'z') || (s[k] >= 'A' && s[k] <= 'Z') ||
                     (s[k] >= '0' && s[k] <= '9') || s[k] == '_' || s[k] == '-'))
        k++;
    return n && k == n ? put(w, s, n) : put_escaped(w, s, n);
}

static unsigned int depth_of(struct path const *p)
{
    unsigned int n = 0;
    for (; p; p = p->up)
        n++;
    return n;
}

static int put_indent(struct writer *w, unsigned int depth)
{
    return catmax_fill(w->out, w->max, ' ', (size_t)2 * depth) || fail(w, "out of memory");
}

static int put_path(struct writer *w, struct path const *p)
{
    if (p->up && (!put_path(w, p->up) || !put(w, ".", 1)))
        return 0;
    return put_key(w, p->key, p->n);
}

/* ---- values on one line */

static int is_table(struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_MAP || v->kind == TMPLVALUE_OBJECT;
}

static int put_float(struct writer *w, double f)
{
    struct gofloat const how = {.form = 'f', .precision = -1};
    size_t from = w->out->len;
    if (!isfinite(f))
        return put_text(w, isnan(f) ? "nan" : f < 0 ? "-inf" : "+inf");
    if (!gofloat_put(w->out, w->max, &how, f))
        return fail(w, catmax_why());
    return memchr(w->out->s + from, '.', w->out->len - from) || put(w, ".0", 2);
}

static int put_value(struct writer *w, struct tmplvalue const *v, unsigned int depth);

static int put_list(struct writer *w, struct tmplvalue const *v, unsigned int depth)
{
    if (!put(w, "[", 1))
        return 0;
    for (size_t i = 0; i < v->n; i++)
        if ((i && !put(w, ", ", 2)) || !put_value(w, v->u.item + i, depth + 1))
            return 0;
    return put(w, "]", 1);
}

static int put_value(struct writer *w, struct tmplvalue const *v, unsigned int depth)
{
    char text[32];
    if (depth > GOTOML_DEPTH_MAX)
        return fail(w, "more lists and maps in one another than are allowed");
    switch (v->kind) {
    case TMPLVALUE_BOOL:
        return put_text(w, v->u.b ? "true" : "false");
    case TMPLVALUE_INT:
        snprintf(text, sizeof text, "%lld", (long long)v->u.i);
        return put_text(w, text);
    case TMPLVALUE_FLOAT:
        return put_float(w, v->u.f);
    case TMPLVALUE_STRING:
        return put_escaped(w, v->u.s, v->n);
    case TMPLVALUE_LIST:
        return put_list(w, v, depth);
    default:
        return fail(w, is_table(v) ? "a list has maps and other things in it"
                                   : "TOML has nothing for null in a list");
    }
}

/* ---- tables */

/* Entry i of a map, or field i of an object, with its key. */
static struct tmplvalue const *member(struct tmplvalue const *v, size_t i, char const **key,
                                      size_t *n)
{
    if (v->kind == TMPLVALUE_MAP) {
        *key = v->u.entry[i].key;
        *n = v->u.entry[i].n;
        return &v->u.entry[i].value;
    }
    *key = v->u.object->class->field[i];
    *n = strlen(*key);
    return v->u.object->field + i;
}

static size_t members(struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_MAP ? v->n : v->u.object->class->fields;
}

static int is_list_of_tables(struct tmplvalue const *v)
{
    size_t i = 0;
    while (v->kind == TMPLVALUE_LIST && i < v->n && is_table(v->u.item + i))
        i++;
    return v->kind == TMPLVALUE_LIST && v->n && i == v->n;
}

static int put_table(struct writer *w, struct tmplvalue const *v, struct path const *p);

static int put_head(struct writer *w, struct path const *p, int is_list)
{
    unsigned int depth = depth_of(p);
    if ((is_list || depth == 1) && w->out->len > w->begin && !put(w, "\n", 1))
        return 0;
    return put_indent(w, depth - 1) && put_text(w, is_list ? "[[" : "[") && put_path(w, p) &&
           put_text(w, is_list ? "]]\n" : "]\n");
}

static int put_tables(struct writer *w, struct tmplvalue const *v, struct path const *p)
{
    if (v->kind != TMPLVALUE_LIST)
        return put_head(w, p, 0) && put_table(w, v, p);
    for (size_t i = 0; i < v->n; i++)
        if (!put_head(w, p, 1) || !put_table(w, v->u.item + i, p))
            return 0;
    return 1;
}

/* What stands on one line each first, then the tables. */
static int put_table(struct writer *w, struct tmplvalue const *v, struct path const *p)
{
    struct path in = {.up = p};
    unsigned int depth = depth_of(p);
    if (depth > GOTOML_DEPTH_MAX)
        return fail(w, "more lists and maps in one another than are allowed");
    for (size_t i = 0; i < members(v); i++) {
        struct tmplvalue const *m = member(v, i, &in.key, &in.n);
        if (tmplvalue_is_nothing(m) || is_table(m) || is_list_of_tables(m))
            continue;
        if (!put_indent(w, depth) || !put_key(w, in.key, in.n) || !put_text(w, " = ") ||
            !put_value(w, m, 0) || !put(w, "\n", 1))
            return 0;
    }
    for (size_t i = 0; i < members(v); i++) {
        struct tmplvalue const *m = member(v, i, &in.key, &in.n);
        if ((is_table(m) || is_list_of_tables(m)) && !put_tables(w, m, &in))
            return 0;
    }
    return 1;
}

int gotoml_put(stralloc *out, size_t max, struct tmplvalue const *v, char why[GOTOML_WHY])
{
    struct writer w = {.out = out, .max = max, .begin = out->len, .why = why};
    if (!is_table(v))
        return fail(&w, "only a map can be TOML");
    return put_table(&w, v, NULL);
}
