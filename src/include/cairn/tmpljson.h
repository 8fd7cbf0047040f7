/* tmpljson: JSON text as a template's value, read by jansson. */

#ifndef CAIRN_TMPLJSON_H
#define CAIRN_TMPLJSON_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum { TMPLJSON_WHY = 256 };

/* Reads one JSON document of len bytes (a value of any kind; white space around it) into *v, in the
   pool. Integers that fit stay integers, unless all_floats: then every number is a float, as Go's
   decoder makes them. Nesting is bounded by jansson. Returns 1, or 0 with the reason in why, a
   sentence with line and column where there are such. */
extern int tmpljson_read(char const *s, size_t len, int all_floats, struct pool *p,
                         struct tmplvalue *v, char why[TMPLJSON_WHY]);

#endif
