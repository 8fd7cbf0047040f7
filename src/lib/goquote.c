#include <stdio.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/goquote.h>
#include <cairn/utf8.h>

/* What is not printable from DEL on: controls, formats, spaces, surrogates, private use,
   noncharacters, and runs of 128 and more that Unicode 13 has not assigned. The 625 smaller gaps
   are left out: ten times the table for code points that no text has. */
static struct {
    unsigned int from;
    unsigned int to;
} const unprintable[] = {
    {0x7f, 0xa0},        {0xad, 0xad},       {0x5f5, 0x605},     {0x61c, 0x61d},
    {0x6dd, 0x6dd},      {0x70e, 0x70f},     {0x8e2, 0x8e2},     {0x1680, 0x1680},
    {0x180e, 0x180f},    {0x1fff, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},
    {0x2ffc, 0x3000},    {0xd7fc, 0xf8ff},   {0xfdc8, 0xfdef},   {0xfefd, 0xff00},
    {0xffef, 0xfffb},    {0xfffe, 0xffff},   {0x101fe, 0x1027f}, {0x10570, 0x105ff},
    {0x10768, 0x107ff},  {0x10d3a, 0x10e5f}, {0x110bd, 0x110bd}, {0x110c2, 0x110cf},
    {0x11375, 0x113ff},  {0x114da, 0x1157f}, {0x11740, 0x117ff}, {0x11af9, 0x11bff},
    {0x11daa, 0x11edf},  {0x11ef9, 0x11faf}, {0x12544, 0x12fff}, {0x1342f, 0x143ff},
    {0x14647, 0x167ff},  {0x16b90, 0x16e3f}, {0x18d09, 0x1afff}, {0x1b2fc, 0x1bbff},
    {0x1bca0, 0x1cfff},  {0x1d173, 0x1d17a}, {0x1d246, 0x1d2df}, {0x1d379, 0x1d3ff},
    {0x1dab0, 0x1dfff},  {0x1e02b, 0x1e0ff}, {0x1e150, 0x1e2bf}, {0x1e300, 0x1e7ff},
    {0x1e960, 0x1ec70},  {0x1ed3e, 0x1edff}, {0x1eef2, 0x1efff}, {0x1f266, 0x1f2ff},
    {0x1fbfa, 0x1ffff},  {0x2ebe1, 0x2f7ff}, {0x2fa1e, 0x2ffff}, {0x3134b, 0xe00ff},
    {0xe01f0, 0x10ffff},
};

int goquote_is_printable(unsigned int rune)
{
    if (rune < 0x7f || rune > 0x10ffff)
        return rune >= ' ' && rune < 0x7f;
    for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++)
        if (rune <= unprintable[i].to)
            return rune < unprintable[i].from;
    return 1;
}

int goquote_is_raw(char const *s, size_t n)
{
    while (n) {
        unsigned int rune;
        int ok;
        size_t len = utf8_get(s, n, &rune, &ok);
        if (!ok || (rune < ' ' && rune != '\t') || rune == '`' || rune == 0x7f || rune == 0xfeff)
            return 0;
        s += len;
        n -= len;
    }
    return 1;
}

/* One character of a quoted text, escaped where it must be. */
static int put_rune(stralloc *out, size_t max, unsigned int rune, char quote, int is_ascii)
{
    static char const names[] = "\aa\bb\ff\nn\rr\tt\vv";
    char buf[16];
    if (rune == (unsigned char)quote || rune == '\\')
        return catmax(out, max, (char const[]){'\\', (char)rune}, 2);
    if (goquote_is_printable(rune) && (!is_ascii || rune < 0x80))
        return catmax(out, max, buf, utf8_put(buf, rune));
    for (size_t i = 0; i < sizeof names - 1; i += 2)
        if (rune == (unsigned char)names[i])
            return catmax(out, max, (char const[]){'\\', names[i + 1]}, 2);
    snprintf(buf, sizeof buf,
             rune < 0x80      ? "\\x%02x"
             : rune < 0x10000 ? "\\u%04x"
                              : "\\U%08x",
             rune);
    return catmax_text(out, max, buf);
}

int goquote_string(stralloc *out, size_t max, char const *s, size_t n, int is_ascii)
{
    if (!catmax_text(out, max, "\""))
        return 0;
    while (n) {
        unsigned int rune;
        int is_rune;
        char byte[8];
        size_t len = utf8_get(s, n, &rune, &is_rune);
        snprintf(byte, sizeof byte, "\\x%02x", (unsigned char)*s);
        if (!(is_rune ? put_rune(out, max, rune, '"', is_ascii) : catmax_text(out, max, byte)))
            return 0;
        s += len;
        n -= len;
    }
    return catmax_text(out, max, "\"");
}

int goquote_rune(stralloc *out, size_t max, unsigned int rune, int is_ascii)
{
    if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
        rune = UTF8_NONE;
    return catmax_text(out, max, "'") && put_rune(out, max, rune, '\'', is_ascii) &&
           catmax_text(out, max, "'");
}
