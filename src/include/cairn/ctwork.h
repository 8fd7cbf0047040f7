/* ctwork: one template of consul-template at work: its text, parsed once, and what it was found to
   depend on. */

#ifndef CAIRN_CTWORK_H
#define CAIRN_CTWORK_H

#include <skalibs/stralloc.h>

#include <cairn/ctconf.h>
#include <cairn/ctfunc.h>
#include <cairn/ctplain.h>
#include <cairn/ctquiet.h>
#include <cairn/sprig.h>
#include <cairn/tmplparse.h>

enum { CTWORK_TABLES = 2 + CTPLAIN_TABLES + SPRIG_TABLES, CTWORK_WHY = 2048 };

struct ctwork {
    struct ctconf_template const *conf;
    stralloc text;
    struct pool parsed; /* where tmpl lives */
    struct tmpl *tmpl;
    struct tmpl_options options;
    struct tmplfunc_table table[CTWORK_TABLES];
    struct ctplain plain;
    struct ctrun run;
    struct ctentry **uses; /* what the last run used */
    size_t n_uses;
    struct ctquiet quiet;
    int is_dirty;   /* something that it uses has changed: it is to be run */
    int is_late;    /* it is resolved, and waits until all is quiet */
    int is_done;    /* it has been rendered once at least */
    int is_written; /* in this pass */
    char why[CTWORK_WHY];
};

enum ctwork_result {
    CTWORK_FAILED,  /* why tells */
    CTWORK_MISSING, /* something that it uses has no value yet */
    CTWORK_READY,   /* the output is there */
};

/* Reads and parses the template. brain and added, what the environment has beside the process's
   own, must outlive it. w stays where it is until ctwork_free. Returns 1, or 0 with w->why: one
   that names file, line and column. */
extern int ctwork_load(struct ctwork *w, struct ctconf_template const *conf, struct ctbrain *brain,
                       char const *const *added);

/* Runs it. Sets w->uses, and counts itself among the users of each; output is set where it is
   ready. An error counts only when all that the run has asked for is there: a template that takes
   the first of an empty list need not guard against the time before the answers. */
extern enum ctwork_result ctwork_run(struct ctwork *w, stralloc *output);

/* Does it use the entry? */
extern int ctwork_uses(struct ctwork const *w, struct ctentry const *e);

extern void ctwork_free(struct ctwork *w);

#endif
