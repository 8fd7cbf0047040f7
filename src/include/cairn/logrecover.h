/* logrecover: a log directory whose writer did not end cleanly. */

#ifndef CAIRN_LOGRECOVER_H
#define CAIRN_LOGRECOVER_H

#include <skalibs/tai.h>

/* Brings the directory into order before current is opened: finishes or undoes a rotation, makes
   an archive *.u of a current that was not cleanly closed, its last line completed by a newline,
   and leaves an empty "state" then. Symbolic links in the places of these files are removed. Never
   overwrites an archive. *last: see logarchive_make. Returns 0, or -1 with errno and *file, the
   name of the file that was in the way. */
extern int logrecover(int dirfd, tain *last, char const **file);

#endif
