#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/logjson.h>
#include <cairn/tomlscalar.h>
#include <cairn/utf8.h>

/* The sections are those of toml.io/en/v1.0.0. */

/* String */

/* A backslash at s and what follows it. Returns what is behind, or NULL. */
static char const *escape(struct conftext *in, char const *s, char const *stop, int is_long,
                          char **to)
{
    static char const letters[] = "btnfr\"\\";
    static char const meant[] = "\b\t\n\f\r\"\\";
    char const *letter = s + 1 < stop ? strchr(letters, s[1]) : NULL;
    if (letter) {
        *(*to)++ = meant[letter - letters];
        return s + 2;
    }
    if (s + 1 < stop && (s[1] == 'u' || s[1] == 'U'))
        return conftext_unicode(in, s, stop, s[1] == 'u' ? 4 : 8, to);
    /* a backslash that ends its line takes all white space with it */
    char const *p = s + 1;
    while (p < stop && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    if (is_long && p < stop && *p == '\n') {
        while (p < stop && strchr(" \t\r\n", *p))
            p++;
        return p;
    }
    conftext_fail(
        in, s, "no such escape: a backslash is written \\\\, or put the string in single quotes");
    return NULL;
}

/* Where the text of a string ends that begins at s: the last three quotes of up to five that are
   together, if it is one in three. */
static char const *string_end(struct conftext const *in, char const *s, char quote, int is_long)
{
    for (; s < in->end; s++) {
        size_t run = 0;
        if (*s == '\\' && quote == '"') {
            if (s + 1 < in->end && s[1] != '\n')
                s++;
            continue;
        }
        if (*s == '\n' && !is_long)
            return NULL;
        if (*s != quote)
            continue;
        if (!is_long)
            return s;
        while (run < 5 && s + run < in->end && s[run] == quote)
            run++;
        if (run >= 3)
            return s + run - 3;
        s += run - 1;
    }
    return NULL;
}

int tomlscalar_string(struct conftext *in, struct tmplvalue *v)
{
    char const quote = *in->p;
    int is_long = conftext_is_at(in, quote == '"' ? "\"\"\"" : "'''");
    char const *s = in->p + (is_long ? 3 : 1);
    char const *stop = string_end(in, s, quote, is_long);
    if (!stop && is_long)
        return conftext_fail(in, in->p, "string without an end: three quotes close it");
    if (!stop)
        return conftext_fail(in, in->p,
                             "quote missing: the string is not closed in its line (three quotes "
                             "begin and end one of several lines)");
    /* a newline right behind the quotes is not of the text */
    if (is_long && s < stop && *s == '\r')
        s++;
    if (is_long && s < stop && *s == '\n')
        s++;
    /* no escape becomes longer */
    char *text = pool_get(in->pool, (size_t)(stop - s));
    char *to = text;
    if (!text)
        return conftext_no_memory(in);
    while (s < stop) {
        if (*s == '\\' && quote == '"') {
            s = escape(in, s, stop, is_long, &to);
            if (!s)
                return 0;
        } else {
            if (*s != '\r')
                *to++ = *s;
            s++;
        }
    }
    in->p = stop + (is_long ? 3 : 1);
    *v = tmplvalue_string(text, (size_t)(to - text));
    return 1;
}

/* Integer, Float */

/* The length of the digits at s, with single underscores between them. */
static size_t digits(char const *s, size_t n, int base)
{
    size_t i = 0;
    for (;;) {
        int digit = i < n ? conftext_hex(s[i]) : -1;
        if (digit < 0 || digit >= base)
            return 0;
        while (digit >= 0 && digit < base)
            digit = ++i < n ? conftext_hex(s[i]) : -1;
        if (i + 1 >= n || s[i] != '_' || conftext_hex(s[i + 1]) < 0 ||
            conftext_hex(s[i + 1]) >= base)
            return i;
        i++;
    }
}

static int integer(struct conftext *in, char const *s, size_t n, int base, int is_negative,
                   struct tmplvalue *v)
{
    uint64_t const max = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '_')
            continue;
        uint64_t digit = (uint64_t)conftext_hex(s[i]);
        if (sum > (max - digit) / (uint64_t)base)
            return conftext_fail(in, in->p,
                                 "number beyond 64 bits: put it in quotes, or write 1.0e20");
        sum = sum * (uint64_t)base + digit;
    }
    /* no negative of INT64_MAX + 1 */
    *v = tmplvalue_int(!is_negative ? (int64_t)sum : sum ? -(int64_t)(sum - 1) - 1 : 0);
    return 1;
}

