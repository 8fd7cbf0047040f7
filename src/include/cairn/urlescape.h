/* urlescape: text as a path of an URL (RFC 3986, section 2). */

#ifndef CAIRN_URLESCAPE_H
#define CAIRN_URLESCAPE_H

#include <stddef.h>

/* Writes the n bytes at s to buf, which has room for 3 * n: letters, digits and -._~/ as they are,
   %XX for all others. Returns the length. */
extern size_t urlescape(char *buf, char const *s, size_t n);

#endif
