/* nearest: which of the known words was meant by one that is not known. */

#ifndef CAIRN_NEAREST_H
#define CAIRN_NEAREST_H

#include <stddef.h>

#define NEAREST_MAX 63 /* bytes of the longest word that is looked at */

/* How many letters must be left out, added, replaced or exchanged with their neighbour to make b of
   a: the optimal string alignment. NEAREST_MAX + 1 if one of them is longer than that. */
extern unsigned int nearest_distance(char const *a, char const *b);

/* A search: start with NEAREST_ZERO, offer every known word. best is the nearest one that is near
   enough to be a slip (a third of its letters at most), the first of several, or NULL. The words
   must outlive the search. */
struct nearest {
    char const *word;
    char const *best;
    unsigned int distance;
};

#define NEAREST_ZERO(what)                                                                         \
    {                                                                                              \
        .word = (what), .best = NULL, .distance = 0                                                \
    }

extern void nearest_offer(struct nearest *, char const *known);

#endif
