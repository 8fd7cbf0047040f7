/* svtable: what all services of a scan directory are doing, in one look.

   A row per service and per logger (NAME/log), sorted by name, the logger behind its service. Names
   that begin with a dot, and what is no directory, are left out. Nothing is changed, nothing waits.
 */

#ifndef CAIRN_SVTABLE_H
#define CAIRN_SVTABLE_H

#include <stddef.h>
#include <sys/types.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include <cairn/downfile.h>
#include <cairn/svstatus.h>

/* X(NAME, word): the word is for people and programs, and stays */
#define SVTABLE_STATES(X)                                                                          \
    X(UP, "up")                      /* running, and ready if it says when it is */                \
    X(STARTING, "starting")          /* running, and will say when it is ready */                  \
    X(PAUSED, "paused")              /* running, but stopped by a signal */                        \
    X(FINISHING, "finishing")        /* finish runs */                                             \
    X(RESTARTING, "restarting")      /* down, to be started again when its time has come */        \
    X(DOWN, "down")                  /* down, as was asked for */                                  \
    X(FAILED, "failed")              /* down for good: it kept failing */                          \
    X(WAITING, "waiting")            /* to be started when those it depends on are there */        \
    X(OFF, "off")                    /* switched off when the container was booted */              \
    X(NO_SUPERVISOR, "unsupervised") /* nobody looks after it */                                   \
    X(UNKNOWN, "unknown")            /* it cannot be looked at */

enum svtable_state {
#define X(name, word) SVTABLE_##name,
    SVTABLE_STATES(X)
#undef X
        SVTABLE_STATE_COUNT
};

struct svtable_row {
    size_t name; /* offset into names */
    enum svtable_state state;
    struct svstatus status;     /* if known */
    pid_t supervisor;           /* who holds the lock: supervise, or svscan; 0 nobody, 1 unknown */
    unsigned int deaths;        /* of run, as far as the tally goes (max-death-tally) */
    int error;                  /* UNKNOWN: errno */
    enum downfile down;         /* DOWN, WAITING, OFF, NO_SUPERVISOR: the file down there is */
    unsigned int known : 1;     /* there is a status */
    unsigned int announces : 1; /* STARTING, UP: it says when it is ready */
    unsigned int is_log : 1;
};

struct svtable {
    stralloc names;
    genalloc rows; /* struct svtable_row */
};

#define SVTABLE_ZERO                                                                               \
    {                                                                                              \
        .names = STRALLOC_ZERO, .rows = GENALLOC_ZERO                                              \
    }

/* Fills the table anew. Returns 0, or -1 with errno: the directory cannot be read, no memory. */
extern int svtable_read(struct svtable *, int scanfd);

extern void svtable_free(struct svtable *);

#define svtable_count(t)   genalloc_len(struct svtable_row, &(t)->rows)
#define svtable_row(t, i)  (genalloc_s(struct svtable_row, &(t)->rows) + (i))
#define svtable_name(t, r) ((t)->names.s + (r)->name)

extern char const *svtable_word(enum svtable_state);

/* Is it ready? 1, 0, or -1: it does not say. */
extern int svtable_ready(struct svtable_row const *);

/* Is it to be up? */
extern int svtable_is_wanted(struct svtable_row const *);

/* Is it all that it should be: up if it is to be, ready if it says when it is? */
extern int svtable_is_well(struct svtable_row const *);

#endif
