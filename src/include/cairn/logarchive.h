/* logarchive: the archives of a log directory, @TAI64N.s and @TAI64N.u. */

#ifndef CAIRN_LOGARCHIVE_H
#define CAIRN_LOGARCHIVE_H

#include <stdint.h>

#include <skalibs/tai.h>

#define LOGARCHIVE_NAME 27

extern int logarchive_is(char const *name);

/* Makes an archive of the file, with the suffix (".s" or ".u"), named after the present time, or
   after the first free nanosecond after it and after *last, which becomes the time of the name.
   An empty file, and one that has another name already, is only unlinked. An archive is never
   overwritten. An absent file is no error. Returns 0, or -1 with errno. */
extern int logarchive_make(int dirfd, char const *file, char const *suffix, tain *last);

/* Deletes the oldest archives until there are at most keep, of at most total bytes (0: no limit)
   together. One that cannot be deleted is passed over and counts for neither. Returns 0, or -1 with
   errno, and in stuck (LOGARCHIVE_NAME + 1 bytes) the name of the oldest that is left like this, or
   "." if the directory cannot be read. */
extern int logarchive_trim(int dirfd, uint32_t keep, uint64_t total, char *stuck);

#endif
