/* runecase: capital and small letters, without a locale: those of the Latin, Greek and Cyrillic
   alphabets of today. Letters of other scripts, and those whose other form has another length in
   UTF-8, stay as they are. */

#ifndef CAIRN_RUNECASE_H
#define CAIRN_RUNECASE_H

#include <stddef.h>

extern unsigned int runecase_upper(unsigned int rune);
extern unsigned int runecase_lower(unsigned int rune);

/* Writes the n bytes at s with every letter changed by change to buf, which has room for n bytes.
   What is no UTF-8 stays. */
extern void runecase_text(char *buf, char const *s, size_t n, unsigned int (*change)(unsigned int));

#endif
