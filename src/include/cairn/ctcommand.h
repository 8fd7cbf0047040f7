/* ctcommand: the commands that consul-template runs, each in a process group of its own. */

#ifndef CAIRN_CTCOMMAND_H
#define CAIRN_CTCOMMAND_H

#include <sys/types.h>

struct ctcommand {
    char const *shell;       /* a line for /bin/sh -c; or NULL: */
    char const *const *argv; /* the program, found by PATH, and its arguments */
    char const *const *env;
};

/* Starts it, with no signal blocked and the usual ones as they are by default. Standard input,
   output and error are ours. Returns its pid, which is its group too, or -1 with errno. */
extern pid_t ctcommand_start(struct ctcommand const *c);

/* How it is to be shown in messages. */
extern char const *ctcommand_name(struct ctcommand const *c);

#endif
