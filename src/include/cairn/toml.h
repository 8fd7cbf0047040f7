/* toml: the TOML that configuration files of confd use, as a value: strings of all four forms,
   integers, floats, booleans, arrays, inline tables, tables, arrays of tables, dotted and quoted
   keys, comments. Dates are refused by name. */

#ifndef CAIRN_TOML_H
#define CAIRN_TOML_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum { TOML_WHY = 256 };

/* Reads the len bytes at s into *v, a map, in the pool. Returns 1, or 0 with *line (from 1) and
 *column (bytes, from 1), and the reason in why. Nesting is bounded. */
extern int toml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                     unsigned int *line, unsigned int *column, char why[TOML_WHY]);

#endif
