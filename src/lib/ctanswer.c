#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/base64.h>
#include <cairn/ctanswer.h>
#include <cairn/ctobject.h>
#include <cairn/tmpljson.h>

/* ---- what the agent says */

/* The string in the map, or "". */
static struct tmplvalue string_in(struct tmplvalue const *map, char const *name)
{
    return ctobject_typed(ctobject_member(map, name), 's');
}

static int is_text(struct tmplvalue const *v, char const *s)
{
    return v->n == strlen(s) && !memcmp(v->u.s, s, v->n);
}

static int has_prefix(struct tmplvalue const *v, char const *s)
{
    return v->n >= strlen(s) && !memcmp(v->u.s, s, strlen(s));
}

/* The strings of the list, in order. */
static int sorted_tags(struct tmplvalue const *list, struct pool *p, struct tmplvalue *v)
{
    struct tmplvalue is = ctobject_typed(list, 'l');
    struct tmplvalue *item = pool_get(p, (is.n + 1) * sizeof *item);
    size_t n = 0;
    if (!item)
        return 0;
    for (size_t i = 0; i < is.n; i++)
        if (is.u.item[i].kind == TMPLVALUE_STRING)
            item[n++] = is.u.item[i];
    qsort(item, n, sizeof *item, tmplvalue_cmp_strings);
    *v = tmplvalue_list(item, n);
    v->flags = TMPLVALUE_OF_STRINGS;
    return 1;
}

/* Makes an object of each ctobject_member of the list. */
static int each_object(struct tmplclass const *c, struct tmplvalue const *list, struct pool *p,
                       struct tmplvalue *v)
{
    struct tmplvalue is = ctobject_typed(list, '*');
    struct tmplvalue *item = pool_get(p, (is.n + 1) * sizeof *item);
    if (!item)
        return 0;
    if (is.flags & TMPLVALUE_GO_NIL) {
        *v = is;
        return 1;
    }
    for (size_t i = 0; i < is.n; i++)
        if (!ctobject_of(c, is.u.item + i, p, item + i))
            return 0;
    *v = tmplvalue_list(item, is.n);
    return 1;
}

/* What all checks of an instance come to. */
static unsigned int status_of(struct tmplvalue const *checks)
{
    unsigned int worst = CTDEP_PASSING;
    for (size_t i = 0; i < checks->n; i++) {
        struct tmplvalue id = string_in(checks->u.item + i, "CheckID");
        struct tmplvalue status = string_in(checks->u.item + i, "Status");
        unsigned int is = CTDEP_CRITICAL;
        if (is_text(&id, "_node_maintenance") || has_prefix(&id, "_service_maintenance:"))
            is = CTDEP_MAINTENANCE;
        else if (is_text(&status, "passing"))
            is = CTDEP_PASSING;
        else if (is_text(&status, "warning"))
            is = CTDEP_WARNING;
        if (is > worst)
            worst = is;
    }
    return worst;
}

static char const *status_word(unsigned int status)
{
    switch (status) {
    case CTDEP_PASSING:
        return "passing";
    case CTDEP_WARNING:
        return "warning";
    case CTDEP_MAINTENANCE:
        return "maintenance";
    default:
        return "critical";
    }
}

/* Fields of ctobject_service by number. */
enum {
    S_NODE,
    S_NODE_ID,
    S_NODE_ADDRESS,
    S_NODE_TAGGED,
    S_NODE_META,
    S_META,
    S_ADDRESS,
    S_ID,
    S_NAME,
    S_TAGS,
    S_CHECKS,
    S_STATUS,
    S_PORT,
};

/* One ctobject_member of /v1/health/service. */
static int service(struct tmplvalue const *entry, unsigned int status, struct pool *p,
                   struct tmplvalue *v)
{
    struct tmplvalue const *node = ctobject_member(entry, "Node");
    struct tmplvalue const *is = ctobject_member(entry, "Service");
    struct tmplvalue *f = ctobject_new(&ctobject_service, p, v);
    struct ctobject_more *more = f ? pool_get(p, sizeof *more) : NULL;
    if (!more || !sorted_tags(ctobject_member(is, "Tags"), p, f + S_TAGS) ||
        !each_object(&ctobject_check, ctobject_member(entry, "Checks"), p, f + S_CHECKS))
        return 0;
    f[S_NODE] = string_in(node, "Node");
    f[S_NODE_ID] = string_in(node, "ID");
    f[S_NODE_ADDRESS] = string_in(node, "Address");
    f[S_NODE_TAGGED] = ctobject_typed(ctobject_member(node, "TaggedAddresses"), 'm');
    f[S_NODE_META] = ctobject_typed(ctobject_member(node, "Meta"), 'm');
    f[S_META] = ctobject_typed(ctobject_member(is, "Meta"), 'm');
    f[S_ADDRESS] = string_in(is, "Address");
    if (!f[S_ADDRESS].n)
        f[S_ADDRESS] = f[S_NODE_ADDRESS];
    f[S_ID] = string_in(is, "ID");
    f[S_NAME] = string_in(is, "Service");
    f[S_STATUS] = tmplvalue_text(status_word(status));
    f[S_PORT] = ctobject_typed(ctobject_member(is, "Port"), 'i');
    struct tmplvalue const *w = ctobject_member(is, "Weights");
    struct tmplvalue const *a = ctobject_member(is, "TaggedAddresses");
    *more = (struct ctobject_more){w ? *w : tmplvalue_nil(), a ? *a : tmplvalue_nil()};
    ((struct tmplobject *)v->u.object)->data = more;
    return 1;
}

