/* ctquiet: when a template whose data change is to be rendered: after a time in which nothing has
   changed, and at the latest after another, as consul-template's wait says. */

#ifndef CAIRN_CTQUIET_H
#define CAIRN_CTQUIET_H

#include <stdint.h>

/* Milliseconds of one clock; -1: nothing is waited for. */
struct ctquiet {
    int64_t fire;     /* when the template is to be rendered */
    int64_t deadline; /* past which no change can push that */
};

#define CTQUIET_ZERO                                                                               \
    {                                                                                              \
        .fire = -1, .deadline = -1                                                                 \
    }

/* Something has changed now: waits min from here, but never past max from the first change. */
extern void ctquiet_change(struct ctquiet *q, int64_t now, int64_t min, int64_t max);

/* Is the time over? If so, nothing is waited for after it. */
extern int ctquiet_is_over(struct ctquiet *q, int64_t now);

#endif
