/* gotimeparse: times as Go reads them, by a layout (gotime.h). */

#ifndef CAIRN_GOTIMEPARSE_H
#define CAIRN_GOTIMEPARSE_H

#include <cairn/gotime.h>

/* Reads the n bytes at s, which are as the layout of len bytes says, into *t. What the layout does
   not have is that of 0000-01-01 00:00:00; without a zone it is UTC. A fraction behind the seconds
   is read also where the layout has none. Names may be in any case. Returns 1, or 0 if the text is
   not like the layout, or there is no such time. */
extern int gotimeparse(struct gotime *t, char const *layout, size_t len, char const *s, size_t n);

#endif
