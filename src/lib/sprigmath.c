#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/random.h>

#include <cairn/catmax.h>
#include <cairn/gofloat.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigmath.h>
#include <cairn/tmpltext.h>

/* ---- integers, which wrap around as Go's do */

static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t times(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t less(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int fold(struct tmplcall *c, struct tmplvalue *result, int64_t (*f)(int64_t, int64_t))
{
    int64_t sum = sprigarg_int(c->arg);
    for (size_t i = 1; i < c->n; i++)
        sum = f(sum, sprigarg_int(c->arg + i));
    *result = tmplvalue_int(sum);
    return 1;
}

static int add(struct tmplcall *c, struct tmplvalue *result)
{
    return fold(c, result, plus);
}

static int mul(struct tmplcall *c, struct tmplvalue *result)
{
    return fold(c, result, times);
}

static int max(struct tmplcall *c, struct tmplvalue *result)
{
    return fold(c, result, greater);
}

static int min(struct tmplcall *c, struct tmplvalue *result)
{
    return fold(c, result, less);
}

static int add1(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(plus(sprigarg_int(c->arg), 1));
    return 1;
}

static int sub(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(
        (int64_t)((uint64_t)sprigarg_int(c->arg) - (uint64_t)sprigarg_int(c->arg + 1)));
    return 1;
}

static int by_zero(struct tmplcall *c)
{
    return tmplcall_fail(c, "division by zero");
}

static int div_(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t a = sprigarg_int(c->arg);
    int64_t b = sprigarg_int(c->arg + 1);
    if (!b)
        return by_zero(c);
    *result = tmplvalue_int(b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b);
    return 1;
}

static int mod(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t b = sprigarg_int(c->arg + 1);
    if (!b)
        return by_zero(c);
    *result = tmplvalue_int(b == -1 ? 0 : sprigarg_int(c->arg) % b);
    return 1;
}

/* From the first to below the second. */
static int rand_int(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t low = sprigarg_int(c->arg);
    uint64_t span = (uint64_t)sprigarg_int(c->arg + 1) - (uint64_t)low;
    uint64_t r;
    if (sprigarg_int(c->arg + 1) <= low)
        return tmplcall_fail(c, "the second number must be greater than the first");
    do /* what is above the last multiple would make small numbers more likely */
        random_buf((char *)&r, sizeof r);
    while (r >= UINT64_MAX - UINT64_MAX % span);
    *result = tmplvalue_int((int64_t)((uint64_t)low + r % span));
    return 1;
}

/* ---- floats. sprig computes in decimal: 0.1 and 0.2 are 0.3. Their shortest decimal form in a
   longer float comes to the same. */

static long double exact(struct tmplvalue const *v)
{
    stralloc sa = STRALLOC_ZERO;
    struct gofloat how = {.form = 'e', .precision = -1};
    double f = sprigarg_float(v);
    long double l = f;
    if (isfinite(f) && gofloat_put(&sa, SPRIGARG_MAX, &how, f) && stralloc_0(&sa))
        l = strtold(sa.s, NULL);
    stralloc_free(&sa);
    return l;
}

static long double plus_f(long double a, long double b)
{
    return a + b;
}

static long double minus_f(long double a, long double b)
{
    return a - b;
}

static long double times_f(long double a, long double b)
{
    return a * b;
}

static long double by_f(long double a, long double b)
{
    return a / b;
}

static long double greater_f(long double a, long double b)
{
    return a > b ? a : b;
}

static long double less_f(long double a, long double b)
{
    return a < b ? a : b;
}

static int fold_f(struct tmplcall *c, struct tmplvalue *result,
                  long double (*f)(long double, long double))
{
    long double sum = exact(c->arg);
    for (size_t i = 1; i < c->n; i++)
        sum = f(sum, exact(c->arg + i));
    *result = tmplvalue_float((double)sum);
    return 1;
}

static int addf(struct tmplcall *c, struct tmplvalue *result)
{
    return fold_f(c, result, plus_f);
}

static int add1f(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_float((double)(exact(c->arg) + 1));
    return 1;
}

static int subf(struct tmplcall *c, struct tmplvalue *result)
{
    return fold_f(c, result, minus_f);
}

static int mulf(struct tmplcall *c, struct tmplvalue *result)
{
    return fold_f(c, result, times_f);
}

static int divf(struct tmplcall *c, struct tmplvalue *result)
{
    for (size_t i = 1; i < c->n; i++)
        if (sprigarg_float(c->arg + i) == 0)
            return by_zero(c);
    return fold_f(c, result, by_f);
}

static int maxf(struct tmplcall *c, struct tmplvalue *result)
{
    return fold_f(c, result, greater_f);
}

static int minf(struct tmplcall *c, struct tmplvalue *result)
{
    return fold_f(c, result, less_f);
}

/* These, and no ceil, floor or pow: they would take libm into every program that renders. */
static int ceil_(struct tmplcall *c, struct tmplvalue *result)
{
    double whole;
    double part = modf(sprigarg_float(c->arg), &whole);
    *result = tmplvalue_float(part > 0 ? whole + 1 : whole);
    return 1;
}

static int floor_(struct tmplcall *c, struct tmplvalue *result)
{
    double whole;
    double part = modf(sprigarg_float(c->arg), &whole);
    *result = tmplvalue_float(part < 0 ? whole - 1 : whole);
    return 1;
}

static double power_of_ten(int64_t n)
{
    char buf[32];
    snprintf(buf, sizeof buf, "1e%lld", (long long)n);
    return strtod(buf, NULL);
}

/* NUMBER PLACES [from which fraction on it goes up: .5] */
static int round_(struct tmplcall *c, struct tmplvalue *result)
{
    double f = sprigarg_float(c->arg);
    double on = c->n > 2 ? sprigarg_float(c->arg + 2) : 0.5;
    double scale = power_of_ten(c->arg[1].u.i);
    double whole;
    double part = modf(fabs(f) * scale, &whole);
    if (!isfinite(f) || !isfinite(fabs(f) * scale) || scale == 0) {
        *result = tmplvalue_float(f);
        return 1;
    }
    *result = tmplvalue_float(copysign((whole + (part >= on)) / scale, f));
    return 1;
}

/* ---- conversions */

static int int_(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(sprigarg_int(c->arg));
    return 1;
}

static int float_(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_float(sprigarg_float(c->arg));
    return 1;
}

/* The text in that base, or 0. */
static int read_int(struct tmplcall *c, struct tmplvalue const *text, int base,
                    struct tmplvalue *result)
{
    char const *s = pool_copy(c->pool, text->u.s, text->n);
    char *end;
    if (!s)
        return tmplcall_nomem(c);
    errno = 0;
    long long i = strtoll(s, &end, base);
    int is_good = isdigit((unsigned char)s[*s == '-' || *s == '+']) && end == s + text->n && !errno;
    *result = tmplvalue_int(is_good ? i : 0);
    return 1;
}

static int atoi_(struct tmplcall *c, struct tmplvalue *result)
{
    return read_int(c, c->arg, 10, result);
}

static int to_decimal(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue text;
    return sprigarg_text(c, c->arg, &text) && read_int(c, &text, 8, result);
}

/* ---- sequences */

struct sequence {
    int64_t first;
    int64_t step;
    uint64_t n;
};

/* Up to stop, which is not in it. */
static int sequence(struct tmplcall *c, struct sequence *s, int64_t stop)
{
    uint64_t span =
        s->first < stop ? (uint64_t)stop - (uint64_t)s->first : (uint64_t)s->first - (uint64_t)stop;
    uint64_t step = s->step < 0 ? 0 - (uint64_t)s->step : (uint64_t)s->step;
    int is_endless = !step || (s->step > 0) != (s->first < stop);
    s->n = is_endless ? 0 : span / step + !!(span % step);
    return s->n <= SPRIGARG_MAX / 64 || tmplcall_fail(c, "a sequence too long");
}

static int sequence_list(struct tmplcall *c, struct sequence *s, int64_t stop,
                         struct tmplvalue *result)
{
    struct tmplvalue *item = sequence(c, s, stop) ? tmplcall_items(c, s->n) : NULL;
    if (!item)
        return 0;
    for (uint64_t i = 0; i < s->n; i++)
        item[i] = tmplvalue_int(plus(s->first, times((int64_t)i, s->step)));
    *result = tmplvalue_list(item, s->n);
    return 1;
}

static int until(struct tmplcall *c, struct tmplvalue *result)
{
    struct sequence s = {.step = c->arg->u.i < 0 ? -1 : 1};
    return sequence_list(c, &s, c->arg->u.i, result);
}

static int until_step(struct tmplcall *c, struct tmplvalue *result)
{
    struct sequence s = {.first = c->arg->u.i, .step = c->arg[2].u.i};
    return sequence_list(c, &s, c->arg[1].u.i, result);
}

/* seq [FIRST [STEP]] LAST, as text */
static int seq(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct sequence s = {.first = c->n > 1 ? c->arg->u.i : 1};
    int made = 1;
    if (c->n) {
        int64_t last = c->arg[c->n - 1].u.i;
        s.step = c->n > 2 ? c->arg[1].u.i : last < s.first ? -1 : 1;
        if (!sequence(c, &s, plus(last, s.step < 0 ? -1 : 1)))
            return 0;
    }
    for (uint64_t i = 0; made && i < s.n; i++) {
        char buf[32];
        snprintf(buf, sizeof buf, "%s%lld", i ? " " : "",
                 (long long)plus(s.first, times((int64_t)i, s.step)));
        made = catmax_text(&sa, SPRIGARG_MAX, buf);
    }
    return tmpltext_finish(c, made, &sa, result);
}

static struct tmplfunc const functions[] = {
    {"sprig_add", "..*", add},         {"sprig_add1", ".", add1},
    {"sprig_add1f", ".", add1f},       {"sprig_addf", "..*", addf},
    {"sprig_atoi", "s", atoi_},        {"sprig_biggest", "..*", max},
    {"sprig_ceil", ".", ceil_},        {"sprig_div", "..", div_},
    {"sprig_divf", "..*", divf},       {"sprig_float64", ".", float_},
    {"sprig_floor", ".", floor_},      {"sprig_int", ".", int_},
    {"sprig_int64", ".", int_},        {"sprig_max", "..*", max},
    {"sprig_maxf", "..*", maxf},       {"sprig_min", "..*", min},
    {"sprig_minf", "..*", minf},       {"sprig_mod", "..", mod},
    {"sprig_mul", "..*", mul},         {"sprig_mulf", "..*", mulf},
    {"sprig_randInt", "..", rand_int}, {"sprig_round", ".i?n", round_},
    {"sprig_seq", "?iii", seq},        {"sprig_sub", "..", sub},
    {"sprig_subf", "..*", subf},       {"sprig_toDecimal", ".", to_decimal},
    {"sprig_until", "i", until},       {"sprig_untilStep", "iii", until_step},
};

struct tmplfunc_table sprigmath_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
