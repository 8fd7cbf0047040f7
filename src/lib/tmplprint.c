#include <string.h>

#include <cairn/catmax.h>
#include <cairn/tmplprint.h>
#include <cairn/tmplverb.h>
#include <cairn/utf8.h>

static struct tmplverb const plain = {.rune = 'v', .utf8 = "v", .width = -1, .precision = -1};

int tmplprint_value(stralloc *out, size_t max, struct tmplvalue const *v)
{
    return tmplverb_put(out, max, &plain, v);
}

int tmplprint_action(stralloc *out, size_t max, struct tmplvalue const *v)
{
    if (tmplvalue_is_nothing(v))
        return catmax_text(out, max, "<no value>");
    return tmplprint_value(out, max, v);
}

int tmplprint_print(stralloc *out, size_t max, struct tmplvalue const *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int apart = i && v[i].kind != TMPLVALUE_STRING && v[i - 1].kind != TMPLVALUE_STRING;
        if ((apart && !catmax_text(out, max, " ")) || !tmplprint_value(out, max, v + i))
            return 0;
    }
    return 1;
}

int tmplprint_println(stralloc *out, size_t max, struct tmplvalue const *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((i && !catmax_text(out, max, " ")) || !tmplprint_value(out, max, v + i))
            return 0;
    return catmax_text(out, max, "\n");
}

/* printf */

enum { WIDTH_MAX = 1000000 }; /* and of precisions, as in Go */

struct format {
    stralloc *out;
    size_t max;
    char const *s; /* what is read next */
    char const *end;
    struct tmplvalue const *v;
    size_t n;
    size_t next;      /* operand */
    int is_reordered; /* an index was used: operands that stay unused are no fault */
    int is_bad_index; /* in this verb */
};

static int is_digit(struct format const *f)
{
    return f->s < f->end && *f->s >= '0' && *f->s <= '9';
}

static int is_next(struct format const *f, char c)
{
    return f->s < f->end && *f->s == c;
}

/* Reads digits as a number. Returns 1, or 0 where it is too large; Go takes one digit beyond
   WIDTH_MAX, and gives up where a second follows. */
static int number(struct format *f, int *value)
{
    int n = 0;
    for (; is_digit(f); f->s++) {
        if (n > WIDTH_MAX)
            return 0;
        n = n * 10 + (*f->s - '0');
    }
    *value = n;
    return 1;
}

/* [n], which says what operand is the next. Returns whether there was one. */
static int operand_index(struct format *f)
{
    int n;
    if (!is_next(f, '['))
        return 0;
    f->is_reordered = 1;
    char const *close = memchr(f->s, ']', (size_t)(f->end - f->s));
    if (!close || f->end - f->s < 3) { /* Go looks for no ] in the last two bytes of a format */
        f->is_bad_index = 1;
        f->s++;
        return 0;
    }
    f->s++;
    if (is_digit(f) && number(f, &n) && f->s == close && n >= 1 && (size_t)n <= f->n)
        f->next = (size_t)n - 1;
    else
        f->is_bad_index = 1;
    f->s = close + 1;
    return 1;
}

/* A width or precision in digits, with *value as it was where there are none. One that is too large
   makes the rest of the format unreadable. */
static void digits(struct format *f, int *value)
{
    if (is_digit(f) && !number(f, value))
        f->s = f->end;
}

/* The operand that a * stands for: an integer. Returns whether it is one. */
static int star(struct format *f, int *value)
{
    f->s++;
    if (f->next >= f->n)
        return 0;
    struct tmplvalue const *v = f->v + f->next++;
    if (v->kind != TMPLVALUE_INT || v->u.i > WIDTH_MAX || v->u.i < -WIDTH_MAX)
        return 0;
    *value = (int)v->u.i;
    return 1;
}

