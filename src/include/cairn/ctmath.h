/* ctmath: the arithmetic of consul-template's templates: add, subtract, multiply, divide, modulo,
   minimum, maximum, loop. The value that is piped in comes last: 5 | subtract 2 is 3. */

#ifndef CAIRN_CTMATH_H
#define CAIRN_CTMATH_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table ctmath_table(void);

#endif
