/* svorder: the services of a scan directory, and in which order they are to be started and stopped.

   A service directory may hold dependencies.d, with one (empty) file per service that it needs. It
   is started when those are there; at a stop, a service that others need gets its TERM when those
   are down. The catch-all logger, s6-svscan-log, is none of them. */

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

/* Does any of them wait until those that it needs are there (downfile)? */
extern int svorder_any_waiting(int statefd);

/* Is this entry of a scan directory a service, by its name? */
extern int svorder_is_name(char const *name);

struct svorder_node {
    size_t name;          /* offset into names */
    unsigned int needs;   /* how many others it needs, and so wait for its end */
    unsigned int blocked; /* how many services that need it are not down yet */
    unsigned int lacks;   /* how many that it needs are not there yet */
    unsigned int asked : 1;
    unsigned int down : 1;
    unsigned int begun : 1;
    unsigned int there : 1;
    unsigned int itself : 1; /* it says that it needs itself */
};

/* A name in the dependencies.d of node that no service has. */
struct svorder_unknown {
    unsigned int node;
    size_t name; /* offset into names */
};

struct svorder {
    stralloc names;
    genalloc nodes;   /* struct svorder_node */
    genalloc edges;   /* unsigned int pairs: who needs, who is needed */
    genalloc unknown; /* struct svorder_unknown */
};

#define SVORDER_ZERO                                                                               \
    {                                                                                              \
        .names = STRALLOC_ZERO, .nodes = GENALLOC_ZERO, .edges = GENALLOC_ZERO,                    \
        .unknown = GENALLOC_ZERO                                                                   \
    }

/* Builds the graph: all nodes, then what they need. Unknown names and needing oneself are noted
   and have no effect on the order. Return 0, or -1 with errno. */
extern int svorder_add(struct svorder *, char const *name);
extern int svorder_need(struct svorder *, unsigned int node, char const *needed);

/* Takes what node needs from NODE/dependencies.d below scanfd, if there is one. */
extern int svorder_load_needs(struct svorder *, int scanfd, unsigned int node);

/* Takes all services in scanfd, and what they need. */
extern int svorder_load(struct svorder *, int scanfd);
extern void svorder_free(struct svorder *);

/* Which node may be asked to end next: one that is neither asked nor needed by one that is not
   down. When none is and nobody who was asked is still up, the rest form a circle: then any of
   them. Returns its index, or -1. */
extern int svorder_next(struct svorder const *);
extern void svorder_asked(struct svorder *, unsigned int node);
extern void svorder_down(struct svorder *, unsigned int node);

/* Which node may be started next: one that has not begun and needs nobody who is not there. Returns
   its index, or -1. */
extern int svorder_startable(struct svorder const *);
extern void svorder_begun(struct svorder *, unsigned int node);

/* It is there, or (with there 0) is not any more; twice is once. */
extern void svorder_there(struct svorder *, unsigned int node, int there);

/* Appends to sa, with a NUL, a circle among the nodes that are not there: "a -> b -> a", a needing
   b, beginning with the first name of it in the alphabet. Returns 1, 0 if there is none, or -1 with
   errno. */
extern int svorder_circle(struct svorder const *, stralloc *sa);

/* The next node that node needs, *at being 0 at first, or -1. */
extern int svorder_needed(struct svorder const *, unsigned int node, size_t *at);

extern unsigned int svorder_count(struct svorder const *);
extern char const *svorder_name(struct svorder const *, unsigned int node);

/* The node of that name among the first n, or -1. */
extern int svorder_find(struct svorder const *, char const *name, unsigned int n);

#endif
