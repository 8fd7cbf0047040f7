/* treewatch: tells when anything about the services of a scan directory has changed.

   By inotify, on the scan directory, the service directories and what supervise keeps there:
   nothing is made on disk, and nobody has to be asked. */

#ifndef CAIRN_TREEWATCH_H
#define CAIRN_TREEWATCH_H

#include <cairn/svtable.h>

struct treewatch {
    int fd;     /* to poll for input; close-on-exec, non-blocking */
    int newest; /* watch descriptor */
};

/* The working directory is the scan directory. Returns 0, or -1 with errno. The caller closes fd.
 */
extern int treewatch_open(struct treewatch *);

/* Watches what the table has, and again what is watched already. Call it before the table is read
   for the first time (with an empty table) and whenever it has been read: then read it again if
   this returns 1, because there is something new to watch and it may have changed before. Returns
   1, 0, or -1 with errno (ENOSPC: there may be no more watches; see fs.inotify.max_user_watches).
 */
extern int treewatch_cover(struct treewatch *, struct svtable const *);

/* Takes what has been told out of fd. */
extern void treewatch_drain(struct treewatch const *);

#endif
