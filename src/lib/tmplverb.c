#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/tmplverb.h>
#include <cairn/utf8.h>

enum {
    DEPTH_MAX = 1000, /* of lists in lists */
    NUMBER_MAX = 72   /* 64 binary digits, sign, prefix */
};

/* Characters that Go's strconv does not call printable, beyond ASCII: spaces, controls, formats,
   surrogates, private use, and the last two of each plane. Code points that Unicode has not
   assigned are taken for printable. */
static struct {
    unsigned int from;
    unsigned int to;
} const unprintable[] = {
    {0x7f, 0xa0},       {0xad, 0xad},        {0x600, 0x605},     {0x61c, 0x61c},
    {0x6dd, 0x6dd},     {0x70f, 0x70f},      {0x8e2, 0x8e2},     {0x1680, 0x1680},
    {0x180e, 0x180e},   {0x2000, 0x200f},    {0x2028, 0x202f},   {0x205f, 0x206f},
    {0x3000, 0x3000},   {0xd800, 0xf8ff},    {0xfeff, 0xfeff},   {0xfff0, 0xfffb},
    {0xfffe, 0xffff},   {0x110bd, 0x110bd},  {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff},
    {0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff},
};

int tmplverb_is_printable(unsigned int rune)
{
    if (rune < 32 || rune > 0x10ffff)
        return 0;
    for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++)
        if (rune >= unprintable[i].from && rune <= unprintable[i].to)
            return 0;
    return 1;
}

size_t tmplverb_float(char *buf, double f)
{
    char digits[TMPLVERB_FLOAT];
    int precision = 0;
    size_t n;
    if (isnan(f) || isinf(f))
        return (size_t)sprintf(buf, "%s", isnan(f) ? "NaN" : f > 0 ? "+Inf" : "-Inf");
    do
        snprintf(digits, sizeof digits, "%.*e", precision, f);
    while (strtod(digits, NULL) != f && ++precision < 17);
    int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent < -4 || exponent >= 6)
        n = (size_t)sprintf(buf, "%s", digits);
    else
        n = (size_t)sprintf(buf, "%.*f", precision > exponent ? precision - exponent : 0, f);
    return n;
}

struct sink {
    stralloc *out;
    size_t max;
};

static int put(struct sink *k, char const *s, size_t n)
{
    return catmax(k->out, k->max, s, n);
}

static int puts_(struct sink *k, char const *s)
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

/* Text in its width. Zeros on the left where the flag asks for them. */
static int padded(struct sink *k, struct tmplverb const *f, char const *s, size_t n)
{
    size_t have = f->width > 0 ? runes(s, n) : 0;
    size_t need = f->width > 0 && (size_t)f->width > have ? (size_t)f->width - have : 0;
    if (!need)
        return put(k, s, n);
    if (f->minus)
        return put(k, s, n) && fill(k, ' ', need);
    return fill(k, f->zero ? '0' : ' ', need) && put(k, s, n);
}

static int put_value(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                     int depth);

static struct tmplverb const plain = {.rune = 'v', .utf8 = "v", .width = -1, .precision = -1};

static int put_typed(struct sink *k, struct tmplvalue const *v)
{
    if (v->kind == TMPLVALUE_NONE || v->kind == TMPLVALUE_NIL)
        return puts_(k, "<nil>");
    return puts_(k, tmplvalue_type(v)) && puts_(k, "=") && put_value(k, &plain, v, 0);
}

static int bad_verb(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    return puts_(k, "%!") && puts_(k, f->utf8) && puts_(k, "(") && put_typed(k, v) && puts_(k, ")");
}

/* integers */

