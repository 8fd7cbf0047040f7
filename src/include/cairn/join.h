/* join: several strings as one, in a buffer.

   What snprintf with nothing but %s does. In a static program that is 15 kB of code for numbers
   and locales. */

#ifndef CAIRN_JOIN_H
#define CAIRN_JOIN_H

#include <stddef.h>

/* join(buf, size, "a", "b"): writes "ab", cut off at size - 1 bytes, and the NUL; size is not 0.
   Returns the length that was wanted: size or more means that it was cut off. No string may lie in
   buf. */
#define join(buf, size, ...)                                                                       \
    join_strings(buf, size, (char const *const[]){__VA_ARGS__, (char const *)0})

extern size_t join_strings(char *buf, size_t size, char const *const *strings);

#endif
