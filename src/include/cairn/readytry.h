/* readytry: the tries of readycheck. */

#ifndef CAIRN_READYTRY_H
#define CAIRN_READYTRY_H

#include <regex.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include <cairn/readycheck.h>

#define READYTRY_TAIL 64

/* Where we are in a file of log: from there on its lines count. */
struct readycheck_log {
    regex_t regex;
    int fd; /* or -1: there is none yet */
    off_t offset;
    struct timespec mtime;
    char tail[READYTRY_TAIL]; /* the last bytes before offset: is it still the same file? */
    size_t ntail;
    unsigned int passed : 1; /* what was found stays found */
};

/* What is written to the files of log from now on counts. Returns 0, or -1 and *line is the check
   whose regular expression is not valid (NULL: errno says what is wrong). */
extern int readytry_begin(struct readycheck *, char const **line);

/* Looks at the files of log; waits for nothing. */
extern void readytry_logs(struct readycheck *);

/* Do all pass? May wait for a peer, so a process of its own calls it, which ignores SIGPIPE.
   Returns the number of checks, or the index of the first that does not pass. */
extern unsigned int readytry_all(struct readycheck const *);

/* Frees what readytry_begin made. */
extern void readytry_end(struct readycheck *);

#endif
