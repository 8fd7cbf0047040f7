/* argblock: a block of words in a command line, as execlineb passes it on: each word with one space
   before it, ended by an empty argument. The space may be missing, as in hand-written commands. */

#ifndef CAIRN_ARGBLOCK_H
#define CAIRN_ARGBLOCK_H

#include <stddef.h>

/* Counts the words of the block at argv, which a null pointer ends. Returns 0 and sets *n, argv[*n]
   then being the empty argument; or -1 if nothing ends the block. */
extern int argblock_size(char const *const *argv, size_t *n);

/* The word that a block's argument stands for: a part of it. */
extern char const *argblock_word(char const *arg);

#endif
