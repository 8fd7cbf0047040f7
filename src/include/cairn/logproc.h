/* logproc: starts the processor of a log directory, which makes of "previous" what is archived. */

#ifndef CAIRN_LOGPROC_H
#define CAIRN_LOGPROC_H

#include <sys/types.h>

/* Starts command, in execlineb -Pc or, with shell, in /bin/sh -c, in the directory dirfd: reads
   "previous" on 0 and "state" on 4, writes "processed" on 1 and "newstate" on 5; its signals are
   not blocked. "state" is made if it is absent. Returns its pid, or -1 with errno. A command that
   cannot be executed exits 127 or 126. */
extern pid_t logproc_start(int dirfd, char const *command, int shell);

#endif
