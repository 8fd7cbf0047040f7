/* A format of printf, then its operands, one a line: i and a number, f and a float, c and an
   imaginary number, s and a string, b, n, l for all before as a list, m for them as a map. The
   strings go through html, js and urlquery, too. */

#include <errno.h>
#include <stdlib.h>

#include <cairn/tmplescape.h>
#include <cairn/tmplprint.h>

#include "fuzz.h"

enum { OPERANDS = 8, MAX = 4096 };

static struct tmplvalue v[OPERANDS];
static struct tmplvalue item[OPERANDS][OPERANDS];
static struct tmplentry entry[OPERANDS][OPERANDS];
static char *text[OPERANDS + 1];
static size_t lines;
static stralloc out;

static void line(char *s)
{
    if (lines <= OPERANDS)
        text[lines++] = strdup(s);
}

static struct tmplvalue map_of(size_t i)
{
    for (size_t k = 0; k < i; k++)
        entry[i][k] = (struct tmplentry){.key = text[k], .n = strlen(text[k]), .value = v[k]};
    return tmplvalue_map(entry[i], i);
}

static struct tmplvalue operand(char const *s, size_t i)
{
    switch (*s) {
    case 'i':
        return tmplvalue_int(strtoll(s + 1, NULL, 0));
    case 'f':
        return tmplvalue_float(strtod(s + 1, NULL));
    case 'c':
        return (struct tmplvalue){.kind = TMPLVALUE_IMAGINARY, .u.f = strtod(s + 1, NULL)};
    case 's':
        return tmplvalue_text(s + 1);
    case 'b':
        return tmplvalue_bool(s[1] != 0);
    case 'l':
        memcpy(item[i], v, i * sizeof *v);
        return tmplvalue_list(item[i], i);
    case 'm':
        return map_of(i);
    default:
        return tmplvalue_nil();
    }
}

/* What is too long is told, and nothing is appended beyond the bound. */
static void escaped(int (*f)(stralloc *, size_t, char const *, size_t), char const *s)
{
    out.len = 0;
    HOLDS(f(&out, MAX, s, strlen(s)));
    size_t n = out.len;
    HOLDS(n >= strlen(s));
    out.len = 0;
    HOLDS(f(&out, n, s, strlen(s)) && out.len == n);
    out.len = 0;
    errno = 0;
    HOLDS(!n || (!f(&out, n - 1, s, strlen(s)) && errno == EDQUOT && out.len < n));
}

static void formatted(char const *format, size_t n)
{
    out.len = 0;
    errno = 0;
    if (!tmplprint_printf(&out, MAX, format, strlen(format), v, n)) {
        HOLDS(errno == EDQUOT && out.len <= MAX);
        return;
    }
    size_t len = out.len;
    HOLDS(len <= MAX);
    out.len = 0;
    errno = 0;
    HOLDS(!len || (!tmplprint_printf(&out, len - 1, format, strlen(format), v, n) &&
                   errno == EDQUOT && out.len < len));
}

/* The shortest digits read back. */
static void float_kept(struct tmplvalue const *f)
{
    out.len = 0;
    HOLDS(tmplprint_value(&out, MAX, f) && stralloc_0(&out));
    double back = strtod(out.s, NULL);
    HOLDS(back == f->u.f || (back != back && f->u.f != f->u.f));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    lines = 0;
    fuzz_lines(data, size, line);
    for (size_t i = 0; i + 1 < lines; i++) {
        v[i] = operand(text[i + 1], i);
        if (v[i].kind == TMPLVALUE_FLOAT)
            float_kept(v + i);
        if (v[i].kind != TMPLVALUE_STRING)
            continue;
        escaped(tmplescape_html, v[i].u.s);
        HOLDS(!memchr(out.s, '<', out.len) && !memchr(out.s, '"', out.len));
        escaped(tmplescape_js, v[i].u.s);
        escaped(tmplescape_urlquery, v[i].u.s);
    }
    if (lines)
        formatted(*text, lines - 1);
    for (size_t i = 0; i < lines; i++)
        free(text[i]);
    return 0;
}
