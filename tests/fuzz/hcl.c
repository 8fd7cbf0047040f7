/* Any bytes as a configuration file in HCL or JSON. */

#include <cairn/hcl.h>

#include "fuzz.h"

enum { DEPTH = 140 }; /* of 64 nested values, each may have labels, or be of an item */

static void check_text(char const *s, size_t n)
{
    HOLDS(s && strlen(s) == n);
}

static void check_value(struct hclvalue const *v, unsigned int depth, unsigned int lines)
{
    HOLDS(depth < DEPTH && v->line <= lines);
    if (v->kind == HCL_STRING)
        check_text(v->u.string.s, v->u.string.n);
    if (v->kind == HCL_LIST)
        for (struct hclvalue const *i = v->u.first; i; i = i->next)
            check_value(i, depth + 1, lines);
    if (v->kind == HCL_OBJECT)
        for (struct hclitem const *i = v->u.item; i; i = i->next) {
            check_text(i->key, i->n);
            HOLDS(i->value && i->line <= lines);
            check_value(i->value, depth + 1, lines);
        }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    unsigned int line = 0;
    unsigned int column = 0;
    unsigned int lines = 1;
    char why[HCL_WHY] = "";
    char *text = malloc(size + !size);
    HOLDS(text);
    if (size)
        memcpy(text, data, size);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    pool_init(&pool, 1 << 20);
    struct hclvalue *root = hcl_read(text, size, &pool, &line, &column, why);
    free(text); /* nothing of the tree is of the text */
    if (root) {
        HOLDS(root->kind == HCL_OBJECT);
        check_value(root, 0, lines);
    } else {
        HOLDS(*why && strlen(why) < HCL_WHY);
        HOLDS(!line == !column && line <= lines && column <= size + 1);
    }
    pool_free(&pool);
    return 0;
}
