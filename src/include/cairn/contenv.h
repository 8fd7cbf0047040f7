/* contenv: the container environment, a directory with one file per variable.

   Written as value + newline, read whole less exactly one final newline: lossless, and what `printf` or `echo` wrote
   reads the same. A file of zero bytes means unset. Names that begin with a dot or contain '=' are skipped. NUL bytes
   end a value. Directory 0755, files 0644. */

#ifndef CAIRN_CONTENV_H
#define CAIRN_CONTENV_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#define CONTENV_DIR "container_environment" /* below the state directory */

/* Reads the directory path: appends NAME=VALUE NUL for each variable set to sa, sorted by name, and counts them in *n.
   Entries that are no regular files are skipped and reported by warn (NULL: silently).
   Returns 0, or -1 with errno; then *culprit (if not NULL) names the file, or is empty for the directory itself. */
extern int contenv_read(char const *path, stralloc *sa, size_t *n, void (*warn)(char const *name, char const *why),
                        char const **culprit);

/* Writes one variable atomically (a dot-name, then rename). value NULL removes it.
   Returns 0, or -1 with errno (EINVAL: name is empty, begins with a dot or contains '=' or '/'). */
extern int contenv_set(char const *path, char const *name, char const *value, size_t len);

/* Makes path anew (only what is ours there is removed) and writes all variables of envp (NAME=VALUE) to it.
   Returns 0, or -1 with errno. */
extern int contenv_dump(char const *path, char const *const *envp);

#endif