/* Whether all of the n bytes are a float. */
static int is_float(char const *s, size_t n)
{
    size_t i = digits(s, n, 10);
    if (!i)
        return 0;
    if (i < n && s[i] == '.') {
        size_t fraction = digits(s + i + 1, n - i - 1, 10);
        if (!fraction)
            return 0;
        i += 1 + fraction;
    }
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        i += i < n && (s[i] == '+' || s[i] == '-');
        size_t exponent = digits(s + i, n - i, 10);
        if (!exponent)
            return 0;
        i += exponent;
    }
    return i == n;
}

static int floating(struct conftext *in, char const *s, size_t n, int is_negative,
                    struct tmplvalue *v)
{
    char *copy = pool_get(in->pool, n + 1);
    char *to = copy;
    if (!copy)
        return conftext_no_memory(in);
    for (size_t i = 0; i < n; i++)
        if (s[i] != '_')
            *to++ = s[i];
    *to = 0;
    double f = strtod(copy, NULL);
    if (isinf(f))
        return conftext_fail(in, in->p, "number too big: no float reaches beyond 1.7e308");
    *v = tmplvalue_float(is_negative ? -f : f);
    return 1;
}

static int is_word(char const *s, size_t n, char const *word)
{
    return strlen(word) == n && !memcmp(s, word, n);
}

/* 0x, 0o and 0b; 0 if it is none of them */
static int base_of(char const *s, size_t n)
{
    if (n < 2 || *s != '0')
        return 0;
    return s[1] == 'x' ? 16 : s[1] == 'o' ? 8 : s[1] == 'b' ? 2 : 0;
}

/* The n bytes at in->p as a number. */
static int number(struct conftext *in, size_t n, struct tmplvalue *v)
{
    char const *s = in->p;
    int is_negative = *s == '-';
    int is_signed = is_negative || *s == '+';
    s += is_signed;
    n -= (size_t)is_signed;
    if (is_word(s, n, "inf") || is_word(s, n, "nan")) {
        double f = *s == 'i' ? (double)INFINITY : (double)NAN;
        *v = tmplvalue_float(is_negative ? -f : f);
        return 1;
    }
    int base = base_of(s, n);
    if (base && is_signed)
        return conftext_fail(in, in->p, "no sign goes before 0%c", s[1]);
    if (base && digits(s + 2, n - 2, base) == n - 2 && n > 2)
        return integer(in, s + 2, n - 2, base, 0, v);
    size_t whole = digits(s, n, 10);
    if (whole > 1 && *s == '0' && !is_signed && digits(s + 1, n - 1, 8) == n - 1)
        return conftext_fail(in, in->p,
                             "leading zero: leave it out, or write 0o%.*s for octal, or use quotes",
                             conftext_shown(s + 1, n - 1), s + 1);
    if (whole > 1 && *s == '0' && (whole == n || is_float(s, n)))
        return conftext_fail(in, in->p, "leading zero: leave it out, or use quotes");
    if (whole && whole == n)
        return integer(in, s, n, 10, is_negative, v);
    if (is_float(s, n))
        return floating(in, s, n, is_negative, v);
    return conftext_fail(in, in->p,
                         "%.*s is no number: text needs quotes, a float digits on both sides of "
                         "its point, and _ stands between digits",
                         conftext_shown(in->p, n + (size_t)is_signed), in->p);
}

/* Offset Date-Time to Local Time: 1979-05-27... and 07:32... */
static int is_date(char const *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++;
    return (i == 4 && n > 4 && s[4] == '-') || (i == 2 && n > 2 && s[2] == ':');
}

/* Boolean, and what else has no quotes */
int tomlscalar_word(struct conftext *in, struct tmplvalue *v)
{
    size_t n = 0;
    while (in->p + n < in->end &&
           (conftext_hex(in->p[n]) >= 0 || strchr("+-_.:", in->p[n]) ||
            (in->p[n] >= 'G' && in->p[n] <= 'Z') || (in->p[n] >= 'g' && in->p[n] <= 'z')))
        n++;
    char const *s = in->p;
    if (is_word(s, n, "true") || is_word(s, n, "false")) {
        *v = tmplvalue_bool(*s == 't');
    } else if (n && is_date(s, n)) {
        return conftext_fail(in, s, "dates and times are not supported: put it in quotes");
    } else if (n && (strchr("+-0123456789", *s) || is_word(s, n, "inf") || is_word(s, n, "nan"))) {
        if (!number(in, n, v))
            return 0;
    } else if (n) {
        return conftext_fail(
            in, s, "%.*s is no value: text needs quotes, and true and false are lower case",
            conftext_shown(s, n), s);
    } else {
        return conftext_fail(in, s, "%.*s begins no value: text needs quotes",
                             (int)logjson_utf8(s, (size_t)(in->end - s)), s);
    }
    in->p += n;
    return 1;
}
