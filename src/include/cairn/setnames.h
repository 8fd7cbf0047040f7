/* setnames: the names of the S6_* variables, to tell a slip of the pen, or a setting of s6-overlay
   v3 that does nothing here, from one that works. */

#ifndef CAIRN_SETNAMES_H
#define CAIRN_SETNAMES_H

#include <stddef.h>

/* The setting that name, which is none, is a slip of the pen for (nearest), or NULL. */
extern char const *setnames_nearest(char const *name);

/* Writes to buf the names in envp that begin with S6_ and mean nothing to us, separated by commas,
   each with the nearest that does, as many as fit whole. Left out are those that say what an image
   was built with (S6_OVERLAY_...) and those of v3 that lift a limit which we do not have. Returns
   how many names there are. */
extern unsigned int setnames_unknown(char *buf, size_t size, char const *const *envp);

#endif
