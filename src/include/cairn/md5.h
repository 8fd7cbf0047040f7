/* md5: the digest of RFC 1321, for file names and the like; it protects nothing. */

#ifndef CAIRN_MD5_H
#define CAIRN_MD5_H

#include <stddef.h>

enum { MD5_SIZE = 16 };

extern void md5(unsigned char digest[MD5_SIZE], char const *s, size_t n);

#endif
