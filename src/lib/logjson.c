#include <stdint.h>
#include <string.h>

#include <cairn/logjson.h>

/* How many of the n bytes at s are one well-formed character: 1 to 4, or 0. */
static size_t utf8(unsigned char const *s, size_t n)
{
    if (s[0] < 0x80)
        return 1;
    size_t len = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    if (!len || len > n)
        return 0;
    /* what is overlong, a surrogate, or beyond U+10FFFF shows in the second byte */
    unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return len;
}

size_t logjson_utf8(char const *s, size_t n)
{
    return utf8((unsigned char const *)s, n);
}

static char *escape(char *p, unsigned char c)
{
    static char const digits[] = "0123456789abcdef";
    static char const named[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
    char const *at = c ? strchr(named, c) : NULL;
    *p++ = '\\';
    if (at) {
        *p++ = letters[at - named];
        return p;
    }
    memcpy(p, "u00", 3);
    p[3] = digits[c >> 4];
    p[4] = digits[c & 15];
    return p + 5;
}

char *logjson_put(char *p, char const *s, size_t n)
{
    unsigned char const *u = (unsigned char const *)s;
    while (n) {
        size_t len = utf8(u, n);
        if (!len) {
            memcpy(p, "\xef\xbf\xbd", 3);
            p += 3;
            len = 1;
        } else if (*u < 0x20 || *u == 0x7f || *u == '"' || *u == '\\') {
            p = escape(p, *u);
        } else {
            memcpy(p, u, len);
            p += len;
        }
        u += len;
        n -= len;
    }
    return p;
}

int logjson_string(stralloc *sa, char const *s)
{
    size_t n = strlen(s);
    if (!stralloc_readyplus(sa, n * LOGJSON_WIDEST + 2))
        return 0;
    sa->s[sa->len++] = '"';
    sa->len = (size_t)(logjson_put(sa->s + sa->len, s, n) - sa->s);
    sa->s[sa->len++] = '"';
    return 1;
}
