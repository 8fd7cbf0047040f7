/* goregexclass: what stands for one character of several in a regular expression: \d, \pL, and
   [...]. */

#ifndef CAIRN_GOREGEXCLASS_H
#define CAIRN_GOREGEXCLASS_H

#include <cairn/goregexset.h>
#include <cairn/goregextext.h>

/* Takes \d, \D, \s, \w, \pL, \p{Name}, \P, \p{^Name} into the set. Returns 1; -1 where none of
   them stands there, 0 with why. */
extern int goregexclass_escape(struct goregextext *in, struct goregexset *set);

/* Takes what stands in brackets, from [ to ]. Returns 1 with the set finished, 0 with why. */
extern int goregexclass_brackets(struct goregextext *in, struct goregexset *set);

#endif
