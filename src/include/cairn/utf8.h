/* utf8: characters of UTF-8 (RFC 3629) as numbers, and back. */

#ifndef CAIRN_UTF8_H
#define CAIRN_UTF8_H

#include <stddef.h>

enum { UTF8_MAX = 4, UTF8_NONE = 0xfffd };

/* Reads the first character of the n bytes at s (1 at least). Returns how many bytes it has, and
   sets *rune; for a byte that begins no well-formed character 1 and UTF8_NONE, with *ok 0. */
extern size_t utf8_get(char const *s, size_t n, unsigned int *rune, int *ok);

/* Writes the character to buf, UTF8_NONE for what is none. Returns the length. */
extern size_t utf8_put(char buf[UTF8_MAX], unsigned int rune);

#endif
