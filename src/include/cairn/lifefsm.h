/* lifefsm: the life of a container as a pure state machine.

   Boot stages, the command, the stop with its deadlines, the exit code. init turns what happens
   into events and the effects into system calls; nothing here touches the world. Times are
   milliseconds on any clock that never goes back.

     FIXATTRS -> CONTINIT -> SERVICES -> RUNNING -> FINISH -> WAIT -> TERM -> KILL -> GONE
        |           |           |                     ^
        +-----------+-----------+---------------------+   a stop may begin at any moment of the boot

   Every bound is an upper one: a phase ends as soon as nothing is left that it waits for. The last
   part of the whole (a quarter of stop_max, at most kill_grace) is kept for the TERM phase, so that
   a hanging finish script does not cost other processes their chance to end by themselves. */

#ifndef CAIRN_LIFEFSM_H
#define CAIRN_LIFEFSM_H

#include <stdint.h>

#define LIFEFSM_NEVER        UINT64_MAX
#define LIFEFSM_STOP_MAXTIME 8000 /* below the 10 s of Docker */

enum life_state {
    LIFE_BORN,
    LIFE_FIXATTRS,
    LIFE_CONTINIT,
    LIFE_SERVICES,
    LIFE_RUNNING, /* the command runs, or there is none */
    LIFE_FINISH,  /* all were asked to end; cont-finish runs */
    LIFE_WAIT,    /* waiting for services and the command */
    LIFE_TERM,    /* everything left has got TERM */
    LIFE_KILL,    /* everything left has got KILL */
    LIFE_GONE,
    LIFE_STATES
};

enum life_event {
    LIFE_EV_START,
    LIFE_EV_STAGE_END,     /* the boot stage that runs ended; arg: 0, or the code to stop with */
    LIFE_EV_CMD_END,       /* arg: wait status */
    LIFE_EV_STOP,          /* a stop was requested; arg: exit code asked for, or -1 */
    LIFE_EV_FINISH_END,    /* cont-finish is over */
    LIFE_EV_SERVICES_UP,   /* svscan was started */
    LIFE_EV_SERVICES_DOWN, /* svscan is gone as it was asked to, or there was none */
    LIFE_EV_NONE_LEFT,     /* no process of ours is left */
    LIFE_EV_TIMER,         /* the deadline has passed */
    LIFE_EVENTS
};

/* Effects, to be carried out in the order of their bits. */
enum life_effect {
    LIFE_FX_RUN_STAGE = 1 << 0,  /* the boot stage that the state is named for */
    LIFE_FX_START_CMD = 1 << 1,  /* nothing to do when there is none */
    LIFE_FX_PUT_CODE = 1 << 2,   /* show the code that stands so far to the finish scripts */
    LIFE_FX_ASK_DOWN = 1 << 3,   /* TERM, then CONT, to stage, command and services */
    LIFE_FX_RUN_FINISH = 1 << 4, /* cont-finish */
    LIFE_FX_LATCH =
        1 << 5, /* read the exit code that a user's script may have written: lifefsm_written */
    LIFE_FX_SAY_WAITING = 1 << 6, /* "waiting for services" */
    LIFE_FX_SYNC = 1 << 7,        /* sync disks if asked to */
    LIFE_FX_TERM_ALL = 1 << 8,
    LIFE_FX_KILL_ALL = 1 << 9,
    LIFE_FX_KILL_AGAIN = 1 << 10, /* without a word */
    LIFE_FX_EXIT = 1 << 11        /* with lifefsm_exitcode */
};

struct lifefsm {
    enum life_state state;
    uint64_t deadline; /* when LIFE_EV_TIMER is due, or LIFEFSM_NEVER */

    /* given at start; milliseconds */
    unsigned int has_cmd : 1;
    unsigned int services_grace; /* 0: no bound of its own */
    unsigned int kill_grace;     /* 0: KILL at once */
    unsigned int stop_max;

    unsigned int stage_runs : 1;
    unsigned int cmd_runs : 1;
    unsigned int services_down : 1;
    unsigned int requested : 1; /* the stop was asked for, so the command's own code counts */
    int code;
    int written; /* -1: nothing */
    uint64_t overall;
};

/* Sets all to the state BORN with the given configuration. */
extern void lifefsm_init(struct lifefsm *, int has_cmd, unsigned int services_grace,
                         unsigned int kill_grace, unsigned int stop_max);

/* Takes one event at time now and returns the effects. An event that means nothing in the state has
 * none. */
extern unsigned int lifefsm_step(struct lifefsm *, enum life_event, int arg, uint64_t now);

/* What LIFE_FX_LATCH found: code 0 to 255, which goes before everything else. */
extern void lifefsm_written(struct lifefsm *, int code);

/* The exit code as it stands. */
extern int lifefsm_exitcode(struct lifefsm const *);

/* Has a stop begun? */
extern int lifefsm_is_stopping(struct lifefsm const *);

/* The code of a wait status: the exit code, or 128 + signal. */
extern int lifefsm_code(int wstat);

#endif
