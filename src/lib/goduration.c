#include <string.h>

#include <cairn/goduration.h>

static struct {
    char const *name;
    int64_t ns;
} const units[] = {
    {"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
    {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000},
};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The unit at s, up to the next digit or dot; 0 if there is none of that name. */
static int64_t unit(char const *s, size_t n, size_t *len)
{
    size_t k = 0;
    while (k < n && !is_digit(s[k]) && s[k] != '.')
        k++;
    *len = k;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == k && !memcmp(units[i].name, s, k))
            return units[i].ns;
    return 0;
}

/* One number and its unit, at *s. */
static int part(char const **s, char const *end, int64_t *sum)
{
    int64_t whole = 0;
    double fraction = 0;
    double scale = 1;
    unsigned int digits = 0;
    size_t len;
    for (; *s < end && is_digit(**s); ++*s, digits++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, **s - '0', &whole))
            return 0;
    if (*s < end && **s == '.')
        for (++*s; *s < end && is_digit(**s); ++*s, digits++) {
            scale /= 10;
            fraction += (**s - '0') * scale;
        }
    int64_t ns = unit(*s, (size_t)(end - *s), &len);
    *s += len;
    return digits && ns && !__builtin_mul_overflow(whole, ns, &whole) &&
           !__builtin_add_overflow(*sum, whole, sum) &&
           !__builtin_add_overflow(*sum, (int64_t)((fraction * (double)ns) + 1e-6), sum);
}

int goduration_parse(char const *s, size_t n, int64_t *ns)
{
    char const *end = s + n;
    int64_t sum = 0;
    int is_negative = n && *s == '-';
    if (n && (*s == '-' || *s == '+'))
        s++;
    if (end - s == 1 && *s == '0') {
        *ns = 0;
        return 1;
    }
    if (s == end)
        return 0;
    while (s < end)
        if (!part(&s, end, &sum))
            return 0;
    *ns = is_negative ? -sum : sum;
    return 1;
}
