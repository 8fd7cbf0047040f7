/* sprigdict: sprig's dicts: made, changed, merged, asked. What changes its first argument in Go
 * (set, unset, merge) makes a new dict, and puts it into the variable that stands there; a dict
 * within another, or in another variable, stays as it was. */

#ifndef CAIRN_SPRIGDICT_H
#define CAIRN_SPRIGDICT_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigdict_table(void);

#endif
