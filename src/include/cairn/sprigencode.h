/* sprigencode: sprig's encodings: base64, base32, JSON; and digests. */

#ifndef CAIRN_SPRIGENCODE_H
#define CAIRN_SPRIGENCODE_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigencode_table(void);

#endif
