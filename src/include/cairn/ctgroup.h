/* ctgroup: functions of consul-template's templates that make maps: of lists of services (byTag,
   byMeta, byPort), of lists of keys (byKey, explode), of maps and text (explodeMap, mergeMap,
   mergeMapWithOverride, splitToMap). */

#ifndef CAIRN_CTGROUP_H
#define CAIRN_CTGROUP_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table ctgroup_table(void);

#endif
