/* ctparse: parseBool, parseFloat, parseInt, parseJSON, parseUint, parseYAML of consul-template's
   templates. Nothing becomes the zero value of the type. */

#ifndef CAIRN_CTPARSE_H
#define CAIRN_CTPARSE_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table ctparse_table(void);

#endif
