/* startplan: which services a boot starts, which wait for others, and what speaks against it.

   Service directories come from several sources, later ones merged over earlier ones as
   services-up does it. Nothing is changed; what there is to say is kept as text. */

#ifndef CAIRN_STARTPLAN_H
#define CAIRN_STARTPLAN_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include <cairn/downfile.h>
#include <cairn/svorder.h>
#include <cairn/svswitch.h>

#define STARTPLAN_SOURCES 8 /* at most */

struct startplan_source {
    int fd;           /* of the directory with the service directories; negative: there is none */
    char const *path; /* for messages */
};

struct startplan_service {
    unsigned int sources; /* 1 << i for each that has it */
    unsigned int ordered; /* those where it has dependencies.d */
    enum svswitch_condition condition;
    enum svswitch_why why;
    enum downfile was;      /* the last of ours found in a source: a live directory has it */
    size_t line;            /* offset into text: the line of enable-if-env that fails, or "" */
    unsigned int down : 1;  /* a source has a file down that is not ours */
    unsigned int waits : 1; /* it is started when those it needs are there */
    unsigned int held : 1;  /* one that it needs, directly or not, is started by hand only */
};

enum startplan_weight {
    STARTPLAN_WARNING,
    STARTPLAN_STRICT, /* an error where S6_BEHAVIOUR_IF_STAGE2_FAILS is 2 */
    STARTPLAN_REFUSAL /* there is no boot with this */
};

struct startplan_remark {
    enum startplan_weight weight;
    size_t text; /* offset into text */
};

struct startplan {
    struct svorder order; /* its nodes are the services */
    genalloc services;    /* struct startplan_service, by node */
    genalloc remarks;     /* struct startplan_remark */
    stralloc text;
};

#define STARTPLAN_ZERO                                                                             \
    {                                                                                              \
        .order = SVORDER_ZERO, .services = GENALLOC_ZERO, .remarks = GENALLOC_ZERO,                \
        .text = STRALLOC_ZERO                                                                      \
    }

/* Reads n sources (STARTPLAN_SOURCES at most). disable and enable are the lists of the two
   variables, or NULL; env is where enable-if-env looks. Returns 0, or -1 with errno; then *culprit
   is the path of a source, or "". */
extern int startplan_make(struct startplan *, struct startplan_source const *sources,
                          unsigned int n, char const *disable, char const *enable,
                          struct svswitch_env const *env, char const **culprit);

extern struct startplan_service *startplan_service(struct startplan const *, unsigned int node);

/* Which file down its live directory is to get; DOWNFILE_USER: what the sources have is right. */
extern enum downfile startplan_down(struct startplan_service const *);

/* The i-th remark, refusals being the first: returns its text, or NULL when there are no more. */
extern char const *startplan_remark(struct startplan const *, unsigned int i,
                                    enum startplan_weight *);

extern void startplan_free(struct startplan *);

#endif
