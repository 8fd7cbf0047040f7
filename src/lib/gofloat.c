#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/gofloat.h>

enum {
    EXACT = 1100, /* no double has more digits behind the point, or before */
    PLAIN = 6,    /* g without a precision is plain up to here */
    LOWEST = -1074
};

/* One more in the last of n digits. */
static void bump(char *digit, size_t n, int *exponent)
{
    while (n && digit[n - 1] == '9')
        digit[--n] = '0';
    if (n) {
        digit[n - 1]++;
    } else {
        *digit = '1';
        ++*exponent;
    }
}

/* f with n digits. Returns whether they read back as f. */
static int try(char *digit, size_t n, int *exponent, double f)
{
    char text[GOFLOAT_DIGITS + 16];
    snprintf(text, sizeof text, "%.*e", (int)n - 1, f);
    *digit = *text;
    memcpy(digit + 1, text + 2, n - 1);
    *exponent = atoi(strchr(text, 'e') + 1);
    if (strtod(text, NULL) == f)
        return 1;
    /* A power of two has more room above than below, so digits may read back that are not the
       nearest so many: 2^-44 is 5.684341886080802e-14. */
    int unused;
    if (frexp(f, &unused) != 0.5)
        return 0;
    bump(digit, n, exponent);
    snprintf(text, sizeof text, "%.*se%d", (int)n, digit, *exponent - (int)n + 1);
    return strtod(text, NULL) == f;
}

size_t gofloat_shortest(char digit[GOFLOAT_DIGITS], int *exponent, double f)
{
    f = fabs(f);
    /* What up to 15 digits say is what 15 digits make of it, with zeros behind; but numbers too
       small to be normal have fewer digits than that. */
    size_t n = f < DBL_MIN ? 1 : DBL_DIG;
    while (!try(digit, n, exponent, f) && n < GOFLOAT_DIGITS)
        n++;
    while (n > 1 && digit[n - 1] == '0')
        n--;
    return n;
}

/* where it goes */
struct sink {
    stralloc *out;
    size_t max;
};

static int put(struct sink *k, char const *s, size_t n)
{
    return catmax(k->out, k->max, s, n);
}

static int zeros(struct sink *k, size_t n)
{
    return catmax_fill(k->out, k->max, '0', n);
}

static int put_plain(struct sink *k, char const *digit, size_t n, int exponent, int is_sharp)
{
    if (exponent < 0)
        return put(k, "0.", 2) && zeros(k, (size_t)(-exponent - 1)) && put(k, digit, n);
    size_t whole = (size_t)exponent + 1;
    if (n < whole)
        return put(k, digit, n) && zeros(k, whole - n) && put(k, ".", is_sharp != 0);
    return put(k, digit, whole) && put(k, ".", n > whole || is_sharp) &&
           put(k, digit + whole, n - whole);
}

static int put_scientific(struct sink *k, char const *digit, size_t n, int exponent, char letter,
                          int is_sharp)
{
    char power[16];
    int len = snprintf(power, sizeof power, "%c%+03d", letter, exponent);
    return put(k, digit, 1) && put(k, ".", n > 1 || is_sharp) && put(k, digit + 1, n - 1) &&
           put(k, power, (size_t)len);
}

static int put_shortest(struct sink *k, struct gofloat const *how, double f)
{
    char digit[GOFLOAT_DIGITS];
    int exponent;
    size_t n = gofloat_shortest(digit, &exponent, f);
    int is_g = how->form == 'g' || how->form == 'G';
    if (is_g && how->is_sharp)
        for (; n < PLAIN; n++)
            digit[n] = '0';
    if (signbit(f) && !put(k, "-", 1))
        return 0;
    if (how->form == 'f' || (is_g && exponent >= -4 && exponent < PLAIN))
        return put_plain(k, digit, n, exponent, how->is_sharp);
    return put_scientific(k, digit, n, exponent, is_g ? (char)(how->form - 2) : how->form,
                          how->is_sharp);
}

