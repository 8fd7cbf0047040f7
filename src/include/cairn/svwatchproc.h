/* svwatchproc: what a process does before it waits with svwatch.

   Apart from svwatch because it changes the process: what cleans up at a signal is the
   only one of its kind in a process (onend.h).
 */

#ifndef CAIRN_SVWATCHPROC_H
#define CAIRN_SVWATCHPROC_H

#include <cairn/svwatch.h>

/* Services for which no memory has to be allocated and the usual descriptor limit is enough. */
#define SVWATCHPROC_FEW 16

/* Raises the soft descriptor limit where w->n services need it, and makes SIGHUP, SIGINT and
   SIGTERM (unless they are ignored) call svwatch_end(w) before they do what they did, so that no
   listener is left behind. Once per process. */
extern void svwatchproc_prepare(struct svwatch *w);

/* Gives a service its directory (of a public path, where that is: statedir_map) and goal. Returns
   0, or -1 with errno; what it allocates is never freed. */
extern int svwatchproc_set(struct svwatch_service *, char const *dir, enum svwatch_goal goal);

/* Sets the goal that the option letter names, one of uUdDrR. Returns whether it is one. */
extern int svwatchproc_goal(int letter, enum svwatch_goal *goal);

#endif
