#include <string.h>

#include <cairn/catmax.h>
#include <cairn/runecase.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigcase.h>
#include <cairn/utf8.h>
#include <cairn/tmpltext.h>

/* A text, character by character. */
struct reader {
    char const *s;
    size_t n;
    size_t len; /* of the character that next has given */
    unsigned int rune;
    unsigned int last; /* the one before it; 0 at the beginning */
};

static int next(struct reader *r)
{
    int ok;
    r->s += r->len;
    r->n -= r->len;
    r->last = r->rune;
    r->len = r->n ? utf8_get(r->s, r->n, &r->rune, &ok) : 0;
    return r->n > 0;
}

static struct reader read_text(struct tmplvalue const *v)
{
    return (struct reader){.s = v->u.s, .n = v->n};
}

static int is_blank(unsigned int rune)
{
    return (rune >= 9 && rune <= 13) || rune == ' ' || rune == 0x85 || rune == 0xa0;
}

static int is_upper(unsigned int rune)
{
    return runecase_lower(rune) != rune;
}

static int is_lower(unsigned int rune)
{
    return runecase_upper(rune) != rune;
}

static int is_digit(unsigned int rune)
{
    return rune >= '0' && rune <= '9';
}

/* Between words, as title sees them: neither letter nor digit nor underscore. */
static int is_separator(unsigned int rune)
{
    if (rune < 0x80)
        return !is_digit(rune) && !is_upper(rune) && !is_lower(rune) && rune != '_';
    return is_blank(rune);
}

/* What stands for the character. */
static int changed(struct tmplcall *c, struct tmplvalue *result,
                   unsigned int (*change)(struct reader const *))
{
    stralloc sa = STRALLOC_ZERO;
    struct reader r = read_text(c->arg);
    int made = 1;
    while (made && next(&r)) {
        char buf[UTF8_MAX];
        unsigned int rune = change(&r);
        made = rune == r.rune ? catmax(&sa, SPRIGARG_MAX, r.s, r.len)
                              : catmax(&sa, SPRIGARG_MAX, buf, utf8_put(buf, rune));
    }
    return tmpltext_finish(c, made, &sa, result);
}

static unsigned int to_lower(struct reader const *r)
{
    return runecase_lower(r->rune);
}

static unsigned int to_upper(struct reader const *r)
{
    return runecase_upper(r->rune);
}

static unsigned int to_other(struct reader const *r)
{
    return is_upper(r->rune) ? runecase_lower(r->rune) : runecase_upper(r->rune);
}

static unsigned int to_title(struct reader const *r)
{
    return !r->last || is_separator(r->last) ? runecase_upper(r->rune) : r->rune;
}

static unsigned int to_untitle(struct reader const *r)
{
    return !r->last || is_blank(r->last) ? runecase_lower(r->rune) : r->rune;
}

static int lower(struct tmplcall *c, struct tmplvalue *result)
{
    return changed(c, result, to_lower);
}

static int upper(struct tmplcall *c, struct tmplvalue *result)
{
    return changed(c, result, to_upper);
}

static int swapcase(struct tmplcall *c, struct tmplvalue *result)
{
    return changed(c, result, to_other);
}

static int title(struct tmplcall *c, struct tmplvalue *result)
{
    return changed(c, result, to_title);
}

static int untitle(struct tmplcall *c, struct tmplvalue *result)
{
    return changed(c, result, to_untitle);
}

static int initials(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct reader r = read_text(c->arg);
    int made = 1;
    while (made && next(&r))
        if (!is_blank(r.rune) && (!r.last || is_blank(r.last)))
            made = catmax(&sa, SPRIGARG_MAX, r.s, r.len);
    return tmpltext_finish(c, made, &sa, result);
}

/* ---- words in one */

static int is_connector(unsigned int rune)
{
    return rune == '_' || rune == '-' || is_blank(rune);
}

/* A connector before a word is left out, one of several, and none at the ends. */
static int camelcase(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct reader r = read_text(c->arg);
    int made = 1;
    int is_begun = 0;
    while (made && next(&r)) {
        char buf[UTF8_MAX];
        int joins = r.last && is_connector(r.last);
        if (is_connector(r.rune)) {
            if (!is_begun || joins)
                made = catmax(&sa, SPRIGARG_MAX, r.s, r.len);
            continue;
        }
        unsigned int rune = joins || !is_begun ? runecase_upper(r.rune) : runecase_lower(r.rune);
        made = catmax(&sa, SPRIGARG_MAX, buf, utf8_put(buf, rune));
        is_begun = 1;
    }
    if (made && is_begun && is_connector(r.last))
        made = catmax(&sa, SPRIGARG_MAX, "_", 1);
    return tmpltext_finish(c, made, &sa, result);
}

