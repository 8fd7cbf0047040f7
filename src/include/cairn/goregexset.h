/* goregexset: sets of characters, as regular expressions have them. */

#ifndef CAIRN_GOREGEXSET_H
#define CAIRN_GOREGEXSET_H

#include <stddef.h>

#include <cairn/pool.h>

struct goregexrange {
    unsigned int from;
    unsigned int to;
};

struct goregexset {
    struct pool *pool;
    struct goregexrange *range;
    size_t n;
    size_t room;
    int is_lost;   /* memory ran out: goregexset_finish says so */
    int is_folded; /* what is added comes with its other case */
};

/* Adds the characters. */
extern void goregexset_add(struct goregexset *, unsigned int from, unsigned int to);

/* Adds those of a class of ASCII ("d", "s", "w" for \d \s \w, "alpha" for [:alpha:]), or all but
   those. Returns 0 where there is no such class. */
extern int goregexset_class(struct goregexset *, char const *name, size_t n, int is_negated);

/* Adds those of a class of Unicode: a general category, such as "L" or "Lu", or "Any". Returns 0
   where it is not known here. */
extern int goregexset_category(struct goregexset *, char const *name, size_t n, int is_negated);

/* Puts the ranges in order, without overlap, all others instead if it is negated. Returns 1, or 0
   with errno. */
extern int goregexset_finish(struct goregexset *, int is_negated);

/* Does the finished set have the character? */
extern int goregexset_has(struct goregexset const *, unsigned int rune);

#endif
