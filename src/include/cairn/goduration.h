/* goduration: durations as Go's time.ParseDuration reads them: "1h30m", "1.5s", "-250ms", "0". */

#ifndef CAIRN_GODURATION_H
#define CAIRN_GODURATION_H

#include <stddef.h>
#include <stdint.h>

/* Reads the n bytes at s: signs, and numbers with units h, m, s, ms, us (or with a micro sign), ns.
   Sets *ns, nanoseconds, and returns 1; 0 if it is none, or too long for 64 bits. */
extern int goduration_parse(char const *s, size_t n, int64_t *ns);

#endif
