/* svstatus: supervise/status, the 35 bytes that tell what a service is doing.

   Layout (big endian; format of s6 2.11, see doc/formats.md):
     0 12  TAI64N of the last change between up and down (at start: when the supervisor started)
    12 12  TAI64N of the last change of readiness (U or D)
    24  8  pid of run when up, of finish while finishing, 0 when down
    32  2  wait status of the last death of run, 0 if it never died
    34  1  flags: bit 0 paused, 1 finishing, 2 wanted up, 3 ready, 4 given up (ours: s6 looks at
           the others only)
   A service that was never started has pid 0, not finishing, paused set (s6 2.13.2). */

#ifndef CAIRN_SVSTATUS_H
#define CAIRN_SVSTATUS_H

#include <stdint.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#define SVSTATUS_SIZE 35
#define SVSTATUS_FILE "supervise/status"

struct svstatus {
    tain stamp;      /* wall clock */
    tain readystamp; /* wall clock */
    pid_t pid;
    uint16_t wstat;
    unsigned int paused : 1;
    unsigned int finishing : 1;
    unsigned int wantup : 1;
    unsigned int ready : 1;
    unsigned int givenup : 1; /* it is down for good because it keeps failing, not by request */
};

/* run is alive */
#define svstatus_is_up(s)            ((s)->pid && !(s)->finishing)
#define svstatus_is_never_started(s) (!(s)->pid && !(s)->finishing && (s)->paused)

/* Writes SVSTATUS_SIZE bytes to buf. */
extern void svstatus_pack(char *buf, struct svstatus const *);

/* Reads SVSTATUS_SIZE bytes from buf. */
extern void svstatus_unpack(char const *buf, struct svstatus *);

/* Reads SERVICEDIR/supervise/status, servicedir being relative to dirfd (AT_FDCWD: the working
   directory).
   Returns 0, or -1 with errno (EPROTO: the file has another size). */
extern int svstatus_read(int dirfd, char const *servicedir, struct svstatus *);

/* The same, file being the path of the status file itself. */
extern int svstatus_read_file(int dirfd, char const *file, struct svstatus *);

/* Replaces supervise/status below dirfd (the service directory) atomically, by status.new and
   rename, mode 0644 less the umask. Returns 0, or -1 with errno; then the old file stands. */
extern int svstatus_write(int dirfd, struct svstatus const *);

#endif
