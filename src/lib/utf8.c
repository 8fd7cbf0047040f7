#include <cairn/logjson.h>
#include <cairn/utf8.h>

size_t utf8_get(char const *s, size_t n, unsigned int *rune, int *ok)
{
    static unsigned char const mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t len = logjson_utf8(s, n);
    *ok = len != 0;
    if (!len) {
        *rune = UTF8_NONE;
        return 1;
    }
    *rune = (unsigned char)*s & mask[len];
    for (size_t i = 1; i < len; i++)
        *rune = *rune << 6 | ((unsigned char)s[i] & 63);
    return len;
}

size_t utf8_put(char buf[UTF8_MAX], unsigned int rune)
{
    static unsigned char const lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        rune = UTF8_NONE;
    size_t len = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = len; --i; rune >>= 6)
        buf[i] = (char)(0x80 | (rune & 63));
    buf[0] = (char)(lead[len] | rune);
    return len;
}
