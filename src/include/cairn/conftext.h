/* conftext: the text of a configuration file (TOML, HCL) and a place in it. Bounded: what looks
   further than the end finds 0, which a text never has once it has been checked. */

#ifndef CAIRN_CONFTEXT_H
#define CAIRN_CONFTEXT_H

#include <stddef.h>

#include <cairn/pool.h>

enum { CONFTEXT_WHY = 256 };

struct conftext {
    char const *s;
    char const *p; /* what is read next */
    char const *end;
    struct pool *pool;   /* for what is made of it */
    char const *at;      /* the mistake */
    char *why;           /* CONFTEXT_WHY bytes */
    char const *counted; /* up to where conftext_line has counted; NULL: nowhere yet */
    unsigned int lines;  /* line ends before it */
};

/* Sets at and why, returns 0. */
extern int conftext_fail(struct conftext *in, char const *at, char const *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for what pool_get refused. */
extern int conftext_no_memory(struct conftext *in);

/* The number of a line, from 1. Asked in the order of the text, all of it takes one pass. */
extern unsigned int conftext_line(struct conftext *in, char const *at);

/* How much of n bytes of the text a message shows: whole characters. */
extern int conftext_shown(char const *s, size_t n);

/* Whether all of it is UTF-8, without control characters but tab and newline, and with carriage
   returns only before newlines: these are blanks then. Returns 1, or 0 having failed. */
extern int conftext_check(struct conftext *in);

/* The next byte, or 0 at the end. */
extern char conftext_peek(struct conftext const *in);

/* Whether these bytes are next. */
extern int conftext_is_at(struct conftext const *in, char const *word);

/* Skips blanks; these and a comment; these and newlines. */
extern void conftext_blanks(struct conftext *in);
extern void conftext_comment(struct conftext *in);
extern void conftext_lines(struct conftext *in);

/* The value of a hexadecimal digit, or -1. */
extern int conftext_hex(char c);

/* Reads the n hexadecimal digits of \u or \U, which s points to and stop is behind, and writes the
   character to *to, which it moves. Returns what follows, or NULL having failed. */
extern char const *conftext_unicode(struct conftext *in, char const *s, char const *stop, size_t n,
                                    char **to);

/* Where the mistake is: line and column (bytes), from 1. */
extern void conftext_place(struct conftext *in, unsigned int *line, unsigned int *column);

#endif
