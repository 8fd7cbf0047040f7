/* sprigrand: sprig's chance: random text, UUIDs, shuffle. */

#ifndef CAIRN_SPRIGRAND_H
#define CAIRN_SPRIGRAND_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigrand_table(void);

#endif
