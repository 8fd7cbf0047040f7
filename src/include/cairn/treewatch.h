/* treewatch: tells when anything about the services of a scan directory has changed.

   By inotify, on the scan directory, the service directories and what supervise keeps there:
   nothing is made on disk, and nobody has to be asked. */

#ifndef CAIRN_TREEWATCH_H
#define CAIRN_TREEWATCH_H

#include <cairn/svtable.h>

/* The working directory is the scan directory. Returns a descriptor (close-on-exec, non-blocking)
   to poll for input, or -1 with errno. */
extern int treewatch_open(void);

/* Watches what the table has, and again what is watched already. Call it before the table is read
   for the first time (with an empty table) and whenever it has been read: then read it again if
   this returns 1, because there is something new to watch and it may have changed before. Returns
   1, 0, or -1 with errno (ENOSPC: there may be no more watches; see fs.inotify.max_user_watches).
 */
extern int treewatch_cover(int fd, struct svtable const *);

/* Takes what has been told out of fd. */
extern void treewatch_drain(int fd);

#endif