/* C writes the same, but zeros without an end are added here. */
static int put_precise(struct sink *k, struct gofloat const *how, double f)
{
    char buf[DBL_MAX_10_EXP + EXACT + 16];
    char format[] = {'%', '#', '.', '*', how->form, 0};
    int precision = how->precision < EXACT ? how->precision : EXACT;
    size_t more = (size_t)(how->precision - precision);
    if (!how->is_sharp) {
        memmove(format + 1, format + 2, sizeof format - 2);
        if (how->form == 'g' || how->form == 'G')
            more = 0;
    }
    size_t n = (size_t)snprintf(buf, sizeof buf, format, precision, f);
    size_t power = strcspn(buf, "eE");
    return put(k, buf, power) && zeros(k, more) && put(k, buf + power, n - power);
}

/* The 53 bits of |f|, and the power of two that makes f of them; the first is set, but for 0. */
static uint64_t bits(int *exponent, double f)
{
    uint64_t mantissa = (uint64_t)ldexp(frexp(fabs(f), exponent), DBL_MANT_DIG);
    *exponent = mantissa ? *exponent - DBL_MANT_DIG : LOWEST;
    return mantissa;
}

/* A whole number and a power of two. */
static int put_binary(struct sink *k, double f)
{
    char buf[48];
    int exponent;
    uint64_t mantissa = bits(&exponent, f);
    for (; exponent < LOWEST; exponent++)
        mantissa >>= 1;
    int n = snprintf(buf, sizeof buf, "%s%llup%+d", signbit(f) ? "-" : "",
                     (unsigned long long)mantissa, exponent);
    return put(k, buf, (size_t)n);
}

/* One hexadecimal digit, 1, before the point (0 for 0); C's %a may have others. */
static int put_hex(struct sink *k, struct gofloat const *how, double f)
{
    enum { FRACTION = DBL_MANT_DIG - 1, DIGITS = FRACTION / 4 };
    int is_upper = how->form == 'X';
    char buf[DIGITS + 8];
    char power[16];
    int exponent;
    uint64_t mantissa = bits(&exponent, f);
    exponent = mantissa ? exponent + FRACTION : 0;
    if (how->precision >= 0 && how->precision < DIGITS) {
        uint64_t unit = (uint64_t)1 << (FRACTION - 4 * how->precision);
        uint64_t rest = mantissa & (unit - 1);
        mantissa -= rest;
        if (rest > unit / 2 || (rest == unit / 2 && (mantissa & unit)))
            mantissa += unit;
        if (mantissa >> (FRACTION + 1)) {
            mantissa >>= 1;
            exponent++;
        }
    }
    snprintf(buf, sizeof buf, is_upper ? "%014llX" : "%014llx", (unsigned long long)mantissa);
    size_t n = DIGITS;
    if (how->precision >= 0 && how->precision < DIGITS)
        n = (size_t)how->precision;
    else if (how->precision < 0)
        while (n && buf[n] == '0')
            n--;
    size_t more = how->precision > DIGITS ? (size_t)how->precision - DIGITS : 0;
    int len = snprintf(power, sizeof power, "%c%+03d", is_upper ? 'P' : 'p', exponent);
    return put(k, "-", signbit(f) != 0) && put(k, is_upper ? "0X" : "0x", 2) && put(k, buf, 1) &&
           put(k, ".", n > 0) && put(k, buf + 1, n) && zeros(k, more) && put(k, power, (size_t)len);
}

int gofloat_put(stralloc *out, size_t max, struct gofloat const *how, double f)
{
    struct sink k = {out, max};
    if (isnan(f))
        return put(&k, "NaN", 3);
    if (isinf(f))
        return put(&k, f > 0 ? "+Inf" : "-Inf", 4);
    if (how->form == 'b')
        return put_binary(&k, f);
    if (how->form == 'x' || how->form == 'X')
        return put_hex(&k, how, f);
    return how->precision < 0 ? put_shortest(&k, how, f) : put_precise(&k, how, f);
}
