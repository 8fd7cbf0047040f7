/* readycheck: when is a service ready? The words of the file ready-check, and of notifyoncheck -r.

   tcp [HOST:]PORT: a connection is accepted (HOST: an address, or localhost; default 127.0.0.1).

   unix PATH: the same of a stream socket.

   file PATH: it exists.

   http URL [STATUS]: GET gives this status: 200, or 200-299; default 200-399.

   log FILE REGEX: since the start, a line was written to FILE that the extended REGEX finds.

   cmd COMMAND: /bin/sh -c COMMAND exits 0.

   every MS, within MS, after MS: the pause between two tries (1000; at least 1); give up after (0:
   never); the pause before the first (0).

   One a line; empty lines and those that begin with # do not count. All checks have to pass. */

#ifndef CAIRN_READYCHECK_H
#define CAIRN_READYCHECK_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/netaddr.h>

#define READYCHECK_MAX   16   /* checks */
#define READYCHECK_BYTES 4096 /* of all of them */

enum readycheck_kind {
    READYCHECK_TCP,
    READYCHECK_UNIX,
    READYCHECK_FILE,
    READYCHECK_HTTP,
    READYCHECK_LOG,
    READYCHECK_CMD
};

struct readycheck_one {
    enum readycheck_kind kind;
    char const *line;    /* as it was written */
    char const *operand; /* PATH, FILE, COMMAND, or what to GET */
    char const *regex;   /* LOG */
    char const *host;    /* HTTP: for the header */
    struct netaddr addr; /* TCP, HTTP */
    uint16_t port;
    unsigned int least, most;   /* HTTP: the status */
    struct readycheck_log *log; /* LOG: see readytry.h */
};

struct readycheck {
    unsigned int every, within, after; /* ms */
    unsigned int n;
    struct readycheck_one list[READYCHECK_MAX];
    size_t used;
    char text[READYCHECK_BYTES];
};

extern void readycheck_init(struct readycheck *);

/* Takes a line, len bytes without newline. Returns 0, or -1 and *why says what is wrong and what is
   allowed (static storage). */
extern int readycheck_line(struct readycheck *, char const *line, size_t len, char const **why);

/* Takes all lines of the file path below dirfd. Returns 0, or -1: then *number is the line (0: the
   file as a whole, with errno if *why is NULL). */
extern int readycheck_file(struct readycheck *, int dirfd, char const *path, unsigned int *number,
                           char const **why);

#endif
