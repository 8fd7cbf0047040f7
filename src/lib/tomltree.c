#include <cairn/tomltree.h>

/* Keys are found by a Patricia trie: each node tests one bit of a key, further on than the node
   above it does, and a link that does not lead further leads to the node with the key. Hostile keys
   cannot make it slow, which they can with a hash, and there is nothing to balance. A byte has nine
   bits here, the first says that there is one; bits count from 1, the first node tests none. */
enum { BITS = 9 };

static unsigned int byte_at(char const *key, size_t n, size_t i)
{
    return i < n ? 256U | (unsigned char)key[i] : 0;
}

static int bit_at(char const *key, size_t n, size_t bit)
{
    return byte_at(key, n, (bit - 1) / BITS) >> (BITS - 1 - (bit - 1) % BITS) & 1;
}

/* The first bit in which the two differ, or 0. */
static size_t difference(char const *a, size_t an, char const *b, size_t bn)
{
    size_t i = 0;
    while (i < an && i < bn && a[i] == b[i])
        i++;
    unsigned int x = byte_at(a, an, i) ^ byte_at(b, bn, i);
    if (!x)
        return 0;
    size_t bit = BITS * i + 1;
    for (unsigned int mask = 1U << (BITS - 1); !(x & mask); mask >>= 1)
        bit++;
    return bit;
}

static struct tomltree_node *new_node(struct tomltree_node *container, struct pool *p)
{
    struct tomltree_node *node = pool_get(p, sizeof *node);
    if (!node)
        return NULL;
    *node = (struct tomltree_node){.depth = container->depth + 1};
    if (container->newest)
        container->newest->next = node;
    else
        container->first = node;
    container->newest = node;
    container->count++;
    return node;
}

struct tomltree_node *tomltree_key(struct tomltree_node *table, struct pool *p, char const *key,
                                   size_t n, int *is_new)
{
    size_t bit = 0;
    size_t tested = 0;
    struct tomltree_node *node = table->root;
    if (node) {
        while (node->bit > tested) {
            tested = node->bit;
            node = node->child[bit_at(key, n, tested)];
        }
        bit = difference(key, n, node->key, node->n);
    }
    *is_new = !node || bit;
    if (!*is_new)
        return node;
    struct tomltree_node **link = &table->root;
    for (tested = 0; *link && (*link)->bit > tested && (*link)->bit < bit;) {
        tested = (*link)->bit;
        link = &(*link)->child[bit_at(key, n, tested)];
    }
    node = new_node(table, p);
    if (!node)
        return NULL;
    node->key = key;
    node->n = n;
    node->bit = bit;
    if (bit) {
        int side = bit_at(key, n, bit);
        node->child[side] = node;
        node->child[!side] = *link;
    }
    *link = node;
    return node;
}

struct tomltree_node *tomltree_item(struct tomltree_node *tables, struct pool *p)
{
    return new_node(tables, p);
}

static int list_value(struct tomltree_node const *node, struct pool *p, struct tmplvalue *v)
{
    struct tmplvalue *item = pool_get(p, node->count * sizeof *item);
    size_t n = 0;
    if (!item)
        return 0;
    for (struct tomltree_node const *t = node->first; t; t = t->next)
        if (!tomltree_value(t, p, item + n++))
            return 0;
    *v = tmplvalue_list(item, n);
    return 1;
}

static int map_value(struct tomltree_node const *node, struct pool *p, struct tmplvalue *v)
{
    struct tmplentry *e = pool_get(p, node->count * sizeof *e);
    size_t n = 0;
    if (!e)
        return 0;
    for (struct tomltree_node const *t = node->first; t; t = t->next, n++) {
        e[n] = (struct tmplentry){.key = t->key, .n = t->n};
        if (!tomltree_value(t, p, &e[n].value))
            return 0;
    }
    *v = tmplvalue_map(e, n);
    return 1;
}

int tomltree_value(struct tomltree_node const *node, struct pool *p, struct tmplvalue *v)
{
    switch (node->kind) {
    case TOMLTREE_VALUE:
        *v = node->value;
        return 1;
    case TOMLTREE_TABLES:
        return list_value(node, p, v);
    case TOMLTREE_IMPLIED:
    case TOMLTREE_HEADED:
    case TOMLTREE_DOTTED:
        break;
    }
    return map_value(node, p, v);
}
