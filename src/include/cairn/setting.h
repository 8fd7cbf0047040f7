/* setting: the S6_* and CAIRN_* variables that users set for a container.

   init takes them from its environment only: the container environment it finds is that of an
   earlier boot. A stage program that is run alone, or by a script, may have none of them there:
   then the container environment directory is asked. */

#ifndef CAIRN_SETTING_H
#define CAIRN_SETTING_H

#include <stddef.h>

#include <skalibs/stralloc.h>

/* Returns the value of name from the environment, else from the container environment of the state
   directory in use (then in buf, cut at the first NUL), else NULL. */
extern char const *setting_get(char const *name, char *buf, size_t size);

/* The same for a value of any length; from the container environment it is in sa, emptied first. */
extern char const *setting_take(char const *name, stralloc *sa);

/* Reads a decimal number of at most max into *n. Unset or empty leaves *n as it is.
   Returns 1 if it was set, 0 if not, -1 if the value is junk (*n as it was). */
extern int setting_uint(char const *name, unsigned int *n, unsigned int max);

/* The same for yes and no: any number (0 is no), true, false, yes, no, on, off. */
extern int setting_bool(char const *name, unsigned int *n);

/* The same of a value that the caller has (NULL: unset). */
extern int setting_parse_uint(char const *value, unsigned int *n, unsigned int max);
extern int setting_parse_bool(char const *value, unsigned int *n);

#endif
