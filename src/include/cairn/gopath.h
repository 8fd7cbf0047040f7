/* gopath: paths with slashes as Go's package path sees them, in the words of its documents. */

#ifndef CAIRN_GOPATH_H
#define CAIRN_GOPATH_H

#include <stddef.h>

/* The shortest name of the same path: no "//", no ".", no ".." but at the beginning of a relative
   one; "." for nothing. Writes it to buf, which has room for n + 2 bytes, with a 0. Returns its
   length. */
extern size_t gopath_clean(char *buf, char const *s, size_t n);

/* The last element, as a part of s (*n is its length), or "." or "/". */
extern char const *gopath_base(char const *s, size_t *n);

/* All but the last element, clean; to buf as above. Returns its length. */
extern size_t gopath_dir(char *buf, char const *s, size_t n);

/* Does the whole name match the pattern? * and ? do not match a slash; [a-c] [^a] and \c are as in
   the shell. 1: yes, 0: no, -1: the pattern is malformed. */
extern int gopath_match(char const *pattern, size_t np, char const *name, size_t n);

#endif
