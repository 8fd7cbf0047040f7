/* tomlscalar: strings, integers, floats and booleans of TOML. Dates are refused by name. */

#ifndef CAIRN_TOMLSCALAR_H
#define CAIRN_TOMLSCALAR_H

#include <cairn/tmplvalue.h>
#include <cairn/conftext.h>

/* A string of any of the four forms; the next byte is one of the quotes. */
extern int tomlscalar_string(struct conftext *in, struct tmplvalue *v);

/* A value that has no quotes, braces or brackets. Both return 1, or 0 having failed. */
extern int tomlscalar_word(struct conftext *in, struct tmplvalue *v);

#endif
