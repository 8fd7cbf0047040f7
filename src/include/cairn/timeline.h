/* timeline: the file STATE/boot-timeline: what happened when in a container, a line each.

   boot-timeline 1 SECONDS.MICROSECONDS        the first line: the wall clock when init began
   MICROSECONDS KIND EVENT CODE NAME           since then, on the monotonic clock

   KIND and EVENT are the words below. CODE: of an end the exit code (128 + signal), of a service's
   start 1 if it says when it is ready, else 0. In NAME, control characters, a backslash and bytes
   that would end the line are \xHH. Pure: nothing here touches the world. */

#ifndef CAIRN_TIMELINE_H
#define CAIRN_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#define TIMELINE_FILE  "boot-timeline"
#define TIMELINE_NAME  512                      /* bytes of a name that are kept at most */
#define TIMELINE_LINE  (96 + 4 * TIMELINE_NAME) /* bytes of a line at most */
#define TIMELINE_NEVER UINT64_MAX

/* X(NAME, word) */
#define TIMELINE_KINDS(X)                                                                          \
    X(STAGE, "stage")                                                                              \
    X(HOOK, "hook")       /* NAME: cont-init.d/10-x */                                             \
    X(SERVICE, "service") /* its first start, its first readiness; NAME/log is its logger */       \
    X(COMMAND, "command")                                                                          \
    X(PHASE, "phase") /* of the stop: down, wait, term, kill; ends where the next begins */        \
    X(CONTAINER, "container") /* its end */

enum timeline_kind {
#define X(name, word) TIMELINE_##name,
    TIMELINE_KINDS(X)
#undef X
        TIMELINE_KIND_COUNT
};

enum timeline_event { TIMELINE_START, TIMELINE_READY, TIMELINE_END, TIMELINE_EVENT_COUNT };

struct timeline_record {
    uint64_t us;
    enum timeline_kind kind;
    enum timeline_event event;
    unsigned int code;
    char name[TIMELINE_NAME + 1];
};

extern char const *timeline_kind_word(enum timeline_kind);

/* Write a line with its newline to buf (TIMELINE_LINE bytes) and return its length. */
extern size_t timeline_pack_header(char *buf, uint64_t wall_us);
extern size_t timeline_pack(char *buf, struct timeline_record const *);

enum timeline_parsed {
    TIMELINE_OK,
    TIMELINE_UNKNOWN, /* well formed, but of a kind or event that we do not know */
    TIMELINE_DAMAGED
};

/* Read a line of n bytes, without its newline. */
extern int timeline_parse_header(char const *line, size_t n, uint64_t *wall_us);
extern enum timeline_parsed timeline_parse(char const *line, size_t n, struct timeline_record *);

/* One thing that took its time. Times are TIMELINE_NEVER where there is none. */
struct timeline_row {
    enum timeline_kind kind;
    size_t name; /* offset into names */
    uint64_t start, ready, end;
    unsigned int code;          /* of the end */
    unsigned int announces : 1; /* a service that says when it is ready */
    unsigned int is_stop : 1;   /* belongs to the stop */
};

struct timeline {
    uint64_t wall_us; /* TIMELINE_NEVER: there is no header */
    genalloc rows;    /* struct timeline_row, by start; those of a start together by record */
    stralloc names;
    uint64_t last;     /* the latest stamp */
    uint64_t total;    /* until the last service was up, and ready if it says so; without any: until
                          the command's start, or else all that the boot did */
    uint64_t ended;    /* of the container */
    unsigned int code; /* of the container */
    unsigned int damaged; /* lines */
    unsigned int unknown;
    unsigned int torn : 1; /* the last line has no end */
};

#define TIMELINE_ZERO                                                                              \
    {                                                                                              \
        .wall_us = TIMELINE_NEVER, .rows = GENALLOC_ZERO, .names = STRALLOC_ZERO,                  \
        .ended = TIMELINE_NEVER                                                                    \
    }

/* Reads a whole file: what can be read of it. Returns 0, or -1 if there is no memory. */
extern int timeline_read(struct timeline *, char const *text, size_t n);

#define timeline_count(t)   genalloc_len(struct timeline_row, &(t)->rows)
#define timeline_row(t, i)  (genalloc_s(struct timeline_row, &(t)->rows) + (i))
#define timeline_name(t, r) ((t)->names.s + (r)->name)

/* Until when it was being started or done: a service's readiness (its start, if it announces none),
   the end of others. TIMELINE_NEVER: not yet. */
extern uint64_t timeline_done(struct timeline_row const *);

/* What total is: "until the last service was ready". */
extern char const *timeline_total_is(struct timeline const *);

/* What came of it: "ready", "up", "not ready", "running", "unfinished", "ok", "exit 3". buf has
   TIMELINE_RESULT bytes; the returned text may be elsewhere. */
#define TIMELINE_RESULT 32
extern char const *timeline_result(char *buf, struct timeline const *, struct timeline_row const *);

extern void timeline_free(struct timeline *);

#endif
