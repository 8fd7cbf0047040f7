/* logfile: a plain file that the output of a service goes to, where it can be written. */

#ifndef CAIRN_LOGFILE_H
#define CAIRN_LOGFILE_H

#include <stddef.h>

/* Makes file, with the directories above it; dir (size bytes) gets the one that it lies in. Returns
   1, also for no file (NULL, "") and for one below /dev, which are left alone; 0 where the
   directory cannot be made or written to; -1 with errno where it can, but the file cannot. */
extern int logfile_make(char const *file, char *dir, size_t size);

/* From here on standard output and standard error are appended to file, which is made where it is
   not there. Where that cannot be (or file is NULL or ""), standard output becomes standard error.
   Returns 1, or 0 with errno. */
extern int logfile_take(char const *file);

#endif
