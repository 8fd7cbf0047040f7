/* readytry: the tries of readycheck. */

#ifndef CAIRN_READYTRY_H
#define CAIRN_READYTRY_H

#include <cairn/readycheck.h>

/* What is written to the files of log from now on counts. */
extern void readytry_begin(struct readycheck *);

/* Looks at the files of log; waits for nothing. */
extern void readytry_logs(struct readycheck *);

/* Do all pass? May wait for a peer, so a process of its own calls it. Returns the number of checks,
   or the index of the first that does not pass. */
extern unsigned int readytry_all(struct readycheck const *);

#endif
