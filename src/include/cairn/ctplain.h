/* ctplain: the functions of consul-template's templates that need nothing but their arguments (the
   sheet dns-and-templates, section 3.3). */

#ifndef CAIRN_CTPLAIN_H
#define CAIRN_CTPLAIN_H

#include <stdint.h>

#include <cairn/pool.h>
#include <cairn/tmplfunc.h>

struct tmpl;
struct ctscratch;

/* What they know of the run of the template that calls them. One for each run: the program sets it
   before tmplrun. */
struct ctplain {
    char const *const *env;  /* NAME=value, looked at before the process's own; ends with NULL; may
                                be NULL */
    int64_t now;             /* seconds since the epoch, for timestamp */
    struct tmpl const *tmpl; /* for executeTemplate; NULL before it is parsed */
    struct ctscratch *scratch; /* the functions' own; NULL at the beginning of a run. In the pool of
                                  the run */
    unsigned int depth;        /* the functions' own: of executeTemplate in itself */
    int wake_fd;               /* a plugin is killed when this is readable; 0: none */
    char const *sandbox;       /* file and writeToFile only below it; NULL: anywhere */
};

/* Sets the tables at t, of which there is room for CTPLAIN_TABLES, and returns how many. c must
   outlive them. sprig's are not among them. */
enum { CTPLAIN_TABLES = 12 };
extern size_t ctplain_tables(struct ctplain *c, struct tmplfunc_table *t);

#endif
