#include <stdio.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/goquote.h>
#include <cairn/tmplescape.h>
#include <cairn/utf8.h>

static char const *html_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&#34;";
    case '\'':
        return "&#39;";
    case 0:
        return "\xef\xbf\xbd";
    default:
        return NULL;
    }
}

int tmplescape_html(stralloc *out, size_t max, char const *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char const *entity = html_of(s[i]);
        if (!(entity ? catmax(out, max, entity, strlen(entity)) : catmax(out, max, s + i, 1)))
            return 0;
    }
    return 1;
}

/* The character of len bytes at s as it may stand in a script's string. DEL, and what is no UTF-8,
   pass as they are, as in Go. */
static int put_js(stralloc *out, size_t max, char const *s, size_t len, unsigned int rune)
{
    char buf[16];
    if (rune == '\\' || rune == '\'' || rune == '"')
        return catmax_text(out, max, "\\") && catmax(out, max, s, 1);
    if (rune < 0x80 ? rune >= ' ' && !strchr("<>&=", (int)rune) : goquote_is_printable(rune))
        return catmax(out, max, s, len);
    snprintf(buf, sizeof buf, "\\u%04X", rune);
    return catmax_text(out, max, buf);
}

int tmplescape_js(stralloc *out, size_t max, char const *s, size_t n)
{
    while (n) {
        unsigned int rune;
        int ok;
        size_t len = utf8_get(s, n, &rune, &ok);
        if (!put_js(out, max, s, len, rune))
            return 0;
        s += len;
        n -= len;
    }
    return 1;
}

static int is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-_.~", c));
}

int tmplescape_urlquery(stralloc *out, size_t max, char const *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char buf[4];
        int ok;
        if (is_unreserved(s[i])) {
            ok = catmax(out, max, s + i, 1);
        } else if (s[i] == ' ') {
            ok = catmax(out, max, "+", 1);
        } else {
            snprintf(buf, sizeof buf, "%%%02X", (unsigned char)s[i]);
            ok = catmax(out, max, buf, 3);
        }
        if (!ok)
            return 0;
    }
    return 1;
}
