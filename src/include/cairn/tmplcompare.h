/* tmplcompare: eq, ne, lt, le, gt, ge of the template language: which values may be compared, and
   how. */

#ifndef CAIRN_TMPLCOMPARE_H
#define CAIRN_TMPLCOMPARE_H

#include <cairn/tmplvalue.h>

/* Both set *result and return NULL, or return the reason why the two are not comparable. */

/* Are they equal? Nothing is equal to nothing and nil only. An integer and a float are of different
   types; two lists or two maps are not comparable. */
extern char const *tmplcompare_equal(struct tmplvalue const *a, struct tmplvalue const *b,
                                     int *result);

/* Their order: <0, 0, >0. */
extern char const *tmplcompare_order(struct tmplvalue const *a, struct tmplvalue const *b,
                                     int *result);

#endif