/* *is_indexed: does an index stand before what is read next? It belongs to a * or the verb. */
static int read_width(struct format *f, struct tmplverb *verb, int *is_indexed)
{
    *is_indexed = operand_index(f);
    if (is_next(f, '*')) {
        *is_indexed = 0;
        if (!star(f, &verb->width))
            return catmax_text(f->out, f->max, "%!(BADWIDTH)");
        if (verb->width < 0) {
            verb->width = -verb->width;
            verb->minus = 1;
        }
        return 1;
    }
    f->is_bad_index |= *is_indexed && is_digit(f);
    digits(f, &verb->width);
    return 1;
}

static int read_precision(struct format *f, struct tmplverb *verb, int *is_indexed)
{
    if (!is_next(f, '.'))
        return 1;
    f->s++;
    f->is_bad_index |= *is_indexed;
    *is_indexed = operand_index(f);
    if (is_next(f, '*')) {
        *is_indexed = 0;
        if (star(f, &verb->precision) && verb->precision >= 0)
            return 1;
        verb->precision = -1;
        return catmax_text(f->out, f->max, "%!(BADPREC)");
    }
    verb->precision = 0;
    digits(f, &verb->precision);
    return 1;
}

static void read_flags(struct format *f, struct tmplverb *verb)
{
    for (; f->s < f->end; f->s++)
        switch (*f->s) {
        case '+':
            verb->plus = 1;
            break;
        case '-':
            verb->minus = 1;
            break;
        case '#':
            verb->sharp = 1;
            break;
        case ' ':
            verb->space = 1;
            break;
        case '0':
            verb->zero = 1;
            break;
        default:
            return;
        }
}

static void read_rune(struct format *f, struct tmplverb *verb)
{
    int ok;
    f->s += utf8_get(f->s, (size_t)(f->end - f->s), &verb->rune, &ok);
    utf8_put(verb->utf8, verb->rune);
}

static int fault(struct format *f, struct tmplverb const *verb, char const *what)
{
    return catmax_text(f->out, f->max, "%!") && catmax_text(f->out, f->max, verb->utf8) &&
           catmax_text(f->out, f->max, what);
}

/* What stands behind a %. */
static int conversion(struct format *f)
{
    struct tmplverb verb = {.width = -1, .precision = -1};
    int is_indexed;
    f->is_bad_index = 0;
    read_flags(f, &verb);
    if (!read_width(f, &verb, &is_indexed) || !read_precision(f, &verb, &is_indexed))
        return 0;
    if (!is_indexed)
        operand_index(f);
    verb.zero &= !verb.minus;
    if (f->s == f->end)
        return catmax_text(f->out, f->max, "%!(NOVERB)");
    read_rune(f, &verb);
    if (verb.rune == '%')
        return catmax_text(f->out, f->max, "%");
    if (verb.rune == 'v') {
        verb.plus_v = verb.plus;
        verb.sharp_v = verb.sharp;
        verb.plus = verb.sharp = 0;
    }
    if (f->is_bad_index)
        return fault(f, &verb, "(BADINDEX)");
    if (f->next >= f->n)
        return fault(f, &verb, "(MISSING)");
    return tmplverb_put(f->out, f->max, &verb, f->v + f->next++);
}

static int extra(struct format *f)
{
    if (!catmax_text(f->out, f->max, "%!(EXTRA "))
        return 0;
    for (size_t i = f->next; i < f->n; i++)
        if ((i > f->next && !catmax_text(f->out, f->max, ", ")) ||
            !tmplverb_put_typed(f->out, f->max, f->v + i))
            return 0;
    return catmax_text(f->out, f->max, ")");
}

int tmplprint_printf(stralloc *out, size_t max, char const *format, size_t len,
                     struct tmplvalue const *v, size_t n)
{
    struct format f = {out, max, format, format + len, v, n, 0, 0, 0};
    while (f.s < f.end) {
        char const *percent = memchr(f.s, '%', (size_t)(f.end - f.s));
        char const *upto = percent ? percent : f.end;
        if (!catmax(out, max, f.s, (size_t)(upto - f.s)))
            return 0;
        f.s = percent ? upto + 1 : upto;
        if (percent && !conversion(&f))
            return 0;
    }
    return f.is_reordered || f.next >= n || extra(&f);
}
