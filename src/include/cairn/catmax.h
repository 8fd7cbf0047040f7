/* catmax: appends to a string that has a greatest length. */

#ifndef CAIRN_CATMAX_H
#define CAIRN_CATMAX_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* All return 1, or 0 with errno: ENOMEM, or EDQUOT where sa would have more than max bytes. */
extern int catmax(stralloc *sa, size_t max, char const *s, size_t n);
extern int catmax_text(stralloc *sa, size_t max, char const *s);    /* up to its 0 */
extern int catmax_fill(stralloc *sa, size_t max, char c, size_t n); /* n times c */

/* In words, why one of them returned 0, errno being what it left. */
extern char const *catmax_why(void);

#endif
