/* goregexprog: the tree of a regular expression as a program, whose steps the matcher follows all
   at once. */

#ifndef CAIRN_GOREGEXPROG_H
#define CAIRN_GOREGEXPROG_H

#include <stddef.h>

#include <cairn/goregexparse.h>

enum goregexstep_kind {
    GOREGEXSTEP_SET,   /* takes a character that is in the set */
    GOREGEXSTEP_AT,    /* goes on at a place of that kind */
    GOREGEXSTEP_FORK,  /* goes on at next, and with less preference at u.other */
    GOREGEXSTEP_MARK,  /* notes the place as number u.mark */
    GOREGEXSTEP_MATCH, /* the end */
};

struct goregexstep {
    enum goregexstep_kind kind;
    unsigned int next;
    union {
        struct goregexset const *set;
        enum goregex_place place;
        unsigned int other;
        size_t mark;
    } u;
};

struct goregexprog {
    struct goregexstep *step; /* the first is the match */
    unsigned int n;
    unsigned int start;
};

/* Returns 1, or 0 with why. */
extern int goregexprog_make(struct goregexprog *, struct goregextree const *, struct pool *,
                            char why[GOREGEX_WHY]);

#endif
