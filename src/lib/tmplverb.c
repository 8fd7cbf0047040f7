#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/gofloat.h>
#include <cairn/goquote.h>
#include <cairn/tmplverb.h>
#include <cairn/utf8.h>

enum {
    DEPTH_MAX = 1000, /* of lists in lists */
    BITS = 64
};

/* where it goes */
struct sink {
    stralloc *out;
    size_t max;
};

static int put(struct sink *k, char const *s, size_t n)
{
    return catmax(k->out, k->max, s, n);
}

static int put_text(struct sink *k, char const *s)
{
    return catmax_text(k->out, k->max, s);
}

static int fill(struct sink *k, char c, size_t n)
{
    return catmax_fill(k->out, k->max, c, n);
}

/* How long the first character is; what is no UTF-8 counts byte by byte. */
static size_t rune_length(char const *s, size_t n)
{
    unsigned int rune;
    int ok;
    return utf8_get(s, n, &rune, &ok);
}

static size_t runes(char const *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += rune_length(s + i, n - i))
        count++;
    return count;
}

/* The first so many characters that the precision allows. */
static size_t cut(struct tmplverb const *f, char const *s, size_t n)
{
    size_t at = 0;
    for (int i = 0; f->precision >= 0 && at < n; i++) {
        if (i == f->precision)
            return at;
        at += rune_length(s + at, n - at);
    }
    return n;
}

/* What a text of so many characters lacks of the width. */
static size_t lack(struct tmplverb const *f, size_t have)
{
    return f->width > 0 && (size_t)f->width > have ? (size_t)f->width - have : 0;
}

/* Text in its width; the flag 0 serves text as it serves numbers. */
static int padded(struct sink *k, struct tmplverb const *f, char const *s, size_t n)
{
    size_t need = f->width > 0 ? lack(f, runes(s, n)) : 0;
    return (f->minus || fill(k, f->zero ? '0' : ' ', need)) && put(k, s, n) &&
           (!f->minus || fill(k, ' ', need));
}

/* The same, of what was made (ok) in sa, which is freed. */
static int padded_sa(struct sink *k, struct tmplverb const *f, stralloc *sa, int ok)
{
    ok = ok && padded(k, f, sa->len ? sa->s : "", sa->len);
    stralloc_free(sa);
    return ok;
}

static int put_value(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                     int depth);

static int put_typed(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    if (tmplvalue_is_nothing(v))
        return put_text(k, "<nil>");
    return put_text(k, tmplvalue_type(v)) && put_text(k, "=") && put_value(k, f, v, 0);
}

/* The value in such a message keeps flags and width: %!s(int=05) for %02s. */
static int bad_verb(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    struct tmplverb g = *f;
    g.rune = 'v';
    return put_text(k, "%!") && put_text(k, f->utf8) && put_text(k, "(") && put_typed(k, &g, v) &&
           put_text(k, ")");
}

/* integers */

static char const *sign_of(struct tmplverb const *f, int is_negative)
{
    return is_negative ? "-" : f->plus ? "+" : f->space ? " " : "";
}

static int put_integer(struct sink *k, struct tmplverb const *f, int64_t i, unsigned int base,
                       char const *prefix)
{
    char const *digits = f->rune == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char const *sign = sign_of(f, i < 0);
    char buf[BITS];
    char *end = buf + sizeof buf;
    char *p = end;
    uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
    size_t want = 1;
    if (f->precision >= 0)
        want = (size_t)f->precision;
    else if (f->zero && f->width > (int)strlen(sign))
        want = (size_t)f->width - strlen(sign); /* a prefix goes beyond the width */
    if (!u && !want)
        return fill(k, ' ', lack(f, 0)); /* not even a sign */
    for (; u; u /= base)
        *--p = digits[u % base];
    size_t n = (size_t)(end - p);
    size_t zeros = want > n ? want - n : 0;
    if (!strcmp(prefix, "0") && zeros)
        prefix = ""; /* as in C, the octal 0 is there already */
    size_t need = lack(f, strlen(sign) + strlen(prefix) + zeros + n);
    return (f->minus || fill(k, ' ', need)) && put_text(k, sign) && put_text(k, prefix) &&
           fill(k, '0', zeros) && put(k, p, n) && (!f->minus || fill(k, ' ', need));
}