static int put_integer(struct sink *k, struct tmplverb const *f, int64_t i, unsigned int base,
                       int is_upper, char const *prefix)
{
    char buf[NUMBER_MAX];
    char *end = buf + sizeof buf;
    char *p = end;
    uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
    char const *sign = i < 0 ? "-" : f->plus ? "+" : f->space ? " " : "";
    size_t zeros = 0;
    for (; u; u /= base)
        *--p = (is_upper ? "0123456789ABCDEF" : "0123456789abcdef")[u % base];
    if (p == end && f->precision)
        *--p = '0';
    size_t n = (size_t)(end - p);
    if (!n && !i)
        return f->width > 0 ? fill(k, ' ', (size_t)f->width) : 1;
    if (f->precision > 0 && (size_t)f->precision > n)
        zeros = (size_t)f->precision - n;
    size_t whole = strlen(sign) + strlen(prefix) + zeros + n;
    size_t need = f->width > 0 && (size_t)f->width > whole ? (size_t)f->width - whole : 0;
    if (f->zero && !f->minus && f->precision < 0) {
        /* the width counts sign and digits; a prefix stands outside of it */
        whole = strlen(sign) + n;
        zeros = f->width > 0 && (size_t)f->width > whole ? (size_t)f->width - whole : 0;
        need = 0;
    }
    return (f->minus || fill(k, ' ', need)) && puts_(k, sign) && puts_(k, prefix) &&
           fill(k, '0', zeros) && put(k, p, n) && (!f->minus || fill(k, ' ', need));
}

static unsigned int rune_of(int64_t i)
{
    return i < 0 || i > 0x10ffff ? 0xfffd : (unsigned int)i;
}

static int put_rune(struct sink *k, struct tmplverb const *f, int64_t i)
{
    char buf[UTF8_MAX];
    return padded(k, f, buf, utf8_put(buf, rune_of(i)));
}

/* U+0041, with # the character behind it */
static int put_unicode(struct sink *k, struct tmplverb const *f, int64_t i)
{
    char buf[NUMBER_MAX];
    size_t n = (size_t)snprintf(buf, sizeof buf - 8, "U+%0*llX",
                                f->precision > 4 && f->precision < 50 ? f->precision : 4,
                                (unsigned long long)i);
    if (f->sharp && i >= 0 && i <= 0x10ffff && tmplverb_is_printable((unsigned int)i)) {
        buf[n++] = ' ';
        buf[n++] = '\'';
        n += utf8_put(buf + n, (unsigned int)i);
        buf[n++] = '\'';
    }
    struct tmplverb g = *f;
    g.zero = 0;
    return padded(k, &g, buf, n);
}

/* One character of a quoted text, escaped where it must be. */
static int put_escaped(struct sink *k, unsigned int rune, char quote, int is_ascii)
{
    static char const names[] = "\aa\bb\ff\nn\rr\tt\vv";
    char buf[16];
    if (rune == (unsigned char)quote || rune == '\\')
        return puts_(k, "\\") && put(k, (char const[]){(char)rune}, 1);
    if (tmplverb_is_printable(rune) && (!is_ascii || rune < 128))
        return put(k, buf, utf8_put(buf, rune));
    for (size_t i = 0; i < sizeof names - 1; i += 2)
        if (rune == (unsigned char)names[i])
            return puts_(k, "\\") && put(k, names + i + 1, 1);
    snprintf(buf, sizeof buf,
             rune < 128       ? "\\x%02x"
             : rune < 0x10000 ? "\\u%04x"
                              : "\\U%08x",
             rune);
    return puts_(k, buf);
}

static int put_quoted_rune(struct sink *k, struct tmplverb const *f, int64_t i)
{
    stralloc sa = STRALLOC_ZERO;
    struct sink own = {&sa, 64};
    int ok = puts_(&own, "'") && put_escaped(&own, rune_of(i), '\'', f->plus) && puts_(&own, "'") &&
             padded(k, f, sa.s, sa.len);
    stralloc_free(&sa);
    return ok;
}

