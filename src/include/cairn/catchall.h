/* catchall: S6_LOGGING, as init does it.

   A FIFO in the state directory takes the output of everything that has no logger; the service
   s6-svscan-log of the live scan directory reads it and writes a log directory, see logservice.
   init keeps the FIFO open for reading, so that neither a line nor a writer is lost when the logger
   dies, and for writing as long as the logger is not to see its end. */

#ifndef CAIRN_CATCHALL_H
#define CAIRN_CATCHALL_H

#include <sys/types.h>

struct catchall {
    char const *dir; /* the log directory: not copied */
    int statefd;
    int reader;  /* -1: there is no catch-all logger; does not block */
    int writer;  /* -1: given up */
    int console; /* where standard output led before */
};

#define CATCHALL_NONE                                                                              \
    {                                                                                              \
        .statefd = -1, .reader = -1, .writer = -1, .console = -1                                   \
    }

/* Makes the log directory, the FIFO and the service below statefd. The FIFO has mode 0622, so that
   a program that is another user by now can open /dev/stdout. Returns 0, or -1 with errno; then
   *culprit is what could not be made. */
extern int catchall_make(struct catchall *, int statefd, char const *dir, char const **culprit);

/* In a child: standard output and error become the FIFO. Nothing when the writer was given up. */
extern void catchall_join(struct catchall const *);

/* A descriptor for writing that does not block, close-on-exec, or -1 with errno. */
extern int catchall_open(struct catchall const *);

/* From now on the logger sees the end of its input when everybody else has closed the FIFO. */
extern void catchall_give_up(struct catchall *);

/* Ends the logger between two lines, for at most ms: what it has not read stays in the FIFO. */
extern void catchall_pause(struct catchall const *, int ms);

/* How many bytes nobody has read yet. */
extern int catchall_unread(struct catchall const *);

/* Starts a last logger on what is left in the FIFO, with the environment envp. Returns its pid, or
   -1 with errno. */
extern pid_t catchall_last(struct catchall const *, char *const *envp);

/* Copies what nobody has read to the console, as far as that takes it at once. */
extern void catchall_spill(struct catchall const *);

#endif
