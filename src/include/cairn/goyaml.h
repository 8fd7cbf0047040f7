/* goyaml: values as YAML, as Go's yaml.v2 writes them (by libyaml, which it is made after): maps
   indented by two blanks, lists in maps not at all, in quotes what would be no string without. */

#ifndef CAIRN_GOYAML_H
#define CAIRN_GOYAML_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/tmplvalue.h>

enum { GOYAML_WHY = 128, GOYAML_DEPTH_MAX = 200 /* of lists and maps in one another */ };

/* Appends v to out, at most max bytes in it, with a newline at the end. Returns 1, or 0 with the
   reason in why; out is as it was then. */
extern int goyaml_put(stralloc *out, size_t max, struct tmplvalue const *v, char why[GOYAML_WHY]);

#endif
