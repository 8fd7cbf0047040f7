/* tmplconst: constants of templates as values, in Go's syntax: numbers, characters, strings. */

#ifndef CAIRN_TMPLCONST_H
#define CAIRN_TMPLCONST_H

#include <stddef.h>

#include <cairn/pool.h>
#include <cairn/tmplvalue.h>

/* Both read the whole of the n bytes at s and set *v; they return NULL, or the reason. */

/* 42 -7 0x2a 0b1 0o17 017 1_000 1.5 .5 1e3 0x1p4 2i: a float where the text says so by . e p, else
   an integer. One from 2^63 to 2^64-1 is TMPLVALUE_NONE: a constant that nothing can hold, which
   is an error only when it is used. */
extern char const *tmplconst_number(char const *s, size_t n, struct tmplvalue *v);

/* 'c' with its quotes: an integer. */
extern char const *tmplconst_char(char const *s, size_t n, struct tmplvalue *v);

/* "s" with its quotes and escapes, in the pool; no memory is a reason too. */
extern char const *tmplconst_string(char const *s, size_t n, struct pool *p, struct tmplvalue *v);

#endif
