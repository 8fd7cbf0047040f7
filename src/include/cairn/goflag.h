/* goflag: a command line in the syntax of Go's package flag: -name value, -name=value, --name the
   same; a boolean takes a value by = only; -- or the first word that is no flag ends them. */

#ifndef CAIRN_GOFLAG_H
#define CAIRN_GOFLAG_H

#include <stddef.h>

enum { GOFLAG_WHY = 256 };

struct goflag {
    char const *name;
    int is_bool;
};

enum goflag_result {
    GOFLAG_HELP = -3, /* -h or -help, which the table does not have */
    GOFLAG_BAD = -2,  /* why tells */
    GOFLAG_END = -1,  /* at is the first word that is no flag */
};

struct goflag_parse {
    char const *const *argv; /* ends with NULL */
    size_t at;               /* what is read next; begin with 1 */
    char why[GOFLAG_WHY];
};

/* Reads the next flag: returns its index in the table of n, with *value ("true" or "false" for a
   boolean), or a goflag_result. */
extern int goflag_next(struct goflag_parse *p, struct goflag const *table, size_t n,
                       char const **value);

#endif
