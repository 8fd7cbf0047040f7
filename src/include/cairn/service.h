/* service: the host of one service: runs a svfsm on a service directory.

   Everything is relative to a directory descriptor, nothing depends on the working directory, and
   there is no process-wide state: one process can host any number. The caller owns the loop. It
   polls service_fd(), waits at most until service_deadline(), reaps children and hands their deaths
   in. It must block or ignore SIGPIPE, must not ignore SIGCHLD, and may have any other signals
   blocked: children start with none.

   No function here allocates, prints or exits. All times are of one clock, the caller's, which
   should be monotonic. */

#ifndef CAIRN_SERVICE_H
#define CAIRN_SERVICE_H

#include <stdint.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#include <cairn/svfsm.h>
#include <cairn/svrecord.h>

enum service_fd {
    SERVICE_NOTIFY,  /* the notification pipe */
    SERVICE_CONTROL, /* the control FIFO */
    SERVICE_WATCH,   /* inotify, while a start failure is pending */
    SERVICE_ADOPTED, /* pidfd of a process that is no child of ours */
    SERVICE_FDS
};

struct service;

/* Tells the administrator: what and object make one text, e (if not 0) is the errno behind it. */
typedef void service_warn_func(struct service const *, char const *what, char const *object, int e);

struct service {
    struct svfsm fsm;
    char const *name; /* what run gets as its argument; the caller's */
    int dirfd;        /* the service directory, or AT_FDCWD; the caller's */
    int io[2];        /* descriptors that become 0 and 1 of run and finish; the caller's, but
                         service_event(x) puts /dev/null in their place */
    service_warn_func *warn;
    char const *boot; /* the boot id, if the caller knows it after service_open; the caller's */
    /* private from here */
    int lock;
    int control;
    int notify;
    int watch;
    int adopted;
    unsigned int dirty : 1;    /* status is to be written */
    unsigned int recorded : 1; /* there is a record */
    unsigned int fresh : 1;    /* supervise was made by us */
    unsigned int retries : 5;  /* start attempts in a row that lacked a resource */
    uint32_t complained;       /* bit set: told once, not again until it is well */
    uint32_t run_failure;      /* hash of the last failure told; 0 none */
    uint32_t finish_failure;
    uint64_t inode;         /* of the lock */
    struct svrecord record; /* of the last process */
    tain retry;             /* when an unwritten status is tried again */
};

/* Becomes the supervisor of the service directory dirfd: makes event and supervise, takes the lock,
   opens the control FIFO, empties the tally. A process of the service that a dead supervisor left
   is adopted instead of starting another, and the tally kept; that waits until a child which the
   dead one had just made has begun to run its program. The umask says who may read status and
   death_tally, nothing else. Close-on-exec descriptors are opened. Returns 0, or -1 with errno
   (EBUSY: it has a supervisor; ENOTDIR, EEXIST: something there is of the wrong type) and *culprit
   naming the file. */
extern int service_open(struct service *, int dirfd, char const *name, int const io[2],
                        service_warn_func *warn, char const **culprit);

/* The first event: announces the supervisor, starts the service if it is wanted. */
extern void service_start(struct service *, tain const *now);

/* A descriptor to be polled for input, or -1 (which poll ignores). It may change with each call of
 * the others. */
extern int service_fd(struct service const *, enum service_fd);

/* That descriptor is readable. */
extern void service_on_fd(struct service *, enum service_fd, tain const *now);

/* pid has been reaped. Returns 1 if it was a process of this service, else 0. */
extern int service_on_death(struct service *, pid_t pid, int wstat, tain const *now);

/* When service_on_timeout is to be called. */
extern tain const *service_deadline(struct service const *);
extern void service_on_timeout(struct service *, tain const *now);

/* A control byte or SVFSM_EVENT_TERM, _HUP, _QUIT, _INT. */
extern void service_event(struct service *, unsigned int event, tain const *now);

/* The supervisor's life is over: nothing will happen any more, the caller calls service_close. */
#define service_is_gone(s) ((s)->fsm.state == SVFSM_GONE)

/* Closes what service_open opened, which releases the lock. */
extern void service_close(struct service *);

#endif
