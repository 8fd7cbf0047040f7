/* contenv: the container environment, a directory with one file per variable.

   Written as value + newline, read whole less exactly one final newline: lossless, and what
   `printf` or `echo` wrote reads the same. A file of zero bytes means unset. Names that begin with
   a dot or contain '=' are skipped. A NUL byte ends a value. Directory 0755, files 0644, but for
   values that came from files which not everybody may read (filevars). */

#ifndef CAIRN_CONTENV_H
#define CAIRN_CONTENV_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#define CONTENV_DIR "container_environment" /* below the state directory */

/* Reads the directory path: appends NAME=VALUE NUL for each variable to sa, sorted by name, and
   counts them in *n. Entries that are neither regular files nor links to such are skipped and
   reported by warn (NULL: silently); with warn, so are files that we may not read (see filevars). A
   file that disappears meanwhile is no error.
   Returns 0, or -1 with errno (E2BIG: no program could be started with this variable); then sa and
   *n are what they were, and *culprit (if not NULL) names the file, or is empty for the directory
   itself. It points behind the contents of sa: valid until sa is changed or freed. */
extern int contenv_read(char const *path, stralloc *sa, size_t *n,
                        void (*warn)(char const *name, char const *why), char const **culprit);

/* Reads the one variable name: appends its value and a NUL to sa. Other files do not matter.
   Returns 1, 0 if it is not set (or cannot be: a bad name, no regular file), or -1 with errno
   (ENOENT, ENOTDIR: there is no such directory). */
extern int contenv_value(char const *path, char const *name, stralloc *sa);

/* Writes one variable atomically (a dot-name, then rename), mode 0644 whatever the umask. value
   NULL removes it, also if it was not there. Returns 0, or -1 with errno (EINVAL: name is empty,
   begins with a dot or contains '=' or '/'; E2BIG: no program could be started with it). */
extern int contenv_set(char const *path, char const *name, char const *value, size_t len);

/* Makes path anew, mode 0755, and writes all variables of envp (NAME=VALUE) to it; the first of
   several of one name counts, as for getenv. What path held before is removed, symbolic links
   (path itself too) are never followed. guard, if not NULL, may change modes and owners before
   others can look into the directory; it returns -1 with errno if it fails.
   Returns the number of variables left out because their names cannot be file names here (empty,
   initial dot, '/', too long), or -1 with errno. */
extern int contenv_dump(char const *path, char const *const *envp,
                        int (*guard)(int dirfd, void const *data), void const *data);

/* Finds the container environment of the boot in use: that of the state directory, else
   /var/run/s6/container_environment, where a foreign init may have put it (not if CAIRN_STATEDIR
   says where the state is). Returns its path in buf, or NULL with errno ENOENT. */
extern char *contenv_locate(char *buf, size_t size);

/* Does S6_KEEP_ENV say that processes keep the environment they have? Any value but none, 0, false,
   no or off does. */
extern int contenv_is_kept(void);

/* Finds NAME's value in what contenv_read left: n strings at s. Returns it, or NULL. */
extern char const *contenv_get(char const *s, size_t n, char const *name);

#endif
