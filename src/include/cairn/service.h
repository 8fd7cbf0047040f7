/* service: the host of one service: runs a svfsm on a service directory.

   Everything is relative to a directory descriptor, nothing depends on the working directory, and
   there is no process-wide state: one process can host any number. The caller owns the loop. It
   polls service_fd(), waits at most until service_deadline(), reaps children and hands their deaths
   in. It must block or ignore SIGPIPE, must not ignore SIGCHLD, and may have any other signals
   blocked: children start with none.

   What all services of one host have in common is in struct service_host; a struct service is
   small, because there may be thousands.

   No function here allocates, prints or exits. All times are of one clock, the caller's, which
   should be monotonic. */

#ifndef CAIRN_SERVICE_H
#define CAIRN_SERVICE_H

#include <stdint.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#include <cairn/startproc.h>
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

/* The process that hosts services. It outlives them, and may be changed between calls. */
struct service_host {
    service_warn_func *warn;
    /* on-exit says halt: the tree is to end with this exit code */
    void (*halt)(struct service const *, unsigned int code);
    /* what run gets as its argument; valid until the next call */
    char const *(*name)(struct service const *);
    char const *boot;            /* the boot id, or NULL: no records of processes are kept */
    struct startproc_host start; /* what there is to know for starting processes */
    unsigned int patient : 1;    /* service_open may wait; else it fails with EAGAIN */
};

struct service {
    struct svfsm fsm;
    struct service_host const *host; /* the caller's */
    int dirfd;                       /* the service directory, or AT_FDCWD; the caller's */
    int io[3];                       /* descriptors that become 0, 1 and 2 of run and finish */
    /* private from here */
    int lock;
    int control;
    int notify;
    int watch;
    int adopted;
    unsigned int dirty : 1;           /* status is to be written */
    unsigned int recorded : 1;        /* there is a record */
    unsigned int made : 1;            /* supervise was made by us */
    unsigned int retries : 5;         /* start attempts in a row that lacked a resource */
    unsigned int own_io : 3;          /* bits: io[i] is the service's own */
    unsigned int fresh : SERVICE_FDS; /* bits: opened since the host looked */
    uint32_t complained;              /* bit set: told once, not again until it is well */
    uint32_t run_failure;             /* hash of the last failure told; 0 none */
    uint32_t finish_failure;
    struct svrecord record; /* of the last process */
    tain retry;             /* when an unwritten status is tried again */
};

/* Becomes the supervisor of the service directory dirfd: makes event and supervise, takes the lock,
   opens the control FIFO, empties the tally. A process of the service that a dead supervisor left
   is adopted instead of starting another, and the tally kept; that waits until a child which the
   dead one had just made has begun to run its program. The umask says who may read status and
   death_tally, nothing else. Close-on-exec descriptors are opened. own_io, bits: io[i] is the
   service's own; one that is not is the caller's. After x there is /dev/null in the place of 0 and
   1: our own is replaced, the caller's no longer used. Nothing of io is closed if this fails.
   Returns 0, or -1 with errno (EBUSY: it has a supervisor; EAGAIN: it will be known soon whether it
   lives; ENOTDIR, EEXIST: something there is of the wrong type) and *culprit naming the file. */
extern int service_open(struct service *, struct service_host const *, int dirfd, int const io[3],
                        unsigned int own_io, char const **culprit);

/* The first event: announces the supervisor, starts the service if it is wanted. */
extern void service_start(struct service *, tain const *now);

/* A descriptor to be polled for input, or -1 (which poll ignores). It may change with each call of
 * the others. */
extern int service_fd(struct service const *, enum service_fd);

/* For a host that keeps a set of descriptors to poll (epoll): which have been opened since the last
   call, as bits, SERVICE_CONTROL being 1 << SERVICE_CONTROL. Closed ones leave such a set by
   themselves. */
extern unsigned int service_fresh(struct service *);

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

/* Closes what service_open opened, which releases the lock, and what is the service's own above 2.
 */
extern void service_close(struct service *);

#endif
