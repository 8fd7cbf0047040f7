#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/goquote.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigtext.h>
#include <cairn/tmplprint.h>
#include <cairn/utf8.h>
#include <cairn/tmpltext.h>

/* ---- parts of it */

static int part(struct tmplvalue const *v, size_t from, size_t to, struct tmplvalue *result)
{
    *result = tmplvalue_string(v->u.s + from, to - from);
    return 1;
}

/* The first n bytes, or the last -n. */
static int trunc_(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *s = c->arg + 1;
    int64_t n = c->arg->u.i;
    int64_t len = (int64_t)s->n;
    if (n < 0)
        return part(s, n + len > 0 ? (size_t)(n + len) : 0, s->n, result);
    return part(s, 0, n < len ? (size_t)n : s->n, result);
}

static int substr(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *s = c->arg + 2;
    int64_t len = (int64_t)s->n;
    int64_t from = c->arg[0].u.i < 0 ? 0 : c->arg[0].u.i;
    int64_t to = c->arg[1].u.i;
    if ((to < 0 && c->arg[0].u.i >= 0) || to > len)
        to = len;
    if (from > to || to < 0)
        return tmplcall_fail(c, "no part of the text lies from %lld to %lld",
                             (long long)c->arg[0].u.i, (long long)c->arg[1].u.i);
    return part(s, (size_t)from, (size_t)to, result);
}

/* s from the byte at, shown in width bytes, with ... where something is left out. */
static int abbreviate(struct tmplcall *c, struct tmplvalue const *s, int64_t at, int64_t width,
                      struct tmplvalue *result)
{
    int64_t n = (int64_t)s->n;
    stralloc sa = STRALLOC_ZERO;
    if (n <= width)
        return part(s, 0, s->n, result);
    if (at > n)
        at = n;
    if (n - at < width - 3)
        at = n - (width - 3);
    int is_begun = at > 4;
    int is_cut = !is_begun || at + width - 3 < n;
    int64_t from = is_cut ? at : n - (width - 3);
    if (!is_begun)
        from = 0;
    int64_t shown = width - (is_begun ? 3 : 0) - (is_cut ? 3 : 0);
    int made = (!is_begun || catmax_text(&sa, SPRIGARG_MAX, "...")) &&
               catmax(&sa, SPRIGARG_MAX, s->u.s + from, (size_t)shown) &&
               (!is_cut || catmax_text(&sa, SPRIGARG_MAX, "..."));
    return tmpltext_finish(c, made, &sa, result);
}

static int abbrev(struct tmplcall *c, struct tmplvalue *result)
{
    if (c->arg->u.i < 4)
        return part(c->arg + 1, 0, c->arg[1].n, result);
    return abbreviate(c, c->arg + 1, 0, c->arg->u.i, result);
}

static int abbrevboth(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t at = c->arg[0].u.i;
    int64_t width = c->arg[1].u.i;
    if (width < 4 || (at > 0 && width < 7))
        return part(c->arg + 2, 0, c->arg[2].n, result);
    return abbreviate(c, c->arg + 2, at < 0 ? 0 : at, width, result);
}

/* White space as Go's unicode.IsSpace has it. */
static int is_space(unsigned int r)
{
    return (r >= 9 && r <= 13) || r == ' ' || r == 0x85 || r == 0xa0 || r == 0x1680 ||
           (r >= 0x2000 && r <= 0x200a) || r == 0x2028 || r == 0x2029 || r == 0x202f ||
           r == 0x205f || r == 0x3000;
}

/* Is the character at s one of set? */
static int is_of(char const *s, size_t len, struct tmplvalue const *set)
{
    unsigned int rune;
    int ok;
    if (!set)
        return utf8_get(s, len, &rune, &ok) && is_space(rune);
    for (size_t i = 0; i < set->n;) {
        size_t k = utf8_get(set->u.s + i, set->n - i, &rune, &ok);
        if (k == len && !memcmp(set->u.s + i, s, k))
            return 1;
        i += k;
    }
    return 0;
}

/* Takes the characters of set (NULL: white space) from both ends. */
static int strip(struct tmplvalue const *s, struct tmplvalue const *set, struct tmplvalue *result)
{
    size_t from = 0;
    size_t to = 0;
    int is_begun = 0;
    for (size_t i = 0; i < s->n;) {
        unsigned int rune;
        int ok;
        size_t len = utf8_get(s->u.s + i, s->n - i, &rune, &ok);
        if (!is_of(s->u.s + i, len, set)) {
            if (!is_begun)
                from = i;
            is_begun = 1;
            to = i + len;
        }
        i += len;
    }
    return part(s, from, to, result);
}

