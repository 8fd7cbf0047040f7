/* statedir: where the container's state lies.

   /run/s6 (services/ live scan directory, container_environment/, etc/, env-stage3/), also
   reachable as /var/run/s6, and its services as /run/service; booting, an empty file, is there
   until the boot stages are over. Where /run/s6 cannot be made and is not ours:
   $XDG_RUNTIME_DIR/cairn, /tmp/cairn-UID, /dev/shm/cairn-UID, mode 0700, owned by us, never through
   a symbolic link. See doc/design.md.

   The environment variable CAIRN_STATEDIR (an absolute path) names the one candidate there is. init
   sets it for all it starts when the state is not in /run/s6: the services' environment has no
   XDG_RUNTIME_DIR. */

#ifndef CAIRN_STATEDIR_H
#define CAIRN_STATEDIR_H

#include <stddef.h>

#define STATEDIR_MAX      256 /* bytes a state directory's path takes at most, with its NUL */
#define STATEDIR_PUBLIC   "/run/s6"
#define STATEDIR_VARIABLE "CAIRN_STATEDIR"
#define STATEDIR_BOOTING  "booting" /* a file of the state directory */

/* Finds the state directory in use: the first of the candidates above that holds a live boot (it
   contains container_environment or services) and, other than /run/s6, is owned by the caller or by
   root, is a directory and no symbolic link; if none does, the first with a boot that is over.
   Returns buf, or NULL with errno ENOENT when there is none. */
extern char *statedir_find(char *buf, size_t size);

/* Makes the state directory for a boot and returns its path in buf. What an earlier boot of ours
   left there is removed, anything else stays; /run/s6, if it is ours, is closed to others' writing.
   A directory whose init or svscan lives is somebody else's and is passed over. Only init calls it.
   Returns NULL with errno (of the first candidate) if none of the candidates can be had; then
   *tried names them all, separated by commas (static storage). */
extern char *statedir_make(char *buf, size_t size, char const **tried);

/* Did a boot have its state in the directory path, and is nobody left that listens there? */
extern int statedir_is_over(char const *path);

/* Maps the three public paths (/run/s6/..., /var/run/s6/..., /run/service/...) to the directory in
   use. Any other path, and every path that exists as it stands, is returned itself (the argument);
   else the mapped one in buf. Where CAIRN_STATEDIR names another directory the three are mapped
   even if they exist: they are those of a container around ours. */
extern char const *statedir_map(char const *path, char *buf, size_t size);

#endif
