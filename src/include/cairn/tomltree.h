/* tomltree: the tables of a TOML text while it is read. Values of templates are never changed once
   made, and TOML adds to a table in many places, so tables are linked nodes first. */

#ifndef CAIRN_TOMLTREE_H
#define CAIRN_TOMLTREE_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum tomltree_kind {
    TOMLTREE_VALUE,   /* all there is: nothing can be added, inline tables are such */
    TOMLTREE_IMPLIED, /* a table that a header named on the way to its own */
    TOMLTREE_HEADED,  /* one that has had its header */
    TOMLTREE_DOTTED,  /* one that dotted keys made */
    TOMLTREE_TABLES,  /* an array of tables, its items are keyless nodes */
};

/* A key and what it stands for. One to begin with has the kind of a table and
   is else zeroed. */
struct tomltree_node {
    char const *key;
    size_t n;
    char const *at; /* the caller's: where in the text it was seen first */
    enum tomltree_kind kind;
    unsigned int depth;     /* of its container, and 1 */
    struct tmplvalue value; /* TOMLTREE_VALUE */

    /* what it contains, in the order of appearance */
    struct tomltree_node *first;
    struct tomltree_node *newest;
    size_t count;
    struct tomltree_node *root;

    /* as one of its container */
    struct tomltree_node *next;
    struct tomltree_node *child[2];
    size_t bit;
};

/* The node of that key in a table, made if *is_new, for the caller to fill; the key is referred to.
   The time is that of reading the key's bits, however many keys there are, and whatever they are.
   NULL with errno as pool_get. */
extern struct tomltree_node *tomltree_key(struct tomltree_node *table, struct pool *p,
                                          char const *key, size_t n, int *is_new);

/* One more item of an array of tables, NULL as above. */
extern struct tomltree_node *tomltree_item(struct tomltree_node *tables, struct pool *p);

/* What a node comes to, in the pool. Calls itself as deep as the nodes are. Returns 1, or 0 as
   above. */
extern int tomltree_value(struct tomltree_node const *node, struct pool *p, struct tmplvalue *v);

#endif