/* Orders objects by the fields first and second, both strings. */
struct order {
    size_t first;
    size_t second;
};
static struct order order;

static int compare_objects(void const *a, void const *b)
{
    struct tmplvalue const *x = ((struct tmplvalue const *)a)->u.object->field;
    struct tmplvalue const *y = ((struct tmplvalue const *)b)->u.object->field;
    int c = tmplvalue_cmp_strings(x + order.first, y + order.first);
    return c ? c : tmplvalue_cmp_strings(x + order.second, y + order.second);
}

static void sort_objects(struct tmplvalue *item, size_t n, size_t first, size_t second)
{
    order = (struct order){first, second};
    if (n)
        qsort(item, n, sizeof *item, compare_objects);
}

static int services(struct ctdep const *d, struct tmplvalue const *json, struct pool *p,
                    struct tmplvalue *v)
{
    struct tmplvalue *item = pool_get(p, (json->n + 1) * sizeof *item);
    size_t n = 0;
    if (!item)
        return 0;
    for (size_t i = 0; i < json->n; i++) {
        struct tmplvalue checks = ctobject_typed(ctobject_member(json->u.item + i, "Checks"), '*');
        unsigned int status = status_of(&checks);
        if (!(status & d->filter))
            continue;
        if (!service(json->u.item + i, status, p, item + n++))
            return 0;
    }
    if (!d->is_near)
        sort_objects(item, n, S_NODE, S_ID);
    *v = tmplvalue_list(item, n);
    return 1;
}

static int snippets(struct tmplvalue const *json, struct pool *p, struct tmplvalue *v)
{
    struct tmplvalue *item = pool_get(p, (json->n + 1) * sizeof *item);
    if (!item)
        return 0;
    for (size_t i = 0; i < json->n; i++) {
        struct tmplvalue *f = ctobject_new(&ctobject_snippet, p, item + i);
        if (!f || !sorted_tags(&json->u.entry[i].value, p, f + 1))
            return 0;
        f[0] = tmplvalue_string(json->u.entry[i].key, json->u.entry[i].n);
    }
    *v = tmplvalue_list(item, json->n); /* a map is in the order of its keys */
    return 1;
}

static int nodes(struct ctdep const *d, struct tmplvalue const *json, struct pool *p,
                 struct tmplvalue *v)
{
    if (!each_object(&ctobject_node, json, p, v))
        return 0;
    if (!d->is_near)
        sort_objects((struct tmplvalue *)v->u.item, v->n, 1, 2); /* Node, Address */
    return 1;
}

static int catalog_node(struct tmplvalue const *json, struct pool *p, struct tmplvalue *v)
{
    struct tmplvalue all = ctobject_typed(ctobject_member(json, "Services"), 'm');
    struct tmplvalue *f = ctobject_new(&ctobject_catalog_node, p, v);
    struct tmplvalue *item = f ? pool_get(p, (all.n + 1) * sizeof *item) : NULL;
    if (!item || !ctobject_of(&ctobject_node, ctobject_member(json, "Node"), p, f))
        return 0;
    for (size_t i = 0; i < all.n; i++) {
        struct tmplvalue const *from = &all.u.entry[i].value;
        if (!ctobject_of(&ctobject_node_service, from, p, item + i) ||
            !sorted_tags(ctobject_member(from, "Tags"), p,
                         (struct tmplvalue *)item[i].u.object->field + 2))
            return 0;
    }
    sort_objects(item, all.n, 1, 0); /* Service, ID */
    f[1] = tmplvalue_list(item, all.n);
    return 1;
}

/* The bytes of a key's Value. */
static int decoded(struct tmplvalue const *pair, struct pool *p, struct tmplvalue *v)
{
    struct tmplvalue text = string_in(pair, "Value");
    char *buf = pool_get(p, text.n + 1);
    size_t n;
    if (!buf)
        return 0;
    if (!base64_decode(buf, &n, text.u.s, text.n, BASE64_STANDARD)) {
        errno = EPROTO;
        return 0;
    }
    *v = tmplvalue_string(buf, n);
    return 1;
}

