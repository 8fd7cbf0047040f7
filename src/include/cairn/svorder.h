/* svorder: the services of the live scan directory, and in which order they are to be stopped.

   A service directory may hold dependencies.d, with one (empty) file per service that it needs. At
   a stop, a service that others need gets its TERM when those are down. The catch-all logger,
   s6-svscan-log, is none of them. */

#ifndef CAIRN_SVORDER_H
#define CAIRN_SVORDER_H

#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

/* Is there a service directory in services/ below statefd? With wanted, one without a file "down"?
 */
extern int svorder_any_service(int statefd, int wanted);

/* Has any of them dependencies? */
extern int svorder_any_dependency(int statefd);

struct svorder_node {
    size_t name;          /* offset into names */
    unsigned int needs;   /* how many others it needs, and so wait for its end */
    unsigned int blocked; /* how many services that need it are not down yet */
    unsigned int asked : 1;
    unsigned int down : 1;
};

struct svorder {
    stralloc names;
    genalloc nodes; /* struct svorder_node */
    genalloc edges; /* unsigned int pairs: who needs, who is needed */
};

#define SVORDER_ZERO                                                                               \
    {                                                                                              \
        .names = STRALLOC_ZERO, .nodes = GENALLOC_ZERO, .edges = GENALLOC_ZERO                     \
    }

/* Builds the graph: a node, then what it needs. Unknown names and needing oneself are ignored when
   it is closed. Return 0, or -1 with errno. */
extern int svorder_add(struct svorder *, char const *name);
extern int svorder_need(struct svorder *, unsigned int node, char const *needed);
extern int svorder_load(struct svorder *, int scanfd);

/* Which node may be asked to end next: one that is neither asked nor needed by one that is not
   down. When none is and nobody who was asked is still up, the rest form a circle: then any of
   them. Returns its index, or -1. */
extern int svorder_next(struct svorder const *);
extern void svorder_asked(struct svorder *, unsigned int node);
extern void svorder_down(struct svorder *, unsigned int node);

extern char const *svorder_name(struct svorder const *, unsigned int node);

#endif
