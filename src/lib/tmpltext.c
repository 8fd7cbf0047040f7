#include <errno.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/runecase.h>
#include <cairn/tmpltext.h>
#include <cairn/utf8.h>

enum { TEXT_MAX = 64 << 20 }; /* bytes that one call can make */

int tmpltext_finish(struct tmplcall *c, int made, stralloc *sa, struct tmplvalue *result)
{
    int ok = made ? tmplcall_string(c, result, sa->len ? sa->s : "", sa->len) : tmplcall_nomem(c);
    stralloc_free(sa);
    return ok;
}

struct tmplvalue tmpltext_strings(struct tmplvalue const *item, size_t n)
{
    struct tmplvalue v = tmplvalue_list(item, n);
    v.flags = TMPLVALUE_OF_STRINGS;
    return v;
}

/* How far the next occurrence of sep is; n: there is none. An empty one comes after each
   character. */
static size_t until(char const *s, size_t n, struct tmplvalue const *sep)
{
    unsigned int rune;
    int ok;
    if (!sep->n)
        return n ? utf8_get(s, n, &rune, &ok) : 0;
    char const *found = memmem(s, n, sep->u.s, sep->n);
    return found ? (size_t)(found - s) : n;
}

int tmpltext_split(struct tmplcall *c, struct tmplvalue const *text, struct tmplvalue const *sep,
                   size_t max, struct tmplvalue *result)
{
    char const *s = text->u.s;
    size_t n = text->n;
    size_t pieces = max && sep->n;
    for (size_t at = 0; at < n && pieces < max; pieces++) {
        size_t k = until(s + at, n - at, sep);
        if (k == n - at && sep->n)
            break;
        at += k + sep->n;
    }
    struct tmplvalue *item = tmplcall_items(c, pieces);
    if (!item)
        return 0;
    for (size_t i = 0; i < pieces; i++) {
        size_t k = i + 1 == max ? n : until(s, n, sep);
        item[i] = tmplvalue_string(s, k);
        k += k < n ? sep->n : 0;
        s += k;
        n -= k;
    }
    *result = tmpltext_strings(item, pieces);
    return 1;
}

int tmpltext_item(struct tmplcall *c, struct tmplvalue const *list, size_t i)
{
    return list->u.item[i].kind == TMPLVALUE_STRING ||
           tmplcall_fail(c, "the list has an item of type %s; all must be strings",
                         tmplvalue_type(list->u.item + i));
}

int tmpltext_join(struct tmplcall *c, struct tmplvalue const *list, struct tmplvalue const *sep,
                  struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    int ok = 1;
    for (size_t i = 0; i < list->n && ok; i++) {
        struct tmplvalue const *v = list->u.item + i;
        if (!tmpltext_item(c, list, i)) {
            stralloc_free(&sa);
            return 0;
        }
        ok = (!i || catmax(&sa, TEXT_MAX, sep->u.s, sep->n)) && catmax(&sa, TEXT_MAX, v->u.s, v->n);
    }
    return tmpltext_finish(c, ok, &sa, result);
}

int tmpltext_replace(struct tmplcall *c, struct tmplvalue const *text, struct tmplvalue const *old,
                     struct tmplvalue const *new, int64_t times, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    char const *s = text->u.s;
    size_t n = text->n;
    uint64_t left = times < 0 ? UINT64_MAX : (uint64_t)times;
    int ok = 1;
    if (!old->n && left) { /* before the first character, too */
        ok = catmax(&sa, TEXT_MAX, new->u.s, new->n);
        left--;
    }
    while (ok && left && n) {
        size_t k = until(s, n, old);
        ok = catmax(&sa, TEXT_MAX, s, k);
        if (k == n && old->n) {
            s += k;
            n = 0;
            break;
        }
        ok = ok && catmax(&sa, TEXT_MAX, new->u.s, new->n);
        s += k + old->n;
        n -= k + old->n;
        left--;
    }
    return tmpltext_finish(c, ok && catmax(&sa, TEXT_MAX, s, n), &sa, result);
}

int tmpltext_case(struct tmplcall *c, struct tmplvalue const *text,
                  unsigned int (*change)(unsigned int), struct tmplvalue *result)
{
    char *buf = pool_get(c->pool, text->n);
    if (!buf)
        return tmplcall_nomem(c);
    runecase_text(buf, text->u.s, text->n, change);
    *result = tmplvalue_string(buf, text->n);
    return 1;
}

int tmpltext_encode64(struct tmplcall *c, struct tmplvalue const *text,
                      enum base64_alphabet alphabet, struct tmplvalue *result)
{
    char *buf = pool_get(c->pool, base64_room(text->n));
    if (!buf)
        return tmplcall_nomem(c);
    *result = tmplvalue_string(buf, base64_encode(buf, text->u.s, text->n, alphabet));
    return 1;
}

int tmpltext_decode64(struct tmplcall *c, struct tmplvalue const *text,
                      enum base64_alphabet alphabet, struct tmplvalue *result)
{
    size_t n;
    char *buf = pool_get(c->pool, text->n);
    if (!buf)
        return tmplcall_nomem(c);
    if (!base64_decode(buf, &n, text->u.s, text->n, alphabet))
        return tmplcall_fail(c, "this is no base64");
    *result = tmplvalue_string(buf, n);
    return 1;
}

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct tmplvalue tmpltext_trimmed(struct tmplvalue const *text)
{
    struct tmplvalue t = *text;
    for (; t.n && is_blank(*t.u.s); t.u.s++)
        t.n--;
    while (t.n && is_blank(t.u.s[t.n - 1]))
        t.n--;
    return t;
}

int tmpltext_begins(struct tmplvalue const *text, struct tmplvalue const *with)
{
    return text->n >= with->n && !memcmp(text->u.s, with->u.s, with->n);
}

int tmpltext_ends(struct tmplvalue const *text, struct tmplvalue const *with)
{
    return text->n >= with->n && !memcmp(text->u.s + text->n - with->n, with->u.s, with->n);
}

int tmpltext_hex(struct tmplcall *c, char const *bytes, size_t n, struct tmplvalue *result)
{
    static char const digits[] = "0123456789abcdef";
    char *buf = pool_get(c->pool, 2 * n);
    if (!buf)
        return tmplcall_nomem(c);
    for (size_t i = 0; i < n; i++) {
        buf[2 * i] = digits[(unsigned char)bytes[i] >> 4];
        buf[(2 * i) + 1] = digits[bytes[i] & 15];
    }
    *result = tmplvalue_string(buf, 2 * n);
    return 1;
}
