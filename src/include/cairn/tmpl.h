/* tmpl: templates in the language of Go's text/template (the sheet dns-and-templates, section 4):
   parsed once, run any number of times. */

#ifndef CAIRN_TMPL_H
#define CAIRN_TMPL_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplfunc.h>
#include <cairn/tmplvalue.h>

/* What a key that a map does not have means: the option missingkey. */
enum tmpl_missing { TMPL_MISSING_DEFAULT, TMPL_MISSING_ZERO, TMPL_MISSING_ERROR };

struct tmpl_options {
    char const *name; /* its own, for {{template}} */
    char const *left; /* delimiters; NULL or "": {{ and }} */
    char const *right;
    enum tmpl_missing missing;
    struct tmplfunc_table const *table; /* functions beside the language's own; later ones win */
    size_t tables;
};

enum { TMPL_WHY = 1024, TMPL_CARET_LINE = 160 };

/* What went wrong, and where. */
struct tmpl_error {
    int is_exec; /* while running, not while parsing */
    unsigned int line;
    unsigned int column; /* bytes, from 1 */
    char why[TMPL_WHY];  /* the reason, one line, without the place */
    char const *text;    /* the template line, in the template's text; no newline */
    size_t n;            /* its length */
};

struct tmpl; /* a parsed template, and those that it defines */

/* Parses the len bytes at text, which must outlive the template, as must options and its tables;
   the template itself lives in the pool. Returns it, or NULL with *e. */
extern struct tmpl *tmpl_parse(struct pool *p, char const *text, size_t len,
                               struct tmpl_options const *options, struct tmpl_error *e);

/* Runs it on dot. What it makes on the way lives in the pool p, which need not be the template's.
   Appends the output, at most max bytes, to out. Returns 1, or 0 with *e; out is as it was then. */
extern int tmpl_run(struct tmpl const *t, struct tmplvalue const *dot, struct pool *p,
                    stralloc *out, size_t max, struct tmpl_error *e);

/* Appends the whole message to sa, lines after the first indented: "NAME:LINE:COLUMN: why", the
   template's line, a caret under the column. Returns 1, or 0 with errno: ENOMEM. */
extern int tmpl_error_text(struct tmpl_error const *e, char const *name, stralloc *sa);

#endif
