/* tmplrun: runs a parsed template. */

#ifndef CAIRN_TMPLRUN_H
#define CAIRN_TMPLRUN_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplparse.h>

struct tmplbody; /* tmpltree.h */

/* Runs it on dot. What it makes on the way lives in the pool p, which need not be the template's.
   Appends the output, at most max bytes, to out. Returns 1, or 0 with *e; out is as it was then. */
extern int tmplrun(struct tmpl const *t, struct tmplvalue const *dot, struct pool *p, stralloc *out,
                   size_t max, struct tmplerror *e);

/* The same, of one of the templates that it defines (tmpltree_body). */
extern int tmplrun_body(struct tmpl const *t, struct tmplbody const *body,
                        struct tmplvalue const *dot, struct pool *p, stralloc *out, size_t max,
                        struct tmplerror *e);

#endif