static unsigned int rune_of(int64_t i)
{
    return i < 0 || i > 0x10ffff ? UTF8_NONE : (unsigned int)i;
}

static int put_rune(struct sink *k, struct tmplverb const *f, int64_t i)
{
    char buf[UTF8_MAX];
    return padded(k, f, buf, utf8_put(buf, rune_of(i)));
}

static int put_quoted_rune(struct sink *k, struct tmplverb const *f, int64_t i)
{
    stralloc sa = STRALLOC_ZERO;
    return padded_sa(k, f, &sa, goquote_rune(&sa, k->max, rune_of(i), f->plus));
}

/* U+0041, with # the character behind it */
static int put_unicode(struct sink *k, struct tmplverb const *f, int64_t i)
{
    stralloc sa = STRALLOC_ZERO;
    struct sink own = {&sa, k->max};
    char hex[BITS / 4 + 1];
    char buf[UTF8_MAX];
    int want = f->precision > 4 ? f->precision : 4;
    int n = snprintf(hex, sizeof hex, "%llX", (unsigned long long)i);
    int ok = put_text(&own, "U+") && fill(&own, '0', n < want ? (size_t)(want - n) : 0) &&
             put(&own, hex, (size_t)n);
    if (f->sharp && i >= 0 && i <= 0x10ffff && goquote_is_printable((unsigned int)i))
        ok = ok && put_text(&own, " '") && put(&own, buf, utf8_put(buf, (unsigned int)i)) &&
             put_text(&own, "'");
    struct tmplverb g = *f;
    g.zero = 0;
    return padded_sa(k, &g, &sa, ok);
}

static int put_int(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    switch (f->rune) {
    case 'v':
    case 'd':
        return put_integer(k, f, v->u.i, 10, "");
    case 'b':
        return put_integer(k, f, v->u.i, 2, f->sharp ? "0b" : "");
    case 'o':
        return put_integer(k, f, v->u.i, 8, f->sharp ? "0" : "");
    case 'O':
        return put_integer(k, f, v->u.i, 8, "0o");
    case 'x':
        return put_integer(k, f, v->u.i, 16, f->sharp ? "0x" : "");
    case 'X':
        return put_integer(k, f, v->u.i, 16, f->sharp ? "0X" : "");
    case 'c':
        return put_rune(k, f, v->u.i);
    case 'q':
        return put_quoted_rune(k, f, v->u.i);
    case 'U':
        return put_unicode(k, f, v->u.i);
    default:
        return bad_verb(k, f, v);
    }
}

/* floats */

static int is_float_verb(unsigned int rune)
{
    return rune && rune < 0x80 && strchr("vbeEfFgGxX", (int)rune);
}

static struct gofloat how_of(struct tmplverb const *f)
{
    struct gofloat how = {(char)f->rune, f->sharp, f->precision};
    if (how.form == 'v')
        how.form = 'g';
    if (how.form == 'F')
        how.form = 'f';
    if (how.precision < 0 && strchr("eEf", how.form))
        how.precision = 6;
    return how;
}

/* Infinity has its sign even without the flag, and both have no zeros before them. */
static int put_infinite(struct sink *k, struct tmplverb const *f, double d)
{
    char buf[8];
    char const *sign = sign_of(f, d < 0);
    struct tmplverb g = *f;
    g.zero = 0;
    snprintf(buf, sizeof buf, "%s%s", isinf(d) && !*sign ? "+" : sign, isnan(d) ? "NaN" : "Inf");
    return padded(k, &g, buf, strlen(buf));
}

