/* tomltext: a TOML text and a place in it. Bounded: what looks further than the end finds 0, which
   a text never has once it has been checked. */

#ifndef CAIRN_TOMLTEXT_H
#define CAIRN_TOMLTEXT_H

#include <stddef.h>

#include <cairn/pool.h>

enum { TOMLTEXT_WHY = 256 };

struct tomltext {
    char const *s;
    char const *p; /* what is read next */
    char const *end;
    struct pool *pool; /* for what is made of it */
    char const *at;    /* the mistake */
    char *why;         /* TOMLTEXT_WHY bytes */
};

/* Sets at and why, returns 0. */
extern int tomltext_fail(struct tomltext *in, char const *at, char const *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for what pool_get refused. */
extern int tomltext_no_memory(struct tomltext *in);

/* The number of a line, from 1. */
extern unsigned int tomltext_line(struct tomltext const *in, char const *at);

/* How much of n bytes of the text a message shows: whole characters. */
extern int tomltext_shown(char const *s, size_t n);

/* Whether all of it is UTF-8, without control characters but tab and newline, and with carriage
   returns only before newlines: these are blanks then. Returns 1, or 0 having failed. */
extern int tomltext_check(struct tomltext *in);

/* The next byte, or 0 at the end. */
extern char tomltext_peek(struct tomltext const *in);

/* Whether these bytes are next. */
extern int tomltext_is_at(struct tomltext const *in, char const *word);

/* Skips blanks; these and a comment; these and newlines. */
extern void tomltext_blanks(struct tomltext *in);
extern void tomltext_comment(struct tomltext *in);
extern void tomltext_lines(struct tomltext *in);

#endif
