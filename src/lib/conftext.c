#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cairn/logjson.h>
#include <cairn/conftext.h>
#include <cairn/utf8.h>

enum { SHOWN = 60 }; /* bytes */

int conftext_fail(struct conftext *in, char const *at, char const *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(in->why, CONFTEXT_WHY, format, args);
    va_end(args);
    in->at = at;
    return 0;
}

int conftext_no_memory(struct conftext *in)
{
    return conftext_fail(in, in->p, "%s",
                         errno == EDQUOT ? "too much for one file: the memory for it is used up"
                                         : "out of memory");
}

unsigned int conftext_line(struct conftext *in, char const *at)
{
    if (!in->counted || at < in->counted) {
        in->counted = in->s;
        in->lines = 0;
    }
    for (; in->counted < at; in->counted++)
        in->lines += *in->counted == '\n';
    return in->lines + 1;
}

int conftext_shown(char const *s, size_t n)
{
    if (n > SHOWN)
        for (n = SHOWN; ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

int conftext_check(struct conftext *in)
{
    for (char const *p = in->s; p < in->end;) {
        unsigned char c = (unsigned char)*p;
        size_t n = logjson_utf8(p, (size_t)(in->end - p));
        if (!n)
            return conftext_fail(in, p, "byte 0x%02x is not UTF-8: save the file as UTF-8", c);
        if (c == '\r' && (in->end - p < 2 || p[1] != '\n'))
            return conftext_fail(in, p, "carriage return without a line feed: end lines with one");
        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return conftext_fail(in, p, "control character: write it as \"\\u%04x\"", c);
        p += n;
    }
    return 1;
}

char conftext_peek(struct conftext const *in)
{
    return in->p < in->end ? *in->p : 0;
}

int conftext_is_at(struct conftext const *in, char const *word)
{
    size_t n = strlen(word);
    return (size_t)(in->end - in->p) >= n && !memcmp(in->p, word, n);
}

void conftext_blanks(struct conftext *in)
{
    while (conftext_peek(in) == ' ' || conftext_peek(in) == '\t' || conftext_peek(in) == '\r')
        in->p++;
}

void conftext_comment(struct conftext *in)
{
    conftext_blanks(in);
    if (conftext_peek(in) == '#')
        while (in->p < in->end && *in->p != '\n')
            in->p++;
}

void conftext_lines(struct conftext *in)
{
    for (conftext_comment(in); conftext_peek(in) == '\n'; conftext_comment(in))
        in->p++;
}

int conftext_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char const *conftext_unicode(struct conftext *in, char const *s, char const *stop, size_t n,
                             char **to)
{
    uint32_t c = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = s + 2 + i < stop ? conftext_hex(s[2 + i]) : -1;
        if (digit < 0) {
            conftext_fail(in, s,
                          "%zu hexadecimal digits belong behind \\%c; a backslash is written \\\\",
                          n, s[1]);
            return NULL;
        }
        c = c << 4 | (uint32_t)digit;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        conftext_fail(in, s, "U+%04X is no character", (unsigned int)c);
        return NULL;
    }
    *to += utf8_put(*to, c);
    return s + 2 + n;
}

void conftext_place(struct conftext *in, unsigned int *line, unsigned int *column)
{
    *line = conftext_line(in, in->at);
    *column = 1;
    for (char const *at = in->at; at > in->s && *--at != '\n';)
        ++*column;
}
