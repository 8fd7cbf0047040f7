#include <string.h>

#include <cairn/toml.h>
#include <cairn/tomlscalar.h>
#include <cairn/conftext.h>
#include <cairn/tomltree.h>

/* The sections are those of toml.io/en/v1.0.0. */

enum {
    DEPTH = 64,      /* tables and arrays in each other */
    SIZE = 16 << 20, /* bytes of text: places fit an unsigned int */
};

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
static int key_part(struct conftext *in, struct part *k)
{
    conftext_blanks(in);
    k->at = in->p;
    if (conftext_is_at(in, "\"\"\"") || conftext_is_at(in, "'''"))
        return conftext_fail(in, in->p, "a key has one quote on each side, not three");
    if (conftext_peek(in) == '"' || conftext_peek(in) == '\'') {
        struct tmplvalue v;
        if (!tomlscalar_string(in, &v))
            return 0;
        k->key = v.u.s;
        k->n = v.n;
    } else {
        while (is_bare(conftext_peek(in)))
            in->p++;
        k->key = k->at;
        k->n = (size_t)(in->p - k->at);
        if (!k->n)
            return conftext_fail(in, in->p,
                                 "key missing: it is letters, digits, _ and -, or in quotes");
    }
    k->shown = conftext_shown(k->at, (size_t)(in->p - k->at));
    conftext_blanks(in);
    return 1;
}

static int is_deep(struct conftext *in, char const *at, unsigned int depth)
{
    if (depth > DEPTH)
        conftext_fail(in, at, "more than %d tables and arrays in each other", DEPTH);
    return depth > DEPTH;
}

/* The node of a part in a table, which is new or not. */
static struct tomltree_node *lookup(struct conftext *in, struct tomltree_node *table,
                                    struct part const *k, int *is_new)
{
    if (is_deep(in, k->at, table->depth + 1))
        return NULL;
    struct tomltree_node *node = tomltree_key(table, in->pool, k->key, k->n, is_new);
    if (!node)
        conftext_no_memory(in);
    if (!node || !*is_new)
        return node;
    node->at = k->at;
    /* a bare key is still of the text, which the value outlives */
    node->key = k->key == k->at ? pool_copy(in->pool, k->key, k->n) : k->key;
    if (node->key)
        return node;
    conftext_no_memory(in);
    return NULL;
}

/* A key that was there, for another use. */
static int taken(struct conftext *in, struct part const *k, struct tomltree_node const *node)
{
    unsigned int line = conftext_line(in, node->at);
    switch (node->kind) {
    case TOMLTREE_VALUE:
        return conftext_fail(in, k->at, "%.*s has a value already, given in line %u: remove one",
                             k->shown, k->at, line);
    case TOMLTREE_TABLES:
        return conftext_fail(in, k->at,
                             "%.*s is an array of tables since line %u: add to it by [[...]]",
                             k->shown, k->at, line);
    case TOMLTREE_IMPLIED:
    case TOMLTREE_HEADED:
    case TOMLTREE_DOTTED:
        break;
    }
    return conftext_fail(in, k->at,
                         "%.*s is a table already, begun in line %u: put its keys together there",
                         k->shown, k->at, line);
}

