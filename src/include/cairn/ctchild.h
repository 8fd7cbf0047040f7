/* ctchild: the program that consul-template runs beside itself (exec), which is told or started
   anew when a template has changed. Nothing here waits. Times are milliseconds of one clock. */

#ifndef CAIRN_CTCHILD_H
#define CAIRN_CTCHILD_H

#include <stdint.h>
#include <sys/types.h>

#include <cairn/ctcommand.h>
#include <cairn/ctconf.h>

struct ctchild {
    struct ctconf_exec const *conf;
    struct ctcommand command;
    pid_t pid;      /* 0: none runs */
    int64_t act;    /* when the splay is over; -1: nothing is to be done */
    int64_t kill;   /* when it is killed if it has not ended by then; -1 */
    int is_ending;  /* it has been told to end, */
    int is_restart; /* and is to be started anew then */
};

/* Prepares it; nothing runs. */
extern void ctchild_init(struct ctchild *c, struct ctconf_exec const *conf, char const *const *env);

/* Starts it. Returns 1, or 0 with errno. */
extern int ctchild_start(struct ctchild *c);

/* A template has changed: it gets its reload signal, or is ended and started anew, after a random
   part of the splay. */
extern void ctchild_change(struct ctchild *c, int64_t now);

/* Tells it to end, and kills it after kill_timeout. */
extern void ctchild_stop(struct ctchild *c, int64_t now);

/* Does what is due. */
extern void ctchild_tick(struct ctchild *c, int64_t now);

/* When ctchild_tick has something to do next, or -1. */
extern int64_t ctchild_next(struct ctchild const *c);

/* Sends a signal to its process group. */
extern void ctchild_signal(struct ctchild const *c, int sig);

enum ctchild_end {
    CTCHILD_RUNS,   /* it was started anew, or runs still, or there is none */
    CTCHILD_ENDED,  /* by itself, or because it was stopped: *status */
    CTCHILD_FAILED, /* it could not be started anew: errno */
};

/* To be called when a child may have ended. */
extern enum ctchild_end ctchild_reap(struct ctchild *c, int *status);

#endif
