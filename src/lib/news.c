#include <stddef.h>

#include <cairn/news.h>

enum { WORDS = sizeof((struct news *)0)->now / sizeof(uint32_t) };

int news_is(struct news *n, char const *name, int reason)
{
    uint32_t h = (2166136261u ^ (uint32_t)reason) * 16777619u;
    while (*name)
        h = (h ^ (unsigned char)*name++) * 16777619u;
    uint32_t word = h >> 5 & (WORDS - 1), bit = 1u << (h & 31);
    int is_new = !((n->before[word] | n->now[word]) & bit);
    n->now[word] |= bit;
    n->any = 1;
    return is_new;
}

void news_end(struct news *n, int complete)
{
    if (!n->any)
        return;
    n->any = 0;
    for (size_t i = 0; i < WORDS; i++) {
        n->before[i] = complete ? n->now[i] : n->before[i] | n->now[i];
        n->now[i] = 0;
        n->any |= n->before[i] != 0;
    }
}
