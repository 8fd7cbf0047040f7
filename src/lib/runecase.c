#include <string.h>

#include <cairn/runecase.h>
#include <cairn/utf8.h>

/* Capital letters and how far away their small ones are. With a distance of 1 every second one is a
   capital, the first of the range first. */
static struct {
    unsigned int from;
    unsigned int to;
    int distance;
} const capitals[] = {
    /* Latin */
    {'A', 'Z', 32},
    {0xc0, 0xd6, 32},
    {0xd8, 0xde, 32},
    {0x100, 0x12e, 1},
    {0x132, 0x136, 1},
    {0x139, 0x147, 1},
    {0x14a, 0x176, 1},
    {0x178, 0x178, -121},
    {0x179, 0x17d, 1},
    {0x1a0, 0x1a4, 1},
    {0x1af, 0x1af, 1},
    {0x1cd, 0x1db, 1},
    {0x1de, 0x1ee, 1},
    {0x1f8, 0x21e, 1},
    {0x222, 0x232, 1},
    {0x1e00, 0x1e94, 1},
    {0x1ea0, 0x1efe, 1},
    /* Greek */
    {0x386, 0x386, 38},
    {0x388, 0x38a, 37},
    {0x38c, 0x38c, 64},
    {0x38e, 0x38f, 63},
    {0x391, 0x3a1, 32},
    {0x3a3, 0x3ab, 32},
    /* Cyrillic */
    {0x400, 0x40f, 80},
    {0x410, 0x42f, 32},
    {0x460, 0x480, 1},
    {0x48a, 0x4be, 1},
    {0x4c0, 0x4c0, 15},
    {0x4c1, 0x4cd, 1},
    {0x4d0, 0x52e, 1},
};

enum {
    RANGES = sizeof capitals / sizeof *capitals,
    RUNE_MAX = 0x10ffff,
    CAPITAL_SIGMA = 0x3a3,
    FINAL_SIGMA = 0x3c2, /* a second small form */
};

static int is_capital(unsigned int i, unsigned int rune)
{
    return rune >= capitals[i].from && rune <= capitals[i].to &&
           (capitals[i].distance != 1 || !((rune - capitals[i].from) & 1));
}

unsigned int runecase_lower(unsigned int rune)
{
    for (unsigned int i = 0; i < RANGES; i++)
        if (is_capital(i, rune))
            return (unsigned int)((int)rune + capitals[i].distance);
    return rune;
}

unsigned int runecase_upper(unsigned int rune)
{
    if (rune == FINAL_SIGMA)
        return CAPITAL_SIGMA;
    if (rune > RUNE_MAX)
        return rune;
    for (unsigned int i = 0; i < RANGES; i++) {
        int capital = (int)rune - capitals[i].distance;
        if (capital > 0 && is_capital(i, (unsigned int)capital))
            return (unsigned int)capital;
    }
    return rune;
}

void runecase_text(char *buf, char const *s, size_t n, unsigned int (*change)(unsigned int))
{
    for (size_t i = 0, k; i < n; i += k) {
        unsigned int rune;
        char other[UTF8_MAX];
        int ok;
        k = utf8_get(s + i, n - i, &rune, &ok);
        if (ok && utf8_put(other, change(rune)) == k)
            memcpy(buf + i, other, k);
        else
            memcpy(buf + i, s + i, k);
    }
}
