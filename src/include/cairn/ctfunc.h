/* ctfunc: the functions of consul-template's templates that look into Consul, or into a file. */

#ifndef CAIRN_CTFUNC_H
#define CAIRN_CTFUNC_H

#include <stddef.h>

#include <cairn/ctbrain.h>
#include <cairn/tmplfunc.h>

/* What one run of a template has asked for. */
struct ctrun {
    struct ctbrain *brain;
    struct ctentry **used; /* each once, in the order of asking */
    size_t n;
    size_t room;
    size_t missing;      /* how many of them are without a value */
    char const *sandbox; /* file only below it; NULL: anywhere */
};

/* Begins a run. used is kept for the next. */
extern void ctrun_begin(struct ctrun *r);

extern void ctrun_free(struct ctrun *r);

/* The table: caLeaf, caRoots, connect, datacenters, file, key, keyExists, keyOrDefault, ls, node,
   nodes, safeLs, safeTree, service, services, tree. */
extern struct tmplfunc_table ctfunc_table(struct ctrun *r);

#endif
