/* sprigregex: sprig's regular expressions, in Go's syntax (goregex). */

#ifndef CAIRN_SPRIGREGEX_H
#define CAIRN_SPRIGREGEX_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigregex_table(void);

#endif
