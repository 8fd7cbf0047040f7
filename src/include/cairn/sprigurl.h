/* sprigurl: sprig's addresses and versions: urlParse, urlJoin, semver, semverCompare. */

#ifndef CAIRN_SPRIGURL_H
#define CAIRN_SPRIGURL_H

#include <cairn/tmplfunc.h>

extern struct tmplfunc_table sprigurl_table(void);

#endif
