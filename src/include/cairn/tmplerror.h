/* tmplerror: what is wrong with a template, and where. */

#ifndef CAIRN_TMPLERROR_H
#define CAIRN_TMPLERROR_H

#include <stdarg.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

enum { TMPLERROR_WHY = 1024, TMPLERROR_LINE = 160 }; /* bytes: of the reason; of a line shown */

struct tmplerror {
    int is_exec; /* while running, not while parsing */
    unsigned int line;
    unsigned int column;     /* bytes, from 1 */
    char why[TMPLERROR_WHY]; /* the reason, one line, without the place */
    char const *text;        /* the template's line, in its text; NULL: none is known */
    size_t n;                /* its length */
};

/* Sets the reason, as vprintf does, cut at TMPLERROR_WHY, and the place: the byte at of the text.
 */
extern void tmplerror_set(struct tmplerror *e, int is_exec, char const *text, size_t len,
                          char const *at, char const *format, va_list ap)
    __attribute__((format(printf, 6, 0)));

/* Appends the whole message to sa: "NAME:LINE:COLUMN: why", and, on lines of their own, the
   template's line (a part of a long one) and a caret under the column. Returns 1, or 0 with errno:
   ENOMEM. */
extern int tmplerror_text(struct tmplerror const *e, char const *name, stralloc *sa);

#endif
