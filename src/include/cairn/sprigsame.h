/* sprigsame: are two values equal in depth, as Go's reflect.DeepEqual has it? */

#ifndef CAIRN_SPRIGSAME_H
#define CAIRN_SPRIGSAME_H

#include <cairn/tmplvalue.h>

/* Of one type, and with equal contents? Not a number is not equal to itself. */
extern int sprigsame(struct tmplvalue const *a, struct tmplvalue const *b);

#endif
