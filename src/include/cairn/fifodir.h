/* fifodir: directories in which anybody who may can listen for events (event/ of a service
   directory).

   A listener is a FIFO named "ftrig1:" + 25 characters of TAI64N label + ":" + 6 random
   characters: 39 in all. It is made under a dot-name with mode 0622 whatever the umask, opened
   for reading and for writing, and renamed into sight. A notifier writes its bytes once to each,
   removes those that nobody reads, and stores nothing. */

#ifndef CAIRN_FIFODIR_H
#define CAIRN_FIFODIR_H

#include <stddef.h>
#include <sys/types.h>

#define FIFODIR_NAMELEN    39
#define FIFODIR_RESTRICTED 03730
#define FIFODIR_PUBLIC     01733

/* Makes the fifodir path below dirfd: restricted to group gid, or public when gid is (gid_t)-1.
   With force, an existing one gets these permissions too; without, it is left as it is.
   Returns 0, or -1 with errno (ENOTDIR: exists and is no directory; EACCES: not owned by the
   caller). */
extern int fifodir_make(int dirfd, char const *path, gid_t gid, int force);

/* Writes the len bytes of events to every listener, each in one write. Listeners that nobody
   reads any more are removed; one whose pipe is full loses the event and stays. SIGPIPE must be
   ignored. No allocation.
   Returns the number of listeners reached, or -1 with errno if the directory cannot be read. */
extern int fifodir_notify(int dirfd, char const *path, char const *events, size_t len);

/* Removes listeners that nobody reads. Returns 0, or -1 with errno. */
extern int fifodir_clean(int dirfd, char const *path);

struct fifodir_listener {
    int fd;      /* to read events from: non-blocking, never at end of file; poll it for input */
    int writefd; /* keeps the FIFO open for writing */
    int dirfd;   /* the fifodir */
    char name[FIFODIR_NAMELEN + 1];
};

/* Subscribes. All descriptors are close-on-exec. The caller ends it with fifodir_unlisten.
   Returns 0, or -1 with errno; then nothing is left open or on disk. */
extern int fifodir_listen(int dirfd, char const *path, struct fifodir_listener *);

/* Removes the FIFO and closes the descriptors. errno is kept. */
extern void fifodir_unlisten(struct fifodir_listener *);

#endif
