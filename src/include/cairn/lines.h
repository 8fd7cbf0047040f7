/* lines: reads a text file line by line through a buffer of fixed size.

   Lines longer than LINES_MAX are passed over and counted, never cut. */

#ifndef CAIRN_LINES_H
#define CAIRN_LINES_H

#include <stddef.h>

#define LINES_MAX 4095 /* bytes, without the newline */

struct lines {
    int fd;
    int skipping;         /* inside a line that is too long */
    unsigned int number;  /* of the line last returned, from 1 */
    unsigned int skipped; /* lines that were too long */
    size_t pos;
    size_t len;
    char buf[LINES_MAX + 2];
};

/* Opens the file. Returns 0, or -1 with errno. */
extern int lines_open(struct lines *, char const *path);

/* Reads from fd, which lines_close closes. */
extern void lines_init(struct lines *, int fd);

/* Sets *line to the next line, without its newline and NUL-terminated, valid until the next call
   and free to be written to. An unterminated last line counts. Returns 1, 0 at the end, -1 with
   errno. */
extern int lines_next(struct lines *, char **line);

/* Cuts the next word (what stands between blanks) off *s, and moves *s behind it. Returns it,
   NUL-terminated, or NULL. */
extern char *lines_word(char **s);

/* errno is kept. */
extern void lines_close(struct lines *);

#endif
