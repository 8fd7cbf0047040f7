/* ctdep: what a template of consul-template depends on: an answer of Consul's agent, or a file. */

#ifndef CAIRN_CTDEP_H
#define CAIRN_CTDEP_H

#include <stddef.h>

#include <cairn/pool.h>

enum ctdep_kind {
    CTDEP_BLOCK, /* a key that is waited for */
    CTDEP_GET,   /* a key that need not be there */
    CTDEP_LIST,  /* all keys below one */
    CTDEP_SERVICE,
    CTDEP_CONNECT,
    CTDEP_SERVICES,
    CTDEP_NODE,
    CTDEP_NODES,
    CTDEP_DATACENTERS,
    CTDEP_SELF,
    CTDEP_ROOTS,
    CTDEP_LEAF,
    CTDEP_FILE,
};

/* Which instances of a service count. */
enum {
    CTDEP_PASSING = 1,
    CTDEP_WARNING = 2,
    CTDEP_CRITICAL = 4,
    CTDEP_MAINTENANCE = 8,
    CTDEP_ANY = 15,
};

struct ctdep {
    enum ctdep_kind kind;
    char const *name;    /* as consul-template names it: "health.service(web|passing)" */
    char const *path;    /* what the agent is asked: "/v1/health/service/web?passing=1"; of a file,
                            where it lies */
    char const *prefix;  /* of LIST: what the keys begin with */
    unsigned int filter; /* of SERVICE and CONNECT */
    int is_near;         /* the agent's order counts */
};

enum { CTDEP_WHY = 256 };

/* Reads the words that a template gives: for SERVICE and CONNECT "[tag.]name[@dc][~near]" and, in
   the same word behind a |, or in those after it, filters; for keys "[/]key[@dc]"; for NODE
   "name[@dc]"; for NODES "[@dc][~near]"; for SERVICES "[@dc]"; for LEAF and FILE a name; none for
   the others. What *d refers to lives in the pool. Returns 1, or 0 with the reason in why. */
extern int ctdep_read(struct ctdep *d, enum ctdep_kind kind, char const *const *word, size_t words,
                      struct pool *p, char why[CTDEP_WHY]);

/* Copies it into the pool. Returns 1, or 0 with errno as pool_get. */
extern int ctdep_copy(struct ctdep *to, struct ctdep const *d, struct pool *p);

#endif
