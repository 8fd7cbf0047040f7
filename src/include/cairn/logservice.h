/* logservice: how the logger of logutil-service, and so the catch-all logger, is run.

   svlog -bp with a script from S6_LOGGING_SCRIPT and one log directory, as the user nobody (else
   32768:32768) if we are root, with an empty environment. root without
   the capabilities that this takes stays root. */

#ifndef CAIRN_LOGSERVICE_H
#define CAIRN_LOGSERVICE_H

#include <sys/types.h>

#define LOGSERVICE_SCRIPT   "n20 s1000000 T"
#define LOGSERVICE_FIFO     "uncaught-logs-fifo" /* below the state directory */
#define LOGSERVICE_CATCHALL "/var/log/s6-uncaught-logs"

struct logservice {
    uid_t uid;
    gid_t gid;
    int drops; /* we are root and become that user */
};

/* Whom the logger runs as. Returns 0, or -1 with errno if /etc/passwd cannot be read. */
extern int logservice_user(struct logservice *);

/* Makes dir, mode 02700 and the user's, with the directories above it (0755), if it is not there.
   With own, one that is there becomes the user's too. Returns 0, or -1 with errno. */
extern int logservice_directory(struct logservice const *, char const *dir, int own);

/* Becomes the user. Returns 0, or -1 with errno. */
extern int logservice_drop(struct logservice const *);

/* The words of script, split at blanks, for svlog: NULL-terminated, with dir last ("./" put before
   a relative one). Allocated once; NULL with errno. */
extern char const **logservice_argv(char const *script, char const *dir);

#endif
