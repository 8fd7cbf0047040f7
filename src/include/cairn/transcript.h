/* transcript: the console lines of a boot and a stop.

   Lines are collected and written together. A stage program writes to its standard output and waits
   if it must; init must never wait for a reader of its output, so it uses a non-blocking
   description of its own, keeps what does not go out at once, and drops lines when the buffer is
   full. */

#ifndef CAIRN_TRANSCRIPT_H
#define CAIRN_TRANSCRIPT_H

#include <stddef.h>

#define TRANSCRIPT_SIZE 4096

/* How much is said: S6_VERBOSITY at least this. */
#define TRANSCRIPT_FATAL   0
#define TRANSCRIPT_FAILURE 1
#define TRANSCRIPT_NORMAL  2

struct transcript {
    int fd;
    int waits; /* fd may block: ask poll first */
    int json;  /* CAIRN_LOG=json: each line is an object, see say */
    unsigned int verbosity;
    size_t len;
    char buf[TRANSCRIPT_SIZE];
};

/* Lines go to fd, blocking. */
extern void transcript_init(struct transcript *, int fd, unsigned int verbosity);

/* Lines go to what fd is, without ever blocking: a pipe or a terminal is opened anew for that (the
   new descriptor is close-on-exec). Files are written as they are. Where it cannot be opened, poll
   is asked before each piece. */
extern void transcript_init_nonblocking(struct transcript *, int fd, unsigned int verbosity);

/* Adds the n strings of s, which make up whole lines, if level is said. */
extern void transcript_put(struct transcript *, unsigned int level, char const *const *s, size_t n);
#define transcript_say(t, level, ...)                                                              \
    transcript_put(t, level, (char const *const[]){__VA_ARGS__},                                   \
                   sizeof((char const *const[]){__VA_ARGS__}) / sizeof(char const *))

/* Writes what it can. Returns 0 when nothing is left, else -1 with errno (EAGAIN: try again when fd
   is writable). On any other error what was collected is dropped. */
extern int transcript_flush(struct transcript *);

#endif
