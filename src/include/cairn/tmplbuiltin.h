/* tmplbuiltin: the functions of the template language itself. and and or are in the table for
   their names; tmplrun evaluates them, since they stop at the argument that decides. */

#ifndef CAIRN_TMPLBUILTIN_H
#define CAIRN_TMPLBUILTIN_H

#include <cairn/tmplfunc.h>

/* Whether it is one of the two. */
extern int tmplbuiltin_is_and(struct tmplfunc const *f);
extern int tmplbuiltin_is_or(struct tmplfunc const *f);

extern struct tmplfunc_table tmplbuiltin_table(void);

#endif
