/* svpolicy: what is to follow when a service ends by itself, as files of its directory say.

     on-exit          restart (as without it), halt, or nothing; with "unless finish" behind it,
                      for a directory that has no finish only
     restart-backoff  MIN MAX: ms to wait before it is started again, doubled each time
     restart-limit    N SECONDS: more than N deaths in that time are a permanent failure

   Numbers stand apart by blanks; one newline may end the line. What counts is the death tally, so a
   supervisor that follows a killed one counts on. Nothing is kept and nothing printed. */

#ifndef CAIRN_SVPOLICY_H
#define CAIRN_SVPOLICY_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/svtally.h>

enum svpolicy_exit { SVPOLICY_RESTART, SVPOLICY_HALT, SVPOLICY_NOTHING };

struct svpolicy {
    enum svpolicy_exit on_exit;
    unsigned int unless_finish : 1;
    uint32_t min, max;       /* ms; max 0: no backoff */
    uint32_t limit, seconds; /* seconds 0: no limit */
};

/* The files; the bits of svpolicy_read's result are 1 << one of these. */
enum svpolicy_file { SVPOLICY_ON_EXIT, SVPOLICY_BACKOFF, SVPOLICY_LIMIT, SVPOLICY_FILES };

extern char const *svpolicy_name(enum svpolicy_file);

/* What may be in it, for a message. */
extern char const *svpolicy_allowed(enum svpolicy_file);

/* Reads the files of the service directory dirfd; one that is absent or bad has no effect, nor has
   one that gives way to the finish that is there (on_exit is SVPOLICY_RESTART then). Returns which
   of them are bad (cannot be read, or have something else in them), as bits. */
extern unsigned int svpolicy_read(int dirfd, struct svpolicy *);

/* Takes text into the policy. Returns 0, or -1: it is bad, and nothing was changed. */
extern int svpolicy_parse(struct svpolicy *, enum svpolicy_file, char const *text, size_t len);

/* How long (ms) the restart after the last of n deaths is to wait. A service that was up longer
   than max begins again with min. */
extern uint32_t svpolicy_delay(struct svpolicy const *, struct svdeath const *, size_t n);

/* Is the last of n deaths one too many? */
extern int svpolicy_is_too_much(struct svpolicy const *, struct svdeath const *, size_t n);

#endif
