/* yamlscalar: what the scalars of YAML mean, as Go's yaml.v2 has it when nobody says which type is
   wanted (compared with 2.4.0, see tests/unit/yamlscalar.c):
     nil      nothing, ~ null Null NULL
     boolean  y yes on true, n no off false, each also as Yes and YES
     integer  12 -7 +7 0x1f 0b101 0o17 017 1_000
     float    1. .5 1e5 1_0.5 .inf -.Inf +.INF .nan .NaN .NAN, integers of 2^64 and more, and 08
     string   the rest: dates and times, 1:30, 0x1p4, 1e400. Go has a type of its own for integers
              from 2^63 to 2^64-1; they are their text here. */

#ifndef CAIRN_YAMLSCALAR_H
#define CAIRN_YAMLSCALAR_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

/* Sets *v to what a scalar without quotes and tag means. A string is the n bytes at s itself; there
   must be a 0 behind them. */
extern void yamlscalar_plain(char const *s, size_t n, struct tmplvalue *v);

/* The same for a scalar with a tag (resolved: tag:yaml.org,2002:int), with or without quotes. Tags
   that are not YAML's own say nothing: it is a string. Returns NULL, or the reason why the tag is
   refused: the scalar is not what it says, or it is !!binary, which nobody needed yet. */
extern char const *yamlscalar_tagged(char const *tag, char const *s, size_t n, struct tmplvalue *v);

#endif
