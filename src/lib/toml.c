#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/logjson.h>
#include <cairn/tmplconst.h>
#include <cairn/toml.h>
#include <cairn/tomltree.h>

/* The grammar is that of toml.io/en/v1.0.0, which the sections below are named by. Once is_text has
   seen it all, it is UTF-8, has no control characters but tab and newline, and carriage returns
   only before newlines: these are blanks to all that follows. */

enum {
    DEPTH = 64,      /* tables and arrays in each other */
    SIZE = 16 << 20, /* bytes of text: places fit an unsigned int */
    SHOWN = 60,      /* bytes of a key or word that a message has */
};

struct in {
    char const *s;
    char const *p;
    char const *end;
    struct pool *pool;
    struct tomltree_node *root;
    struct tomltree_node *table; /* the one that the last header named */
    char const *at;              /* of the mistake */
    char *why;
};

static int fail(struct in *in, char const *at, char const *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct in *in, char const *at, char const *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(in->why, TOML_WHY, format, args);
    va_end(args);
    in->at = at;
    return 0;
}

static int no_memory(struct in *in)
{
    return fail(in, in->p, "%s",
                errno == EDQUOT ? "too much for one file: the memory for it is used up"
                                : "out of memory");
}

static unsigned int line_of(struct in const *in, char const *at)
{
    unsigned int line = 1;
    for (char const *p = in->s; p < at; p++)
        line += *p == '\n';
    return line;
}

/* How much of n bytes a message shows, whole characters. */
static int shown(char const *s, size_t n)
{
    if (n > SHOWN)
        for (n = SHOWN; ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    return (int)n;
}

static int is_text(struct in *in)
{
    for (char const *p = in->s; p < in->end;) {
        unsigned char c = (unsigned char)*p;
        size_t n = logjson_utf8(p, (size_t)(in->end - p));
        if (!n)
            return fail(in, p, "byte 0x%02x is not UTF-8: save the file as UTF-8", c);
        if (c == '\r' && (in->end - p < 2 || p[1] != '\n'))
            return fail(in, p, "carriage return without a line feed: end lines with one");
        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return fail(in, p, "control character: write it as \"\\u%04x\"", c);
        p += n;
    }
    return 1;
}

/* The next byte, or 0 at the end; there are none of 0 in the text. */
static char peek(struct in const *in)
{
    return in->p < in->end ? *in->p : 0;
}

static int is_at(struct in const *in, char const *word)
{
    size_t n = strlen(word);
    return (size_t)(in->end - in->p) >= n && !memcmp(in->p, word, n);
}

static void blanks(struct in *in)
{
    while (peek(in) == ' ' || peek(in) == '\t' || peek(in) == '\r')
        in->p++;
}

static void comment(struct in *in)
{
    blanks(in);
    if (peek(in) == '#')
        while (in->p < in->end && *in->p != '\n')
            in->p++;
}

static void lines(struct in *in)
{
    for (comment(in); peek(in) == '\n'; comment(in))
        in->p++;
}

/* String */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The digits of \u and \U, of which there are n. */
static char const *unicode(struct in *in, char const *s, char const *stop, size_t n, char **to)
{
    uint32_t c = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = s + 2 + i < stop ? hex(s[2 + i]) : -1;
        if (digit < 0) {
            fail(in, s, "%zu hexadecimal digits belong behind \\%c; a backslash is written \\\\", n,
                 s[1]);
            return NULL;
        }
        c = c << 4 | (uint32_t)digit;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        fail(in, s, "U+%04X is no character", (unsigned int)c);
        return NULL;
    }
    *to += tmplconst_utf8(*to, c);
    return s + 2 + n;
}

