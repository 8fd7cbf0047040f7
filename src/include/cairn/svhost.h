/* svhost: many services (cairn/service.h) in one process, each by a number that the caller gives.

   The caller owns the epoll that everything is polled by: what it reports with the tag of svhost is
   handed to svhost_on_ready. It reaps children and hands their deaths in, waits no longer than
   svhost_timeout says, and takes the ended ones by svhost_ended. The conditions of service.h on
   signals hold.

   All memory is the caller's, given once; none is touched before it is used. No function here
   allocates, prints or exits. Times are of one monotonic clock, the caller's. */

#ifndef CAIRN_SVHOST_H
#define CAIRN_SVHOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#include <cairn/service.h>
#include <cairn/timerheap.h>

#define SVHOST_NONE        UINT32_MAX
#define SVHOST_DESCRIPTORS 9 /* a service holds this many at most, its ends of pipes included */

struct svhost_one;

struct svhost {
    struct service_host common; /* warn and name are the caller's to set, the rest is ours */
    struct svhost_one *ones;
    pid_t *pids; /* apart: searched for every dead child */
    struct timerheap timers;
    int epfd;
    uint64_t tag;         /* its low 32 bits are 0 */
    uint32_t high;        /* ids ever used */
    uint32_t ended;       /* list of those that wait for svhost_ended */
    uint32_t n;           /* hosted */
    uint32_t unheard;     /* services with a descriptor that epoll did not take */
    struct rlimit nofile; /* as it was */
    char boot[SVRECORD_BOOT + 1];
};

/* Bytes of memory for ids below max (2^30 at most). */
extern size_t svhost_size(uint32_t max);

/* mem: zeroed memory of that size, aligned for uint64_t. Raises the soft limit of descriptors to
   the hard one; services get the old one. Where the kernel can do it, descriptors opened from now
   on cost a child nothing. */
extern void svhost_init(struct svhost *, void *mem, uint32_t max, int epfd, uint64_t tag);

/* What the limit of descriptors has become. */
extern rlim_t svhost_limit(struct svhost const *);

/* Hosts a service: service_open and service_start, as there. dirfd is svhost's from now on; so is
   io[i] where own_io has the bit; where it fails, both are closed. */
extern int svhost_start(struct svhost *, uint32_t id, int dirfd, int const io[3],
                        unsigned int own_io, tain const *now, char const **culprit);

extern int svhost_has(struct svhost const *, uint32_t id);

/* Whose id a service is, for the functions of service_host. */
extern uint32_t svhost_id(struct svhost const *, struct service const *);

/* A control byte or SVFSM_EVENT_TERM, _HUP, _QUIT, _INT. */
extern void svhost_event(struct svhost *, uint32_t id, unsigned int event, tain const *now);

/* An event of epoll with our tag. Commands are to come after everything else that is ready at the
   same time: is it one? */
extern int svhost_is_command(uint64_t data);
extern void svhost_on_ready(struct svhost *, uint64_t data, tain const *now);

/* Returns 1 if pid was a process of a service, else 0. */
extern int svhost_on_death(struct svhost *, pid_t pid, int wstat, tain const *now);

/* Milliseconds until svhost_on_timeout is to be called, or -1. */
extern int svhost_timeout(struct svhost const *, tain const *now);
extern void svhost_on_timeout(struct svhost *, tain const *now);

/* A service whose hosting has ended, its lock released, or SVHOST_NONE. */
extern uint32_t svhost_ended(struct svhost *);

#endif
