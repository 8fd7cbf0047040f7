/* gotoml: values as TOML, as the Go library that consul-template uses writes them. */

#ifndef CAIRN_GOTOML_H
#define CAIRN_GOTOML_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplvalue.h>

enum { GOTOML_WHY = 256, GOTOML_DEPTH_MAX = 200 /* of lists and maps in one another */ };

/* Appends the map or object v to out, at most max bytes in it: plain keys first, then tables, each
   in order, sub-tables indented by two blanks more. Keys of no value are left out. Returns 1, or 0
   with the reason in why: what is no map, null in a list, a list of both maps and others, memory.
   out may have a part then. */
extern int gotoml_put(stralloc *out, size_t max, struct tmplvalue const *v, char why[GOTOML_WHY]);

#endif
