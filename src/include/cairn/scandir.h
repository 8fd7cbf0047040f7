/* scandir: which supervisors a scan directory needs. The pure half of svscan: it makes no system
   call.

   A service is known by the device and inode of its directory, not by its name. It takes one slot,
   and with a logger (NAME/log) a second one: a slot is one supervisor. The host (svscan)
   reads the world, tells what it saw (scandir_see, scandir_died, ...) and does what is asked of it:
   starts what scandir_due names, and the two effects below. Times are milliseconds of a monotonic
   clock; they may wrap around.

   Life of a slot: waiting (to be started, at a time), running (pid), dead (the half of a pair that
   is not started any more), free. A service is active as long as scans find its directory; an
   inactive one is never started again and is forgotten when all of it is dead. All memory is the
   host's, given once; none is touched before it is used. */

#ifndef CAIRN_SCANDIR_H
#define CAIRN_SCANDIR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCANDIR_NONE     UINT32_MAX
#define SCANDIR_MAX      160000          /* slots at most */
#define SCANDIR_NAMEMAX  1019            /* bytes of a name at most */
#define SCANDIR_THROTTLE 1000            /* ms between two starts of one supervisor */
#define SCANDIR_CATCHALL "s6-svscan-log" /* counts as a logger, and never has one */

enum scandir_effect {
    SCANDIR_KILL,  /* send signal arg to the supervisor of slot */
    SCANDIR_CLOSE, /* close the pipe of the pair that slot is the logger of */
};

enum scandir_seen {
    SCANDIR_KNOWN,     /* nothing to do */
    SCANDIR_NEW,       /* not known: find out whether it has a logger, then scandir_add */
    SCANDIR_OTHERNAME, /* known under another name: see whether that one still stands, then
                          scandir_rename or not */
};

struct scandir_slot; /* private */

struct scandir {
    struct scandir_slot *slots;
    pid_t *pids; /* apart from the slots: searched by pid for every dead child */
    uint32_t *buckets;
    struct scandir_dev *devs_end;
    char *names; /* the half in use of two: names are copied over when too many in it are dead */
    uint32_t namehalf; /* bytes of one half */
    uint32_t nameend;
    uint32_t namelive; /* bytes of names in use */
    uint32_t max, mask, ndevs;
    uint32_t high; /* slots ever used */
    uint32_t free; /* list of free slots below high */
    uint32_t used;
    uint32_t running;
    uint32_t waiting;
    unsigned int namemax;
    unsigned int generation : 1;
    unsigned int ending : 1;
    unsigned int hurried : 1; /* ending, and loggers have been told so too */
    unsigned int rescan : 1; /* out: a slot that something waits for was freed, scan again. The host
                                clears it */
    unsigned int overflow : 1; /* a service found no free slot */
    unsigned int upper : 1;    /* names is the upper half */
    void (*effect)(void *, enum scandir_effect, uint32_t slot, int arg);
    void *ctx;
};

/* Bytes of memory that scandir_init needs for max slots (4..SCANDIR_MAX) and names up to namemax
 * bytes. */
extern size_t scandir_size(uint32_t max, unsigned int namemax);

/* mem: zeroed memory of that size, aligned for uint64_t. */
extern void scandir_init(struct scandir *, void *mem, uint32_t max, unsigned int namemax,
                         void (*effect)(void *, enum scandir_effect, uint32_t, int), void *ctx);

/* One scan: begin, see (or keep) for each entry, end. */
extern void scandir_begin(struct scandir *);

/* The directory name is dev/ino; *slot: the known one's service slot. */
extern enum scandir_seen scandir_see(struct scandir *, char const *name, uint64_t dev, uint64_t ino,
                                     uint32_t *slot);

/* The same where it is not certain that name still is dev/ino: returns 1 if it was known as exactly
   that, and takes it as seen, or else 0, and nothing has happened. */
extern int scandir_see_same(struct scandir *, char const *name, uint64_t dev, uint64_t ino);

/* A new service, to be started now: *slot, and with logger its pair. Returns 0; -1: too many. */
extern int scandir_add(struct scandir *, char const *name, uint64_t dev, uint64_t ino, int logger,
                       uint32_t now, uint32_t *slot);

extern void scandir_rename(struct scandir *, uint32_t slot, char const *name);

/* It could not be found out what name is now: if it was a service, it stays what it was. */
extern void scandir_keep(struct scandir *, char const *name);

/* complete: all entries were read, so what was not seen is gone and becomes inactive. */
extern void scandir_end(struct scandir *, int complete);

/* A slot to be started at or before now, searching from *cursor (0 at first), or SCANDIR_NONE. The
   host starts it and calls scandir_started or scandir_failed before it asks for the next. */
extern uint32_t scandir_due(struct scandir const *, uint32_t now, uint32_t *cursor);

/* Is this slot waiting, and due? */
extern int scandir_is_due(struct scandir const *, uint32_t slot, uint32_t now);

/* ms until the next slot is due (0: now), or -1 if none waits. */
extern int scandir_wait(struct scandir const *, uint32_t now);

/* pid: 0 for a supervisor that is no process of its own, but hosted by svscan itself. */
extern void scandir_started(struct scandir *, uint32_t slot, pid_t pid, uint32_t now);

/* Starting failed: again after delay ms. Returns 1 if it is the first failure in a row (worth a
 * message). */
extern int scandir_failed(struct scandir *, uint32_t slot, uint32_t now, uint32_t delay);

/* The child pid is dead. Returns 1 if it was one of ours. */
extern int scandir_died(struct scandir *, pid_t pid, uint32_t now);

/* The slot that pid runs for, or SCANDIR_NONE. */
extern uint32_t scandir_slot(struct scandir const *, pid_t pid);

/* Another supervisor was found for slot (scandir_started): if there was a prune or a teardown
   since, it is told, too. */
extern void scandir_tell(struct scandir *, uint32_t slot);

/* The hosted supervisor of slot has ended: a new one is due after SCANDIR_THROTTLE. */
extern void scandir_ended(struct scandir *, uint32_t slot, uint32_t now);

/* SIGTERM to the supervisors of inactive services, to their loggers SIGHUP or, with all, SIGTERM
 * too. */
extern void scandir_prune(struct scandir *, int all);

/* The same to every supervisor; closes all pipes; nothing is started any more. Ended when running
   is 0. Called again it changes nothing, but with all, loggers that only got SIGHUP get SIGTERM. */
extern void scandir_teardown(struct scandir *, int all);

extern char const *scandir_name(struct scandir const *,
                                uint32_t slot); /* the service's, also for its logger */
extern int scandir_is_logger(struct scandir const *, uint32_t slot);
extern int scandir_is_catchall(struct scandir const *, uint32_t slot);
extern int scandir_has_catchall(struct scandir const *);
/* Is the catch-all logger's supervisor the only one that runs? */
extern int scandir_runs_only_catchall(struct scandir const *);
extern pid_t scandir_pid(struct scandir const *, uint32_t slot);
/* The other half of a pair, or SCANDIR_NONE. */
extern uint32_t scandir_peer(struct scandir const *, uint32_t slot);
/* Slots are also walked: for (s = 0; s < sd->high; s++) if (scandir_is_used(sd, s)) ... */
extern int scandir_is_used(struct scandir const *, uint32_t slot);
extern int scandir_is_active(struct scandir const *, uint32_t slot);
/* The pipe of a pair, by either slot: two descriptors, -1 until the host made them. NULL if it has
 * none. */
extern int *scandir_pipe(struct scandir *, uint32_t slot);

#endif
