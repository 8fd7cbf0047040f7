#include <string.h>

#include <cairn/nearest.h>

static unsigned int lower(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

unsigned int nearest_distance(char const *a, char const *b)
{
    unsigned int row[3][NEAREST_MAX + 1];
    unsigned int *before = row[0], *above = row[1], *here = row[2];
    size_t alen = strlen(a);
    size_t blen = strlen(b);
    if (alen > NEAREST_MAX || blen > NEAREST_MAX)
        return NEAREST_MAX + 1;
    for (size_t j = 0; j <= blen; j++)
        above[j] = before[j] = (unsigned int)j;
    for (size_t i = 1; i <= alen; i++) {
        here[0] = (unsigned int)i;
        for (size_t j = 1; j <= blen; j++) {
            unsigned int same = a[i - 1] == b[j - 1];
            here[j] = lower(lower(above[j], here[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                here[j] = lower(here[j], before[j - 2] + 1);
        }
        unsigned int *spare = before;
        before = above;
        above = here;
        here = spare;
    }
    return above[blen];
}

void nearest_offer(struct nearest *n, char const *known)
{
    size_t len = strlen(known);
    unsigned int d = nearest_distance(n->word, known);
    unsigned int most = len < 3 ? 1 : (unsigned int)(len / 3);
    if (d > most || d >= len || (n->best && d >= n->distance))
        return;
    n->best = known;
    n->distance = d;
}
