#include <string.h>

#include <cairn/logjson.h>
#include <cairn/visible.h>

size_t visible_width(char const *s, size_t n)
{
    size_t w = 0;
    for (size_t i = 0; i < n; i++)
        w += ((unsigned char)s[i] & 0xc0) != 0x80;
    return w;
}

/* Is the character of n bytes at s harmless? C1 controls (U+0080 to U+009F) command terminals too,
   and U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows. */
static int is_harmless(unsigned char const *s, size_t n)
{
    if (n == 1)
        return *s >= 32 && *s != 127;
    if (n == 2 && s[0] == 0xc2 && s[1] < 0xa0)
        return 0;
    return n != 3 || s[0] != 0xe2 ||
           !((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
             (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

int visible_add(stralloc *sa, char const *s)
{
    static char const digits[] = "0123456789abcdef";
    for (size_t left = strlen(s); left;) {
        size_t n = logjson_utf8(s, left);
        int good = n && is_harmless((unsigned char const *)s, n);
        if (!good)
            n = 1;
        unsigned char c = (unsigned char)*s;
        char const hex[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
        if (!stralloc_catb(sa, good ? s : hex, good ? n : sizeof hex))
            return 0;
        s += n;
        left -= n;
    }
    return 1;
}