/* A backslash at s and what follows it. Returns what is behind, or NULL. */
static char const *escape(struct in *in, char const *s, char const *stop, int is_long, char **to)
{
    static char const letters[] = "btnfr\"\\";
    static char const meant[] = "\b\t\n\f\r\"\\";
    char const *letter = s + 1 < stop ? strchr(letters, s[1]) : NULL;
    if (letter) {
        *(*to)++ = meant[letter - letters];
        return s + 2;
    }
    if (s + 1 < stop && (s[1] == 'u' || s[1] == 'U'))
        return unicode(in, s, stop, s[1] == 'u' ? 4 : 8, to);
    /* a backslash that ends its line takes all white space with it */
    char const *p = s + 1;
    while (p < stop && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    if (is_long && p < stop && *p == '\n') {
        while (p < stop && strchr(" \t\r\n", *p))
            p++;
        return p;
    }
    fail(in, s, "no such escape: a backslash is written \\\\, or put the string in single quotes");
    return NULL;
}

/* Where the text of a string ends that begins at s: the last three quotes of up to five that are
   together, if it is one in three. */
static char const *string_end(struct in const *in, char const *s, char quote, int is_long)
{
    for (; s < in->end; s++) {
        size_t run = 0;
        if (*s == '\\' && quote == '"') {
            if (s + 1 < in->end && s[1] != '\n')
                s++;
            continue;
        }
        if (*s == '\n' && !is_long)
            return NULL;
        if (*s != quote)
            continue;
        if (!is_long)
            return s;
        while (run < 5 && s + run < in->end && s[run] == quote)
            run++;
        if (run >= 3)
            return s + run - 3;
        s += run - 1;
    }
    return NULL;
}

static int string(struct in *in, struct tmplvalue *v)
{
    char const quote = *in->p;
    int is_long = is_at(in, quote == '"' ? "\"\"\"" : "'''");
    char const *s = in->p + (is_long ? 3 : 1);
    char const *stop = string_end(in, s, quote, is_long);
    if (!stop && is_long)
        return fail(in, in->p, "string without an end: three quotes close it");
    if (!stop)
        return fail(in, in->p,
                    "quote missing: the string is not closed in its line (three quotes "
                    "begin and end one of several lines)");
    /* a newline right behind the quotes is not of the text */
    if (is_long && s < stop && *s == '\r')
        s++;
    if (is_long && s < stop && *s == '\n')
        s++;
    /* no escape becomes longer */
    char *text = pool_get(in->pool, (size_t)(stop - s));
    char *to = text;
    if (!text)
        return no_memory(in);
    while (s < stop) {
        if (*s == '\\' && quote == '"') {
            s = escape(in, s, stop, is_long, &to);
            if (!s)
                return 0;
        } else {
            if (*s != '\r')
                *to++ = *s;
            s++;
        }
    }
    in->p = stop + (is_long ? 3 : 1);
    *v = tmplvalue_string(text, (size_t)(to - text));
    return 1;
}

/* Integer, Float */

/* The length of the digits at s, with single underscores between them. */
static size_t digits(char const *s, size_t n, int base)
{
    size_t i = 0;
    for (;;) {
        int digit = i < n ? hex(s[i]) : -1;
        if (digit < 0 || digit >= base)
            return 0;
        while (digit >= 0 && digit < base)
            digit = ++i < n ? hex(s[i]) : -1;
        if (i + 1 >= n || s[i] != '_' || hex(s[i + 1]) < 0 || hex(s[i + 1]) >= base)
            return i;
        i++;
    }
}

static int integer(struct in *in, char const *s, size_t n, int base, int is_negative,
                   struct tmplvalue *v)
{
    uint64_t const max = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '_')
            continue;
        uint64_t digit = (uint64_t)hex(s[i]);
        if (sum > (max - digit) / (uint64_t)base)
            return fail(in, in->p, "number beyond 64 bits: put it in quotes, or write 1.0e20");
        sum = sum * (uint64_t)base + digit;
    }
    /* no negative of INT64_MAX + 1 */
    *v = tmplvalue_int(!is_negative ? (int64_t)sum : sum ? -(int64_t)(sum - 1) - 1 : 0);
    return 1;
}

/* Whether all of the n bytes are a float. */
static int is_float(char const *s, size_t n)
{
    size_t i = digits(s, n, 10);
    if (!i)
        return 0;
    if (i < n && s[i] == '.') {
        size_t fraction = digits(s + i + 1, n - i - 1, 10);
        if (!fraction)
            return 0;
        i += 1 + fraction;
    }
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        i += i < n && (s[i] == '+' || s[i] == '-');
        size_t exponent = digits(s + i, n - i, 10);
        if (!exponent)
            return 0;
        i += exponent;
    }
    return i == n;
}

static int floating(struct in *in, char const *s, size_t n, int is_negative, struct tmplvalue *v)
{
    char *copy = pool_get(in->pool, n + 1);
    char *to = copy;
    if (!copy)
        return no_memory(in);
    for (size_t i = 0; i < n; i++)
        if (s[i] != '_')
            *to++ = s[i];
    *to = 0;
    double f = strtod(copy, NULL);
    if (isinf(f))
        return fail(in, in->p, "number too big: no float reaches beyond 1.7e308");
    *v = tmplvalue_float(is_negative ? -f : f);
    return 1;
}

