#include <string.h>

#include <cairn/catmax.h>
#include <cairn/goregex.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigregex.h>
#include <cairn/tmpltext.h>
#include <cairn/utf8.h>

static struct goregex *compiled(struct tmplcall *c)
{
    char why[GOREGEX_WHY];
    struct goregex *re = goregex_compile(c->pool, c->arg->u.s, c->arg->n, why);
    if (!re)
        tmplcall_fail(c, "error parsing regexp: %s", why);
    return re;
}

/* The match from the byte from on: 1 with its place, 0 for none, -1 with c->why. */
static int find(struct tmplcall *c, struct goregex const *re, size_t from, size_t place[2])
{
    int r = goregex_find(re, c->pool, c->arg[1].u.s, c->arg[1].n, from, place, 1);
    if (r < 0)
        tmplcall_nomem(c);
    return r;
}

static int must_match(struct tmplcall *c, struct tmplvalue *result)
{
    size_t place[2];
    struct goregex *re = compiled(c);
    int r = re ? find(c, re, 0, place) : -1;
    *result = tmplvalue_bool(r > 0);
    return r >= 0;
}

/* An expression that is none matches nothing. */
static int match(struct tmplcall *c, struct tmplvalue *result)
{
    if (!must_match(c, result))
        *result = tmplvalue_bool(0);
    return 1;
}

static int find_first(struct tmplcall *c, struct tmplvalue *result)
{
    size_t place[2];
    struct goregex *re = compiled(c);
    int r = re ? find(c, re, 0, place) : -1;
    *result = r > 0 ? tmplvalue_string(c->arg[1].u.s + place[0], place[1] - place[0])
                    : tmplvalue_text("");
    return r >= 0;
}

/* Walks over all matches. */
struct walk {
    struct goregex *re;
    size_t from;
    size_t last; /* where the last match ended, or -1: an empty one there does not count */
    size_t place[2];
};

/* The next match: 1, 0 for none, -1 with c->why. */
static int next(struct tmplcall *c, struct walk *w)
{
    struct tmplvalue const *text = c->arg + 1;
    while (w->from <= text->n) {
        unsigned int rune;
        int ok;
        int r = find(c, w->re, w->from, w->place);
        if (r <= 0)
            return r;
        int is_empty = w->place[0] == w->place[1];
        w->from = w->place[1];
        if (is_empty)
            w->from += w->from < text->n
                           ? utf8_get(text->u.s + w->from, text->n - w->from, &rune, &ok)
                           : 1;
        int counts = !is_empty || w->place[0] != w->last;
        w->last = w->place[1];
        if (counts)
            return 1;
    }
    return 0;
}

/* regexFindAll REGEX TEXT N: the first N, all if it is negative. */
static int find_all(struct tmplcall *c, struct tmplvalue *result)
{
    struct walk w = {.re = compiled(c), .last = (size_t)-1};
    size_t max = c->arg[2].u.i < 0 ? c->arg[1].n + 1 : (size_t)c->arg[2].u.i;
    size_t n = 0;
    int r = 0;
    if (max > c->arg[1].n + 1)
        max = c->arg[1].n + 1;
    struct tmplvalue *item = w.re ? tmplcall_items(c, max) : NULL;
    if (!item)
        return 0;
    while (n < max && (r = next(c, &w)) > 0)
        item[n++] = tmplvalue_string(c->arg[1].u.s + w.place[0], w.place[1] - w.place[0]);
    *result = tmpltext_strings(item, n);
    return r >= 0;
}

/* regexSplit REGEX TEXT N: at most N pieces, all if it is negative. An empty match at the beginning
   or at the end makes no piece. */
static int split(struct tmplcall *c, struct tmplvalue *result)
{
    struct walk w = {.re = compiled(c), .last = (size_t)-1};
    struct tmplvalue const *text = c->arg + 1;
    uint64_t most = text->n + 2;
    size_t max =
        (size_t)(c->arg[2].u.i < 0 || (uint64_t)c->arg[2].u.i > most ? most
                                                                     : (uint64_t)c->arg[2].u.i);
    size_t begin = 0;
    size_t end = 0;
    size_t n = 0;
    int r = 0;
    struct tmplvalue *item = w.re ? tmplcall_items(c, max + 1) : NULL;
    if (!item)
        return 0;
    if (!text->n && max)
        item[n++] = *text;
    while (text->n && n + 1 < max && (r = next(c, &w)) > 0) {
        end = w.place[0];
        if (w.place[1])
            item[n++] = tmplvalue_string(text->u.s + begin, end - begin);
        begin = w.place[1];
    }
    if (max && end != text->n)
        item[n++] = tmplvalue_string(text->u.s + begin, text->n - begin);
    *result = tmpltext_strings(item, n);
    return r >= 0;
}

static int replaced(struct tmplcall *c, struct tmplvalue *result, int is_literal)
{
    stralloc sa = STRALLOC_ZERO;
    struct goregex *re = compiled(c);
    if (!re)
        return 0;
    int ok = goregex_replace(re, c->pool, c->arg[1].u.s, c->arg[1].n, c->arg[2].u.s, c->arg[2].n,
                             is_literal, &sa);
    return tmpltext_finish(c, ok, &sa, result);
}

static int replace_all(struct tmplcall *c, struct tmplvalue *result)
{
    return replaced(c, result, 0);
}

static int replace_all_literal(struct tmplcall *c, struct tmplvalue *result)
{
    return replaced(c, result, 1);
}

static int quote_meta(struct tmplcall *c, struct tmplvalue *result)
{
    char *buf = pool_get(c->pool, 2 * c->arg->n);
    size_t n = 0;
    if (!buf)
        return tmplcall_nomem(c);
    for (size_t i = 0; i < c->arg->n; i++) {
        if (c->arg->u.s[i] && strchr("\\.+*?()|[]{}^$", c->arg->u.s[i]))
            buf[n++] = '\\';
        buf[n++] = c->arg->u.s[i];
    }
    *result = tmplvalue_string(buf, n);
    return 1;
}

static struct tmplfunc const functions[] = {
    {"sprig_mustRegexFind", "ss", find_first},
    {"sprig_mustRegexFindAll", "ssi", find_all},
    {"sprig_mustRegexMatch", "ss", must_match},
    {"sprig_mustRegexReplaceAll", "sss", replace_all},
    {"sprig_mustRegexReplaceAllLiteral", "sss", replace_all_literal},
    {"sprig_mustRegexSplit", "ssi", split},
    {"sprig_regexFind", "ss", find_first},
    {"sprig_regexFindAll", "ssi", find_all},
    {"sprig_regexMatch", "ss", match},
    {"sprig_regexQuoteMeta", "s", quote_meta},
    {"sprig_regexReplaceAll", "sss", replace_all},
    {"sprig_regexReplaceAllLiteral", "sss", replace_all_literal},
    {"sprig_regexSplit", "ssi", split},
};

struct tmplfunc_table sprigregex_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
