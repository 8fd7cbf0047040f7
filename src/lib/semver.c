#include <ctype.h>
#include <string.h>

#include <cairn/semver.h>

/* ---- versions */

static int is_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.';
}

/* Reads a number at *s. */
static int number(char const **s, char const *end, uint64_t *n)
{
    char const *begin = *s;
    *n = 0;
    for (; *s < end && isdigit((unsigned char)**s); ++*s)
        if (__builtin_mul_overflow(*n, 10U, n) ||
            __builtin_add_overflow(*n, (unsigned)(**s - '0'), n))
            return 0;
    return *s > begin;
}

/* -PRE and +META, up to the end. */
static int tail(struct semver *v, char const *s, char const *end)
{
    char const **part = &v->pre;
    size_t *len = &v->pre_n;
    if (s < end && *s == '-') {
        *part = ++s;
        while (s < end && is_word(*s))
            s++;
        *len = (size_t)(s - *part);
        if (!*len)
            return 0;
    }
    if (s < end && *s == '+') {
        v->meta = ++s;
        while (s < end && is_word(*s))
            s++;
        v->meta_n = (size_t)(s - v->meta);
        if (!v->meta_n)
            return 0;
    }
    return s == end;
}

int semver_parse(struct semver *v, char const *s, size_t n)
{
    char const *end = s + n;
    *v = (struct semver){.numbers = 0};
    if (s < end && *s == 'v')
        s++;
    do {
        if (!number(&s, end, v->number + v->numbers++))
            return 0;
    } while (v->numbers < 3 && s < end && *s == '.' && s++);
    return tail(v, s, end);
}

/* One identifier of a pre-release at *s. */
static size_t identifier(char const *s, size_t n)
{
    char const *dot = memchr(s, '.', n);
    return dot ? (size_t)(dot - s) : n;
}

static int is_number(char const *s, size_t n)
{
    size_t i = 0;
    while (i < n && isdigit((unsigned char)s[i]))
        i++;
    return n && i == n;
}

/* Section 11: numbers by their value and before words, words by their bytes. */
static int compare_identifiers(char const *a, size_t an, char const *b, size_t bn)
{
    int a_is = is_number(a, an);
    int b_is = is_number(b, bn);
    if (a_is != b_is)
        return a_is ? -1 : 1;
    if (a_is) {
        for (; an && *a == '0'; an--)
            a++;
        for (; bn && *b == '0'; bn--)
            b++;
        if (an != bn)
            return an < bn ? -1 : 1;
    }
    int c = memcmp(a, b, an < bn ? an : bn);
    return c ? c : an < bn ? -1 : an > bn;
}

static int compare_pre(struct semver const *a, struct semver const *b)
{
    char const *x = a->pre;
    char const *y = b->pre;
    size_t xn = a->pre_n;
    size_t yn = b->pre_n;
    if (!xn || !yn)
        return (xn == 0) - (yn == 0);
    for (;;) {
        size_t i = identifier(x, xn);
        size_t k = identifier(y, yn);
        int c = compare_identifiers(x, i, y, k);
        if (c)
            return c;
        if (i == xn || k == yn)
            return (i < xn) - (k < yn);
        x += i + 1;
        xn -= i + 1;
        y += k + 1;
        yn -= k + 1;
    }
}

int semver_compare(struct semver const *a, struct semver const *b)
{
    for (int i = 0; i < 3; i++)
        if (a->number[i] != b->number[i])
            return a->number[i] < b->number[i] ? -1 : 1;
    return compare_pre(a, b);
}

/* ---- constraints */

enum op { EQUAL, NOT, GREATER, LESS, AT_LEAST, AT_MOST, TILDE, CARET };

/* The longer of two with the same beginning comes first. */
static struct {
    char const *text;
    enum op op;
} const ops[] = {
    {">=", AT_LEAST}, {"=>", AT_LEAST}, {"<=", AT_MOST}, {"=<", AT_MOST},
    {"!=", NOT},      {"~>", TILDE},    {"=", EQUAL},    {">", GREATER},
    {"<", LESS},      {"~", TILDE},     {"^", CARET},
};

struct text {
    char const *s;
    char const *end;
};

static void blanks(struct text *t)
{
    while (t->s < t->end && (*t->s == ' ' || *t->s == '\t'))
        t->s++;
}

