/* logprefix: S6_LOG_PREFIX, by which every service's output says whose it is.

   A service without a logger gets one in the live scan directory: log/run, an interpreter line for
   logutil-service -P, which becomes an svlog that writes to the standard output of the scan
   directory's svscan. The file merge-stderr beside it says that standard error takes the same way.
 */

#ifndef CAIRN_LOGPREFIX_H
#define CAIRN_LOGPREFIX_H

#include <stddef.h>

#define LOGPREFIX_VARIABLE "S6_LOG_PREFIX"

enum logprefix {
    LOGPREFIX_OFF,
    LOGPREFIX_NAME,  /* NAME: line */
    LOGPREFIX_STAMP, /* date, time, two blanks, NAME: line */
    LOGPREFIX_JSON   /* {"time":..., "service":NAME, "msg":line} */
};

/* What the value of the variable (NULL: unset) says: 0, 1 and words for no and yes, 2 or stamp,
   json. Returns 0, or -1 if it says nothing. */
extern int logprefix_parse(char const *value, enum logprefix *);

/* Writes what log/run of such a logger holds to buf, how not being LOGPREFIX_OFF. Returns buf, or
   NULL with errno. */
extern char *logprefix_run(char *buf, size_t size, enum logprefix how);

/* Gives the service directory sd a logger with this log/run, unless it has a log; it appears
   complete. The directory should not be known to svscan yet, which looks for log once only. Returns
   0, or -1 with errno. */
extern int logprefix_give(int sd, char const *run);

/* The words of such an svlog, for the service name. Allocated once; NULL with errno. */
extern char const **logprefix_argv(enum logprefix how, char const *name);

/* The name of the service whose log directory is the working directory. Returns buf, or NULL with
   errno. */
extern char *logprefix_service(char *buf, size_t size);

#endif