/* The character behind the one of r. */
static unsigned int ahead(struct reader r)
{
    return next(&r) ? r.rune : 0;
}

/* Is the digit of r the first of some that begin a word, as in http2xx? Those before a capital
   letter, or at the end, belong to the word before them. */
static int digits_begin(struct reader r)
{
    do
        if (!is_digit(r.rune))
            return is_lower(r.rune);
    while (next(&r));
    return 0;
}

/* Does a word begin with the character of r? of_digits: the word so far began with a digit. */
static int begins(struct reader const *r, int of_digits)
{
    if (!r->last || is_connector(r->last))
        return 0;
    if (is_digit(r->rune))
        return !is_digit(r->last) && !of_digits && digits_begin(*r);
    if (!is_upper(r->rune))
        return 0;
    return is_lower(r->last) || is_digit(r->last) || (is_upper(r->last) && is_lower(ahead(*r)));
}

static int connected(struct tmplcall *c, char connector, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct reader r = read_text(c->arg);
    int of_digits = 0;
    int made = 1;
    while (made && next(&r)) {
        char buf[UTF8_MAX];
        int is_first = begins(&r, of_digits);
        if (is_connector(r.rune)) {
            made = catmax(&sa, SPRIGARG_MAX, &connector, 1);
            continue;
        }
        if (is_first || !r.last || is_connector(r.last))
            of_digits = is_digit(r.rune);
        made = (!is_first || catmax(&sa, SPRIGARG_MAX, &connector, 1)) &&
               catmax(&sa, SPRIGARG_MAX, buf, utf8_put(buf, runecase_lower(r.rune)));
    }
    return tmpltext_finish(c, made, &sa, result);
}

static int snakecase(struct tmplcall *c, struct tmplvalue *result)
{
    return connected(c, '_', result);
}

static int kebabcase(struct tmplcall *c, struct tmplvalue *result)
{
    return connected(c, '-', result);
}

/* ---- lines */

struct wrapping {
    size_t width;
    struct tmplvalue const *newline;
    int cuts_words;
};

/* Appends s with a newline in place of the last blank that keeps a line within the width, or else
   of the first blank behind it. */
static int put_wrapped(stralloc *sa, struct wrapping const *w, char const *s, size_t n)
{
    while (n > w->width) {
        if (*s == ' ') {
            s++;
            n--;
            continue;
        }
        char const *blank = memrchr(s, ' ', w->width + 1);
        if (!blank && !w->cuts_words)
            blank = memchr(s + w->width, ' ', n - w->width);
        if (!blank && !w->cuts_words)
            break;
        size_t len = blank ? (size_t)(blank - s) : w->width;
        if (!catmax(sa, SPRIGARG_MAX, s, len) ||
            !catmax(sa, SPRIGARG_MAX, w->newline->u.s, w->newline->n))
            return 0;
        len += !!blank;
        s += len;
        n -= len;
    }
    return catmax(sa, SPRIGARG_MAX, s, n);
}

static size_t width_of(struct tmplvalue const *v)
{
    return v->u.i < 1 ? 1 : (size_t)v->u.i;
}

static int wrap(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct tmplvalue newline = tmplvalue_text("\n");
    struct wrapping w = {width_of(c->arg), &newline, 0};
    return tmpltext_finish(c, put_wrapped(&sa, &w, c->arg[1].u.s, c->arg[1].n), &sa, result);
}

static int wrap_with(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct wrapping w = {width_of(c->arg), c->arg + 1, 1};
    return tmpltext_finish(c, put_wrapped(&sa, &w, c->arg[2].u.s, c->arg[2].n), &sa, result);
}

static struct tmplfunc const functions[] = {
    {"sprig_camelcase", "s", camelcase},  {"sprig_initials", "s", initials},
    {"sprig_kebabcase", "s", kebabcase},  {"sprig_lower", "s", lower},
    {"sprig_snakecase", "s", snakecase},  {"sprig_swapcase", "s", swapcase},
    {"sprig_title", "s", title},          {"sprig_untitle", "s", untitle},
    {"sprig_upper", "s", upper},          {"sprig_wrap", "is", wrap},
    {"sprig_wrapWith", "iss", wrap_with},
};

struct tmplfunc_table sprigcase_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
