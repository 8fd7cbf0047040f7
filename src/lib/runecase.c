#include <string.h>

#include <cairn/runecase.h>
#include <cairn/utf8.h>

/* Capital letters and how far away their small ones are. With a distance of 1 every second one is a
   capital, the first of the range first. */
static struct {
    unsigned int from;
    unsigned int to;
    unsigned int distance;
} const capitals[] = {
    {'A', 'Z', 32},     {0xc0, 0xd6, 32},   {0xd8, 0xde, 32},   {0x100, 0x12e, 1},
    {0x132, 0x136, 1},  {0x139, 0x147, 1},  {0x14a, 0x176, 1},  {0x179, 0x17d, 1},
    {0x388, 0x38a, 37}, {0x38e, 0x38f, 63}, {0x391, 0x3a1, 32}, {0x3a3, 0x3ab, 32},
    {0x400, 0x40f, 80}, {0x410, 0x42f, 32}, {0x460, 0x480, 1},  {0x48a, 0x4be, 1},
};

enum { RANGES = sizeof capitals / sizeof *capitals };

unsigned int runecase_lower(unsigned int rune)
{
    for (unsigned int i = 0; i < RANGES; i++)
        if (rune >= capitals[i].from && rune <= capitals[i].to &&
            (capitals[i].distance > 1 || !((rune - capitals[i].from) & 1)))
            return rune + capitals[i].distance;
    return rune;
}

unsigned int runecase_upper(unsigned int rune)
{
    for (unsigned int i = 0; i < RANGES; i++) {
        unsigned int capital = rune - capitals[i].distance;
        if (rune > capitals[i].distance && capital >= capitals[i].from &&
            capital <= capitals[i].to &&
            (capitals[i].distance > 1 || !((capital - capitals[i].from) & 1)))
            return capital;
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
