/* goquote: text as Go's strconv quotes it. */

#ifndef CAIRN_GOQUOTE_H
#define CAIRN_GOQUOTE_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Is it a letter, mark, number, punctuation, symbol or the blank? By Unicode 13, as in Go 1.19; but
   code points without a character in the small gaps between those that have one pass, too. */
extern int goquote_is_printable(unsigned int rune);

/* Could the text stand between backquotes, as it is? */
extern int goquote_is_raw(char const *s, size_t n);

/* Append the n bytes at s in double quotes, or the character in single ones: printable UTF-8 as it
   is (with is_ascii only what is ASCII), the rest as \n, \x01, \u00a0, \U0001f600, and bytes that
   are no UTF-8 as \xff. They return 1, or 0 with errno: ENOMEM, or EDQUOT where out would grow
   beyond max bytes. */
extern int goquote_string(stralloc *out, size_t max, char const *s, size_t n, int is_ascii);
extern int goquote_rune(stralloc *out, size_t max, unsigned int rune, int is_ascii);

#endif
