/* rmtree: removes a directory tree. */

#ifndef CAIRN_RMTREE_H
#define CAIRN_RMTREE_H

/* Removes name below dirfd, whatever it is, with all that is in it. Symbolic links are removed,
   never followed; a mount stays as it is, with what is in it (EBUSY). Goes on after an error, so
   that as much as possible is removed. Returns 0 (also when there was nothing), or -1 with errno of
   the first error. */
extern int rmtree_at(int dirfd, char const *name);

#endif
