/* livesd: live service directories, made from those of the image.

   run and finish (also in log/) become symbolic links to the image's files, because the live
   directory may lie on a file system that may not be executed from. Everything else is copied with
   its type, mode and, where we may, owner: FIFOs too, which images bake to let other users control
   a service. Directories can be written to by their owner, whatever they were. */

#ifndef CAIRN_LIVESD_H
#define CAIRN_LIVESD_H

#include <stddef.h>

#include <cairn/downfile.h>

/* Copies the directory source (absolute path) to name below dirfd, the scan directory. A new one
   appears complete, by a rename. One that exists already is merged over: same names are
   replaced, but for those in supervise and event. The file down becomes what down says;
   DOWNFILE_USER: it is copied like the others.
   Returns 0, or -1 with errno; then culprit (size bytes) has the path of the file in question,
   and no new directory is left. */
extern int livesd_copy(char const *source, int dirfd, char const *name, enum downfile down,
                       char *culprit, size_t size);

/* A plain copy, run and finish included, that appears complete as name, which must not exist yet
   (EEXIST) nor begin with a dot. Otherwise as livesd_copy. */
extern int livesd_clone(char const *source, int dirfd, char const *name, char *culprit,
                        size_t size);

/* As livesd_copy; and logger, if not NULL, is what log/run holds of a service that has no log (see
   logprefix). */
extern int livesd_copy_logged(char const *source, int dirfd, char const *name, enum downfile down,
                              char const *logger, char *culprit, size_t size);

/* Could file below dirfd be started as a script? Looks at it and its interpreter as the kernel (or
   script_exec) would. Returns 0, or the errno that starting it would give. */
extern int livesd_startable(int dirfd, char const *file);

/* Which of notification-fd and lock-fd of the service directory dirfd keeps it from being started,
   because its number is out of range or that of the other? Returns its name, or NULL. */
extern char const *livesd_misfit(int dirfd);

#endif