static int is_word(char const *s, size_t n, char const *word)
{
    return strlen(word) == n && !memcmp(s, word, n);
}

/* 0x, 0o and 0b; 0 if it is none of them */
static int base_of(char const *s, size_t n)
{
    if (n < 2 || *s != '0')
        return 0;
    return s[1] == 'x' ? 16 : s[1] == 'o' ? 8 : s[1] == 'b' ? 2 : 0;
}

/* The n bytes at in->p as a number. */
static int number(struct in *in, size_t n, struct tmplvalue *v)
{
    char const *s = in->p;
    int is_negative = *s == '-';
    int is_signed = is_negative || *s == '+';
    s += is_signed;
    n -= (size_t)is_signed;
    if (is_word(s, n, "inf") || is_word(s, n, "nan")) {
        double f = *s == 'i' ? (double)INFINITY : (double)NAN;
        *v = tmplvalue_float(is_negative ? -f : f);
        return 1;
    }
    int base = base_of(s, n);
    if (base && is_signed)
        return fail(in, in->p, "no sign goes before 0%c", s[1]);
    if (base && digits(s + 2, n - 2, base) == n - 2 && n > 2)
        return integer(in, s + 2, n - 2, base, 0, v);
    size_t whole = digits(s, n, 10);
    if (whole > 1 && *s == '0' && (whole == n || is_float(s, n)))
        return fail(in, in->p,
                    "leading zero: leave it out, or write 0o%.*s for octal, or use quotes",
                    shown(s + 1, whole - 1), s + 1);
    if (whole && whole == n)
        return integer(in, s, n, 10, is_negative, v);
    if (is_float(s, n))
        return floating(in, s, n, is_negative, v);
    return fail(in, in->p,
                "%.*s is no number: text needs quotes, a float digits on both sides of "
                "its point, and _ stands between digits",
                shown(in->p, n + (size_t)is_signed), in->p);
}

/* Offset Date-Time to Local Time: 1979-05-27... and 07:32... */
static int is_date(char const *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] >= '0' && s[i] <= '9')
        i++;
    return (i == 4 && n > 4 && s[4] == '-') || (i == 2 && n > 2 && s[2] == ':');
}

/* Boolean, and what else has no quotes */
static int word(struct in *in, struct tmplvalue *v)
{
    size_t n = 0;
    while (in->p + n < in->end &&
           (hex(in->p[n]) >= 0 || strchr("+-_.:", in->p[n]) ||
            (in->p[n] >= 'G' && in->p[n] <= 'Z') || (in->p[n] >= 'g' && in->p[n] <= 'z')))
        n++;
    char const *s = in->p;
    if (is_word(s, n, "true") || is_word(s, n, "false")) {
        *v = tmplvalue_bool(*s == 't');
    } else if (n && is_date(s, n)) {
        return fail(in, s, "dates and times are not supported: put it in quotes");
    } else if (n && (strchr("+-0123456789", *s) || is_word(s, n, "inf") || is_word(s, n, "nan"))) {
        if (!number(in, n, v))
            return 0;
    } else if (n) {
        return fail(in, s, "%.*s is no value: text needs quotes, and true and false are lower case",
                    shown(s, n), s);
    } else {
        return fail(in, s, "%.*s begins no value: text needs quotes",
                    (int)logjson_utf8(s, (size_t)(in->end - s)), s);
    }
    in->p += n;
    return 1;
}

/* Keys */

struct part {
    char const *at; /* as it is written */
    int shown;
    char const *key;
    size_t n;
};

static int is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* One part of a key and the blanks around it. */
static int key_part(struct in *in, struct part *k)
{
    blanks(in);
    k->at = in->p;
    if (is_at(in, "\"\"\"") || is_at(in, "'''"))
        return fail(in, in->p, "a key has one quote on each side, not three");
    if (peek(in) == '"' || peek(in) == '\'') {
        struct tmplvalue v;
        if (!string(in, &v))
            return 0;
        k->key = v.u.s;
        k->n = v.n;
    } else {
        while (is_bare(peek(in)))
            in->p++;
        k->key = k->at;
        k->n = (size_t)(in->p - k->at);
        if (!k->n)
            return fail(in, in->p, "key missing: it is letters, digits, _ and -, or in quotes");
    }
    k->shown = shown(k->at, (size_t)(in->p - k->at));
    blanks(in);
    return 1;
}

