#include <string.h>

#include <skalibs/stralloc.h>

#include <cairn/catmax.h>
#include <cairn/cttext.h>
#include <cairn/goregex.h>
#include <cairn/runecase.h>
#include <cairn/tmplcompare.h>
#include <cairn/tmpltext.h>
#include <cairn/utf8.h>

enum { TEXT_MAX = 64 << 20 }; /* bytes that one call can make */

/* The value that is worked on is the last argument, so that it can be piped in. */
static struct tmplvalue const *last(struct tmplcall const *c)
{
    return c->arg + c->n - 1;
}

/* ---- base64 */

static int encode(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_encode64(c, c->arg, BASE64_STANDARD, result);
}

static int encode_url(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_encode64(c, c->arg, BASE64_URL, result);
}

static int decode(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_decode64(c, c->arg, BASE64_STANDARD, result);
}

static int decode_url(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_decode64(c, c->arg, BASE64_URL, result);
}

/* ---- parts */

/* The blanks around the whole are left out first; of nothing it is an empty list. */
static int split(struct tmplcall *c, struct tmplvalue *result)
{
    static struct tmplvalue const none = {.kind = TMPLVALUE_NIL};
    struct tmplvalue text = tmpltext_trimmed(last(c));
    if (text.n)
        return tmpltext_split(c, &text, c->arg, TMPLTEXT_ALL, result);
    *result = tmpltext_strings(&none, 0);
    return 1;
}

static int join(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_join(c, last(c), c->arg, result);
}

static int replace_all(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_replace(c, last(c), c->arg, c->arg + 1, -1, result);
}

static int trim_space(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmpltext_trimmed(c->arg);
    return 1;
}

/* Does the set have the character of n bytes at s? */
static int is_in_set(struct tmplvalue const *set, char const *s, size_t n)
{
    for (size_t i = 0, k; i < set->n; i += k) {
        unsigned int rune;
        int ok;
        k = utf8_get(set->u.s + i, set->n - i, &rune, &ok);
        if (k == n && !memcmp(set->u.s + i, s, n))
            return 1;
    }
    return 0;
}

/* trim SET TEXT: the characters of SET at both ends are left out. */
static int trim(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue t = *last(c);
    unsigned int rune;
    int ok;
    while (t.n) {
        size_t k = utf8_get(t.u.s, t.n, &rune, &ok);
        if (!is_in_set(c->arg, t.u.s, k))
            break;
        t.u.s += k;
        t.n -= k;
    }
    while (t.n) {
        size_t k = 1;
        while (k < t.n && k < UTF8_MAX && ((unsigned char)t.u.s[t.n - k] & 0xc0) == 0x80)
            k++;
        if (!is_in_set(c->arg, t.u.s + t.n - k, k))
            break;
        t.n -= k;
    }
    *result = t;
    return 1;
}

static int trim_prefix(struct tmplcall *c, struct tmplvalue *result)
{
    *result = *last(c);
    if (tmpltext_begins(result, c->arg)) {
        result->u.s += c->arg->n;
        result->n -= c->arg->n;
    }
    return 1;
}

static int trim_suffix(struct tmplcall *c, struct tmplvalue *result)
{
    *result = *last(c);
    if (tmpltext_ends(result, c->arg))
        result->n -= c->arg->n;
    return 1;
}

/* ---- letters */

static int to_lower(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_case(c, c->arg, runecase_lower, result);
}

static int to_upper(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_case(c, c->arg, runecase_upper, result);
}

static int is_letter_or_digit(unsigned int rune)
{
    return rune == '_' || (rune >= '0' && rune <= '9') || runecase_upper(rune) != rune ||
           runecase_lower(rune) != rune || (rune > 0x7f && rune != 0xa0 && rune != 0x3000);
}

/* As Go's old strings.Title: the letter behind whatever is no letter, digit or _ becomes a capital:
   "it's" is "It'S". */
static int to_title(struct tmplcall *c, struct tmplvalue *result)
{
    char const *s = c->arg->u.s;
    size_t n = c->arg->n;
    char *buf = pool_get(c->pool, n);
    unsigned int rune;
    int is_inside = 0;
    int ok;
    if (!buf)
        return tmplcall_nomem(c);
    for (size_t i = 0, k; i < n; i += k) {
        k = utf8_get(s + i, n - i, &rune, &ok);
        if (is_inside)
            memcpy(buf + i, s + i, k);
        else
            runecase_text(buf + i, s + i, k, runecase_upper);
        is_inside = ok && is_letter_or_digit(rune);
    }
    *result = tmplvalue_string(buf, n);
    return 1;
}

