/* svlock: the locks by which a supervisor shows that it lives.

   POSIX record locks on the whole file, never flock or OFD locks: real s6 tools test with F_GETLK.
   A process loses the lock when it closes any descriptor of the file, so a daemon opens its lock
   file once. */

#ifndef CAIRN_SVLOCK_H
#define CAIRN_SVLOCK_H

#include <sys/types.h>

/* Opens (creating it with mode) path below dirfd, close-on-exec, and takes the exclusive lock
   without waiting. Returns the descriptor, which the caller keeps open for the life of the lock, or
   -1 with errno (EBUSY: somebody else holds it). */
extern int svlock_take(int dirfd, char const *path, mode_t mode);

/* Who holds the lock on path below dirfd?
   Returns the pid of the holder (or 1 where the kernel cannot name it in this pid namespace), 0
   when nobody does or the file is absent (ENOENT), or -1 with errno. */
extern pid_t svlock_owner(int dirfd, char const *path);

/* As svlock_owner, in *owner, and returns a pidfd of the holder, to be polled for its death; the
   caller closes it. Returns -1 when nobody holds the lock, or where no pidfd can be had (holder in
   another pid namespace, old kernel, system call filter): *owner tells which. */
extern int svlock_pidfd(int dirfd, char const *path, pid_t *owner);

#define SVLOCK_SERVICE "supervise/lock"
#define SVLOCK_SCAN    ".s6-svscan/lock"

#endif
