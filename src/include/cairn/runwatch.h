/* runwatch: has a file changed that the start of a service depends on?

   Held only while a start failure is pending: an inotify descriptor on the service directory, on
   the directory where run really lies, and on that of its interpreter. A module of its own also for
   memory's sake: its buffers must not lie on the stack of every start, because what was touched of
   the stack stays memory. */

#ifndef CAIRN_RUNWATCH_H
#define CAIRN_RUNWATCH_H

/* Begins to watch what ./run of the service directory dirfd (AT_FDCWD: the working directory)
   depends on now. *fd is the descriptor, made (non-blocking, close-on-exec) if it is negative; the
   caller closes it. Returns 0, or -1 with errno when the service directory cannot be watched. */
extern int runwatch_begin(int *fd, int dirfd);

/* fd is readable. Returns 1 if something has happened after which a start is worth trying, else 0.
 */
extern int runwatch_read(int fd, int dirfd);

#endif
