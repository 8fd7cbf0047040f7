#include <string.h>

#include <cairn/tmpltree.h>

struct tmplbody *tmpltree_body(struct tmpl const *t, char const *name, size_t n)
{
    for (struct tmplbody *b = t->body; b; b = b->next)
        if (b->n == n && !memcmp(b->name, name, n))
            return b;
    return NULL;
}