/* indent N TEXT: blanks before every line. */
static int indent(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct tmplvalue const *text = last(c);
    int ok = 1;
    if (c->arg->u.i < 0)
        return tmplcall_fail(c, "indent value must be a positive integer");
    for (size_t i = 0; i < text->n && ok;) {
        char const *line = text->u.s + i;
        char const *end = memchr(line, '\n', text->n - i);
        size_t k = end ? (size_t)(end - line) + 1 : text->n - i;
        ok = catmax_fill(&sa, TEXT_MAX, ' ', (size_t)c->arg->u.i) && catmax(&sa, TEXT_MAX, line, k);
        i += k;
    }
    return tmpltext_finish(c, ok, &sa, result);
}

/* ---- is it in there? */

/* Is the item in the text, or among the list's items or the map's values? */
static int has(struct tmplvalue const *where, struct tmplvalue const *item)
{
    int is_same;
    if (where->kind == TMPLVALUE_STRING)
        return item->kind == TMPLVALUE_STRING &&
               (!item->n || memmem(where->u.s, where->n, item->u.s, item->n) != NULL);
    for (size_t i = 0; where->kind == TMPLVALUE_LIST && i < where->n; i++)
        if (!tmplcompare_equal(where->u.item + i, item, &is_same) && is_same)
            return 1;
    for (size_t i = 0; where->kind == TMPLVALUE_MAP && i < where->n; i++)
        if (!tmplcompare_equal(&where->u.entry[i].value, item, &is_same) && is_same)
            return 1;
    return 0;
}

static int contains(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(has(last(c), c->arg));
    return 1;
}

static int in(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(has(c->arg, c->arg + 1));
    return 1;
}

/* How many of the first list's items the second has. */
static size_t common(struct tmplcall const *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->arg->n; i++)
        n += has(last(c), c->arg->u.item + i) != 0;
    return n;
}

static int contains_all(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(common(c) == c->arg->n);
    return 1;
}

static int contains_any(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(common(c) > 0);
    return 1;
}

static int contains_none(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(common(c) == 0);
    return 1;
}

static int contains_not_all(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(common(c) < c->arg->n);
    return 1;
}

/* ---- regular expressions */

static struct goregex *compiled(struct tmplcall *c)
{
    char why[GOREGEX_WHY];
    struct goregex *re = goregex_compile(c->pool, c->arg->u.s, c->arg->n, why);
    if (!re)
        tmplcall_fail(c, "error parsing regexp: %s", why);
    return re;
}

static int regex_match(struct tmplcall *c, struct tmplvalue *result)
{
    struct goregex *re = compiled(c);
    struct tmplvalue const *text = last(c);
    if (!re)
        return 0;
    int found = goregex_find(re, c->pool, text->u.s, text->n, 0, NULL, 0);
    *result = tmplvalue_bool(found > 0);
    return found >= 0 || tmplcall_nomem(c);
}

static int regex_replace_all(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct goregex *re = compiled(c);
    struct tmplvalue const *text = last(c);
    if (!re)
        return 0;
    int ok = goregex_replace(re, c->pool, text->u.s, text->n, c->arg[1].u.s, c->arg[1].n, 0, &sa);
    return tmpltext_finish(c, ok, &sa, result);
}

static struct tmplfunc const functions[] = {
    {"base64Decode", "s", decode},
    {"base64Encode", "s", encode},
    {"base64URLDecode", "s", decode_url},
    {"base64URLEncode", "s", encode_url},
    {"contains", "..", contains},
    {"containsAll", "l.", contains_all},
    {"containsAny", "l.", contains_any},
    {"containsNone", "l.", contains_none},
    {"containsNotAll", "l.", contains_not_all},
    {"in", "..", in},
    {"indent", "is", indent},
    {"join", "sl", join},
    {"regexMatch", "ss", regex_match},
    {"regexReplaceAll", "sss", regex_replace_all},
    {"replaceAll", "sss", replace_all},
    {"split", "ss", split},
    {"toLower", "s", to_lower},
    {"toTitle", "s", to_title},
    {"toUpper", "s", to_upper},
    {"trim", "ss", trim},
    {"trimPrefix", "ss", trim_prefix},
    {"trimSpace", "s", trim_space},
    {"trimSuffix", "ss", trim_suffix},
};

struct tmplfunc_table cttext_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
