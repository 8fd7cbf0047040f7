#include <stdio.h>
#include <string.h>

#include <cairn/goregex.h>
#include <cairn/goregextext.h>
#include <cairn/utf8.h>

enum { RUNE_MAX = 0x10ffff };

int goregextext_fail(struct goregextext *in, char const *what, char const *from, char const *to)
{
    size_t room = GOREGEX_WHY - strlen(what) - sizeof ": `...`";
    size_t n = (size_t)(to - from);
    char const *more = "";
    if (n > room) {
        n = room;
        while (n && (from[n] & 0xc0) == 0x80)
            n--;
        more = "...";
    }
    snprintf(in->why, GOREGEX_WHY, "%s: `%.*s%s`", what, (int)n, from, more);
    return 0;
}

int goregextext_no_memory(struct goregextext *in)
{
    snprintf(in->why, GOREGEX_WHY, "out of memory");
    return 0;
}

char goregextext_peek(struct goregextext const *in, size_t ahead)
{
    return ahead < (size_t)(in->end - in->p) ? in->p[ahead] : 0;
}

unsigned int goregextext_rune(struct goregextext *in)
{
    unsigned int rune;
    int ok;
    in->p += utf8_get(in->p, (size_t)(in->end - in->p), &rune, &ok);
    return rune;
}

int goregextext_is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

char const *goregextext_word(char const *p, char const *end)
{
    while (p < end && goregextext_is_word(*p))
        p++;
    return p;
}

/* The worth of a hexadecimal digit, or 16. */
static unsigned int digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned int)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned int)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A') + 10 : 16;
}

/* Steps over what is wrong, so that the message shows it. Returns 0. */
static int show(struct goregextext *in, unsigned int n)
{
    while (n-- && in->p < in->end)
        goregextext_rune(in);
    return 0;
}

/* Behind \x: two digits, or any number in braces. Returns 0 where it is neither. */
static int hexadecimal(struct goregextext *in, unsigned int *rune)
{
    unsigned int n = 0;
    int is_long = goregextext_peek(in, 0) == '{';
    *rune = 0;
    for (in->p += is_long; digit(goregextext_peek(in, 0)) < 16 && (is_long || n < 2); n++) {
        *rune = *rune * 16 + digit(*in->p++);
        if (*rune > RUNE_MAX)
            return 0;
    }
    if (!is_long)
        return n == 2 || show(in, 2 - n);
    return (n && goregextext_peek(in, 0) == '}' && in->p++) || show(in, 1);
}

/* From the first digit on. One alone would be a reference, which linear time has no room for. */
static int octal(struct goregextext *in, unsigned int *rune)
{
    *rune = 0;
    if (*in->p != '0' && digit(goregextext_peek(in, 1)) > 7)
        return show(in, 1);
    for (unsigned int n = 0; n < 3 && digit(goregextext_peek(in, 0)) < 8; n++)
        *rune = *rune * 8 + digit(*in->p++);
    return 1;
}

static int escape(struct goregextext *in, unsigned int *rune)
{
    static char const names[] = "a\af\fn\nr\rt\tv\v";
    char c = goregextext_peek(in, 0);
    if (c >= '0' && c <= '7')
        return octal(in, rune);
    *rune = goregextext_rune(in);
    if (c == 'x')
        return hexadecimal(in, rune);
    for (size_t i = 0; i + 1 < sizeof names; i += 2)
        if (c == names[i]) {
            *rune = (unsigned char)names[i + 1];
            return 1;
        }
    return *rune < 0x80 && (c == '_' || !goregextext_is_word(c));
}

int goregextext_literal(struct goregextext *in, unsigned int *rune)
{
    char const *from = in->p;
    if (*in->p != '\\') {
        *rune = goregextext_rune(in);
        return 1;
    }
    in->p++;
    if (in->p == in->end)
        return goregextext_fail(in, "trailing backslash at end of expression", in->p, in->p);
    if (escape(in, rune))
        return 1;
    return goregextext_fail(in, "invalid escape sequence", from, in->p);
}