/* The table that a dotted key goes through. What has had its header is complete. */
static struct tomltree_node *dotted(struct conftext *in, struct tomltree_node *table,
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

static int value(struct conftext *in, unsigned int depth, struct tmplvalue *v);

/* Key/Value Pair */
static int pair(struct conftext *in, struct tomltree_node *table)
{
    struct part k;
    int is_new;
    if (!key_part(in, &k))
        return 0;
    while (conftext_peek(in) == '.') {
        in->p++;
        table = dotted(in, table, &k);
        if (!table || !key_part(in, &k))
            return 0;
    }
    if (conftext_peek(in) != '=')
        return conftext_fail(in, in->p,
                             "= missing behind the key (a key of more than letters, digits, _ "
                             "and - needs quotes)");
    in->p++;
    conftext_blanks(in);
    struct tomltree_node *node = lookup(in, table, &k, &is_new);
    if (!node)
        return 0;
    if (!is_new)
        return taken(in, &k, node);
    node->kind = TOMLTREE_VALUE;
    return value(in, node->depth, &node->value);
}

/* Array: its items are linked until their number is known. */
static int array(struct conftext *in, unsigned int depth, struct tmplvalue *v)
{
    char const *begin = in->p++;
    struct tomltree_node list = {.kind = TOMLTREE_TABLES, .depth = depth};
    for (conftext_lines(in); conftext_peek(in) != ']'; conftext_lines(in)) {
        if (in->p == in->end)
            return conftext_fail(in, begin, "array without an end: ] missing");
        struct tomltree_node *item = tomltree_item(&list, in->pool);
        if (!item)
            return conftext_no_memory(in);
        item->kind = TOMLTREE_VALUE;
        if (!value(in, item->depth, &item->value))
            return 0;
        conftext_lines(in);
        if (conftext_peek(in) == ',')
            in->p++;
        else if (conftext_peek(in) != ']' && in->p < in->end)
            return conftext_fail(in, in->p,
                                 "comma missing between two values of an array, or ] behind it");
    }
    in->p++;
    return tomltree_value(&list, in->pool, v) ? 1 : conftext_no_memory(in);
}

/* Inline Table */
static int inline_table(struct conftext *in, unsigned int depth, struct tmplvalue *v)
{
    char const *begin = in->p++;
    struct tomltree_node table = {.kind = TOMLTREE_HEADED, .depth = depth};
    conftext_blanks(in);
    while (conftext_peek(in) != '}' || table.count) {
        if (in->p == in->end || *in->p == '\n' || *in->p == '#')
            return conftext_fail(in, begin,
                                 "} missing: a table in braces is of one line; use [NAME] for "
                                 "one of several");
        if (*in->p == '}')
            return conftext_fail(in, in->p, "no comma goes before }");
        if (!pair(in, &table))
            return 0;
        conftext_blanks(in);
        if (conftext_peek(in) == '}')
            break;
        if (conftext_peek(in) == ',')
            in->p++;
        else if (in->p < in->end && *in->p != '\n' && *in->p != '#')
            return conftext_fail(in, in->p,
                                 "comma missing between two keys of a table, or } behind it");
        conftext_blanks(in);
    }
    in->p++;
    return tomltree_value(&table, in->pool, v) ? 1 : conftext_no_memory(in);
}

static int value(struct conftext *in, unsigned int depth, struct tmplvalue *v)
{
    if (is_deep(in, in->p, depth))
        return 0;
    switch (conftext_peek(in)) {
    case '"':
    case '\'':
        return tomlscalar_string(in, v);
    case '[':
        return array(in, depth, v);
    case '{':
        return inline_table(in, depth, v);
    case 0:
    case '\n':
    case '#':
        return conftext_fail(in, in->p, "value missing: write \"\" for an empty string");
    case ',':
    case ']':
    case '}':
        return conftext_fail(in, in->p, "value missing before %c", *in->p);
    default:
        return tomlscalar_word(in, v);
    }
}

/* Table, Array of Tables */

/* The table that a header goes through: of an array of tables the last one. */
static struct tomltree_node *passed(struct conftext *in, struct tomltree_node *table,
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

/* The table that a header begins. */
static struct tomltree_node *begun(struct conftext *in, struct tomltree_node *table,
                                   struct part const *k, int is_item)
{
    int is_new;
    struct tomltree_node *node = lookup(in, table, k, &is_new);
    if (!node)
        return NULL;
    if (is_new)
        node->kind = is_item ? TOMLTREE_TABLES : TOMLTREE_IMPLIED;
    if (node->kind != (is_item ? TOMLTREE_TABLES : TOMLTREE_IMPLIED)) {
        taken(in, k, node);
        return NULL;
    }
    if (is_item) {
        node = tomltree_item(node, in->pool);
        if (!node) {
            conftext_no_memory(in);
            return NULL;
        }
    }
    node->kind = TOMLTREE_HEADED;
    return node;
}

static struct tomltree_node *header(struct conftext *in, struct tomltree_node *table)
{
    int is_item = conftext_is_at(in, "[[");
    struct part k;
    in->p += is_item ? 2 : 1;
    if (!key_part(in, &k))
        return NULL;
    while (conftext_peek(in) == '.') {
        in->p++;
        table = passed(in, table, &k);
        if (!table || !key_part(in, &k))
            return NULL;
    }
    if (!conftext_is_at(in, is_item ? "]]" : "]")) {
        conftext_fail(in, in->p,
                      "%s missing behind the name of the table (a name of more than "
                      "letters, digits, _ and - needs quotes)",
                      is_item ? "]]" : "]");
        return NULL;
    }
    in->p += is_item ? 2 : 1;
    return begun(in, table, &k, is_item);
}

static int document(struct conftext *in, struct tomltree_node *root)
{
    struct tomltree_node *table = root;
    for (conftext_lines(in); in->p < in->end; conftext_lines(in)) {
        if (*in->p == '[') {
            table = header(in, root);
            if (!table)
                return 0;
        } else if (!pair(in, table)) {
            return 0;
        }
        conftext_comment(in);
        if (in->p < in->end && *in->p != '\n')
            return conftext_fail(in, in->p,
                                 "nothing but a comment (#) goes behind it in its line: "
                                 "begin a new line, or quote all of the text");
    }
    return 1;
}

_Static_assert((int)TOML_WHY == (int)CONFTEXT_WHY, "one size of reason");

int toml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v, unsigned int *line,
              unsigned int *column, char why[TOML_WHY])
{
    struct tomltree_node root = {.kind = TOMLTREE_HEADED};
    size_t bom = len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
    struct conftext in = {.s = s + bom, .p = s + bom, .end = s + len, .pool = p, .why = why};
    int ok = len <= SIZE ? conftext_check(&in) && document(&in, &root)
                         : conftext_fail(&in, in.s, "a file of more than %d bytes", SIZE);
    if (ok && !tomltree_value(&root, p, v))
        ok = conftext_no_memory(&in);
    if (ok)
        return 1;
    conftext_place(&in, line, column);
    return 0;
}
