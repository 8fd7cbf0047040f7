/* goregex: regular expressions in the syntax of Go's package regexp (RE2), leftmost-first, in time
   that is linear in the text. */

#ifndef CAIRN_GOREGEX_H
#define CAIRN_GOREGEX_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include <cairn/pool.h>

enum { GOREGEX_WHY = 128 };

struct goregex;

/* What differs from Go: of the classes of Unicode (\pL) only \p{Any} is known, the others are a
   fault; (?i) knows the letters that runecase has; (?<name>) is a group, as in Go since 1.22. */

/* Compiles the n bytes of pattern; the result lives in the pool. Returns it, or NULL with the
   reason (Go's, such as "missing closing ]: `[`") in why. */
extern struct goregex *goregex_compile(struct pool *p, char const *pattern, size_t n,
                                       char why[GOREGEX_WHY]);

/* How many groups it has, the whole match counted. */
extern size_t goregex_groups(struct goregex const *re);

/* The number of the first group of that name, or 0. */
extern size_t goregex_group(struct goregex const *re, char const *name, size_t n);

/* Searches the n bytes of text from the byte from on (what stands before counts for ^ and \b).
   Returns 1 with the first groups of place, begin and end of each in turn, (size_t)-1 for one that
   took no part; 0 if nothing matches; -1 with errno: ENOMEM. Scratch memory comes from the pool p.
 */
extern int goregex_find(struct goregex const *re, struct pool *p, char const *text, size_t n,
                        size_t from, size_t *place, size_t groups);

/* Appends to out text with every match replaced by with, in which $1, ${1}, $name, ${name} and $$
   are expanded unless is_literal, as Go's ReplaceAllString and ReplaceAllLiteralString. Returns 1,
   or 0 with errno: ENOMEM. */
extern int goregex_replace(struct goregex const *re, struct pool *p, char const *text, size_t n,
                           char const *with, size_t withlen, int is_literal, stralloc *out);

#endif
