/* ctanswer: the answers of Consul's agent as values of templates. */

#ifndef CAIRN_CTANSWER_H
#define CAIRN_CTANSWER_H

#include <stddef.h>

#include <cairn/ctdep.h>
#include <cairn/tmplvalue.h>

enum { CTANSWER_WHY = 320 };

/* Reads the n bytes that the agent has given with this status (200, or 404 with n 0) for d, into
   *v, in the pool. *has is 0 where that is no data: a key that is waited for, and is not there.
   Returns 1, or 0 with the reason in why. */
extern int ctanswer_read(struct ctdep const *d, unsigned int status, char const *s, size_t n,
                         struct pool *p, struct tmplvalue *v, int *has, char why[CTANSWER_WHY]);

#endif
