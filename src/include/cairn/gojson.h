/* gojson: values as JSON, as Go's encoding/json writes them. */

#ifndef CAIRN_GOJSON_H
#define CAIRN_GOJSON_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplvalue.h>

enum {
    GOJSON_WHY = 128,
    GOJSON_DEPTH_MAX = 2100 /* of lists and maps in one another; tmpljson reads less */
};

struct gojson {
    int is_html_safe;   /* < > & as \u003c and so on */
    char const *indent; /* one step of it, each item on a line of its own; NULL: one line for all */
};

/* Appends v to out, at most max bytes in it. An object is written with its fields in their order.
   What is nil in Go (TMPLVALUE_GO_NIL) is null. Returns 1, or 0 with the reason in why: infinity,
   NaN, what has no JSON, too deep, memory. out may have a part then. */
extern int gojson_put(stralloc *out, size_t max, struct gojson const *how,
                      struct tmplvalue const *v, char why[GOJSON_WHY]);

/* Appends f as encoding/json does: plain from 1e-6 to 1e21. Returns 1, or 0 with errno: ENOMEM,
   EDQUOT. */
extern int gojson_put_float(stralloc *out, size_t max, double f);

#endif
