/* tmplyaml: YAML text as a value, read by libyaml; what plain scalars mean is decided here (null,
   booleans (y and n are some), integers, floats, strings: the rules of YAML 1.1 as Go's yaml.v2 has
   them. A plain date is nil, which confd drops; in quotes it is a string). */

#ifndef CAIRN_TMPLYAML_H
#define CAIRN_TMPLYAML_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum { TMPLYAML_WHY = 256 };

/* Reads the first document of the len bytes at s into *v, in the pool. Anchors and aliases are
   followed, merge keys (<<) too; their growth, and nesting, are bounded. Keys that are no strings
   become their text. Returns 1, or 0 with the reason in why, with line and column. */
extern int tmplyaml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                         char why[TMPLYAML_WHY]);

#endif
