/* makedir: directories that may be there already. */

#ifndef CAIRN_MAKEDIR_H
#define CAIRN_MAKEDIR_H

#include <sys/types.h>

#define MAKEDIR_MAX 4096 /* bytes of a path, with its NUL */

/* mkdir of what may be there already, whatever it is. Returns 1 if it is new, 0 if it was there, -1
   with errno. */
extern int makedir(char const *dir, mode_t mode);

/* The same for all directories above path. Returns 0, or -1 with errno. */
extern int makedir_parents(char const *path, mode_t mode);

#endif
