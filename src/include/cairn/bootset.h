/* bootset: what users set for the whole life of a container, read once by init. See init(8). */

#ifndef CAIRN_BOOTSET_H
#define CAIRN_BOOTSET_H

struct bootset {
    unsigned int verbosity; /* S6_VERBOSITY */
    unsigned int behaviour; /* S6_BEHAVIOUR_IF_STAGE2_FAILS */
    unsigned int finish_maxtime, services_grace, kill_grace, stop_max; /* ms */
    unsigned int sync;                                                 /* S6_SYNC_DISKS */
    unsigned int logging; /* S6_LOGGING: 0, 1 there is a catch-all logger, 2 also for the command */
    unsigned int keep_env; /* S6_KEEP_ENV */
    unsigned int compact;  /* S6_COMPACT: svscan --compact */
    int umask;             /* UMASK, of all that the container runs; -1: as it is */
};

/* Fills it from the environment. Calls warn for each variable whose value is not understood or has
   no effect in this version, unless the verbosity forbids it; it forbids nothing of CAIRN_STATEDIR.
 */
extern void bootset_read(struct bootset *, void (*warn)(char const *name, char const *why));

#endif
