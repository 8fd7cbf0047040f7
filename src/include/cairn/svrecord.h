/* svrecord: supervise/process, by which the next supervisor finds a living process of the service.

   A pid alone proves nothing, so the record says when the process was made: the kernel's start time
   (field 22 of /proc/PID/stat) lies between two readings of the same clock, one before the process
   was made and one by the process itself. It also names the boot and the directory, so that neither
   a record of another boot nor a copied directory can match.

   The record is the target of a symbolic link, which is never torn, takes one system call to write
   and one to read. No function here allocates. */

#ifndef CAIRN_SVRECORD_H
#define CAIRN_SVRECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SVRECORD_FILE "supervise/process"
#define SVRECORD_MAX  192             /* bytes of a record, with its final NUL */
#define SVRECORD_BOOT 36              /* characters of a boot id */
#define SVRECORD_ENV  "CAIRN_BOOT_ID" /* svscan tells supervise, which keeps it to itself */

struct svrecord {
    unsigned int finishing : 1; /* it is finish, else run */
    unsigned int killing : 1;   /* the timer of timeout-kill runs */
    pid_t pid;
    pid_t runpid;      /* the last run, finish's fourth argument */
    uint64_t earliest; /* start time, in the kernel's clock ticks since boot */
    uint64_t latest;
    uint64_t lock; /* inode of supervise/lock */
    uint64_t pipe; /* inode of the notification pipe, or 0 */
};
/* A record also has a boot id, a string of SVRECORD_BOOT characters: the same for all that is
   written, so it is kept apart. */

/* Writes the record as a string; returns its length. */
extern size_t svrecord_pack(char *buf, struct svrecord const *, char const *boot);

/* boot: of SVRECORD_BOOT + 1 bytes. Returns 0, or -1 with errno EPROTO: it is no record. */
extern int svrecord_unpack(char const *buf, size_t len, struct svrecord *, char *boot);

/* path: of the link, below dirfd. Returns 0, or -1 with errno (ENOENT: none; EPROTO). */
extern int svrecord_read(int dirfd, char const *path, struct svrecord *, char *boot);

/* Replaces the record of the service directory dirfd. first: there is none yet. Only makes system
   calls, so a child that borrows its parent's memory may call it. Returns 0, or -1 with errno. */
extern int svrecord_write(int dirfd, struct svrecord const *, char const *boot, int first);

/* The clock of start times. */
extern uint64_t svrecord_now(void);

/* Reads the boot id into a buffer of SVRECORD_BOOT + 1 bytes. Returns 0, or -1 with errno. */
extern int svrecord_boot(char *boot);

/* The id that svscan left in the environment, and takes it out of there; NULL if there is none. */
extern char const *svrecord_boot_from(char **env);

/* Is the recorded process alive? lock: inode of the lock beside the record. Returns a pidfd, which
   the caller closes, or -1: it is dead or another, or this cannot be found out (no /proc, no
   pidfd).
 */
extern int svrecord_pidfd(struct svrecord const *, char const *boot, uint64_t lock);

#endif
