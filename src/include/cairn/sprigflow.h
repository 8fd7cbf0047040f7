/* sprigflow: sprig's defaults, choices and failure; what a value is: its type and kind, whether two
 * are equal; the environment. */

#ifndef CAIRN_SPRIGFLOW_H
#define CAIRN_SPRIGFLOW_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigflow_table(void);

#endif
