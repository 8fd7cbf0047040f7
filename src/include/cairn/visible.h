/* visible: names of somebody else's choice on a terminal. */

#ifndef CAIRN_VISIBLE_H
#define CAIRN_VISIBLE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* How many columns the n bytes take: a character of UTF-8 is one wide. */
extern size_t visible_width(char const *s, size_t n);

/* Appends s. What could command a terminal (control characters, C1 too), turn the direction of what
   follows, or is no UTF-8, becomes \xHH, a byte each. Returns 1, or 0 with errno: no memory. */
extern int visible_add(stralloc *sa, char const *s);

#endif
