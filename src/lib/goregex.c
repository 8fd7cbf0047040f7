#include <errno.h>
#include <string.h>

#include <cairn/goregex.h>
#include <cairn/goregexprog.h>
#include <cairn/goregextext.h>
#include <cairn/runecase.h>
#include <cairn/utf8.h>

struct goregex {
    struct goregexprog prog;
    struct goregexname *name;
    size_t groups;
};

struct goregex *goregex_compile(struct pool *p, char const *pattern, size_t n,
                                char why[GOREGEX_WHY])
{
    struct goregextree tree;
    struct goregexprog prog;
    if (!goregexparse(&tree, p, pattern, n, why) || !goregexprog_make(&prog, &tree, p, why))
        return NULL;
    struct goregex *re = pool_get(p, sizeof *re);
    if (!re) {
        struct goregextext in = {.why = why};
        goregextext_no_memory(&in);
        return NULL;
    }
    *re = (struct goregex){.prog = prog, .name = tree.name, .groups = tree.groups};
    return re;
}

size_t goregex_groups(struct goregex const *re)
{
    return re->groups;
}

size_t goregex_group(struct goregex const *re, char const *name, size_t n)
{
    for (struct goregexname const *have = re->name; have; have = have->next)
        if (have->n == n && !memcmp(have->name, name, n))
            return have->group;
    return 0;
}

/* The matcher: all ways through the program that are possible at a place of the text, in the order
   of preference, and each step at most once: so the time is that of text times program. */

struct threads {
    unsigned int *step;
    unsigned int *at; /* of a step: where in the list it is, if it is there */
    size_t *mark;     /* marks of each of the list */
    unsigned int n;
};

/* What is left to do for the ways from one step. */
struct todo {
    unsigned int step;
    int is_mark; /* put a mark back to what it was */
    size_t mark;
    size_t was;
};

struct matcher {
    struct goregexprog const *prog;
    char const *text;
    size_t n;
    size_t marks;
    struct threads now;
    struct threads then;
    struct todo *todo;
    size_t *mark; /* of the way that is followed */
    size_t *best;
};

static int is_there(struct matcher const *m, enum goregex_place place, size_t at)
{
    switch (place) {
    case GOREGEX_TEXT_BEGIN:
        return !at;
    case GOREGEX_TEXT_END:
        return at == m->n;
    case GOREGEX_LINE_BEGIN:
        return !at || m->text[at - 1] == '\n';
    case GOREGEX_LINE_END:
        return at == m->n || m->text[at] == '\n';
    case GOREGEX_BORDER:
    case GOREGEX_NO_BORDER:
        break;
    }
    int before = at && goregextext_is_word(m->text[at - 1]);
    int behind = at < m->n && goregextext_is_word(m->text[at]);
    return (before != behind) == (place == GOREGEX_BORDER);
}

static int has(struct threads const *t, unsigned int step)
{
    return t->at[step] < t->n && t->step[t->at[step]] == step;
}

/* Follows the ways from one step as far as they go without a character. */
static void follow(struct matcher *m, struct threads *t, unsigned int from, size_t at)
{
    size_t n = 0;
    m->todo[n++] = (struct todo){.step = from};
    while (n) {
        struct todo const *todo = m->todo + --n;
        if (todo->is_mark) {
            m->mark[todo->mark] = todo->was;
            continue;
        }
        unsigned int step = todo->step;
        while (!has(t, step)) {
            struct goregexstep const *s = m->prog->step + step;
            t->at[step] = t->n;
            t->step[t->n] = step;
            if (m->marks && (s->kind == GOREGEXSTEP_SET || s->kind == GOREGEXSTEP_MATCH))
                memcpy(t->mark + t->n * m->marks, m->mark, m->marks * sizeof *m->mark);
            t->n++;
            if (s->kind == GOREGEXSTEP_FORK)
                m->todo[n++] = (struct todo){.step = s->u.other};
            else if (s->kind == GOREGEXSTEP_MARK) {
                if (s->u.mark < m->marks) {
                    m->todo[n++] =
                        (struct todo){.is_mark = 1, .mark = s->u.mark, .was = m->mark[s->u.mark]};
                    m->mark[s->u.mark] = at;
                }
            } else if (s->kind != GOREGEXSTEP_AT || !is_there(m, s->u.place, at))
                break;
            step = s->next;
        }
    }
}

/* Takes the character of len bytes at the place in all ways. Returns whether one of them has come
   to the end; those that are preferred less are given up then. */
static int take(struct matcher *m, size_t at, unsigned int rune, size_t len)
{
    m->then.n = 0;
    for (unsigned int i = 0; i < m->now.n; i++) {
        struct goregexstep const *s = m->prog->step + m->now.step[i];
        size_t const *mark = m->now.mark + i * m->marks;
        if (s->kind == GOREGEXSTEP_MATCH) {
            if (m->marks)
                memcpy(m->best, mark, m->marks * sizeof *mark);
            return 1;
        }
        if (s->kind != GOREGEXSTEP_SET || !len || !goregexset_has(s->u.set, rune))
            continue;
        if (m->marks)
            memcpy(m->mark, mark, m->marks * sizeof *mark);
        follow(m, &m->then, s->next, at + len);
    }
    return 0;
}

static int search(struct matcher *m, size_t from)
{
    int found = 0;
    m->now.n = 0;
    for (size_t at = from;; at++) {
        unsigned int rune = UTF8_NONE;
        size_t len = 0;
        int ok;
        if (!found) {
            for (size_t i = 0; i < m->marks; i++)
                m->mark[i] = (size_t)-1;
            follow(m, &m->now, m->prog->start, at);
        }
        if (at < m->n)
            len = utf8_get(m->text + at, m->n - at, &rune, &ok);
        found |= take(m, at, rune, len);
        struct threads t = m->now;
        m->now = m->then;
        m->then = t;
        if (!len || (found && !m->now.n))
            return found;
        at += len - 1;
    }
}

