/* goregextext: the text of a regular expression while it is read: place, characters, escapes,
   faults. */

#ifndef CAIRN_GOREGEXTEXT_H
#define CAIRN_GOREGEXTEXT_H

#include <stddef.h>

#include <cairn/pool.h>

struct goregextext {
    char const *p;
    char const *begin;
    char const *end;
    struct pool *pool;
    char *why; /* GOREGEX_WHY bytes */
};

/* Sets why to: what: `text from..to`. Returns 0. */
extern int goregextext_fail(struct goregextext *in, char const *what, char const *from,
                            char const *to);

/* The same for memory. Returns 0. */
extern int goregextext_no_memory(struct goregextext *in);

/* The byte at p + ahead, or 0 where the text ends. */
extern char goregextext_peek(struct goregextext const *in, size_t ahead);

/* Takes the character at p, of which there is one. */
extern unsigned int goregextext_rune(struct goregextext *in);

/* Takes a character or the escape of one (\n \x7f \x{10ffff} \123 \.), of which the first byte is
   there. Returns 1 with *rune, or 0 with why. */
extern int goregextext_literal(struct goregextext *in, unsigned int *rune);

/* Steps over the letters, digits and _ (those of ASCII) from p up to end. Returns where others
   begin. */
extern char const *goregextext_word(char const *p, char const *end);

extern int goregextext_is_word(char c);

#endif
