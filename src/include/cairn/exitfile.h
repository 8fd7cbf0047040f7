/* exitfile: the files in which users' scripts leave the container's exit code.

   They are made beforehand (scripts read them, and some may only write to a file that exists), with
   a modification time of 0: any other time shows that somebody else wrote. */

#ifndef CAIRN_EXITFILE_H
#define CAIRN_EXITFILE_H

#define EXITFILE_V1     "env-stage3/S6_STAGE2_EXITED" /* below the state directory */
#define EXITFILE_V3_DIR "/run/s6-linux-init-container-results"
#define EXITFILE_V3     EXITFILE_V3_DIR "/exitcode"

/* Writes code and a newline to path below dirfd, unless somebody else has written there. With
   fresh, whatever was there is replaced. Returns 0, or -1 with errno. */
extern int exitfile_put(int dirfd, char const *path, int code, int fresh);

/* Did somebody else write to path below dirfd? Returns 1 and the code modulo 256 in *code, 0 if not
   (also when there is no such file), -1 with errno (EINVAL: not a decimal number). */
extern int exitfile_get(int dirfd, char const *path, int *code);

#endif
