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
    if (v->kind == TMPLVALUE_NONE || v->kind == TMPLVALUE_NIL)
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

/* A number of digits. Returns whether one stands here that is not too large. */
static int number(struct format *f, int *value)
{
    int has = is_digit(f);
    int n = 0;
    for (; is_digit(f); f->s++)
        if (n <= TMPLVERB_WIDTH)
            n = n * 10 + (*f->s - '0');
    *value = n;
    return has && n <= TMPLVERB_WIDTH;
}

/* [n], which says what operand is the next. */
static void operand_index(struct format *f)
{
    int n;
    if (!is_next(f, '['))
        return;
    f->is_reordered = 1;
    char const *close = memchr(f->s, ']', (size_t)(f->end - f->s));
    f->s++;
    if (!close) {
        f->is_bad_index = 1;
        return;
    }
    if (number(f, &n) && f->s == close && n >= 1 && (size_t)n <= f->n)
        f->next = (size_t)n - 1;
    else
        f->is_bad_index = 1;
    f->s = close + 1;
}

/* The operand that a * stands for: an integer. Returns whether it is one. */
static int star(struct format *f, int *value)
{
    if (f->next >= f->n)
        return 0;
    struct tmplvalue const *v = f->v + f->next++;
    if (v->kind != TMPLVALUE_INT || v->u.i > TMPLVERB_WIDTH || v->u.i < -TMPLVERB_WIDTH)
        return 0;
    *value = (int)v->u.i;
    return 1;
}

static int read_width(struct format *f, struct tmplverb *verb)
{
    operand_index(f);
    if (is_next(f, '*')) {
        f->s++;
        if (!star(f, &verb->width))
            return catmax_text(f->out, f->max, "%!(BADWIDTH)");
        if (verb->width < 0) {
            verb->width = -verb->width;
            verb->minus = 1;
        }
        return 1;
    }
    if (is_digit(f)) {
        f->is_bad_index |= f->s[-1] == ']';
        if (!number(f, &verb->width)) {
            verb->width = -1;
            f->s = f->end;
        }
    }
    return 1;
}

static int read_precision(struct format *f, struct tmplverb *verb)
{
    if (!is_next(f, '.'))
        return 1;
    f->is_bad_index |= f->s[-1] == ']';
    f->s++;
    operand_index(f);
    if (is_next(f, '*')) {
        f->s++;
        if (!star(f, &verb->precision))
            return catmax_text(f->out, f->max, "%!(BADPREC)");
        if (verb->precision < 0)
            verb->precision = -1;
        return 1;
    }
    verb->precision = 0;
    if (is_digit(f) && !number(f, &verb->precision)) {
        verb->precision = -1;
        f->s = f->end;
    }
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
    f->is_bad_index = 0;
    read_flags(f, &verb);
    if (!read_width(f, &verb) || !read_precision(f, &verb))
        return 0;
    operand_index(f);
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
