/* rfc3339: a time of day, UTC, with microseconds. */

#ifndef CAIRN_RFC3339_H
#define CAIRN_RFC3339_H

#include <time.h>

#define RFC3339_LENGTH 27           /* 2026-11-26T12:00:00.123456Z, without a NUL */
#define RFC3339_END    253402300800 /* seconds: the year 10000, which does not fit */

/* Writes RFC3339_LENGTH bytes for a time from 1970 on and before RFC3339_END; what is earlier is
   shown as the beginning of 1970. Returns the end of what was written. */
extern char *rfc3339_put(char *p, struct timespec const *);

#endif
