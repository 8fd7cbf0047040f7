/* logdir: a log directory of s6-log: current, its rotation into archives, and its recovery.

   lock       exclusive POSIX lock of the process that logs
   current    what is written to; u+x: cleanly closed
   previous   the last current, on its way into an archive
   processed, newstate   what a processor makes of it; processed u+x: complete
   state      what the processor said last on descriptor 5
   @TAI64N.s  an archive; @TAI64N.u: one whose writer or processor did not end well

   A step of a rotation that fails is tried again after retry ms, and so is a write: nothing is
   given up, and nothing is allocated. Old archives that cannot be deleted hold nothing up: that is
   tried again by the next rotation. What somebody removes from the directory while it is open is
   made anew when the next line comes. The size cap is hard: a file never has more than size bytes,
   but for a single line that is longer and then alone in its file. No file is opened through a
   symbolic link, so who may write to the directory cannot make the log go elsewhere. */

#ifndef CAIRN_LOGDIR_H
#define CAIRN_LOGDIR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#include <cairn/logarchive.h>

enum logdir_step {
    LOGDIR_IDLE,
    LOGDIR_RENAME,   /* sync current, make it previous */
    LOGDIR_REOPEN,   /* a new current */
    LOGDIR_PROCESS,  /* previous is clean; start the processor if there is one */
    LOGDIR_RUNNING,  /* the processor runs */
    LOGDIR_COMPLETE, /* sync processed and newstate, mark processed */
    LOGDIR_ARCHIVE,  /* link the archive, unlink what it was */
    LOGDIR_TRIM,     /* delete the oldest archives */
};

#define LOGDIR_NEVER INT64_MAX

struct logdir {
    /* set by the caller */
    char const *path;
    char const *processor; /* NULL: none */
    int shell;
    uint32_t archives, size, tolerance, retry, period;
    uint64_t total;
    /* Tells of trouble that is not the end: what could not be done, to which file (NULL: the
       directory), what there is to say of that (NULL: nothing), and errno, 0 if none. Called once
       until it works again. */
    void (*complain)(struct logdir const *, char const *what, char const *file, char const *note,
                     int e);

    /* the module's; the caller may read */
    int dirfd, lockfd, fd, oldfd;
    uint64_t written;      /* bytes in current */
    int torn;              /* current does not end with a newline */
    enum logdir_step step; /* of the rotation under way */
    char const *source;    /* what becomes the archive */
    char const *suffix;    /* .s or .u */
    pid_t pid;             /* of the processor, or 0 */
    int failed;            /* the processor failed, for this previous */
    int closing;           /* no retry of the processor */
    int complained;
    int64_t due;                     /* ms: when to try again what failed */
    int64_t rotate;                  /* ms: the next periodic rotation */
    tain stamp;                      /* of the last archive */
    char stuck[LOGARCHIVE_NAME + 1]; /* what could not be deleted, and was told of */
};

/* Makes the directory if there is none, locks and recovers it, and opens current. now: ms on a
   clock that only goes forward. Returns 0, or -1 with errno (EBUSY: locked) and *what, the thing
   that could not be done. */
extern int logdir_open(struct logdir *, int64_t now, char const **what);

/* Writes of the n bytes at p, which are whole lines (a line that an earlier call wrote in part is
   gone on with), what can be written now. Returns how many were taken. If not all were, the caller
   comes again at due, or when the processor has ended. */
extern size_t logdir_write(struct logdir *, char const *p, size_t n, int64_t now);

/* Starts a rotation unless current is empty or one is under way. */
extern void logdir_rotate(struct logdir *, int64_t now);

/* When logdir_tick is wanted. */
extern int64_t logdir_due(struct logdir const *);
extern void logdir_tick(struct logdir *, int64_t now);

/* The processor ended. */
extern void logdir_ended(struct logdir *, int wstat, int64_t now);

/* From now on a processor that fails is not tried again: what it did not process is archived as
   it is. With kill, neither is one waited for that runs. */
extern void logdir_closing(struct logdir *, int kill, int64_t now);

/* Marks current as cleanly closed. Returns 0, or -1 with errno. */
extern int logdir_close(struct logdir *);

#endif
