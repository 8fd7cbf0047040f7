/* filetree: the files of a directory and of those below it, in the order of a walk: entries by
   name, a directory's own where it stands. Symbolic links to directories are passed over, as
   Kubernetes has one named ..data beside the files of a volume. */

#ifndef CAIRN_FILETREE_H
#define CAIRN_FILETREE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends to sa the paths, each with a 0, of the files (whatever is no directory) below dir whose
   own name matches the pattern (gopath_match; NULL: all), and of the directories themselves to
   dirs, unless that is NULL. Returns 1, or 0 with errno: ENOENT where there is no dir, ELOOP for
   directories too deep. */
extern int filetree_list(char const *dir, char const *pattern, stralloc *sa, stralloc *dirs);

#endif
