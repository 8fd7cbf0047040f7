/* sprigcase: sprig's words: capital and small letters, camelcase, snakecase, initials, wrapping of
 * lines. */

#ifndef CAIRN_SPRIGCASE_H
#define CAIRN_SPRIGCASE_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigcase_table(void);

#endif
