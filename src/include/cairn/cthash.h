/* cthash: md5sum, sha256Hex, hmacSHA256Hex of consul-template's templates. */

#ifndef CAIRN_CTHASH_H
#define CAIRN_CTHASH_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table cthash_table(void);

/* The function sha256Hex, which sprig has too. */
extern int cthash_sha256(struct tmplcall *c, struct tmplvalue *result);

#endif
