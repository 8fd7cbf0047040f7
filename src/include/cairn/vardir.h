/* vardir: a directory with one file per variable, as contenv and envdir read it.

   Names that begin with a dot or contain '=' do not count. What a file's bytes mean is up to the
   caller. */

#ifndef CAIRN_VARDIR_H
#define CAIRN_VARDIR_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends the entries of the directory to sa, each as one byte of type (DT_REG...) and a
   NUL-terminated name, and adds their number to *n. Returns 0, or -1 with errno. */
extern int vardir_list(int dirfd, stralloc *sa, size_t *n);

/* Sorts n such entries by name: pointers into names, in an array that the caller frees. NULL: no
   memory. */
extern char const **vardir_sort(char const *names, size_t n);

/* Appends the bytes of the file name to sa. Never blocks on a FIFO. Returns 1, 0 if there is no
   such file, -1 with errno: E2BIG for more than max bytes, then sa has at least their first max. */
extern int vardir_slurp(int dirfd, char const *name, stralloc *sa, size_t max);

#endif
