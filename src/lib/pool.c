#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/pool.h>

struct pool_block {
    struct pool_block *older;
    max_align_t space[]; /* what is handed out */
};

enum { BLOCK_MIN = 4096 - sizeof(struct pool_block), ALIGN = alignof(max_align_t) };

void pool_init(struct pool *p, size_t max)
{
    *p = (struct pool){.max = max};
}

/* Blocks double, so that there are few of them; what does not fit into the newest begins another.
 */
static int more(struct pool *p, size_t n)
{
    size_t size = p->used > BLOCK_MIN ? p->used : BLOCK_MIN;
    if (size > p->max - p->used)
        size = p->max - p->used;
    if (size < n)
        size = n;
    if (size > p->max - p->used) {
        errno = EDQUOT;
        return 0;
    }
    struct pool_block *b = malloc(sizeof *b + size);
    if (!b)
        return 0;
    b->older = p->block;
    p->block = b;
    p->next = (char *)b->space;
    p->left = size;
    p->used += size;
    return 1;
}

void *pool_get(struct pool *p, size_t n)
{
    if (n > p->max) {
        errno = EDQUOT;
        return NULL;
    }
    n = n ? (n + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
    if (n > p->left && !more(p, n))
        return NULL;
    char *s = p->next;
    p->next += n;
    p->left -= n;
    return s;
}

char *pool_copy(struct pool *p, char const *s, size_t n)
{
    char *copy = n < p->max ? pool_get(p, n + 1) : NULL;
    if (!copy) {
        if (n >= p->max)
            errno = EDQUOT;
        return NULL;
    }
    if (n)
        memcpy(copy, s, n);
    copy[n] = 0;
    return copy;
}

char const *pool_why(void)
{
    return errno == EDQUOT ? "more memory than is allowed" : "out of memory";
}

void pool_free(struct pool *p)
{
    while (p->block) {
        struct pool_block *b = p->block;
        p->block = b->older;
        free(b);
    }
    pool_init(p, p->max);
}
