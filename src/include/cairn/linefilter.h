/* linefilter: standard input to standard output, with something done to the head of each line.

   Input is read as it comes, up to LINEFILTER_IN bytes, and what it made of all complete lines is
   written before the next read: a line that comes alone goes out at once, many go out together. A
   line is held until it is complete; one longer than the buffer goes on in pieces. Nothing is
   allocated. */

#ifndef CAIRN_LINEFILTER_H
#define CAIRN_LINEFILTER_H

#include <stddef.h>

#define LINEFILTER_IN  65536 /* bytes; a head function sees at least this much of a longer line */
#define LINEFILTER_OUT 131072

struct linefilter {
    unsigned int nul_ends : 1;   /* NUL ends a line too, and becomes a newline */
    unsigned int terminates : 1; /* a last line without a newline gets one */
    void *data;                  /* for head */

    /* Puts what goes before the rest of the line (len bytes, without its end) and returns how many
       bytes of the line it stands for. */
    size_t (*head)(struct linefilter *, char const *line, size_t len);

    int error; /* errno of a write that failed: nothing is written any more */
    size_t outlen;
};

/* Adds s to the output; for head. */
extern void linefilter_put(struct linefilter *, char const *s, size_t len);

/* Filters descriptor 0 to 1 until the end of the input. Descriptors that do not block are waited
   for. There is one set of buffers for the process. Returns 0, or -1 with errno; then *what is
   "read standard input" or "write to standard output". */
extern int linefilter_run(struct linefilter *, char const **what);

#endif
