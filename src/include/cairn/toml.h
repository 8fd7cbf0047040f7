/* toml: the TOML that configuration files of confd use, as a value: strings of all four forms,
   integers, floats, booleans, arrays, inline tables, tables, arrays of tables, dotted and quoted
   keys, comments. Dates are refused by name. */

#ifndef CAIRN_TOML_H
#define CAIRN_TOML_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum { TOML_WHY = 256 };

/* Reads the len bytes at s into *v, a map, in the pool; the text need not outlive the call. Returns
   1, or 0 with *line (from 1) and *column (bytes, from 1), and the reason, with the remedy where
   there is one, in why. Nesting (64) and size (16 MiB) are bounded. A byte order mark is skipped,
   and CR LF in strings of several lines is LF. */
extern int toml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                     unsigned int *line, unsigned int *column, char why[TOML_WHY]);

#endif
