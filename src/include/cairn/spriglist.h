/* spriglist: sprig's lists: made, taken apart, joined, searched. None is changed: all make new
 * ones. */

#ifndef CAIRN_SPRIGLIST_H
#define CAIRN_SPRIGLIST_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table spriglist_table(void);

#endif
