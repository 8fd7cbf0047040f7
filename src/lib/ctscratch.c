#include <string.h>

#include <cairn/ctscratch.h>

/* A name and what it stands for: a value, or more names. */
struct pair {
    struct pair *next;
    char const *key;
    size_t n;
    struct tmplvalue value;
    struct pair *map;
    int is_map;
};

struct ctscratch {
    struct pair *pair; /* in the order of keys */
    struct tmplobject object;
};

static struct ctscratch *pad(struct tmplcall const *c)
{
    return c->arg->u.object->data;
}

/* Where the key stands in the list, or would. */
static struct pair **place(struct pair **at, struct tmplvalue const *key)
{
    while (*at && tmplvalue_cmp((*at)->key, (*at)->n, key->u.s, key->n) < 0)
        at = &(*at)->next;
    return at;
}

static struct pair *find(struct pair **list, struct tmplvalue const *key)
{
    struct pair *p = *place(list, key);
    return p && !tmplvalue_cmp(p->key, p->n, key->u.s, key->n) ? p : NULL;
}

/* The one of that key, made if it is not there. NULL with c->why set. */
static struct pair *get(struct tmplcall *c, struct pair **list, struct tmplvalue const *key)
{
    struct pair *p = find(list, key);
    if (p)
        return p;
    struct pair **at = place(list, key);
    p = pool_get(c->pool, sizeof *p);
    if (!p) {
        tmplcall_nomem(c);
        return NULL;
    }
    *p = (struct pair){.next = *at, .key = key->u.s, .n = key->n};
    *at = p;
    return p;
}

static int nothing(struct tmplvalue *result)
{
    *result = tmplvalue_text("");
    return 1;
}

/* The values of a map as one, in the order of their keys. */
static int as_map(struct tmplcall *c, struct pair *list, struct tmplvalue *result)
{
    size_t n = 0;
    for (struct pair *p = list; p; p = p->next)
        n++;
    struct tmplentry *e = tmplcall_entries(c, n);
    if (!e)
        return 0;
    n = 0;
    for (struct pair *p = list; p; p = p->next, n++)
        e[n] = (struct tmplentry){.key = p->key, .n = p->n, .value = p->value};
    *result = tmplvalue_map(e, n);
    return 1;
}

static int has_key(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(find(&pad(c)->pair, c->arg + 1) != NULL);
    return 1;
}

static int set(struct tmplcall *c, struct tmplvalue *result, int only_new)
{
    struct pair *is = find(&pad(c)->pair, c->arg + 1);
    if (!is || !only_new) {
        is = get(c, &pad(c)->pair, c->arg + 1);
        if (!is)
            return 0;
        is->value = c->arg[2];
        is->is_map = 0;
    }
    return nothing(result);
}

static int set_always(struct tmplcall *c, struct tmplvalue *result)
{
    return set(c, result, 0);
}

static int set_new(struct tmplcall *c, struct tmplvalue *result)
{
    return set(c, result, 1);
}

static int get_value(struct tmplcall *c, struct tmplvalue *result)
{
    struct pair *p = find(&pad(c)->pair, c->arg + 1);
    if (p && p->is_map)
        return as_map(c, p->map, result);
    *result = p ? p->value : tmplvalue_nil();
    return 1;
}

static int not_a_map(struct tmplcall *c)
{
    struct tmplvalue const *key = c->arg + 1;
    return tmplcall_fail(c, "\"%.*s\" is not a map", key->n > 100 ? 100 : (int)key->n, key->u.s);
}

static int map_set(struct tmplcall *c, struct tmplvalue *result, int only_new)
{
    struct pair *map = find(&pad(c)->pair, c->arg + 1);
    if (map && !map->is_map)
        return not_a_map(c);
    map = get(c, &pad(c)->pair, c->arg + 1);
    if (!map)
        return 0;
    map->is_map = 1;
    if (!only_new || !find(&map->map, c->arg + 2)) {
        struct pair *p = get(c, &map->map, c->arg + 2);
        if (!p)
            return 0;
        p->value = c->arg[3];
    }
    return nothing(result);
}

static int map_set_always(struct tmplcall *c, struct tmplvalue *result)
{
    return map_set(c, result, 0);
}

static int map_set_new(struct tmplcall *c, struct tmplvalue *result)
{
    return map_set(c, result, 1);
}

static int map_values(struct tmplcall *c, struct tmplvalue *result)
{
    struct pair *map = find(&pad(c)->pair, c->arg + 1);
    size_t n = 0;
    *result = tmplvalue_nil();
    if (!map)
        return 1;
    if (!map->is_map)
        return not_a_map(c);
    for (struct pair *p = map->map; p; p = p->next)
        n++;
    struct tmplvalue *item = tmplcall_items(c, n);
    if (!item)
        return 0;
    n = 0;
    for (struct pair *p = map->map; p; p = p->next)
        item[n++] = p->value;
    *result = tmplvalue_list(item, n);
    return 1;
}

static struct tmplfunc const methods[] = {
    {"Get", ".s", get_value},           {"Key", ".s", has_key},
    {"MapSet", ".ss.", map_set_always}, {"MapSetX", ".ss.", map_set_new},
    {"MapValues", ".s", map_values},    {"Set", ".s.", set_always},
    {"SetX", ".s.", set_new},
};

static struct tmplclass const class = {
    .name = "*template.Scratch",
    .method = methods,
    .methods = sizeof methods / sizeof *methods,
};

int ctscratch(struct tmplcall *c, struct tmplvalue *result)
{
    struct ctplain *plain = c->data;
    if (!plain->scratch) {
        struct ctscratch *s = pool_get(c->pool, sizeof *s);
        if (!s)
            return tmplcall_nomem(c);
        *s = (struct ctscratch){.object = {.class = &class, .data = s}};
        plain->scratch = s;
    }
    *result = tmplvalue_object(&plain->scratch->object);
    return 1;
}
