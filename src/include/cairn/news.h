/* news: what has been said already. A repeated pass (a scan) that finds the same trouble as the
   pass before says it once.

   One bit for each pair of name and reason, by hash: two that fall together are said as one. No
   allocation. A zeroed struct is ready. */

#ifndef CAIRN_NEWS_H
#define CAIRN_NEWS_H

#include <stdint.h>

struct news {
    uint32_t before[64], now[64];
    int any;
};

/* Notes it for this pass; returns whether neither this pass nor the one before had it. errno is
   kept. */
extern int news_is(struct news *, char const *name, int reason);

/* The pass is over. One that was not complete forgets nothing. */
extern void news_end(struct news *, int complete);

#endif
