/* logline: finding and measuring lines in a buffer, fast. */

#ifndef CAIRN_LOGLINE_H
#define CAIRN_LOGLINE_H

#include <stddef.h>
#include <stdint.h>

/* A buffer of lines. Between start and complete are whole lines, each with its newline; between
   complete and end is the beginning of one. */
struct logline {
    char *buf;
    size_t size;  /* of the buffer without the slack */
    size_t limit; /* bytes of a line without its newline; 0: no limit */
    size_t start, complete, end;
};

/* Bytes that a buffer has to have beyond size for the newlines that cut long lines, and for
   logline_newline. */
#define LOGLINE_SLACK(size, limit) (((limit) ? (size) / (limit) : 0) + 20)

/* n bytes were put at end: moves end and complete, makes newlines of NULs, and cuts lines that are
   longer than the limit by a newline. */
extern void logline_add(struct logline *, size_t n);

/* A line that was begun is given its newline. */
extern void logline_finish(struct logline *);

/* Moves what is left to the start of the buffer. */
extern void logline_compact(struct logline *);

/* The first newline at or after p, which must be there, and readable 16 bytes beyond it. */
extern char const *logline_newline(char const *p);

/* p: n bytes of whole lines. How many of them go to a file of size bytes that is rotated at the
   first line end at which it has threshold bytes, and never has more than max, but for a single
   line that is longer? Returns 0 when the file is to be rotated first. */
extern size_t logline_fit(char const *p, size_t n, uint64_t size, uint64_t threshold, uint64_t max);

#endif
