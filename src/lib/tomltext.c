#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cairn/logjson.h>
#include <cairn/tomltext.h>

enum { SHOWN = 60 }; /* bytes */

int tomltext_fail(struct tomltext *in, char const *at, char const *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(in->why, TOMLTEXT_WHY, format, args);
    va_end(args);
    in->at = at;
    return 0;
}

int tomltext_no_memory(struct tomltext *in)
{
    return tomltext_fail(in, in->p, "%s",
                         errno == EDQUOT ? "too much for one file: the memory for it is used up"
                                         : "out of memory");
}

unsigned int tomltext_line(struct tomltext const *in, char const *at)
{
    unsigned int line = 1;
    for (char const *p = in->s; p < at; p++)
        line += *p == '\n';
    return line;
}

int tomltext_shown(char const *s, size_t n)
{
    if (n > SHOWN)
        for (n = SHOWN; ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

int tomltext_check(struct tomltext *in)
{
    for (char const *p = in->s; p < in->end;) {
        unsigned char c = (unsigned char)*p;
        size_t n = logjson_utf8(p, (size_t)(in->end - p));
        if (!n)
            return tomltext_fail(in, p, "byte 0x%02x is not UTF-8: save the file as UTF-8", c);
        if (c == '\r' && (in->end - p < 2 || p[1] != '\n'))
            return tomltext_fail(in, p, "carriage return without a line feed: end lines with one");
        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return tomltext_fail(in, p, "control character: write it as \"\\u%04x\"", c);
        p += n;
    }
    return 1;
}

char tomltext_peek(struct tomltext const *in)
{
    return in->p < in->end ? *in->p : 0;
}

int tomltext_is_at(struct tomltext const *in, char const *word)
{
    size_t n = strlen(word);
    return (size_t)(in->end - in->p) >= n && !memcmp(in->p, word, n);
}

void tomltext_blanks(struct tomltext *in)
{
    while (tomltext_peek(in) == ' ' || tomltext_peek(in) == '\t' || tomltext_peek(in) == '\r')
        in->p++;
}

void tomltext_comment(struct tomltext *in)
{
    tomltext_blanks(in);
    if (tomltext_peek(in) == '#')
        while (in->p < in->end && *in->p != '\n')
            in->p++;
}

void tomltext_lines(struct tomltext *in)
{
    for (tomltext_comment(in); tomltext_peek(in) == '\n'; tomltext_comment(in))
        in->p++;
}
