/* tmplverb: one value under one verb of Go's fmt, %v and its kin, with flags, width and precision.
 */

#ifndef CAIRN_TMPLVERB_H
#define CAIRN_TMPLVERB_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplvalue.h>

enum { TMPLVERB_WIDTH = 1000000 }; /* the largest width and precision, as in Go */

struct tmplverb {
    unsigned int rune; /* the verb: 'v', 'd', ... */
    char utf8[5];      /* the same, for messages */
    int plus;
    int minus;
    int sharp;
    int plus_v;  /* %+v: fields with their names */
    int sharp_v; /* %#v: as Go's source would have it */
    int space;
    int zero;
    int width;     /* -1: none */
    int precision; /* -1: none */
};

/* Appends v under the verb to out, at most to max bytes. What the verb cannot show is text, such as
   %!d(string=x). Returns 1, or 0 with errno: ENOMEM, EDQUOT. */
extern int tmplverb_put(stralloc *out, size_t max, struct tmplverb const *verb,
                        struct tmplvalue const *v);

/* "type=value", as messages about verbs have it; "<nil>" for nothing. Returns as above. */
extern int tmplverb_put_typed(stralloc *out, size_t max, struct tmplvalue const *v);

/* f as %v and %g write it: the shortest digits that read back as f, with an exponent unless
   1e-4 <= |f| < 1e6 (more digits than 6 do not change that: 1.23456789e+08). Returns the length; no
   0 is put behind it. */
enum { TMPLVERB_FLOAT = 40 };
extern size_t tmplverb_float(char *buf, double f);

/* s in double quotes, as Go's %q does: printable UTF-8 as it is, the rest escaped. Returns as
   above. */
extern int tmplverb_quote(stralloc *out, size_t max, char const *s, size_t n);

/* Is it a character that Go's strconv calls printable? */
extern int tmplverb_is_printable(unsigned int rune);

#endif
