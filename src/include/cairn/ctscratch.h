/* ctscratch: the scratch pad of a run of one of consul-template's templates: {{scratch.Set "a" 1}}.
 */

#ifndef CAIRN_CTSCRATCH_H
#define CAIRN_CTSCRATCH_H

#include <cairn/ctplain.h>

/* The function scratch; c's table has struct ctplain * as its data. The pad lives in the call's
   pool, which has to be that of the whole run. */
extern int ctscratch(struct tmplcall *c, struct tmplvalue *result);

#endif
