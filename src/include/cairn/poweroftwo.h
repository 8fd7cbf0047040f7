/* poweroftwo: how many buckets a hash table of so many entries gets. */

#ifndef CAIRN_POWEROFTWO_H
#define CAIRN_POWEROFTWO_H

#include <stdint.h>

/* The least power of two that is not below n (2^31 at most); 1 for 0. */
extern uint32_t poweroftwo(uint32_t n);

#endif
