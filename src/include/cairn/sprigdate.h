/* sprigdate: sprig's times and durations. A time is what now and toDate give, or seconds since the
   epoch; a duration is Go's ("1h30m"), or seconds. */

#ifndef CAIRN_SPRIGDATE_H
#define CAIRN_SPRIGDATE_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigdate_table(void);

#endif
