/* pool: memory that is given back all at once, with a bound on how much there can be of it. What
   one rendering of a template makes lives in one. */

#ifndef CAIRN_POOL_H
#define CAIRN_POOL_H

#include <stddef.h>

struct pool_block;

struct pool {
    struct pool_block *block; /* the newest */
    char *next;               /* free from here */
    size_t left;              /* bytes free there */
    size_t used;              /* bytes asked of the system */
    size_t max;               /* and how many there may be of these */
};

/* An empty pool of at most max bytes. */
extern void pool_init(struct pool *p, size_t max);

/* Returns n bytes, aligned for anything, not cleared (n may be 0); they live until pool_free. NULL
   with errno: ENOMEM where the system has no more, EDQUOT where max is reached. */
extern void *pool_get(struct pool *p, size_t n);

/* Returns a copy of the n bytes at s, with a 0 behind it, or NULL as above. */
extern char *pool_copy(struct pool *p, char const *s, size_t n);

/* In words, why there is nothing, errno being what one of these left. */
extern char const *pool_why(void);

/* Gives all back; the pool is empty, and can be used again. */
extern void pool_free(struct pool *p);

#endif
