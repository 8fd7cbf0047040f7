/* goregexparse: the text of a regular expression as a tree. */

#ifndef CAIRN_GOREGEXPARSE_H
#define CAIRN_GOREGEXPARSE_H

#include <stddef.h>

#include <cairn/goregex.h>
#include <cairn/goregexset.h>

enum goregexnode_kind {
    GOREGEXNODE_EMPTY,
    GOREGEXNODE_SET, /* one character */
    GOREGEXNODE_AT,  /* a place */
    GOREGEXNODE_CHAIN,
    GOREGEXNODE_CHOICE,
    GOREGEXNODE_REPEAT,
    GOREGEXNODE_GROUP,
};

enum goregex_place {
    GOREGEX_TEXT_BEGIN,
    GOREGEX_TEXT_END,
    GOREGEX_LINE_BEGIN,
    GOREGEX_LINE_END,
    GOREGEX_BORDER, /* of a word */
    GOREGEX_NO_BORDER,
};

struct goregexnode {
    enum goregexnode_kind kind;
    unsigned int times;        /* how often something in it is repeated, at most */
    struct goregexnode *child; /* of a chain or choice: the last */
    struct goregexnode *older; /* what stands before it there */
    union {
        struct goregexset *set;
        enum goregex_place place;
        struct {
            unsigned int min;
            unsigned int max; /* GOREGEX_FOREVER: without end */
            int is_lazy;
        } repeat;
        size_t group;
    } u;
};

enum { GOREGEX_FOREVER = 1 << 30 };

struct goregexname {
    struct goregexname *next;
    char const *name;
    size_t n;
    size_t group;
};

struct goregextree {
    struct goregexnode *root; /* group 0 */
    size_t groups;
    struct goregexname *name;
};

/* As goregex_compile; names and sets are in the pool. Returns 1, or 0 with why. */
extern int goregexparse(struct goregextree *, struct pool *, char const *pattern, size_t n,
                        char why[GOREGEX_WHY]);

#endif
