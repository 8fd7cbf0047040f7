/* logjson: a log line as a JSON string. */

#ifndef CAIRN_LOGJSON_H
#define CAIRN_LOGJSON_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#define LOGJSON_WIDEST 6 /* bytes that one byte may become */

/* Writes the n bytes at s to p as the inside of a JSON string: control characters, quotes and
   backslashes are escaped, each byte that is not part of well-formed UTF-8 (RFC 3629) becomes
   U+FFFD. Returns the end of what was written; there must be room for LOGJSON_WIDEST * n bytes. */
extern char *logjson_put(char *p, char const *s, size_t n);

/* How many of the n bytes at s (1 at least) are one well-formed character of UTF-8: 1 to 4, or 0.
 */
extern size_t logjson_utf8(char const *s, size_t n);

/* Appends s as a whole JSON string, in quotes. Returns 1, or 0 with errno: no memory. */
extern int logjson_string(stralloc *sa, char const *s);

#endif
