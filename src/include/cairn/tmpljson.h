/* tmpljson: JSON text as a template's value, read by jansson. */

#ifndef CAIRN_TMPLJSON_H
#define CAIRN_TMPLJSON_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum { TMPLJSON_WHY = 256 };

/* Reads one JSON document of len bytes (a value of any kind; white space around it) into *v, in the
   pool. Numbers without . and e are integers, and must fit 64 bits; with all_floats every number is
   a float, as Go's decoder makes them. Of equal keys the last stays. Returns 1, or 0 with the
   reason in why, plain ASCII, with line and column where there are such.
   Where Go's decoder would go on, this one fails: on bytes that are no UTF-8 and halves of
   surrogates (Go puts U+FFFD), on \u0000 in keys, and beyond 2048 lists and maps in one another
   (Go: 10000). Beside the pool, jansson takes memory in proportion to len while this runs. */
extern int tmpljson_read(char const *s, size_t len, int all_floats, struct pool *p,
                         struct tmplvalue *v, char why[TMPLJSON_WHY]);

#endif