static int threads_init(struct threads *t, struct pool *p, size_t steps, size_t marks)
{
    t->step = pool_get(p, steps * sizeof *t->step);
    t->at = pool_get(p, steps * sizeof *t->at);
    t->mark = pool_get(p, steps * marks * sizeof *t->mark);
    if (t->at)
        memset(t->at, 0, steps * sizeof *t->at);
    return t->step && t->at && t->mark;
}

static int matcher_init(struct matcher *m, struct goregex const *re, struct pool *p, size_t groups)
{
    size_t steps = re->prog.n;
    m->prog = &re->prog;
    m->marks = 2 * (groups < re->groups ? groups : re->groups);
    m->todo = pool_get(p, (steps + 1) * sizeof *m->todo);
    m->mark = pool_get(p, m->marks * sizeof *m->mark);
    m->best = pool_get(p, m->marks * sizeof *m->best);
    if (m->todo && m->mark && m->best && threads_init(&m->now, p, steps, m->marks) &&
        threads_init(&m->then, p, steps, m->marks))
        return 1;
    errno = ENOMEM;
    return 0;
}

int goregex_find(struct goregex const *re, struct pool *p, char const *text, size_t n, size_t from,
                 size_t *place, size_t groups)
{
    struct matcher m = {.text = text, .n = n};
    if (!matcher_init(&m, re, p, groups))
        return -1;
    if (from > n || !search(&m, from))
        return 0;
    for (size_t i = 0; i < groups * 2; i++)
        place[i] = i < m.marks ? m.best[i] : (size_t)-1;
    return 1;
}

/* Replacement */

/* A letter beyond ASCII is of a name too: one that has two cases, that is. */
static char const *letters(char const *p, char const *end)
{
    for (;;) {
        unsigned int rune = 0;
        size_t len = 0;
        int ok;
        p = goregextext_word(p, end);
        if (p < end)
            len = utf8_get(p, (size_t)(end - p), &rune, &ok);
        if (runecase_lower(rune) == rune && runecase_upper(rune) == rune)
            return p;
        p += len;
    }
}

/* The name behind a $, with or without braces. Returns where it ends, or NULL: the $ stands for
   itself. */
static char const *name(char const *p, char const *end, char const **from, size_t *n)
{
    int is_braced = p < end && *p == '{';
    *from = p + is_braced;
    p = letters(*from, end);
    *n = (size_t)(p - *from);
    if (!*n || (is_braced && (p == end || *p != '}')))
        return NULL;
    return p + is_braced;
}

/* The first group of that name that took part, (size_t)-1 for none. */
static size_t named(struct goregex const *re, struct matcher const *m, char const *s, size_t n)
{
    for (struct goregexname const *have = re->name; have; have = have->next)
        if (have->n == n && !memcmp(have->name, s, n) && m->best[have->group * 2] != (size_t)-1)
            return have->group;
    return (size_t)-1;
}

/* The group of that name or number, (size_t)-1 for none. */
static size_t group_of(struct goregex const *re, struct matcher const *m, char const *s, size_t n)
{
    size_t number = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9' || (i && *s == '0'))
            return named(re, m, s, n);
        if (number < re->groups)
            number = number * 10 + (size_t)(s[i] - '0');
    }
    return number < re->groups ? number : (size_t)-1;
}

static int put_group(struct matcher const *m, size_t group, stralloc *out)
{
    if (group == (size_t)-1 || m->best[group * 2] == (size_t)-1)
        return 1;
    size_t begin = m->best[group * 2];
    return stralloc_catb(out, m->text + begin, m->best[group * 2 + 1] - begin);
}

static int expand(struct goregex const *re, struct matcher const *m, char const *with, size_t n,
                  stralloc *out)
{
    char const *end = with + n;
    while (with < end) {
        char const *dollar = memchr(with, '$', (size_t)(end - with));
        if (!dollar)
            dollar = end;
        if (!stralloc_catb(out, with, (size_t)(dollar - with)))
            return 0;
        if (dollar == end)
            return 1;
        char const *from;
        size_t len;
        with = dollar + 1;
        char const *next = name(with, end, &from, &len);
        if (next) {
            if (!put_group(m, group_of(re, m, from, len), out))
                return 0;
            with = next;
        } else {
            with += with < end && *with == '$';
            if (!stralloc_catb(out, "$", 1))
                return 0;
        }
    }
    return 1;
}

int goregex_replace(struct goregex const *re, struct pool *p, char const *text, size_t n,
                    char const *with, size_t withlen, int is_literal, stralloc *out)
{
    struct matcher m = {.text = n ? text : "", .n = n};
    size_t done = 0;
    size_t from = 0;
    if (!matcher_init(&m, re, p, is_literal ? 1 : re->groups))
        return 0;
    while (from <= n && search(&m, from)) {
        size_t begin = m.best[0];
        size_t end = m.best[1];
        if (!stralloc_catb(out, m.text + done, begin - done))
            return 0;
        /* nothing at the end of the last match does not count */
        if (end > done || !begin) {
            int ok =
                is_literal ? stralloc_catb(out, with, withlen) : expand(re, &m, with, withlen, out);
            if (!ok)
                return 0;
        }
        done = end;
        if (end > from)
            from = end;
        else if (from < n) {
            unsigned int rune;
            int ok;
            from += utf8_get(m.text + from, n - from, &rune, &ok);
        } else
            break;
    }
    return stralloc_catb(out, m.text + done, n - done);
}