static int put_int(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    switch (f->rune) {
    case 'v':
    case 'd':
        return put_integer(k, f, v->u.i, 10, 0, "");
    case 'b':
        return put_integer(k, f, v->u.i, 2, 0, f->sharp ? "0b" : "");
    case 'o':
        return put_integer(k, f, v->u.i, 8, 0, f->sharp ? "0" : "");
    case 'O':
        return put_integer(k, f, v->u.i, 8, 0, "0o");
    case 'x':
        return put_integer(k, f, v->u.i, 16, 0, f->sharp ? "0x" : "");
    case 'X':
        return put_integer(k, f, v->u.i, 16, 1, f->sharp ? "0X" : "");
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

/* As %a, but two digits of exponent at least. */
static size_t hex_float(char *buf, size_t size, int is_upper, int precision, double f)
{
    char c[64];
    int k = precision < 0 ? snprintf(c, sizeof c, is_upper ? "%A" : "%a", f)
                          : snprintf(c, sizeof c, is_upper ? "%.*A" : "%.*a",
                                     precision > 40 ? 40 : precision, f);
    char *exponent = strchr(c, is_upper ? 'P' : 'p');
    if (k < 0 || !exponent)
        return 0;
    int value = atoi(exponent + 1);
    exponent[1] = 0;
    return (size_t)snprintf(buf, size, "%s%c%02d", c, value < 0 ? '-' : '+', abs(value));
}

/* A whole number and a power of two: 7318349394477056p-51. */
static size_t binary_float(char *buf, size_t size, double f)
{
    int exponent;
    double mantissa = frexp(f, &exponent);
    return (size_t)snprintf(buf, size, "%.0fp%+d", ldexp(mantissa, 53), exponent - 53);
}

/* The digits of f in form e, f, g (or the same in capitals) or x; with the shortest that read back
   where g has no precision. */
static size_t float_digits(char *buf, size_t size, char form, int precision, double f)
{
    char format[] = {'%', '.', '*', form, 0};
    if ((form | 32) == 'x')
        return hex_float(buf, size, form == 'X', precision, f);
    if (form == 'b')
        return binary_float(buf, size, f);
    if (precision >= 0)
        return (size_t)snprintf(buf, size, format, precision, f);
    size_t n = tmplverb_float(buf, f);
    char *e = memchr(buf, 'e', n);
    if (e && form == 'G')
        *e = 'E';
    return n;
}

/* The n bytes of a float's text with its sign, in its width. */
static int put_float_text(struct sink *k, struct tmplverb const *f, char const *s, size_t n)
{
    int is_negative = *s == '-';
    char const *sign = is_negative ? "-" : f->plus ? "+" : f->space ? " " : "";
    s += is_negative;
    n -= (size_t)is_negative;
    size_t whole = strlen(sign) + n;
    size_t need = f->width > 0 && (size_t)f->width > whole ? (size_t)f->width - whole : 0;
    if (f->zero && !f->minus && *s >= '0' && *s <= '9')
        return puts_(k, sign) && fill(k, '0', need) && put(k, s, n);
    return (f->minus || fill(k, ' ', need)) && puts_(k, sign) && put(k, s, n) &&
           (!f->minus || fill(k, ' ', need));
}

/* Infinity has its sign even without the flag. */
static int put_infinite(struct sink *k, struct tmplverb const *f, double d)
{
    struct tmplverb g = *f;
    if (isnan(d))
        return put_float_text(k, f, "NaN", 3);
    g.plus = 1;
    return put_float_text(k, &g, d > 0 ? "Inf" : "-Inf", d > 0 ? 3 : 4);
}

static int put_float(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    enum { SHORT = 512 };
    char buf[SHORT];
    char *s = buf;
    size_t size = sizeof buf;
    stralloc big = STRALLOC_ZERO;
    double d = v->u.f;
    char form;
    int precision = f->precision;
    switch (f->rune) {
    case 'v':
        form = 'g';
        break;
    case 'b':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
        form = (char)f->rune;
        break;
    case 'F':
        form = 'f';
        break;
    default:
        return bad_verb(k, f, v);
    }
    if (precision < 0 && (form == 'e' || form == 'E' || form == 'f'))
        precision = 6;
    if (isnan(d) || isinf(d))
        return put_infinite(k, f, d);
    if (precision > SHORT - 330) {
        size = (size_t)precision + 330;
        if (size > k->max) {
            errno = EDQUOT;
            return 0;
        }
        if (!stralloc_ready(&big, size))
            return 0;
        s = big.s;
    }
    size_t n = float_digits(s, size, form, precision, d);
    int ok = put_float_text(k, f, s, n);
    stralloc_free(&big);
    return ok;
}

/* strings */

static int put_hex(struct sink *k, struct tmplverb const *f, char const *s, size_t n, int is_upper)
{
    char const *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char const *prefix = is_upper ? "0X" : "0x";
    stralloc sa = STRALLOC_ZERO;
    struct sink own = {&sa, k->max};
    int ok = 1;
    if (f->precision >= 0 && (size_t)f->precision < n)
        n = (size_t)f->precision;
    for (size_t i = 0; i < n && ok; i++) {
        unsigned char c = (unsigned char)s[i];
        if (i && f->space)
            ok = puts_(&own, " ");
        if (f->sharp && (!i || f->space))
            ok = ok && puts_(&own, prefix);
        ok = ok && put(&own, (char const[]){digits[c >> 4], digits[c & 15]}, 2);
    }
    ok = ok && padded(k, f, sa.len ? sa.s : "", sa.len);
    stralloc_free(&sa);
    return ok;
}

/* As a raw string, which can hold anything but a backquote and control characters? */
static int is_raw(char const *s, size_t n)
{
    while (n) {
        unsigned int rune;
        int ok;
        size_t len = utf8_get(s, n, &rune, &ok);
        if (!ok || (rune < ' ' && rune != '\t') || rune == '`' || rune == 127 || rune == 0xfeff)
            return 0;
        s += len;
        n -= len;
    }
    return 1;
}

static int quote(struct sink *k, char const *s, size_t n, int is_ascii)
{
    int ok = puts_(k, "\"");
    while (n && ok) {
        unsigned int rune;
        int is_rune;
        char buf[8];
        size_t len = utf8_get(s, n, &rune, &is_rune);
        snprintf(buf, sizeof buf, "\\x%02x", (unsigned char)*s);
        ok = is_rune ? put_escaped(k, rune, '"', is_ascii) : puts_(k, buf);
        s += len;
        n -= len;
    }
    return ok && puts_(k, "\"");
}

static int put_quoted(struct sink *k, struct tmplverb const *f, char const *s, size_t n)
{
    stralloc sa = STRALLOC_ZERO;
    struct sink own = {&sa, k->max};
    int ok;
    if (f->rune == 'q' && f->sharp && is_raw(s, n))
        ok = puts_(&own, "`") && put(&own, s, n) && puts_(&own, "`");
    else
        ok = quote(&own, s, n, f->plus && f->rune == 'q');
    ok = ok && padded(k, f, sa.s, sa.len);
    stralloc_free(&sa);
    return ok;
}

/* The first so many characters. */
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

static int put_string(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    size_t n = cut(f, v->u.s, v->n);
    switch (f->rune) {
    case 'v':
        if (f->sharp_v)
            return put_quoted(k, f, v->u.s, v->n);
        return padded(k, f, v->u.s, n);
    case 's':
        return padded(k, f, v->u.s, n);
    case 'q':
        return put_quoted(k, f, v->u.s, n);
    case 'x':
    case 'X':
        return put_hex(k, f, v->u.s, v->n, f->rune == 'X');
    default:
        return bad_verb(k, f, v);
    }
}

/* lists, maps, objects */

static int put_list(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v, int depth)
{
    int is_source = f->sharp_v;
    if (!(is_source ? puts_(k, tmplvalue_type(v)) && puts_(k, "{") : puts_(k, "[")))
        return 0;
    for (size_t i = 0; i < v->n; i++)
        if ((i && !puts_(k, is_source ? ", " : " ")) || !put_value(k, f, v->u.item + i, depth + 1))
            return 0;
    return puts_(k, is_source ? "}" : "]");
}

static int put_map(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v, int depth)
{
    int is_source = f->sharp_v;
    if (!(is_source ? puts_(k, tmplvalue_type(v)) && puts_(k, "{") : puts_(k, "map[")))
        return 0;
    for (size_t i = 0; i < v->n; i++) {
        struct tmplentry const *e = v->u.entry + i;
        struct tmplvalue key = tmplvalue_string(e->key, e->n);
        if ((i && !puts_(k, is_source ? ", " : " ")) || !put_value(k, f, &key, depth + 1) ||
            !puts_(k, ":") || !put_value(k, f, &e->value, depth + 1))
            return 0;
    }
    return puts_(k, is_source ? "}" : "]");
}

static int put_object(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                      int depth)
{
    struct tmplobject const *o = v->u.object;
    if (o->class->text && (f->rune == 'v' || f->rune == 's' || f->rune == 'q')) {
        struct pool p;
        struct tmplvalue text;
        pool_init(&p, k->max);
        int ok = o->class->text(o, &p, &text) && put_string(k, f, &text);
        pool_free(&p);
        return ok;
    }
    int named = f->plus_v || f->sharp_v;
    if ((f->sharp_v && !puts_(k, o->class->name)) || !puts_(k, "{"))
        return 0;
    for (size_t i = 0; i < o->class->fields; i++)
        if ((i && !puts_(k, f->sharp_v ? ", " : " ")) ||
            (named && !(puts_(k, o->class->field[i]) && puts_(k, ":"))) ||
            !put_value(k, f, o->field + i, depth + 1))
            return 0;
    return puts_(k, "}");
}

static int put_bool(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    if (f->rune != 'v' && f->rune != 't')
        return bad_verb(k, f, v);
    return padded(k, f, v->u.b ? "true" : "false", v->u.b ? 4 : 5);
}

static int put_nothing(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v,
                       int depth)
{
    if (f->rune != 'v')
        return bad_verb(k, f, v);
    if (f->sharp_v && depth)
        return puts_(k, "interface {}(nil)");
    return padded(k, f, "<nil>", 5);
}

static int put_imaginary(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v)
{
    struct tmplverb g = *f;
    struct tmplvalue part = tmplvalue_float(0);
    g.zero = 0;
    if (f->rune != 'v' && !strchr("eEfFgG", (char)f->rune))
        return bad_verb(k, f, v);
    if (!puts_(k, "(") || !put_float(k, &g, &part))
        return 0;
    g.plus = 1;
    part = tmplvalue_float(v->u.f);
    return put_float(k, &g, &part) && puts_(k, "i)");
}

static int put_value(struct sink *k, struct tmplverb const *f, struct tmplvalue const *v, int depth)
{
    if (depth > DEPTH_MAX) {
        errno = EDQUOT;
        return 0;
    }
    if (f->rune == 'T')
        return padded(k, f, tmplvalue_type(v), strlen(tmplvalue_type(v)));
    switch (v->kind) {
    case TMPLVALUE_NONE:
    case TMPLVALUE_NIL:
        return put_nothing(k, f, v, depth);
    case TMPLVALUE_BOOL:
        return put_bool(k, f, v);
    case TMPLVALUE_INT:
        return put_int(k, f, v);
    case TMPLVALUE_FLOAT:
        return put_float(k, f, v);
    case TMPLVALUE_IMAGINARY:
        return put_imaginary(k, f, v);
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
    struct sink k = {out, max};
    return put_typed(&k, v);
}

int tmplverb_quote(stralloc *out, size_t max, char const *s, size_t n)
{
    struct sink k = {out, max};
    return quote(&k, s, n, 0);
}
