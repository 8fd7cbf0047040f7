/* sprigtext: sprig's texts: parts of them, changes, quotes, lists as one text and back. */

#ifndef CAIRN_SPRIGTEXT_H
#define CAIRN_SPRIGTEXT_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigtext_table(void);

#endif
