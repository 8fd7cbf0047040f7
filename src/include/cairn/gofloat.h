/* gofloat: floats as text, as Go's strconv writes them. Needs the locale "C", which all programs
   have that never call setlocale. */

#ifndef CAIRN_GOFLOAT_H
#define CAIRN_GOFLOAT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

enum { GOFLOAT_DIGITS = 17 };

/* The fewest digits that read back as f (finite; its sign does not count), and of these the nearest
   to f: d.ddd times 10 to the *exponent. Returns how many; no 0 is put behind them. */
extern size_t gofloat_shortest(char digit[GOFLOAT_DIGITS], int *exponent, double f);

/* How to write one. */
struct gofloat {
    /* e 1.5e+06, f 1500000, g either (e below 1e-4, and from 1e6 or 10 to the precision on), x
       0x1.6e36p+20, b 6597069766656p-22; in capitals E G X */
    char form;
    int is_sharp;  /* e, f and g have a point always, g keeps its zeros (6 digits at least) */
    int precision; /* digits behind the point, for g all of them; -1: the shortest */
};

/* Appends f to out, with a sign only where it is negative; NaN, +Inf and -Inf in every form.
   Returns 1, or 0 with errno: ENOMEM, or EDQUOT where out would grow beyond max bytes. */
extern int gofloat_put(stralloc *out, size_t max, struct gofloat const *how, double f);

#endif
