/* svstart: starts the services of a scan directory that wait for others, each when those that it
   needs are there.

   A service waits if its file down says so (downfile). It needs what its dependencies.d names and
   is not switched off. One that it needs is there when it is up, and ready if it announces that.
   Then the file down is removed and, if the service has never run under its supervisor, it is
   told u: what somebody has started or taken down by hand meanwhile is left alone. */

#ifndef CAIRN_SVSTART_H
#define CAIRN_SVSTART_H

#include <limits.h>
#include <stdint.h>

#include <cairn/svwatch.h>

enum svstart_result {
    SVSTART_DONE,    /* none waits any more */
    SVSTART_HELD,    /* those that wait, wait for one with a file down that is not ours */
    SVSTART_STUCK,   /* or for one that has failed for good */
    SVSTART_TIMEOUT, /* the deadline has passed */
    SVSTART_ERROR    /* errno; culprit and what as in svwatch */
};

struct svstart {
    /* given by the caller. told: service waits for needed, which has failed for good.
       trouble: service could not be told to start (errno). */
    void (*told)(char const *service, char const *needed);
    void (*trouble)(char const *service);
    unsigned int give_up : 1; /* return SVSTART_HELD and SVSTART_STUCK instead of waiting on */

    char const *culprit;
    char const *what;
    char name[NAME_MAX + 1]; /* its own: a culprit's */
    struct svwatch watch;    /* its own; what a signal cleans up, so it must outlive the process */
};

/* Does it, in the working directory. deadline is a time of svwatch_deadline. Waits on events, and
   leaves no listener behind when a signal ends the process: once per process (svwatchproc).
   Allocates. */
extern enum svstart_result svstart_run(struct svstart *, int64_t deadline);

#endif