static int is_deep(struct in *in, unsigned int depth)
{
    if (depth > DEPTH)
        fail(in, in->p, "more than %d tables and arrays in each other", DEPTH);
    return depth > DEPTH;
}

/* The node of a part in a table, which is new or not. */
static struct tomltree_node *lookup(struct in *in, struct tomltree_node *table,
                                    struct part const *k, int *is_new)
{
    if (is_deep(in, table->depth + 1))
        return NULL;
    struct tomltree_node *node = tomltree_key(table, in->pool, k->key, k->n, is_new);
    if (!node)
        no_memory(in);
    else if (*is_new)
        node->at = k->at;
    return node;
}

/* A key that was there, for another use. */
static int taken(struct in *in, struct part const *k, struct tomltree_node const *node)
{
    unsigned int line = line_of(in, node->at);
    switch (node->kind) {
    case TOMLTREE_VALUE:
        return fail(in, k->at, "%.*s has a value already, given in line %u: remove one", k->shown,
                    k->at, line);
    case TOMLTREE_TABLES:
        return fail(in, k->at, "%.*s is an array of tables since line %u: add to it by [[...]]",
                    k->shown, k->at, line);
    case TOMLTREE_IMPLIED:
    case TOMLTREE_HEADED:
    case TOMLTREE_DOTTED:
        break;
    }
    return fail(in, k->at, "%.*s is a table already, begun in line %u: put its keys together there",
                k->shown, k->at, line);
}

/* The table that a dotted key goes through. What has had its header is complete. */
static struct tomltree_node *dotted(struct in *in, struct tomltree_node *table,
                                    struct part const *k)
{
    int is_new;
    struct tomltree_node *node = lookup(in, table, k, &is_new);
    if (!node)
        return NULL;
    if (is_new || node->kind == TOMLTREE_IMPLIED)
        node->kind = TOMLTREE_DOTTED;
    if (node->kind == TOMLTREE_DOTTED)
        return node;
    taken(in, k, node);
    return NULL;
}

static int value(struct in *in, unsigned int depth, struct tmplvalue *v);

/* Key/Value Pair */
static int pair(struct in *in, struct tomltree_node *table)
{
    struct part k;
    int is_new;
    if (!key_part(in, &k))
        return 0;
    while (peek(in) == '.') {
        in->p++;
        table = dotted(in, table, &k);
        if (!table || !key_part(in, &k))
            return 0;
    }
    if (peek(in) != '=')
        return fail(in, in->p,
                    "= missing behind the key (a key of more than letters, digits, _ "
                    "and - needs quotes)");
    in->p++;
    blanks(in);
    struct tomltree_node *node = lookup(in, table, &k, &is_new);
    if (!node)
        return 0;
    if (!is_new)
        return taken(in, &k, node);
    node->kind = TOMLTREE_VALUE;
    return value(in, node->depth, &node->value);
}

/* Array: its items are linked until their number is known. */
static int array(struct in *in, unsigned int depth, struct tmplvalue *v)
{
    char const *begin = in->p++;
    struct tomltree_node list = {.kind = TOMLTREE_TABLES, .depth = depth};
    for (lines(in); peek(in) != ']'; lines(in)) {
        if (in->p == in->end)
            return fail(in, begin, "array without an end: ] missing");
        struct tomltree_node *item = tomltree_item(&list, in->pool);
        if (!item)
            return no_memory(in);
        item->kind = TOMLTREE_VALUE;
        if (!value(in, item->depth, &item->value))
            return 0;
        lines(in);
        if (peek(in) == ',')
            in->p++;
        else if (peek(in) != ']' && in->p < in->end)
            return fail(in, in->p, "comma missing between two values of an array, or ] behind it");
    }
    in->p++;
    return tomltree_value(&list, in->pool, v) ? 1 : no_memory(in);
}

/* Inline Table */
static int inline_table(struct in *in, unsigned int depth, struct tmplvalue *v)
{
    char const *begin = in->p++;
    struct tomltree_node table = {.kind = TOMLTREE_HEADED, .depth = depth};
    blanks(in);
    while (peek(in) != '}' || table.count) {
        if (in->p == in->end || *in->p == '\n' || *in->p == '#')
            return fail(in, begin,
                        "} missing: a table in braces is of one line; use [NAME] for "
                        "one of several");
        if (*in->p == '}')
            return fail(in, in->p, "no comma goes before }");
        if (!pair(in, &table))
            return 0;
        blanks(in);
        if (peek(in) == '}')
            break;
        if (peek(in) == ',')
            in->p++;
        else if (in->p < in->end && *in->p != '\n' && *in->p != '#')
            return fail(in, in->p, "comma missing between two keys of a table, or } behind it");
        blanks(in);
    }
    in->p++;
    return tomltree_value(&table, in->pool, v) ? 1 : no_memory(in);
}

