/* fifowait: waiting for events in fifodirs, in-process and without polling.

   No globals; nothing printed. Use: fill struct fifowait and its subscriptions with zeroes but for
   what the caller gives, fifowait_listen, fifowait_wait, fifowait_end. */

#ifndef CAIRN_FIFOWAIT_H
#define CAIRN_FIFOWAIT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include <cairn/fifodir.h>
#include <cairn/fifomatch.h>

struct fifowait_sub {
    char const *dir; /* given by the caller */
    char const *regex;

    int event; /* the byte that completed the match, from 1 to 255; 0: none yet */
    struct fifodir_listener listener;
    unsigned int listening : 1;
    struct fifomatch match; /* large: keep it off the stack */
};

struct fifowait {
    struct fifowait_sub *subs; /* given by the caller: n of each */
    struct pollfd *polls;
    size_t n;
    unsigned int any : 1; /* one match is enough */
};

/* Subscribes to everything. Of what happens from now on nothing is missed, as far as a pipe holds
   it. The signals of onend.h are held back for the moment. Returns 0, or -1 with errno (EINVAL: bad
   expression) and the index of the culprit; fifowait_end is due all the same. */
extern int fifowait_listen(struct fifowait *, size_t *culprit);

/* Waits for a match in each subscription, or in one. deadline is a time of svwatch_deadline.
   Returns 1 when it is there, 0 timed out, -1 with errno. */
extern int fifowait_wait(struct fifowait *, int64_t deadline);

/* Unsubscribes. Async-signal-safe, so the compiled expressions stay: a process that goes on calls
   fifomatch_end for those of the subscriptions that were listening. */
extern void fifowait_end(struct fifowait *);

#endif
