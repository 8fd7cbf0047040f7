/* sprigmath: sprig's numbers: arithmetic of integers and floats, conversions, sequences, int,
   atoi, round, randInt. */

#ifndef CAIRN_SPRIGMATH_H
#define CAIRN_SPRIGMATH_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigmath_table(void);

#endif