static int trim(struct tmplcall *c, struct tmplvalue *result)
{
    return strip(c->arg, NULL, result);
}

static int trim_all(struct tmplcall *c, struct tmplvalue *result)
{
    return strip(c->arg + 1, c->arg, result);
}

static int trim_prefix(struct tmplcall *c, struct tmplvalue *result)
{
    return part(c->arg + 1, tmpltext_begins(c->arg + 1, c->arg) ? c->arg->n : 0, c->arg[1].n,
                result);
}

static int trim_suffix(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *s = c->arg + 1;
    return part(s, 0, s->n - (tmpltext_ends(s, c->arg) ? c->arg->n : 0), result);
}

/* ---- questions */

static int has_prefix(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(tmpltext_begins(c->arg + 1, c->arg));
    return 1;
}

static int has_suffix(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(tmpltext_ends(c->arg + 1, c->arg));
    return 1;
}

static int contains(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(!c->arg->n ||
                             memmem(c->arg[1].u.s, c->arg[1].n, c->arg->u.s, c->arg->n) != NULL);
    return 1;
}

/* ---- changes */

static int nospace(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    int made = 1;
    for (size_t i = 0; made && i < c->arg->n;) {
        unsigned int rune;
        int ok;
        size_t len = utf8_get(c->arg->u.s + i, c->arg->n - i, &rune, &ok);
        made = is_space(rune) || catmax(&sa, SPRIGARG_MAX, c->arg->u.s + i, len);
        i += len;
    }
    return tmpltext_finish(c, made, &sa, result);
}

static int repeat(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    int made = 1;
    if (c->arg->u.i < 0)
        return tmplcall_fail(c, "a text cannot be repeated %lld times", (long long)c->arg->u.i);
    for (int64_t i = 0; made && c->arg[1].n && i < c->arg->u.i; i++)
        made = catmax(&sa, SPRIGARG_MAX, c->arg[1].u.s, c->arg[1].n);
    return tmpltext_finish(c, made, &sa, result);
}

static int replace(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_replace(c, c->arg + 2, c->arg, c->arg + 1, -1, result);
}

static int put_indented(struct tmplcall *c, char const *before, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct tmplvalue const *s = c->arg + 1;
    int made = c->arg->u.i >= 0 && catmax_text(&sa, SPRIGARG_MAX, before);
    if (c->arg->u.i < 0)
        return tmplcall_fail(c, "no text is indented by %lld", (long long)c->arg->u.i);
    for (size_t i = 0; made && i <= s->n;) {
        char const *end = s->n > i ? memchr(s->u.s + i, '\n', s->n - i) : NULL;
        size_t len = end ? (size_t)(end - s->u.s) + 1 - i : s->n - i;
        made = catmax_fill(&sa, SPRIGARG_MAX, ' ', (size_t)c->arg->u.i) &&
               catmax(&sa, SPRIGARG_MAX, s->u.s + i, len);
        i += len + !end;
    }
    return tmpltext_finish(c, made, &sa, result);
}

static int indent(struct tmplcall *c, struct tmplvalue *result)
{
    return put_indented(c, "", result);
}

static int nindent(struct tmplcall *c, struct tmplvalue *result)
{
    return put_indented(c, "\n", result);
}

static int plural(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg[2].u.i == 1 ? c->arg[0] : c->arg[1];
    return 1;
}

/* ---- several as one. What is nothing is left out. */

static int join_all(struct tmplcall *c, struct tmplvalue const *v, size_t n, char quote,
                    struct tmplvalue const *between, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    int made = 1;
    size_t count = 0;
    for (size_t i = 0; made && i < n; i++) {
        struct tmplvalue text;
        if (tmplvalue_is_nothing(v + i))
            continue;
        if (!sprigarg_text(c, v + i, &text)) {
            stralloc_free(&sa);
            return 0;
        }
        made = (!count++ || catmax(&sa, SPRIGARG_MAX, between->u.s, between->n)) &&
               (quote == '"' ? goquote_string(&sa, SPRIGARG_MAX, text.u.s, text.n, 0)
                             : catmax(&sa, SPRIGARG_MAX, &quote, !!quote) &&
                                   catmax(&sa, SPRIGARG_MAX, text.u.s, text.n) &&
                                   catmax(&sa, SPRIGARG_MAX, &quote, !!quote));
    }
    return tmpltext_finish(c, made, &sa, result);
}

static int cat(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue blank = tmplvalue_text(" ");
    return join_all(c, c->arg, c->n, 0, &blank, result);
}

