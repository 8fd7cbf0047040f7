/* ctwrite: puts what a template has become into its destination. */

#ifndef CAIRN_CTWRITE_H
#define CAIRN_CTWRITE_H

#include <stddef.h>

#include <cairn/ctconf.h>

enum { CTWRITE_WHY = 512 };

/* Writes the n bytes to the template's destination unless they are there already: whole, beside it,
   and by rename; its directories are made, a copy is kept as DESTINATION.bak where that is wanted.
   Modes and owners: what the template says; else those that the old file has, so far as we may;
   else 0644 and ours. Returns 1 if it was written, 0 if it is the same, -1 with the reason in why.
 */
extern int ctwrite(struct ctconf_template const *t, char const *s, size_t n, char why[CTWRITE_WHY]);

#endif
