/* tmplparse: templates in the language of Go's text/template (the sheet dns-and-templates, section
   4): parsed once, run any number of times by tmplrun. */

#ifndef CAIRN_TMPLPARSE_H
#define CAIRN_TMPLPARSE_H

#include <stddef.h>

#include <cairn/pool.h>
#include <cairn/tmplerror.h>
#include <cairn/tmplfunc.h>

/* What a key that a map does not have means: the option missingkey. */
enum tmplmissing { TMPLMISSING_DEFAULT, TMPLMISSING_ZERO, TMPLMISSING_ERROR };

enum { TMPLPARSE_STEPS = 100000000 };

struct tmpl_options {
    char const *name; /* its own, for {{template}} */
    char const *left; /* delimiters; NULL or "": {{ and }} */
    char const *right;
    enum tmplmissing missing;
    unsigned long steps; /* that one run may take: nodes and turns of loops; 0: TMPLPARSE_STEPS */
    struct tmplfunc_table const *table; /* functions beside the language's own; later ones win */
    size_t tables;
};

struct tmpl; /* a parsed template, and those that it defines: tmpltree.h */

/* Parses the len bytes at text, which must outlive the template, as must options and its tables;
   the template itself lives in the pool. Returns it, or NULL with *e. */
extern struct tmpl *tmplparse(struct pool *p, char const *text, size_t len,
                              struct tmpl_options const *options, struct tmplerror *e);

#endif