static int put_float(struct sink *k, struct tmplverb const *f, double d)
{
    stralloc sa = STRALLOC_ZERO;
    struct gofloat how = how_of(f);
    if (isnan(d) || isinf(d))
        return put_infinite(k, f, d);
    char const *sign = sign_of(f, signbit(d) != 0);
    int ok = gofloat_put(&sa, k->max, &how, fabs(d));
    size_t need = lack(f, strlen(sign) + sa.len);
    ok = ok && (f->zero || f->minus || fill(k, ' ', need)) && put_text(k, sign) &&
         (!f->zero || fill(k, '0', need)) && put(k, sa.s, sa.len) &&
         (!f->minus || fill(k, ' ', need));
    stralloc_free(&sa);
    return ok;
}

/* (0+2i), both parts under the verb */
static int put_imaginary(struct sink *k, struct tmplverb const *f, double d)
{
    struct tmplverb g = *f;
    g.plus = 1;
    return put_text(k, "(") && put_float(k, f, 0) && put_float(k, &g, d) && put_text(k, "i)");
}

/* strings */

static int put_hex(struct sink *k, struct tmplverb const *f, char const *s, size_t n)
{
    char const *digits = f->rune == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char const *prefix = f->rune == 'X' ? "0X" : "0x";
    stralloc sa = STRALLOC_ZERO;
    struct sink own = {&sa, k->max};
    int ok = 1;
    if (f->precision >= 0 && (size_t)f->precision < n) /* bytes, not characters */
        n = (size_t)f->precision;
    for (size_t i = 0; i < n && ok; i++) {
        unsigned char c = (unsigned char)s[i];
        if (i && f->space)
            ok = put_text(&own, " ");
        if (f->sharp && (!i || f->space))
            ok = ok && put_text(&own, prefix);
        ok = ok && put(&own, (char const[]){digits[c >> 4], digits[c & 15]}, 2);
    }
    return padded_sa(k, f, &sa, ok);
}

static int put_quoted(struct sink *k, struct tmplverb const *f, char const *s, size_t n)
{
    stralloc sa = STRALLOC_ZERO;
    struct sink own = {&sa, k->max};
    if (f->sharp && goquote_is_raw(s, n))
        return padded_sa(k, f, &sa, put_text(&own, "`") && put(&own, s, n) && put_text(&own, "`"));
    return padded_sa(k, f, &sa, goquote_string(&sa, k->max, s, n, f->plus));
}

static int put_string(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    size_t n = cut(f, v->u.s, v->n);
    switch (f->rune) {
    case 'v':
        return f->sharp_v ? put_quoted(k, f, v->u.s, n) : padded(k, f, v->u.s, n);
    case 's':
        return padded(k, f, v->u.s, n);
    case 'q':
        return put_quoted(k, f, v->u.s, n);
    case 'x':
    case 'X':
        return put_hex(k, f, v->u.s, v->n);
    default:
        return bad_verb(k, f, v);
    }
}

/* lists, maps, objects: the verb goes to each element, and so does the width */

static int put_open(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                    char const *plain)
{
    return f->sharp_v ? put_text(k, tmplvalue_type(v)) && put_text(k, "{") : put_text(k, plain);
}

static int put_between(struct sink *k, struct tmplverb const *f, size_t i)
{
    return !i || put_text(k, f->sharp_v ? ", " : " ");
}

static int put_list(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v, int depth)
{
    if (!put_open(k, f, v, "["))
        return 0;
    for (size_t i = 0; i < v->n; i++)
        if (!put_between(k, f, i) || !put_value(k, f, v->u.item + i, depth + 1))
            return 0;
    return put_text(k, f->sharp_v ? "}" : "]");
}

