/* startproc: starts run and finish: what lies between the decision and the exec.

   The child is made vfork's way: no copied page tables, and the errno of its exec comes back. It
   gets a session, a directory, its descriptors and its lock, an empty signal mask, and the limits
   that its host was given. All descriptors of the host are close-on-exec.

   A host of many services holds thousands of descriptors. It sets apart the numbers from own on for
   itself, and STARTPROC_PADS below them: a child then begins on the host's table, lays what it
   needs on the pads, and takes a copy of the low numbers only. So it costs nothing how many there
   are. */

#ifndef CAIRN_STARTPROC_H
#define CAIRN_STARTPROC_H

#include <sys/resource.h>
#include <sys/types.h>

#define STARTPROC_PADS 4

struct startproc_host {
    struct rlimit const *nofile; /* what processes get, or NULL: the host did not change it */
    int own;  /* from this number on all descriptors are the host's alone; 0: no such number */
    int null; /* /dev/null, on which the pads are open too; if there is own */
};

struct startproc {
    struct startproc_host const *host;
    int dirfd;     /* the working directory, or AT_FDCWD */
    int const *io; /* what becomes 0, 1 and 2; -1: closed */
    int pipe;      /* what becomes notify_fd, or -1 */
    int notify_fd;
    int lock_fd;      /* the number of a descriptor that holds the service's lock, or -1 */
    char const *file; /* as script_exec takes it */
    char **argv;
    /* In the child, before anything else, and still in the parent's memory: only system calls. */
    void (*first)(void *, pid_t);
    /* startproc_waiting only, in the child: to close the host's descriptors, where there is no own;
       and to say why it could not start. */
    void (*leave)(void *);
    void (*failed)(void *, int e);
    void *arg; /* for the three */
    /* private */
    int wait;
    int error;
    pid_t pid;
};

/* flags: for clone, besides its own. Returns the pid once the exec has happened, or -1 with errno;
   then *failed says whether it was the child that failed (EBUSY: the lock is held), and not the
   system that gave no process. */
extern pid_t startproc(struct startproc *, int flags, int *failed);

/* The lock is held: the child waits for it, in memory of its own. Returns its pid, or -1. */
extern pid_t startproc_waiting(struct startproc *);

#endif
