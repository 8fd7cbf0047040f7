/* stageprog: what the stage programs share: their options and where their directories are. */

#ifndef CAIRN_STAGEPROG_H
#define CAIRN_STAGEPROG_H

#include <stddef.h>

struct stageprog {
    unsigned int verbosity; /* -v, S6_VERBOSITY, 2 */
    unsigned int behaviour; /* -b, S6_BEHAVIOUR_IF_STAGE2_FAILS, 0 */
    unsigned int maxtime;   /* -t, the variable named by the program */
};

/* Reads the variables, then the options that letters has (of "bvt") from argv; further letters in
   flags are set in *set as 1 << position. maxtime is the name of the variable for -t, or NULL.
   Returns the index of the first operand, or -1 with *why what is wrong (NULL: unknown option).
   *junk names a variable whose value was not understood, or is NULL. */
extern int stageprog_options(struct stageprog *, int argc, char const *const *argv,
                             char const *letters, char const *flags, unsigned int *set,
                             char const *maxtime, char const **why, char const **junk);

/* The directory of links that init made for name: /var/run/s6/etc/NAME, or where the state lies.
 * buf has size bytes. */
extern char const *stageprog_dir(char *buf, size_t size, char const *name);

#endif
