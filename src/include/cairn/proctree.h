/* proctree: signals to our own processes, and to nobody else's.

   The descendants are found by a walk through /proc, because init need not be pid 1 and may share
   its pid namespace. */

#ifndef CAIRN_PROCTREE_H
#define CAIRN_PROCTREE_H

#include <sys/types.h>

/* Sends sig to every descendant of the calling process. If outsider is not 0, processes that
   entered our pid namespace from outside (their parent is 0; the caller and pid 1 are not meant)
   get outsider and then sig. Returns the number of descendants signalled, or -1 with errno if /proc
   cannot be read. No allocation. */
extern int proctree_kill(int sig, int outsider);

#endif
