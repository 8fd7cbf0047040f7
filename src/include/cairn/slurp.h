/* slurp: a file as a whole. */

#ifndef CAIRN_SLURP_H
#define CAIRN_SLURP_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Appends the bytes of the file at path to sa. Returns 1, or 0 with errno: EFBIG for more than max
   bytes. */
extern int slurp_file(stralloc *sa, char const *path, size_t max);

/* The same, of what fd has still. */
extern int slurp_fd(stralloc *sa, int fd, size_t max);

#endif
