/* ctfetcher: the consul-fetch that a renderer has started, and the lines between them (ctfetch.h).
   Nothing here waits. */

#ifndef CAIRN_CTFETCHER_H
#define CAIRN_CTFETCHER_H

#include <stdint.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include <cairn/ctconf.h>
#include <cairn/ctfetch.h>

struct ctfetcher {
    pid_t pid;    /* 0: not started */
    int to;       /* -1, or its standard input */
    int from;     /* -1, or its standard output */
    stralloc out; /* lines that are not sent yet */
    stralloc in;  /* what has come and is not taken yet */
    size_t taken; /* of in */
};

#define CTFETCHER_ZERO                                                                             \
    {                                                                                              \
        .to = -1, .from = -1, .out = STRALLOC_ZERO, .in = STRALLOC_ZERO                            \
    }

/* What it has to know. */
struct ctfetcher_settings {
    struct ctconf_consul const *consul;
    int64_t wait;      /* ms of a blocking query */
    int64_t max_stale; /* ms */
    int is_once;
};

/* Starts it. Returns 1, or 0 with errno (ENOENT: it is not installed). */
extern int ctfetcher_start(struct ctfetcher *f, struct ctfetcher_settings const *s);

/* Ends it and forgets what was on its way. The caller need not reap it. */
extern void ctfetcher_stop(struct ctfetcher *f);

/* Each puts a line on its way, and returns 1, or 0 with errno: ENOMEM. */
extern int ctfetcher_watch(struct ctfetcher *f, uint64_t id, char const *path);
extern int ctfetcher_end(struct ctfetcher *f, uint64_t id);

/* Sends what the pipe takes. */
extern void ctfetcher_send(struct ctfetcher *f);

/* Reads what is there. Returns 1, or 0 if it has ended, or with errno set: ENOMEM. */
extern int ctfetcher_read(struct ctfetcher *f);

/* Takes the next answer of what was read; it is good until the next call. Returns 1, 0 if there is
   none, or -1 with errno EPROTO. */
extern int ctfetcher_next(struct ctfetcher *f, struct ctfetch_answer *a);

#endif
