#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/hclscalar.h>

/* ---- identifiers and booleans */

static int is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

size_t hclscalar_identifier(struct conftext const *in)
{
    char const *p = in->p;
    if (p < in->end && is_letter(*p))
        while (p < in->end &&
               (is_letter(*p) || isdigit((unsigned char)*p) || *p == '-' || *p == '.'))
            p++;
    return (size_t)(p - in->p);
}

int hclscalar_bool(struct conftext *in, struct hclvalue *v)
{
    size_t n = hclscalar_identifier(in);
    int is_true = n == 4 && !memcmp(in->p, "true", 4);
    if (!is_true && !(n == 5 && !memcmp(in->p, "false", 5)))
        return conftext_fail(in, in->p, "\"%.*s\" is no value: put strings in quotes",
                             conftext_shown(in->p, n), in->p);
    v->kind = HCL_BOOL;
    v->u.b = is_true;
    in->p += n;
    return 1;
}

/* ---- numbers */

static int digits(struct conftext *in)
{
    char const *p = in->p;
    while (isdigit((unsigned char)conftext_peek(in)))
        in->p++;
    return in->p > p;
}

/* Does what is next belong to a word? Then what stood before was no number. */
static int is_end(struct conftext const *in)
{
    char c = conftext_peek(in);
    return !is_letter(c) && !isdigit((unsigned char)c) && c != '.';
}

static int bad_number(struct conftext *in, char const *at)
{
    while (!is_end(in))
        in->p++;
    size_t n = (size_t)(in->p - at);
    return conftext_fail(in, at, "\"%.*s\" is no number: put strings in quotes",
                         conftext_shown(at, n), at);
}

/* The bytes as a string with a 0, in buf. */
static int copy_number(char buf[64], char const *at, size_t n)
{
    if (n >= 64)
        return 0;
    memcpy(buf, at, n);
    buf[n] = 0;
    return 1;
}

static int is_hex(struct conftext const *in)
{
    return conftext_is_at(in, "0x") || conftext_is_at(in, "0X");
}

/* An integer in C's notation: 10, 0600, 0x1f. */
static int integer(struct conftext *in, char const *at, char const *text, struct hclvalue *v)
{
    char *stop;
    errno = 0;
    long long i = strtoll(text, &stop, 0);
    if (*stop || stop == text)
        return bad_number(in, at);
    if (errno)
        return conftext_fail(in, at, "%s does not fit 64 bits", text);
    v->kind = HCL_INT;
    v->u.i = i;
    return 1;
}

int hclscalar_number(struct conftext *in, struct hclvalue *v)
{
    char const *at = in->p;
    char text[64];
    int is_float = 0;
    if (conftext_peek(in) == '-')
        in->p++;
    if (is_hex(in)) {
        in->p += 2;
        while (isxdigit((unsigned char)conftext_peek(in)))
            in->p++;
    } else {
        int ok = digits(in);
        if (conftext_peek(in) == '.') {
            in->p++;
            is_float = 1;
            ok = digits(in);
        }
        if (ok && (conftext_peek(in) == 'e' || conftext_peek(in) == 'E')) {
            in->p++;
            if (conftext_peek(in) == '-' || conftext_peek(in) == '+')
                in->p++;
            is_float = 1;
            ok = digits(in);
        }
        if (!ok)
            return bad_number(in, at);
    }
    if (!is_end(in) || !copy_number(text, at, (size_t)(in->p - at)))
        return bad_number(in, at);
    if (!is_float)
        return integer(in, at, text, v);
    v->kind = HCL_FLOAT;
    v->u.f = strtod(text, NULL);
    return 1;
}

/* ---- strings */

/* Behind the closing brace of ${ at s; NULL if there is none. Strings in it may have braces. */
static char const *interpolation(char const *s, char const *end)
{
    unsigned int depth = 0;
    int is_quoted = 0;
    for (s += 1; s < end; s++) {
        if (is_quoted && *s == '\\' && s + 1 < end)
            s++;
        else if (*s == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && *s == '{')
            depth++;
        else if (!is_quoted && *s == '}' && !--depth)
            return s + 1;
    }
    return NULL;
}

/* The closing quote of the string whose text begins at s; NULL having failed. */
static char const *string_end(struct conftext *in, char const *s)
{
    char const *quote = s - 1;
    while (s < in->end && *s != '"' && *s != '\n') {
        char const *behind = s + 1;
        if (*s == '\\' && behind < in->end)
            behind++;
        else if (*s == '$' && behind < in->end && *behind == '{')
            behind = interpolation(s, in->end);
        if (!behind) {
            conftext_fail(in, s, "the ${ has no closing brace");
            return NULL;
        }
        s = behind;
    }
    if (s < in->end && *s == '"')
        return s;
    conftext_fail(in, quote,
                  "the string has no closing quote on its line: for text of several "
                  "lines use <<EOT");
    return NULL;
}

/* n digits of that base at s. Returns what is behind, or NULL having failed. */
static char const *byte(struct conftext *in, char const *s, char const *stop, size_t n, int base,
                        char **to)
{
    int c = 0;
    size_t i = 0;
    char const *from = base == 16 ? s + 2 : s + 1;
    for (; i < n && from + i < stop; i++) {
        int digit = conftext_hex(from[i]);
        if (digit < 0 || digit >= base)
            break;
        c = (c * base) + digit;
    }
    if (i == n && c && c < 256) {
        *(*to)++ = (char)c;
        return from + n;
    }
    conftext_fail(in, s, "%zu digits belong behind the backslash, of a byte that is not 0", n);
    return NULL;
}

