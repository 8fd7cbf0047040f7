#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/goregexset.h>
#include <cairn/runecase.h>

enum {
    RUNE_MAX = 0x10ffff,
    CASED_MAX = 0x212b, /* the last character that has another case, of those we know */
    LINEAR = 8,         /* ranges that are looked at in turn */
};

/* Lower-case letters with another form beside their capital. */
static struct {
    unsigned int letter;
    unsigned int other;
} const forms[] = {{'k', 0x212a},  {'s', 0x17f},   {0xb5, 0x3bc},   {0xb5, 0x39c},
                   {0xdf, 0x1e9e}, {0xe5, 0x212b}, {0x3c3, 0x3c2},  {0x3c9, 0x2126},
                   {0x3b8, 0x3d1}, {0x3b8, 0x3f4}, {0x1e61, 0x1e9b}};

static struct {
    char const *name;
    unsigned int ranges;
    char const *range; /* from and to of each */
} const classes[] = {{"d", 1, "09"},           {"s", 3, "\t\n\f\r  "},
                     {"w", 4, "09AZ__az"},     {"alnum", 3, "09AZaz"},
                     {"alpha", 2, "AZaz"},     {"ascii", 1, "\0\x7f"},
                     {"blank", 2, "\t\t  "},   {"cntrl", 2, "\0\x1f\x7f\x7f"},
                     {"digit", 1, "09"},       {"graph", 1, "!~"},
                     {"lower", 1, "az"},       {"print", 1, " ~"},
                     {"punct", 4, "!/:@[`{~"}, {"space", 2, "\t\r  "},
                     {"upper", 1, "AZ"},       {"word", 4, "09AZ__az"},
                     {"xdigit", 3, "09AFaf"}};

static void put(struct goregexset *set, unsigned int from, unsigned int to)
{
    if (set->n && from >= set->range[set->n - 1].from && from <= set->range[set->n - 1].to + 1) {
        if (to > set->range[set->n - 1].to)
            set->range[set->n - 1].to = to;
        return;
    }
    if (set->n == set->room) {
        size_t room = set->room ? set->room * 2 : 2;
        struct goregexrange *more = pool_get(set->pool, room * sizeof *more);
        if (!more) {
            set->is_lost = 1;
            return;
        }
        if (set->n)
            memcpy(more, set->range, set->n * sizeof *more);
        set->range = more;
        set->room = room;
    }
    set->range[set->n++] = (struct goregexrange){from, to};
}

/* Adds the other forms of a letter. */
static void put_others(struct goregexset *set, unsigned int rune)
{
    unsigned int letter = runecase_lower(rune);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].other == rune)
            letter = forms[i].letter;
    unsigned int capital = runecase_upper(letter);
    if (letter != rune)
        put(set, letter, letter);
    if (capital != rune && capital != letter)
        put(set, capital, capital);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].letter == letter && forms[i].other != rune)
            put(set, forms[i].other, forms[i].other);
}

void goregexset_add(struct goregexset *set, unsigned int from, unsigned int to)
{
    put(set, from, to);
    if (!set->is_folded || (!from && to >= CASED_MAX))
        return;
    for (unsigned int rune = from; rune <= to && rune <= CASED_MAX; rune++)
        put_others(set, rune);
}

/* Adds what is in another set, which this finishes. */
static void add_set(struct goregexset *set, struct goregexset *other, int is_negated)
{
    if (!goregexset_finish(other, is_negated))
        set->is_lost = 1;
    else
        for (size_t i = 0; i < other->n; i++)
            put(set, other->range[i].from, other->range[i].to);
}

int goregexset_class(struct goregexset *set, char const *name, size_t n, int is_negated)
{
    struct goregexset these = {.pool = set->pool, .is_folded = set->is_folded};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strlen(classes[i].name) == n && !memcmp(classes[i].name, name, n)) {
            unsigned char const *r = (unsigned char const *)classes[i].range;
            for (unsigned int k = 0; k < classes[i].ranges; k++, r += 2)
                goregexset_add(&these, r[0], r[1]);
            add_set(set, &these, is_negated);
            return 1;
        }
    return 0;
}

int goregexset_category(struct goregexset *set, char const *name, size_t n, int is_negated)
{
    struct goregexset these = {.pool = set->pool, .is_folded = set->is_folded};
    if (n != 3 || memcmp(name, "Any", n) != 0)
        return 0;
    goregexset_add(&these, 0, RUNE_MAX);
    add_set(set, &these, is_negated);
    return 1;
}

static int compare(void const *a, void const *b)
{
    struct goregexrange const *x = a;
    struct goregexrange const *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* The ranges between those that are there, which are in order. */
static void negate(struct goregexset *set)
{
    struct goregexset others = {.pool = set->pool};
    unsigned int next = 0;
    for (size_t i = 0; i < set->n; i++) {
        if (next < set->range[i].from)
            put(&others, next, set->range[i].from - 1);
        next = set->range[i].to + 1;
    }
    if (next <= RUNE_MAX)
        put(&others, next, RUNE_MAX);
    others.is_lost |= set->is_lost;
    *set = others;
}

int goregexset_finish(struct goregexset *set, int is_negated)
{
    size_t n = set->n;
    if (n)
        qsort(set->range, n, sizeof *set->range, compare);
    set->n = 0;
    for (size_t i = 0; i < n; i++)
        put(set, set->range[i].from, set->range[i].to);
    if (is_negated)
        negate(set);
    if (set->is_lost)
        errno = ENOMEM;
    return !set->is_lost;
}

int goregexset_has(struct goregexset const *set, unsigned int rune)
{
    size_t low = 0;
    size_t high = set->n;
    while (high - low > LINEAR) {
        size_t middle = low + (high - low) / 2;
        if (rune < set->range[middle].from)
            high = middle;
        else
            low = middle;
    }
    for (; low < high; low++)
        if (rune >= set->range[low].from && rune <= set->range[low].to)
            return 1;
    return 0;
}
