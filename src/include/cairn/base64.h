/* base64: bytes as text and back (RFC 4648), with padding. */

#ifndef CAIRN_BASE64_H
#define CAIRN_BASE64_H

#include <stddef.h>

enum base64_alphabet { BASE64_STANDARD, BASE64_URL }; /* + and /, or - and _ */

/* How many bytes the text of n bytes has. */
extern size_t base64_room(size_t n);

/* Writes the text of the n bytes at s to buf. Returns its length. */
extern size_t base64_encode(char *buf, char const *s, size_t n, enum base64_alphabet alphabet);

/* Writes the bytes that the text of n bytes at s stands for to buf, which has room for n, and their
   number to *len. Newlines in the text are passed over. Returns whether the text is well formed. */
extern int base64_decode(char *buf, size_t *len, char const *s, size_t n,
                         enum base64_alphabet alphabet);

#endif