/* A backslash at s. Returns what is behind, or NULL having failed. */
static char const *escape(struct conftext *in, char const *s, char const *stop, char **to)
{
    static char const letters[] = "abfnrtv\\\"";
    static char const meant[] = "\a\b\f\n\r\t\v\\\"";
    char const *letter = s[1] ? strchr(letters, s[1]) : NULL;
    if (letter) {
        *(*to)++ = meant[letter - letters];
        return s + 2;
    }
    if (s[1] == 'u' || s[1] == 'U')
        return conftext_unicode(in, s, stop, s[1] == 'u' ? 4 : 8, to);
    if (s[1] == 'x')
        return byte(in, s, stop, 2, 16, to);
    if (s[1] >= '0' && s[1] <= '7')
        return byte(in, s, stop, 3, 8, to);
    conftext_fail(in, s, "no such escape: a backslash is written \\\\");
    return NULL;
}

static int set_string(struct conftext *in, struct hclvalue *v, char const *s, size_t n)
{
    if (memchr(s, 0, n))
        return conftext_fail(in, in->p, "a string cannot have a byte 0");
    v->kind = HCL_STRING;
    v->u.string.s = s;
    v->u.string.n = n;
    return 1;
}

int hclscalar_string(struct conftext *in, struct hclvalue *v)
{
    char const *s = in->p + 1;
    char const *stop = string_end(in, s);
    if (!stop)
        return 0;
    char *text = pool_get(in->pool, (size_t)(stop - s) + 1);
    if (!text)
        return conftext_no_memory(in);
    char *to = text;
    while (s < stop) {
        if (*s == '$' && s[1] == '{') { /* as it is */
            char const *behind = interpolation(s, stop);
            size_t n = (size_t)((behind ? behind : stop) - s);
            memcpy(to, s, n);
            to += n;
            s += n;
        } else if (*s != '\\') {
            *to++ = *s++;
        } else if (!(s = escape(in, s, stop, &to))) {
            return 0;
        }
    }
    *to = 0;
    if (!set_string(in, v, text, (size_t)(to - text)))
        return 0;
    in->p = stop + 1;
    return 1;
}

/* ---- heredocs */

struct heredoc {
    char const *word; /* that ends it */
    size_t n;
    int is_indented;  /* <<- */
    char const *text; /* its lines */
    char const *last; /* the line with the word */
    size_t indent;    /* of that */
};

static char const *next_line(char const *s, char const *end)
{
    char const *n = memchr(s, '\n', (size_t)(end - s));
    return n ? n + 1 : end;
}

static size_t indent_of(char const *s, char const *end)
{
    size_t n = 0;
    while (s + n < end && (s[n] == ' ' || s[n] == '\t'))
        n++;
    return n;
}

/* Is the line at s the word alone, behind any blanks? */
static int is_last(struct heredoc const *h, char const *s, char const *end)
{
    s += indent_of(s, end);
    if ((size_t)(end - s) < h->n || memcmp(s, h->word, h->n) != 0)
        return 0;
    s += h->n;
    if (s < end && *s == '\r')
        s++;
    return s == end || *s == '\n';
}

static int find_heredoc(struct conftext *in, struct heredoc *h)
{
    char const *at = in->p;
    in->p += 2;
    h->is_indented = conftext_peek(in) == '-';
    in->p += h->is_indented;
    h->word = in->p;
    while (is_letter(conftext_peek(in)) || isdigit((unsigned char)conftext_peek(in)))
        in->p++;
    h->n = (size_t)(in->p - h->word);
    if (conftext_peek(in) == '\r')
        in->p++;
    if (!h->n || conftext_peek(in) != '\n')
        return conftext_fail(in, at,
                             "<< wants a word, such as <<EOT, and then the end of the line");
    h->text = h->last = in->p + 1;
    while (h->last < in->end && !is_last(h, h->last, in->end))
        h->last = next_line(h->last, in->end);
    if (h->last >= in->end)
        return conftext_fail(in, at, "no line has %.*s alone, which ends the text",
                             conftext_shown(h->word, h->n), h->word);
    h->indent = indent_of(h->last, in->end);
    return 1;
}

/* Has every line the last one's indentation, byte for byte? An empty line has not: so it is in
   HashiCorp's reader. */
static int can_unindent(struct heredoc const *h)
{
    for (char const *s = h->text; s < h->last; s = next_line(s, h->last))
        if ((size_t)(h->last - s) < h->indent || memcmp(s, h->last, h->indent) != 0)
            return 0;
    return 1;
}

int hclscalar_heredoc(struct conftext *in, struct hclvalue *v)
{
    struct heredoc h = {.n = 0};
    if (!find_heredoc(in, &h))
        return 0;
    size_t cut = h.is_indented && can_unindent(&h) ? h.indent : 0;
    /* the blanks before the word are text, unless the text can be indented: HashiCorp's reader too
     */
    size_t tail = h.is_indented ? 0 : h.indent;
    char *text = pool_get(in->pool, (size_t)(h.last - h.text) + tail + 1);
    if (!text)
        return conftext_no_memory(in);
    char *to = text;
    for (char const *s = h.text, *next; s < h.last; s = next) {
        next = next_line(s, h.last);
        s += cut;
        size_t n = (size_t)(next - s);
        memcpy(to, s, n);
        to += n;
        if (n > 1 && to[-2] == '\r') { /* CR LF is LF */
            to[-2] = '\n';
            to--;
        }
    }
    memcpy(to, h.last, tail);
    to += tail;
    *to = 0;
    in->p = h.last + h.indent + h.n;
    return set_string(in, v, text, (size_t)(to - text));
}