static int value(struct in *in, unsigned int depth, struct tmplvalue *v)
{
    if (is_deep(in, depth))
        return 0;
    switch (peek(in)) {
    case '"':
    case '\'':
        return string(in, v);
    case '[':
        return array(in, depth, v);
    case '{':
        return inline_table(in, depth, v);
    case 0:
    case '\n':
    case '#':
        return fail(in, in->p, "value missing: write \"\" for an empty string");
    case ',':
        return fail(in, in->p, "value missing before the comma");
    default:
        return word(in, v);
    }
}

/* Table, Array of Tables */

/* The table that a header goes through: of an array of tables the last one. */
static struct tomltree_node *passed(struct in *in, struct tomltree_node *table,
                                    struct part const *k)
{
    int is_new;
    struct tomltree_node *node = lookup(in, table, k, &is_new);
    if (!node)
        return NULL;
    if (is_new)
        node->kind = TOMLTREE_IMPLIED;
    if (node->kind == TOMLTREE_TABLES)
        return node->newest;
    if (node->kind != TOMLTREE_VALUE)
        return node;
    taken(in, k, node);
    return NULL;
}

static int begin_table(struct in *in, struct tomltree_node *table, struct part const *k)
{
    int is_new;
    struct tomltree_node *node = lookup(in, table, k, &is_new);
    if (!node)
        return 0;
    if (!is_new && node->kind != TOMLTREE_IMPLIED)
        return taken(in, k, node);
    node->kind = TOMLTREE_HEADED;
    in->table = node;
    return 1;
}

static int begin_item(struct in *in, struct tomltree_node *table, struct part const *k)
{
    int is_new;
    struct tomltree_node *node = lookup(in, table, k, &is_new);
    if (!node)
        return 0;
    if (is_new)
        node->kind = TOMLTREE_TABLES;
    if (node->kind != TOMLTREE_TABLES)
        return taken(in, k, node);
    in->table = tomltree_item(node, in->pool);
    if (!in->table)
        return no_memory(in);
    in->table->kind = TOMLTREE_HEADED;
    return 1;
}

static int header(struct in *in)
{
    int is_item = is_at(in, "[[");
    struct tomltree_node *table = in->root;
    struct part k;
    in->p += is_item ? 2 : 1;
    if (!key_part(in, &k))
        return 0;
    while (peek(in) == '.') {
        in->p++;
        table = passed(in, table, &k);
        if (!table || !key_part(in, &k))
            return 0;
    }
    if (!is_at(in, is_item ? "]]" : "]"))
        return fail(in, in->p,
                    "%s missing behind the name of the table (a name of more than "
                    "letters, digits, _ and - needs quotes)",
                    is_item ? "]]" : "]");
    in->p += is_item ? 2 : 1;
    return is_item ? begin_item(in, table, &k) : begin_table(in, table, &k);
}

static int document(struct in *in)
{
    for (lines(in); in->p < in->end; lines(in)) {
        if (!(*in->p == '[' ? header(in) : pair(in, in->table)))
            return 0;
        comment(in);
        if (in->p < in->end && *in->p != '\n')
            return fail(in, in->p,
                        "nothing but a comment (#) goes behind it in its line: begin a "
                        "new line, or quote all of the text");
    }
    return 1;
}

int toml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v, unsigned int *line,
              unsigned int *column, char why[TOML_WHY])
{
    struct tomltree_node root = {.kind = TOMLTREE_HEADED};
    size_t bom = len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
    struct in in = {.s = s + bom,
                    .p = s + bom,
                    .end = s + len,
                    .pool = p,
                    .root = &root,
                    .table = &root,
                    .why = why};
    int ok = len <= SIZE ? is_text(&in) && document(&in)
                         : fail(&in, in.s, "a file of more than %d bytes", SIZE);
    if (ok && !tomltree_value(&root, p, v))
        ok = no_memory(&in);
    if (ok)
        return 1;
    *line = line_of(&in, in.at);
    *column = 1;
    while (in.at > in.s && *--in.at != '\n')
        ++*column;
    return 0;
}
