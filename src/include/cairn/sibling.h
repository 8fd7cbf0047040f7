/* sibling: where the other programs of the suite lie.

   They lie together in one directory, compiled in (configure --bindir). The environment variable
   CAIRN_BINDIR overrides it, for a tree that was moved and for tests. */

#ifndef CAIRN_SIBLING_H
#define CAIRN_SIBLING_H

#include <stddef.h>

/* Writes "BINDIR/name" with its final NUL to buf (size bytes).
   Returns buf, or NULL with errno ENAMETOOLONG. */
extern char *sibling_path(char *buf, size_t size, char const *name);

#endif
