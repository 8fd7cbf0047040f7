/* fifomatch: looking for an extended regular expression in a stream of events.

   The expression is searched for in what has been fed since the beginning or the last match, after
   each byte: a match is known by the byte that completes it. So '^' is the beginning, '$' holds
   after any byte and changes nothing, and an expression that matches nothing at all matches at the
   first byte. A NUL byte is no event and is passed over.

   Memory is bounded, whatever comes: of more than FIFOMATCH_MAX bytes without a match the older
   half is forgotten. A match that spans no more than the last FIFOMATCH_MAX / 2 bytes is never
   missed; that is over two hours of a service that restarts every second. After that '^' never
   matches. For an expression with a '$' the bound is FIFOMATCH_MAX_DOLLAR, because each byte takes
   a search of its own. */

#ifndef CAIRN_FIFOMATCH_H
#define CAIRN_FIFOMATCH_H

#include <regex.h>
#include <stddef.h>

#define FIFOMATCH_MAX        65536
#define FIFOMATCH_MAX_DOLLAR 4096

struct fifomatch {
    regex_t re;
    size_t len;
    size_t max;
    unsigned int has_dollar : 1; /* more bytes can undo a match */
    unsigned int has_forgotten : 1;
    char seen[FIFOMATCH_MAX + 1];
};

/* Compiles the expression. Returns 0 (the caller ends it with fifomatch_end), or -1 with errno:
   EINVAL for a bad expression, ENOMEM. */
extern int fifomatch_init(struct fifomatch *, char const *regex);

/* Feeds n bytes, up to the one that completes a match. *used is the number of bytes taken.
   Returns that byte, from 1 to 255, or 0 if there is no match; then all are taken. No allocation of
   its own. */
extern int fifomatch_feed(struct fifomatch *, char const *bytes, size_t n, size_t *used);

extern void fifomatch_end(struct fifomatch *);

#endif
