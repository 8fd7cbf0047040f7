/* pairpipe: the pipe between a service and its logger, found again.

   svscan makes it and keeps it for the life of the pair. When svscan is killed, supervisors and
   services go on holding it; the next svscan takes it back from them through /proc, so that no byte
   in it is lost. Both ends are opened, close-on-exec and blocking. */

#ifndef CAIRN_PAIRPIPE_H
#define CAIRN_PAIRPIPE_H

#include <stddef.h>
#include <sys/types.h>

/* Opens the pipe that process pid has as descriptor n (0..9). Nothing that is an input or output of
   the caller: that was inherited, and joins no pair. Returns 0, or -1: there is none, or it cannot
   be had. */
extern int pairpipe_open(pid_t pid, int n, int pair[2]);

/* The path of file (relative to a service directory) in the service name or, with logger, in its
   logger's directory; path holds strlen(name) + strlen(file) + 6 bytes. */
extern void pairpipe_path(char *path, char const *name, int logger, char const *file);

/* The pipe of the pair name (a path, at most PAIRPIPE_NAMEMAX bytes), held by a supervisor or,
   where both are dead, by what they supervised. Must not be called by a process that hosts one of
   the two: it would lose its lock. Returns 0 or -1. */
extern int pairpipe_find(char const *name, int pair[2]);

/* Do both name one pipe? */
extern int pairpipe_is_same(int const a[2], int const b[2]);

#define PAIRPIPE_NAMEMAX 1023

#endif