static int pairs(struct ctdep const *d, struct tmplvalue const *json, struct pool *p,
                 struct tmplvalue *v)
{
    size_t prefix = strlen(d->prefix);
    struct tmplvalue *item = pool_get(p, (json->n + 1) * sizeof *item);
    if (!item)
        return 0;
    for (size_t i = 0; i < json->n; i++) {
        struct tmplvalue const *from = json->u.item + i;
        if (!ctobject_of(&ctobject_pair, from, p, item + i))
            return 0;
        struct tmplvalue *f = (struct tmplvalue *)item[i].u.object->field;
        struct tmplvalue key = string_in(from, "Key");
        size_t cut = has_prefix(&key, d->prefix) ? prefix : 0;
        while (cut < key.n && key.u.s[cut] == '/')
            cut++;
        f[0] = key;
        f[1] = tmplvalue_string(key.u.s + cut, key.n - cut);
        if (!decoded(from, p, f + 2))
            return 0;
    }
    *v = tmplvalue_list(item, json->n);
    return 1;
}

static int roots(struct tmplvalue const *json, struct pool *p, struct tmplvalue *v)
{
    return each_object(&ctobject_root, ctobject_member(json, "Roots"), p, v);
}

/* Makes the value of what the JSON text says. Returns 0 with errno: EPROTO where it is not what the
   agent would say. */
static int convert(struct ctdep const *d, struct tmplvalue const *json, struct pool *p,
                   struct tmplvalue *v)
{
    static char const wanted[] = {
        [CTDEP_BLOCK] = '*',   [CTDEP_GET] = '*',     [CTDEP_LIST] = '*',
        [CTDEP_SERVICE] = '*', [CTDEP_CONNECT] = '*', [CTDEP_SERVICES] = 'm',
        [CTDEP_NODE] = 'm',    [CTDEP_NODES] = '*',   [CTDEP_DATACENTERS] = '*',
        [CTDEP_SELF] = 'm',    [CTDEP_ROOTS] = 'm',   [CTDEP_LEAF] = 'm',
        [CTDEP_FILE] = '.',
    };
    if (json->kind == TMPLVALUE_NIL && d->kind == CTDEP_NODE) {
        *v = *json;
        return 1;
    }
    struct tmplvalue const empty = ctobject_zero(wanted[d->kind]);
    if (json->kind == TMPLVALUE_NIL) /* Go's empty list */
        json = &empty;
    if (!ctobject_has_type(json, wanted[d->kind])) {
        errno = EPROTO;
        return 0;
    }
    switch (d->kind) {
    case CTDEP_BLOCK:
    case CTDEP_GET:
        if (json->n)
            return decoded(json->u.item, p, v);
        *v = tmplvalue_nil();
        return 1;
    case CTDEP_LIST:
        return pairs(d, json, p, v);
    case CTDEP_SERVICE:
    case CTDEP_CONNECT:
        return services(d, json, p, v);
    case CTDEP_SERVICES:
        return snippets(json, p, v);
    case CTDEP_NODE:
        return catalog_node(json, p, v);
    case CTDEP_NODES:
        return nodes(d, json, p, v);
    case CTDEP_DATACENTERS:
        return sorted_tags(json, p, v);
    case CTDEP_SELF:
        *v = string_in(ctobject_member(json, "Config"), "NodeName");
        return 1;
    case CTDEP_ROOTS:
        return roots(json, p, v);
    case CTDEP_LEAF:
        return ctobject_of(&ctobject_leaf, json, p, v);
    case CTDEP_FILE:
        break;
    }
    errno = EPROTO;
    return 0;
}

/* Flags have up to 64 bits, which is more than an integer of ours: then all numbers are floats. */
static int read_json(char const *s, size_t n, struct pool *p, struct tmplvalue *v, char *bad)
{
    return tmpljson_read(s, n, 0, p, v, bad) || tmpljson_read(s, n, 1, p, v, bad);
}

int ctanswer_read(struct ctdep const *d, unsigned int status, char const *s, size_t n,
                  struct pool *p, struct tmplvalue *v, int *has, char why[CTANSWER_WHY])
{
    struct tmplvalue json = tmplvalue_nil();
    char bad[TMPLJSON_WHY];
    *has = 1;
    if (status != 404 && !read_json(s, n, p, &json, bad)) {
        snprintf(why, CTANSWER_WHY, "the agent's answer is no JSON: %s", bad);
        return 0;
    }
    if (!convert(d, &json, p, v)) {
        snprintf(why, CTANSWER_WHY, "%s",
                 errno == EPROTO   ? "the agent's answer is not of the kind that was asked for"
                 : errno == EDQUOT ? "the agent's answer takes more memory than is allowed"
                                   : "out of memory");
        return 0;
    }
    if (d->kind == CTDEP_BLOCK)
        *has = v->kind == TMPLVALUE_STRING;
    return 1;
}