static int quote(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue blank = tmplvalue_text(" ");
    return join_all(c, c->arg, c->n, '"', &blank, result);
}

static int squote(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue blank = tmplvalue_text(" ");
    return join_all(c, c->arg, c->n, '\'', &blank, result);
}

static int join(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *v = c->arg + 1;
    int is_list = v->kind == TMPLVALUE_LIST;
    return join_all(c, is_list ? v->u.item : v, is_list ? v->n : 1, 0, c->arg, result);
}

static int to_string(struct tmplcall *c, struct tmplvalue *result)
{
    return sprigarg_text(c, c->arg, result);
}

/* The texts of a list's items, or of the one value; result is a list of strings. */
static int to_strings(struct tmplcall *c, struct tmplvalue *result)
{
    int is_list = c->arg->kind == TMPLVALUE_LIST;
    struct tmplvalue const *v = is_list ? c->arg->u.item : c->arg;
    size_t n = is_list ? c->arg->n : (size_t)!tmplvalue_is_nothing(c->arg);
    struct tmplvalue *item = tmplcall_items(c, n);
    size_t k = 0;
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!tmplvalue_is_nothing(v + i) && !sprigarg_text(c, v + i, item + k++))
            return 0;
    *result = tmpltext_strings(item, k);
    return 1;
}

static int sort_alpha(struct tmplcall *c, struct tmplvalue *result)
{
    if (!to_strings(c, result))
        return 0;
    if (result->n) /* the items are this call's own */
        qsort((void *)result->u.item, result->n, sizeof *result->u.item, tmplvalue_cmp_strings);
    return 1;
}

/* ---- one as several */

static int split_list(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_split(c, c->arg + 1, c->arg, TMPLTEXT_ALL, result);
}

/* The same as a map: _0, _1, ... */
static int split_map(struct tmplcall *c, struct tmplvalue const *s, size_t max,
                     struct tmplvalue *result)
{
    struct tmplvalue list;
    if (!tmpltext_split(c, s, c->arg, max, &list))
        return 0;
    struct tmplentry *e = tmplcall_entries(c, list.n);
    if (!e)
        return 0;
    for (size_t i = 0; i < list.n; i++) {
        char buf[32];
        int len = snprintf(buf, sizeof buf, "_%zu", i);
        e[i] = (struct tmplentry){
            .key = pool_copy(c->pool, buf, (size_t)len), .n = (size_t)len, .value = list.u.item[i]};
        if (!e[i].key)
            return tmplcall_nomem(c);
    }
    *result = tmplvalue_map(e, list.n);
    result->flags = TMPLVALUE_OF_STRINGS;
    return 1;
}

static int split(struct tmplcall *c, struct tmplvalue *result)
{
    return split_map(c, c->arg + 1, TMPLTEXT_ALL, result);
}

static int splitn(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t n = c->arg[1].u.i;
    return split_map(c, c->arg + 2, n < 0 ? TMPLTEXT_ALL : (size_t)n, result);
}

static struct tmplfunc const functions[] = {
    {"sprig_abbrev", "is", abbrev},
    {"sprig_abbrevboth", "iis", abbrevboth},
    {"sprig_cat", ".*", cat},
    {"sprig_contains", "ss", contains},
    {"sprig_hasPrefix", "ss", has_prefix},
    {"sprig_hasSuffix", "ss", has_suffix},
    {"sprig_indent", "is", indent},
    {"sprig_join", "s.", join},
    {"sprig_nindent", "is", nindent},
    {"sprig_nospace", "s", nospace},
    {"sprig_plural", "ssi", plural},
    {"sprig_quote", ".*", quote},
    {"sprig_repeat", "is", repeat},
    {"sprig_replace", "sss", replace},
    {"sprig_sortAlpha", ".", sort_alpha},
    {"sprig_split", "ss", split},
    {"sprig_splitList", "ss", split_list},
    {"sprig_splitn", "sis", splitn},
    {"sprig_squote", ".*", squote},
    {"sprig_substr", "iis", substr},
    {"sprig_toString", ".", to_string},
    {"sprig_toStrings", ".", to_strings},
    {"sprig_trim", "s", trim},
    {"sprig_trimAll", "ss", trim_all},
    {"sprig_trimPrefix", "ss", trim_prefix},
    {"sprig_trimSuffix", "ss", trim_suffix},
    {"sprig_trimall", "ss", trim_all},
    {"sprig_trunc", "is", trunc_},
};

struct tmplfunc_table sprigtext_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
