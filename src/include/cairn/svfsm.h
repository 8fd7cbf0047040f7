/* svfsm: the life of a service, as a pure state machine.

   A step takes the machine, an event and its inputs, changes the machine, and returns what has to
   be done. There is no I/O, no clock and no process-wide state here: time is an input, timers are
   one deadline in the machine. The host (cairn/service.h) turns the world into events and effects
   into deeds.

   An effect that starts a process is always the last of its list; its outcome is given back as the
   next event (RUN_STARTED, RUN_FAILED, FINISH_STARTED, FINISH_NONE, FINISH_DELAYED) before any
   other.

   Invariants, after every step:
     a deadline is armed in DOWN only when the service is wanted up, and in GONE never;
     status is written before the event that tells of it is announced;
     the machine leaves UP only by the death of run (or into GONE), so one service never runs twice.
 */

#ifndef CAIRN_SVFSM_H
#define CAIRN_SVFSM_H

#include <stdint.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#include <cairn/svstatus.h>

/* X(NAME) */
#define SVFSM_STATES(X)                                                                            \
    X(DOWN)                                                                                        \
    X(UP)                                                                                          \
    X(FINISH)                                                                                      \
    X(LASTUP)     /* up, and the supervisor ends with it */                                        \
    X(LASTFINISH) /* the same for finish */                                                        \
    X(GONE)       /* the supervisor has ended: nothing happens any more */

enum svfsm_state {
#define X(name) SVFSM_##name,
    SVFSM_STATES(X)
#undef X
        SVFSM_STATE_COUNT
};

/* A control byte is an event by its own value. X(NAME): the others. */
#define SVFSM_EVENTS(X)                                                                            \
    X(START)          /* the supervisor is ready, after svfsm_init or svfsm_adopt */               \
    X(RUN_STARTED)    /* inputs: now, wall, pid */                                                 \
    X(RUN_FAILED)     /* run could not be started; inputs: now, retry_ms */                        \
    X(RUN_DIED)       /* inputs: now, wall, wstat */                                               \
    X(FINISH_STARTED) /* inputs: now, pid, timeout_finish */                                       \
    X(FINISH_NONE)    /* there is no finish, or it cannot be run; inputs: now, wall */             \
    X(FINISH_DELAYED) /* no process can be had at the moment; inputs: now, retry_ms */             \
    X(FINISH_DIED)    /* inputs: now, wall, wstat */                                               \
    X(READY)          /* the newline of readiness; inputs: now, wall */                            \
    X(NOTIFY_EOF)     /* the notification pipe was closed without it */                            \
    X(TIMER)          /* the deadline has passed; inputs: now, killpg */                           \
    X(CHANGED)        /* a file that starting depends on has changed */                            \
    X(TERM)           /* signals to the supervisor */                                              \
    X(HUP)                                                                                         \
    X(QUIT)                                                                                        \
    X(INT)

enum svfsm_event {
    SVFSM_EVENT_BASE = 127,
#define X(name) SVFSM_EVENT_##name,
    SVFSM_EVENTS(X)
#undef X
        SVFSM_EVENT_COUNT
};

/* X(NAME), with what arg means */
#define SVFSM_EFFECTS(X)                                                                           \
    X(WRITE_STATUS)                                                                                \
    X(ANNOUNCE) /* arg: first byte | second byte << 8, in one write */                             \
    X(TALLY)    /* record the death of run */                                                      \
    X(SPAWN_RUN)                                                                                   \
    X(SPAWN_FINISH)                                                                                \
    X(SIGNAL)       /* arg: signal to svfsm.pid */                                                 \
    X(SIGNAL_GROUP) /* arg: signal to the group of svfsm.pid */                                    \
    X(MAKE_DOWN)    /* create ./down */                                                            \
    X(REMOVE_DOWN)  /* remove ./down */                                                            \
    X(CLOSE_NOTIFY) /* close the notification pipe */                                              \
    X(UNWATCH)      /* nothing waits for a changed file any more */                                \
    X(HALT)         /* arg: exit code; what on-exit asks for: the tree is to end */                \
    X(RELEASE) /* standard input and output become /dev/null, so that a logger sees the end */     \
    X(EXIT)    /* the supervisor ends */

enum svfsm_effect_kind {
#define X(name) SVFSM_##name,
    SVFSM_EFFECTS(X)
#undef X
        SVFSM_EFFECT_COUNT
};

struct svfsm_effect {
    uint8_t kind;
    uint16_t arg;
};

