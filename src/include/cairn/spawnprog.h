/* spawnprog: starting a program beside this one, which does not wait for it. */

#ifndef CAIRN_SPAWNPROG_H
#define CAIRN_SPAWNPROG_H

#include <sys/types.h>

/* Starts argv[0], found by PATH, with the environment of the caller. The child is the caller's to
   reap. Returns its pid, or -1 with errno, also when the exec fails. */
extern pid_t spawnprog(char const *const *argv);

#endif
