#include <stdlib.h>
#include <string.h>

#include <cairn/tmplconst.h>
#include <cairn/utf8.h>

enum { NUMBER_MAX = 400 };

static char const bad_number[] = "a bad number";

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Copies the number without its underscores, each of which must stand between two digits, or
   between the prefix of a base and a digit. Returns the length, 0 where one stands elsewhere. */
static size_t without_underscores(char *buf, char const *s, size_t n, int base)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '_') {
            buf[k++] = s[i];
            continue;
        }
        int follows = i && (digit_value(s[i - 1]) < base ||
                            (i == 2 && s[0] == '0' && base != 10 && digit_value(s[1]) >= base));
        if (!follows || i + 1 == n || digit_value(s[i + 1]) >= base)
            return 0;
    }
    buf[k] = 0;
    return k;
}

static int base_of(char const *s, size_t n)
{
    if (n < 2 || s[0] != '0')
        return 10;
    switch (s[1] | 32) {
    case 'x':
        return 16;
    case 'b':
        return 2;
    case 'o':
        return 8;
    default:
        return 10;
    }
}

/* Is it a decimal or hexadecimal float in form? strtod alone would take more ("inf"), and less. */
static int is_float(char const *s, int base)
{
    int digits = 0;
    int has_exponent = 0;
    if (base == 16)
        s += 2;
    for (; digit_value(*s) < base; s++)
        digits++;
    if (*s == '.')
        for (s++; digit_value(*s) < base; s++)
            digits++;
    if ((*s | 32) == (base == 16 ? 'p' : 'e')) {
        s++;
        if (*s == '+' || *s == '-')
            s++;
        while (*s >= '0' && *s <= '9') {
            s++;
            has_exponent = 1;
        }
        if (!has_exponent)
            return 0;
    }
    return digits && !*s && (base == 10 || has_exponent);
}

static char const *read_float(char const *s, int base, int is_negative, struct tmplvalue *v)
{
    if ((base != 10 && base != 16) || !is_float(s, base))
        return bad_number;
    double f = strtod(s, NULL);
    if (f > 1.7976931348623157e308)
        return "a number too large for a float";
    *v = tmplvalue_float(is_negative ? -f : f);
    return NULL;
}

static char const *read_int(char const *s, int base, int is_negative, struct tmplvalue *v)
{
    uint64_t limit = is_negative ? (uint64_t)1 << 63 : UINT64_MAX;
    uint64_t u = 0;
    if (base != 10)
        s += 2;
    else if (s[0] == '0' && s[1])
        base = 8;
    if (!*s)
        return bad_number;
    for (; *s; s++) {
        unsigned int d = (unsigned int)digit_value(*s);
        if (d >= (unsigned int)base)
            return bad_number;
        if (u > (limit - d) / (unsigned int)base)
            return "a number too large for an integer";
        u = u * (unsigned int)base + d;
    }
    if (is_negative)
        *v = tmplvalue_int(u ? -(int64_t)(u - 1) - 1 : 0);
    else if (u > INT64_MAX)
        *v = tmplvalue_none();
    else
        *v = tmplvalue_int((int64_t)u);
    return NULL;
}

char const *tmplconst_number(char const *s, size_t n, struct tmplvalue *v)
{
    char buf[NUMBER_MAX];
    int is_negative = n && *s == '-';
    if (n && (*s == '+' || *s == '-')) {
        s++;
        n--;
    }
    if (n >= sizeof buf)
        return "a number too long";
    int base = base_of(s, n);
    n = without_underscores(buf, s, n, base);
    if (!n)
        return bad_number;
    int is_imaginary = buf[n - 1] == 'i' && n > 1;
    if (is_imaginary)
        buf[n - 1] = 0;
    if (strpbrk(buf, base == 16 ? ".pP" : ".eE") || is_imaginary) {
        char const *why = read_float(buf, base, is_negative, v);
        if (!why && is_imaginary)
            v->kind = TMPLVALUE_IMAGINARY;
        return why;
    }
    return read_int(buf, base, is_negative, v);
}

/* n digits of that base at s; -1: they are none. */
static long digits(char const *s, char const *end, int n, int base)
{
    long value = 0;
    if (end - s < n)
        return -1;
    for (int i = 0; i < n; i++) {
        if (digit_value(s[i]) >= base)
            return -1;
        value = value * base + digit_value(s[i]);
    }
    return value;
}

/* One escape, at the backslash *s: sets *value, a byte or (*is_rune) a character. Returns whether
   it is one that may stand between these quotes. */
static int escape(char const **s, char const *end, char quote, long *value, int *is_rune)
{
    static char const simple[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    char const *p = *s + 1;
    if (p == end)
        return 0;
    char c = *p++;
    *is_rune = 0;
    for (size_t i = 0; i < sizeof simple - 1; i += 2)
        if (c == simple[i]) {
            *value = simple[i + 1];
            *s = p;
            return 1;
        }
    int n = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (c == quote) {
        *value = quote;
    } else if (n) {
        *is_rune = c != 'x';
        *value = digits(p, end, n, 16);
        p += n;
    } else {
        *value = digits(p - 1, end, 3, 8);
        p += 2;
        if (*value > 255)
            return 0;
    }
    *s = p;
    return *value >= 0 &&
           !(*is_rune && (*value > 0x10ffff || (*value >= 0xd800 && *value < 0xe000)));
}

char const *tmplconst_char(char const *s, size_t n, struct tmplvalue *v)
{
    char const *end = s + n - 1;
    long value;
    int is_rune;
    s++;
    if (s == end)
        return "a character constant without a character";
    if (*s == '\\') {
        if (!escape(&s, end, '\'', &value, &is_rune))
            return "an escape that no character has";
    } else {
        unsigned int rune;
        s += utf8_get(s, (size_t)(end - s), &rune, &is_rune);
        value = (long)rune;
    }
    if (s != end)
        return "more than one character in a character constant";
    *v = tmplvalue_int(value);
    return NULL;
}

char const *tmplconst_string(char const *s, size_t n, struct pool *p, struct tmplvalue *v)
{
    char const *end = s + n - 1;
    char *to = pool_get(p, n); /* an escape is never shorter than what it stands for */
    size_t k = 0;
    if (!to)
        return pool_why();
    for (s++; s < end;) {
        long value;
        int is_rune;
        if (*s != '\\') {
            to[k++] = *s++;
            continue;
        }
        if (!escape(&s, end, '"', &value, &is_rune))
            return "an escape that no string has";
        if (is_rune)
            k += utf8_put(to + k, (unsigned int)value);
        else
            to[k++] = (char)value;
    }
    *v = tmplvalue_string(to, k);
    return NULL;
}
