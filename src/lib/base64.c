#include <stdint.h>
#include <string.h>

#include <cairn/base64.h>

static char const letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static char letter(unsigned int value, enum base64_alphabet alphabet)
{
    if (value < 62)
        return letters[value];
    return (alphabet == BASE64_URL ? "-_" : "+/")[value - 62];
}

/* 64: it is none */
static unsigned int value_of(char c, enum base64_alphabet alphabet)
{
    char const *found = c ? strchr(letters, c) : NULL;
    if (found)
        return (unsigned int)(found - letters);
    for (unsigned int v = 62; v < 64; v++)
        if (c == letter(v, alphabet))
            return v;
    return 64;
}

size_t base64_room(size_t n)
{
    return n > SIZE_MAX / 4 * 3 - 3 ? SIZE_MAX : (n + 2) / 3 * 4;
}

size_t base64_encode(char *buf, char const *s, size_t n, enum base64_alphabet alphabet)
{
    char *p = buf;
    for (size_t i = 0; i < n; i += 3) {
        size_t have = n - i < 3 ? n - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < have ? (unsigned char)s[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *p++ = k <= have ? letter(bits >> (18 - 6 * k) & 63, alphabet) : '=';
    }
    return (size_t)(p - buf);
}

int base64_decode(char *buf, size_t *len, char const *s, size_t n, enum base64_alphabet alphabet)
{
    uint32_t bits = 0;
    unsigned int have = 0; /* letters of this group */
    unsigned int pads = 0;
    *len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\n' || s[i] == '\r')
            continue;
        unsigned int value = s[i] == '=' ? 0 : value_of(s[i], alphabet);
        pads += s[i] == '=';
        if (value == 64 || (pads && s[i] != '=') || (s[i] == '=' && have < 2))
            return 0;
        bits = bits << 6 | value;
        if (++have < 4)
            continue;
        for (unsigned int k = 0; k < 3 - pads; k++)
            buf[(*len)++] = (char)(bits >> (16 - 8 * k));
        have = 0;
        bits = 0;
        if (pads) { /* nothing comes behind it but newlines */
            for (i++; i < n; i++)
                if (s[i] != '\n' && s[i] != '\r')
                    return 0;
            return 1;
        }
    }
    return !have;
}
