/* ctbrain: what is known of what templates depend on. */

#ifndef CAIRN_CTBRAIN_H
#define CAIRN_CTBRAIN_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/ctdep.h>
#include <cairn/tmplvalue.h>

/* One dependency. It stays where it is until it is dropped. */
struct ctentry {
    struct ctdep dep;
    uint64_t id;       /* each once, from 1 */
    struct pool names; /* dep's words */
    struct pool pool;  /* the value's */
    struct tmplvalue value;
    int has;             /* is there a value? */
    int is_asked;        /* by the caller: somebody brings its value */
    int is_told;         /* by the caller: that there is none yet was said */
    unsigned long users; /* by the caller */
};

struct ctbrain {
    struct ctentry **entry; /* in the order of names */
    size_t n;
    size_t room;
    uint64_t last_id;
};

#define CTBRAIN_ZERO                                                                               \
    {                                                                                              \
        .entry = NULL                                                                              \
    }

/* The dependency of that name, made if it is not there. NULL with errno: ENOMEM. */
extern struct ctentry *ctbrain_get(struct ctbrain *b, struct ctdep const *d);

/* The one of that number, or NULL. */
extern struct ctentry *ctbrain_of(struct ctbrain const *b, uint64_t id);

/* Gives it the value v, whose memory is *p; what was before is given back. p is empty then. */
extern void ctbrain_set(struct ctentry *e, struct tmplvalue const *v, struct pool *p);

/* Forgets it. */
extern void ctbrain_drop(struct ctbrain *b, struct ctentry *e);

/* Forgets all. */
extern void ctbrain_free(struct ctbrain *b);

#endif