#define SVFSM_EFFECTS_MAX 8

struct svfsm_effects {
    unsigned int n;
    struct svfsm_effect e[SVFSM_EFFECTS_MAX];
};

/* What a step may look at. Only what svfsm_needs asks for, and what the event brings, has to be
 * set. */
struct svfsm_input {
    tain now;                /* the clock of deadlines, monotonic */
    tain wall;               /* the clock of time stamps */
    pid_t pid;               /* *_STARTED */
    int wstat;               /* *_DIED */
    int down_signal;         /* NEEDS_DOWN_SIGNAL */
    int reload_signal;       /* NEEDS_RELOAD_SIGNAL */
    uint32_t timeout_kill;   /* NEEDS_TIMEOUT_KILL: ms, 0 never */
    uint32_t timeout_finish; /* NEEDS_TIMEOUT_FINISH: ms, 0 never */
    uint32_t retry_ms;       /* *_FAILED, *_DELAYED */
    int killpg;              /* NEEDS_KILLPG: the group is killed */
    struct {
        unsigned int too_often : 1; /* a permanent failure */
        unsigned int halt : 1;
        unsigned int nothing : 1;
        uint32_t delay_ms; /* until the restart; 0: as usual */
    } policy;              /* NEEDS_POLICY (svpolicy) */
};

enum svfsm_needs {
    SVFSM_NEEDS_DOWN_SIGNAL = 1,
    SVFSM_NEEDS_RELOAD_SIGNAL = 2,
    SVFSM_NEEDS_TIMEOUT_KILL = 4,
    SVFSM_NEEDS_TIMEOUT_FINISH = 8,
    SVFSM_NEEDS_KILLPG = 16,
    SVFSM_NEEDS_POLICY = 32
};

struct svfsm {
    uint8_t state;
    unsigned int wantup : 1;
    unsigned int paused : 1;
    unsigned int ready : 1;
    unsigned int started : 1; /* run was started at least once */
    unsigned int
        throttled : 1;      /* nextstart is set: run has announced readiness since it was started */
    unsigned int asked : 1; /* UP: a signal that may end it was asked for */
    unsigned int told : 1;  /* UP: it was told to go down, by the down-signal */
    unsigned int itself : 1;  /* FINISH: it died by itself, though it was to be up */
    unsigned int givenup : 1; /* permanent failure, and it was not started since */
    unsigned int failed : 1;  /* the last start failed and a changed file may help */
    unsigned int untold : 1;  /* FINISH: the death of run was not announced yet; UP: its start */
    unsigned int killing : 1; /* adopted while timeout-kill ran: START arms it anew */
    uint16_t wstat;           /* of the last death of run */
    pid_t pid;                /* run, or finish; 0 when there is none */
    pid_t runpid;             /* the last run: group and finish's fourth argument */
    tain stamp;               /* wall: last change between up and down */
    tain readystamp;          /* wall: last U or D */
    tain nextstart;           /* earliest restart, if throttled */
    tain deadline;            /* when TIMER is due; infinite: never */
};

/* A service that is down, was never started, and is wanted up or not. */
extern void svfsm_init(struct svfsm *, int wantup, tain const *wall);

/* After svfsm_init, for a service that lives: pid was found, run or finish, left by a supervisor
   that died. told: what that one wrote last, or NULL if it cannot be had; it is believed where it
   speaks of this process. */
extern void svfsm_adopt(struct svfsm *, pid_t pid, int finishing, pid_t runpid, int killing,
                        struct svstatus const *told);

/* Which of the needs (bits) must be read from the service directory before this event is given to
 * svfsm_step. */
extern unsigned int svfsm_needs(struct svfsm const *, unsigned int event);

/* Does what event means and fills the list of effects (possibly empty). Unknown bytes, and events
   that cannot happen in a state, do nothing. */
extern void svfsm_step(struct svfsm *, unsigned int event, struct svfsm_input const *,
                       struct svfsm_effects *);

/* What supervise/status shall say. */
extern void svfsm_status(struct svfsm const *, struct svstatus *);

#define SVFSM_FINISH_FAILED_FOR_GOOD 125 /* exit code of finish: permanent failure */
#define SVFSM_UNKNOWN_DEATH          9   /* wait status of a death that nobody could wait for */
#define SVFSM_TALLY_DEFAULT          100
#define SVFSM_TIMEOUT_FINISH_DEFAULT 5000
#define SVFSM_REPEAT_KILL_MS         5000
#define SVFSM_THROTTLE_MS            1000

#endif
