/* sprigpath: sprig's paths: of the slash, and of the system, which is the same here. */

#ifndef CAIRN_SPRIGPATH_H
#define CAIRN_SPRIGPATH_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigpath_table(void);

#endif
