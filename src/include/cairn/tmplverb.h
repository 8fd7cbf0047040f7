/* tmplverb: one value under one verb of Go's fmt, %v and its kin, with flags, width and precision.
 */

#ifndef CAIRN_TMPLVERB_H
#define CAIRN_TMPLVERB_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplvalue.h>

struct tmplverb {
    unsigned int rune; /* the verb: 'v', 'd', ... */
    char utf8[5];      /* the same, for messages */
    int plus;
    int minus;
    int sharp;
    int plus_v;  /* %+v: fields with their names */
    int sharp_v; /* %#v: as Go's source would have it */
    int space;
    int zero;      /* not with minus */
    int width;     /* -1: none */
    int precision; /* -1: none */
};

/* Appends v under the verb to out, at most to max bytes. What the verb cannot show is text, such as
   %!d(string=x). Returns 1, or 0 with errno: ENOMEM, or EDQUOT, also where lists are in lists too
   deep. */
extern int tmplverb_put(stralloc *out, size_t max, struct tmplverb const *verb,
                        struct tmplvalue const *v);

/* "type=value", as messages about operands have it; "<nil>" for nothing. Returns as above. */
extern int tmplverb_put_typed(stralloc *out, size_t max, struct tmplvalue const *v);

#endif
