/* svtally: supervise/death_tally, the last deaths of a service.

   14-byte records, oldest first: TAI64N of the death (12), exit code or 128 + signal (1), signal
   or 0 (1). Format of s6 2.7.1 and later. */

#ifndef CAIRN_SVTALLY_H
#define CAIRN_SVTALLY_H

#include <stddef.h>
#include <sys/types.h>

#include <skalibs/tai.h>

#define SVTALLY_RECORD 14
#define SVTALLY_MAX    4096 /* records */
#define SVTALLY_FILE   "supervise/death_tally"

struct svdeath {
    tain stamp; /* wall clock */
    unsigned char exitcode;
    unsigned char sig;
};

extern void svtally_pack(char *buf, struct svdeath const *);
extern void svtally_unpack(char const *buf, struct svdeath *);

/* The record of a death with wait status wstat. */
extern void svdeath_from_wstat(struct svdeath *, tain const *stamp, int wstat);

/* Reads at most max records, the newest ones, from servicedir/supervise/death_tally below dirfd,
   oldest first.
   Returns their number, or -1 with errno (EPROTO: the size is no multiple of 14). */
extern ssize_t svtally_read(int dirfd, char const *servicedir, struct svdeath *deaths, size_t max);

/* Reads the death that has back newer ones behind it (0: the newest). Returns 1, 0 if there are not
   so many, or -1 with errno. */
extern int svtally_read_back(int dirfd, char const *servicedir, size_t back, struct svdeath *);

/* Appends a record below dirfd (the service directory), keeping at most max (1..SVTALLY_MAX).
   Readers see all of it or nothing: one write behind the others, or, when the oldest has to go, a
   new file in place of the old one. A corrupt or absent file counts as empty. No allocation.
   Returns 0, or -1 with errno. */
extern int svtally_append(int dirfd, struct svdeath const *, unsigned int max);

/* Makes the file empty. Returns 0, or -1 with errno. */
extern int svtally_clear(int dirfd);

#endif
