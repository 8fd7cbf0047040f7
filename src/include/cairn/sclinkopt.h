/* sclinkopt: the options that svlink, svunlink, instance-create and instance-delete have in common.
 */

#ifndef CAIRN_SCLINKOPT_H
#define CAIRN_SCLINKOPT_H

#include <cairn/sclink.h>

#define SCLINKOPT_ADD    "dDfPt:"
#define SCLINKOPT_REMOVE "Xt:"

/* Reads the options in front of at least two operands. set: one of the above. Returns where the
   operands begin, or -1: wrong usage. */
extern int sclinkopt(struct sclink *, int argc, char const *const *argv, char const *set);

#endif
