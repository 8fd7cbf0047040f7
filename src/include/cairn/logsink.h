/* logsink: where svlog's actions put lines: standard output, standard error, a status file or a
   log directory, each behind a buffer of its own. */

#ifndef CAIRN_LOGSINK_H
#define CAIRN_LOGSINK_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/logdir.h>
#include <cairn/logscript.h>

struct logsink {
    enum logscript_kind kind;
    char const *path;  /* of a status file */
    uint32_t pad;      /* bytes of a status file, 0: as many as the line has */
    struct logdir dir; /* of kind LOGSCRIPT_DIR */
    int fd;            /* 1 or 2; -1: closed for good after an error */
    int waits;         /* fd may block: ask poll first, and write little */
    int error;         /* that error, until it was reported */
    char *buf;
    size_t size, start, end; /* what is to be written is between start and end */
    size_t at;               /* for the caller that writes from a buffer of its own */
};

/* Reserves the buffer, of at least size bytes. Returns 0, or -1 with errno. */
extern int logsink_reserve(struct logsink *, size_t size);

/* Makes room for n bytes at buf + end, writing what is there if need be. Returns 1, or 0 if what is
   there cannot be written now. Allocates only for a line that is longer than the buffer. */
extern int logsink_room(struct logsink *, size_t n, int64_t now);

/* Writes what can be written of the n bytes at p, which are whole lines (as logdir_write). Returns
   how many were taken: all when the descriptor was closed for good. */
extern size_t logsink_write(struct logsink *, char const *p, size_t n, int64_t now);

/* Writes the buffer. Returns 1 if it is empty now. */
extern int logsink_flush(struct logsink *, int64_t now);

#endif