static int is_any(char c)
{
    return c == 'x' || c == 'X' || c == '*';
}

/* A version whose last numbers may be x, or missing. */
static int partial(struct text *t, struct semver *v)
{
    *v = (struct semver){.numbers = 0};
    if (t->s < t->end && *t->s == 'v')
        t->s++;
    int is_open = 0;
    for (int i = 0; i < 3; i++) {
        if (t->s < t->end && is_any(*t->s)) {
            t->s++;
            is_open = 1;
        } else if (!number(&t->s, t->end, v->number + i)) {
            return 0;
        } else if (!is_open) {
            v->numbers = i + 1;
        }
        if (t->s == t->end || *t->s != '.')
            break;
        t->s++;
    }
    char const *stop = t->s;
    while (stop < t->end && (is_word(*stop) || *stop == '+'))
        stop++;
    int ok = tail(v, t->s, stop);
    t->s = stop;
    return ok;
}

/* Is it below the version that follows v in its number at i? */
static int is_below_next(struct semver const *is, struct semver const *v, int i)
{
    for (int k = 0; k < i; k++)
        if (is->number[k] != v->number[k])
            return is->number[k] < v->number[k];
    return is->number[i] <= v->number[i];
}

/* The first number of v that is not 0, which ^ keeps. */
static int caret_number(struct semver const *v)
{
    int i = 0;
    while (i < v->numbers - 1 && !v->number[i])
        i++;
    return i;
}

static int holds(enum op op, struct semver const *v, struct semver const *is)
{
    int c = semver_compare(is, v);
    int open = v->numbers < 3; /* 1.2 stands for all of 1.2.x */
    if (is->pre_n && !v->pre_n)
        return 0;
    if (!v->numbers)
        return op != NOT && op != LESS && op != GREATER;
    int last = v->numbers - 1;
    switch (op) {
    case EQUAL:
        return open ? c >= 0 && is_below_next(is, v, last) : !c;
    case NOT:
        return open ? c < 0 || !is_below_next(is, v, last) : c;
    case GREATER:
        return open ? !is_below_next(is, v, last) : c > 0;
    case LESS:
        return c < 0;
    case AT_LEAST:
        return c >= 0;
    case AT_MOST:
        return open ? is_below_next(is, v, last) : c <= 0;
    case TILDE:
        return c >= 0 && is_below_next(is, v, last ? 1 : 0);
    case CARET:
        return c >= 0 && is_below_next(is, v, caret_number(v));
    }
    return 0;
}

static enum op read_op(struct text *t)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        size_t n = strlen(ops[i].text);
        if ((size_t)(t->end - t->s) >= n && !memcmp(t->s, ops[i].text, n)) {
            t->s += n;
            return ops[i].op;
        }
    }
    return EQUAL;
}

/* Does the text go on with " - "? */
static int is_range(struct text *t)
{
    struct text at = *t;
    blanks(&at);
    if (at.s == t->s || at.end - at.s < 2 || at.s[0] != '-' || at.s[1] != ' ')
        return 0;
    at.s++;
    blanks(&at);
    *t = at;
    return 1;
}

/* Comparisons of which all have to hold. */
static int all_hold(struct text *t, struct semver const *is)
{
    int result = 1;
    blanks(t);
    if (t->s == t->end)
        return -1;
    while (t->s < t->end) {
        struct semver v;
        enum op op = read_op(t);
        blanks(t);
        if (!partial(t, &v))
            return -1;
        if (is_range(t)) {
            result &= holds(AT_LEAST, &v, is);
            op = AT_MOST;
            if (!partial(t, &v))
                return -1;
        }
        result &= holds(op, &v, is) != 0;
        blanks(t);
        if (t->s < t->end && *t->s == ',')
            t->s++;
        blanks(t);
    }
    return result;
}

int semver_check(char const *constraint, size_t n, struct semver const *v)
{
    char const *end = constraint + n;
    int result = 0;
    for (char const *s = constraint;;) {
        char const *bar = memmem(s, (size_t)(end - s), "||", 2);
        struct text t = {s, bar ? bar : end};
        int r = all_hold(&t, v);
        if (r < 0)
            return -1;
        result |= r;
        if (!bar)
            return result;
        s = bar + 2;
    }
}
