/* svwatch: waiting until services have reached a state, in-process and without polling.

   A state already reached is success, whether or not there is a supervisor. Otherwise a supervisor
   that is not running or that dies ends the wait, unless the watch is patient, or the service has
   never had one and lies in the scan directory of a running svscan. The order subscribe,
   read status, consume events makes it free of races, because supervise writes the status before it
   announces the event.

   The death of a supervisor is learnt from a pidfd of the holder of supervise/lock. Where the
   kernel gives none (holder in another pid namespace, old kernel, system call filter), an inotify
   watch tells when the lock file is closed; where that cannot be had either, the lock is looked at
   once a second. A patient watch learns by inotify, on every directory on the way to
   SERVICEDIR/supervise, that there is something new; failing that, it looks once a second. Nothing
   is ever created but the listener.

   No globals; nothing printed. Use: fill struct svwatch and its services with zeroes but for what
   the caller gives, svwatch_look (optional), svwatch_listen (optional), svwatch_wait, svwatch_end.
 */

#ifndef CAIRN_SVWATCH_H
#define CAIRN_SVWATCH_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/fifodir.h>

enum svwatch_goal {
    SVWATCH_UP,
    SVWATCH_READY, /* up, and has said so itself */
    SVWATCH_DOWN,
    SVWATCH_FINISHED,       /* down, and finish has ended too */
    SVWATCH_RESTARTED,      /* has been down, and is up */
    SVWATCH_RESTARTED_READY /* has been down, and is up and ready */
};

enum svwatch_result {
    SVWATCH_PENDING, /* not yet */
    SVWATCH_REACHED,
    SVWATCH_FAILED,        /* nfailed services that should come up have failed for good */
    SVWATCH_NO_SUPERVISOR, /* culprit has none, or it died */
    SVWATCH_TIMEOUT,
    SVWATCH_ERROR /* errno; culprit is the directory, what says what could not be done to it */
};

struct svwatch_service {
    char const *dir; /* given by the caller */
    enum svwatch_goal goal;
    /* given: at the first look, one that ran and is not wanted up any more has failed */
    unsigned int settled : 1;

    struct fifodir_listener listener; /* if listening */
    int pidfd;                        /* if has_pidfd */
    unsigned int listening : 1;
    unsigned int has_pidfd : 1;
    unsigned int guarded : 1; /* no pidfd, but inotify or the tick will tell */
    unsigned int known : 1;   /* whether up and ready are */
    unsigned int up : 1;
    unsigned int ready : 1;
    unsigned int wasdown : 1; /* at the start or since */
    unsigned int failed : 1;
    unsigned int gone : 1;   /* the supervisor said good-bye */
    unsigned int coming : 1; /* svscan is about to start its first supervisor */
};

struct svwatch {
    struct svwatch_service *services; /* given by the caller */
    size_t n;
    unsigned int any : 1;     /* one service at its goal is enough, and one failure too much */
    unsigned int patient : 1; /* wait for directories and supervisors that are not there yet */

    unsigned int has_inotify : 1;
    unsigned int tick : 1; /* something can only be learnt by looking once a second */
    int inotify;
    size_t nfailed;
    char const *culprit;
    char const *what;
};

/* Reads the status files. Returns SVWATCH_REACHED if there is nothing to wait for, else
 * SVWATCH_PENDING. */
extern enum svwatch_result svwatch_look(struct svwatch *);

/* Subscribes to the events of all services and reads their status: what happens from now on is seen
   by svwatch_wait. Returns SVWATCH_PENDING, SVWATCH_NO_SUPERVISOR or SVWATCH_ERROR. */
extern enum svwatch_result svwatch_listen(struct svwatch *);

/* Waits until the goal is reached: without any, all services at the same time (for the restart
   goals: each has been down); it ends with SVWATCH_FAILED when each service either is at its goal
   or has failed. deadline is a time of svwatch_deadline. Never returns SVWATCH_PENDING. */
extern enum svwatch_result svwatch_wait(struct svwatch *, int64_t deadline);

/* Is this service at its goal, by what is known? After SVWATCH_REACHED of any, or SVWATCH_FAILED,
   events of the services at their goal or failed may be lost: watch them anew. */
extern int svwatch_is_reached(struct svwatch_service const *);

/* The exit code that tells of a result: 0, the number of failed services (98 at most), 99, 102 or
 * 111. */
extern int svwatch_exitcode(struct svwatch const *, enum svwatch_result);

/* Writes to buf, as one line without newline, what the result means, errno being that of the
 * result. Returns buf. */
extern char const *svwatch_explain(struct svwatch const *, enum svwatch_result, char *buf,
                                   size_t size);

/* The deadline that lies ms milliseconds ahead; 0: none. */
extern int64_t svwatch_deadline(unsigned int ms);

/* Unsubscribes and closes everything. Async-signal-safe, so that a program can call it when a
 * signal ends it. */
extern void svwatch_end(struct svwatch *);

#endif
