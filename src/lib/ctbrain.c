#include <stdlib.h>
#include <string.h>

#include <cairn/ctbrain.h>

enum { VALUE_MAX = 256 << 20, NAMES_MAX = 64 << 10 };

/* Where the name stands, or would. */
static size_t find(struct ctbrain const *b, char const *name, int *is_there)
{
    size_t low = 0;
    size_t high = b->n;
    *is_there = 0;
    while (low < high) {
        size_t middle = low + ((high - low) / 2);
        int c = strcmp(name, b->entry[middle]->dep.name);
        if (!c) {
            *is_there = 1;
            return middle;
        }
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static int make_room(struct ctbrain *b)
{
    if (b->n < b->room)
        return 1;
    size_t room = b->room ? 2 * b->room : 16;
    struct ctentry **more = realloc(b->entry, room * sizeof *more);
    if (!more)
        return 0;
    b->entry = more;
    b->room = room;
    return 1;
}

struct ctentry *ctbrain_get(struct ctbrain *b, struct ctdep const *d)
{
    int is_there;
    size_t at = find(b, d->name, &is_there);
    if (is_there)
        return b->entry[at];
    struct ctentry *e = make_room(b) ? calloc(1, sizeof *e) : NULL;
    if (!e)
        return NULL;
    pool_init(&e->names, NAMES_MAX);
    pool_init(&e->pool, VALUE_MAX);
    if (!ctdep_copy(&e->dep, d, &e->names)) {
        pool_free(&e->names);
        free(e);
        return NULL;
    }
    e->id = ++b->last_id;
    e->value = tmplvalue_nil();
    memmove(b->entry + at + 1, b->entry + at, (b->n - at) * sizeof *b->entry);
    b->entry[at] = e;
    b->n++;
    return e;
}

struct ctentry *ctbrain_of(struct ctbrain const *b, uint64_t id)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->entry[i]->id == id)
            return b->entry[i];
    return NULL;
}

void ctbrain_set(struct ctentry *e, struct tmplvalue const *v, struct pool *p)
{
    pool_free(&e->pool);
    e->pool = *p;
    pool_init(p, p->max);
    e->value = *v;
    e->has = 1;
}

static void free_entry(struct ctentry *e)
{
    pool_free(&e->names);
    pool_free(&e->pool);
    free(e);
}

void ctbrain_drop(struct ctbrain *b, struct ctentry *e)
{
    int is_there;
    size_t at = find(b, e->dep.name, &is_there);
    b->n--;
    memmove(b->entry + at, b->entry + at + 1, (b->n - at) * sizeof *b->entry);
    free_entry(e);
}

void ctbrain_free(struct ctbrain *b)
{
    for (size_t i = 0; i < b->n; i++)
        free_entry(b->entry[i]);
    free(b->entry);
    *b = (struct ctbrain)CTBRAIN_ZERO;
}
