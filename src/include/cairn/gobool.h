/* gobool: what Go's strconv.ParseBool takes for true and false. */

#ifndef CAIRN_GOBOOL_H
#define CAIRN_GOBOOL_H

#include <stddef.h>

/* 1 t T TRUE true True; 0 f F FALSE false False. Sets *b and returns 1, or returns 0. */
extern int gobool_parse(char const *s, size_t n, int *b);

#endif