static int put_map(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v, int depth)
{
    if (!put_open(k, f, v, "map["))
        return 0;
    for (size_t i = 0; i < v->n; i++) {
        struct tmplentry const *e = v->u.entry + i;
        struct tmplvalue key = tmplvalue_string(e->key, e->n);
        if (!put_between(k, f, i) || !put_value(k, f, &key, depth + 1) || !put_text(k, ":") ||
            !put_value(k, f, &e->value, depth + 1))
            return 0;
    }
    return put_text(k, f->sharp_v ? "}" : "]");
}

static int put_object_text(struct sink *k, struct tmplverb const *f, struct tmplobject const *o)
{
    struct pool p;
    struct tmplvalue text;
    pool_init(&p, k->max);
    int ok = o->class->text(o, &p, &text) && put_string(k, f, &text);
    pool_free(&p);
    return ok;
}

static int put_object(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                      int depth)
{
    struct tmplobject const *o = v->u.object;
    int is_text = f->rune < 0x80 && strchr("vsxXq", (int)f->rune) && !f->sharp_v;
    if (o->class->text && is_text)
        return put_object_text(k, f, o);
    if (!put_open(k, f, v, "{"))
        return 0;
    for (size_t i = 0; i < o->class->fields; i++) {
        int is_named = f->plus_v || f->sharp_v;
        if (!put_between(k, f, i) ||
            (is_named && !(put_text(k, o->class->field[i]) && put_text(k, ":"))) ||
            !put_value(k, f, o->field + i, depth + 1))
            return 0;
    }
    return put_text(k, "}");
}

static int put_bool(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    if (f->rune != 'v' && f->rune != 't')
        return bad_verb(k, f, v);
    return padded(k, f, v->u.b ? "true" : "false", v->u.b ? 4 : 5);
}

/* In a list, nothing is <nil> under every verb, and in no width. */
static int put_nothing(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                       int depth)
{
    if (depth)
        return put_text(k, f->sharp_v ? "interface {}(nil)" : "<nil>");
    if (f->rune != 'v' && f->rune != 'T')
        return bad_verb(k, f, v);
    return padded(k, f, "<nil>", 5);
}

static int put_type(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    char const *type = tmplvalue_type(v);
    return padded(k, f, type, cut(f, type, strlen(type)));
}

static int put_value(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v, int depth)
{
    if (depth > DEPTH_MAX) {
        errno = EDQUOT;
        return 0;
    }
    if (tmplvalue_is_nothing(v))
        return put_nothing(k, f, v, depth);
    if (f->rune == 'T')
        return put_type(k, f, v);
    switch (v->kind) {
    case TMPLVALUE_NONE:
    case TMPLVALUE_NIL:
        break;
    case TMPLVALUE_BOOL:
        return put_bool(k, f, v);
    case TMPLVALUE_INT:
        return put_int(k, f, v);
    case TMPLVALUE_FLOAT:
        return is_float_verb(f->rune) ? put_float(k, f, v->u.f) : bad_verb(k, f, v);
    case TMPLVALUE_IMAGINARY:
        return is_float_verb(f->rune) ? put_imaginary(k, f, v->u.f) : bad_verb(k, f, v);
    case TMPLVALUE_STRING:
        return put_string(k, f, v);
    case TMPLVALUE_LIST:
        return put_list(k, f, v, depth);
    case TMPLVALUE_MAP:
        return put_map(k, f, v, depth);
    case TMPLVALUE_OBJECT:
        return put_object(k, f, v, depth);
    }
    return 0;
}

int tmplverb_put(stralloc *out, size_t max, struct tmplverb const *verb, struct tmplvalue const *v)
{
    struct sink k = {out, max};
    return put_value(&k, verb, v, 0);
}

int tmplverb_put_typed(stralloc *out, size_t max, struct tmplvalue const *v)
{
    static struct tmplverb const plain = {.rune = 'v', .utf8 = "v", .width = -1, .precision = -1};
    struct sink k = {out, max};
    return put_typed(&k, &plain, v);
}
