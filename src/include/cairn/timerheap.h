/* timerheap: which of many timers is due next. A binary heap of those that are armed; each belongs
   to a number (an id) and is armed at most once. Times are any increasing uint64_t.

   Nothing is allocated: all memory is the caller's, given once, and none of it is touched before a
   timer needs it. */

#ifndef CAIRN_TIMERHEAP_H
#define CAIRN_TIMERHEAP_H

#include <stddef.h>
#include <stdint.h>

#define TIMERHEAP_NEVER UINT64_MAX

struct timerheap_entry {
    uint64_t due;
    uint32_t id;
};

struct timerheap {
    struct timerheap_entry *heap;
    uint32_t *place; /* of an id: its index in heap, plus 1; 0: not armed */
    uint32_t n;
};

/* Bytes of memory for ids below max. */
extern size_t timerheap_size(uint32_t max);

/* mem: zeroed memory of that size, aligned for uint64_t. */
extern void timerheap_init(struct timerheap *, void *mem, uint32_t max);

/* Arms the timer of id, instead of what it was armed for; TIMERHEAP_NEVER disarms it. */
extern void timerheap_set(struct timerheap *, uint32_t id, uint64_t due);

/* When the next timer is due, TIMERHEAP_NEVER if none is armed; *id: whose it is. */
extern uint64_t timerheap_next(struct timerheap const *, uint32_t *id);

#endif
