#include <errno.h>
#include <string.h>
#include <strings.h>

#include <cairn/hosts.h>
#include <cairn/poweroftwo.h>
#include <cairn/lines.h>

/* Without setlocale, strcasecmp is that of ASCII. */
static int has_name(char *names, char const *name)
{
    char *w;
    while ((w = lines_word(&names)))
        if (!strcasecmp(w, name))
            return 1;
    return 0;
}

int hosts_find(char const *file, char const *name, int family,
               int (*accept)(void *, struct netaddr const *), void *data, struct netaddr *found)
{
    struct lines l;
    char *line;
    int r;
    if (lines_open(&l, file) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    while ((r = lines_next(&l, &line)) > 0) {
        struct netaddr a;
        line[strcspn(line, "#")] = 0;
        char *address = lines_word(&line);
        if (!address || !netaddr_parse(address, &a) || a.family != family ||
            !has_name(line, name) || (accept && !accept(data, &a)))
            continue;
        *found = a;
        break;
    }
    lines_close(&l);
    return r;
}

/* ---- a table */

size_t hosts_table_size(uint32_t entries, uint32_t names)
{
    return entries * sizeof(struct hosts_entry) +
           2 * (size_t)poweroftwo(entries) * sizeof(uint32_t) + names;
}

void hosts_table_init(struct hosts_table *t, void *memory, uint32_t entries, uint32_t names)
{
    *t = (struct hosts_table){.max_entries = entries, .max_size = names};
    t->entry = memory;
    t->bucket = (uint32_t *)(void *)(t->entry + entries);
    t->buckets = poweroftwo(entries);
    t->names = (unsigned char *)(t->bucket + 2 * (size_t)t->buckets);
    hosts_table_clear(t);
}

void hosts_table_clear(struct hosts_table *t)
{
    t->entries = t->size = 0;
    t->dropped = t->junk = 0;
    memset(t->bucket, 0, 2 * (size_t)t->buckets * sizeof *t->bucket);
}

static void name_of(struct hosts_table const *t, struct hosts_entry const *e,
                    struct dnswire_name *name)
{
    unsigned char const *p = t->names + e->name;
    *name = (struct dnswire_name){.len = p[0], .labels = p[1]};
    memcpy(name->b, p + 2, name->len);
}

static int has_this_name(struct hosts_table const *t, struct hosts_entry const *e,
                         struct dnswire_name const *name)
{
    struct dnswire_name own;
    if (t->names[e->name] != name->len)
        return 0;
    name_of(t, e, &own);
    return dnswire_name_is(&own, name);
}

static uint32_t *name_bucket(struct hosts_table const *t, struct dnswire_name const *name,
                             int is_wildcard)
{
    return t->bucket + (dnswire_name_hash(name, (uint32_t)is_wildcard) & (t->buckets - 1));
}

static uint32_t *addr_bucket(struct hosts_table const *t, struct netaddr const *a)
{
    uint32_t h = 2166136261u;
    for (int i = 0; i < (a->family == AF_INET ? 4 : 16); i++)
        h = (h ^ a->u.bytes[i]) * 16777619u;
    return t->bucket + t->buckets + (h & (t->buckets - 1));
}

/* The first entry with this name in the chain that begins with next. */
static struct hosts_entry const *walk(struct hosts_table const *t, uint32_t next,
                                      struct dnswire_name const *name, int is_wildcard)
{
    for (; next; next = t->entry[next - 1].by_name) {
        struct hosts_entry const *e = t->entry + next - 1;
        if (e->is_wildcard == is_wildcard && has_this_name(t, e, name))
            return e;
    }
    return NULL;
}

static int is_known(struct hosts_table const *t, struct dnswire_name const *name, int is_wildcard,
                    struct netaddr const *a)
{
    struct hosts_entry const *e = walk(t, *name_bucket(t, name, is_wildcard), name, is_wildcard);
    while (e && !netaddr_is(&e->addr, a))
        e = walk(t, e->by_name, name, is_wildcard);
    return !!e;
}

/* At the end of the chain, so that the order of the file stays. */
static void link_name(struct hosts_table *t, uint32_t *next, uint32_t i)
{
    while (*next)
        next = &t->entry[*next - 1].by_name;
    *next = i;
}

/* Only the first entry of an address is ever asked for. Lists of blocked names have one address a
   hundred thousand times. */
static void link_addr(struct hosts_table *t, struct netaddr const *a, uint32_t i)
{
    uint32_t *next = addr_bucket(t, a);
    for (; *next; next = &t->entry[*next - 1].by_addr)
        if (netaddr_is(&t->entry[*next - 1].addr, a))
            return;
    *next = i;
}

static void add(struct hosts_table *t, struct netaddr const *a, char const *w)
{
    struct dnswire_name name;
    int is_wildcard = w[0] == '*' && w[1] == '.';
    if (is_wildcard)
        w += 2;
    if (!dnswire_name_parse(&name, w, strlen(w)) || !name.labels) {
        t->junk++;
        return;
    }
    if (is_known(t, &name, is_wildcard, a))
        return;
    if (t->entries == t->max_entries || t->max_size - t->size < name.len + 2u) {
        t->dropped++;
        return;
    }
    struct hosts_entry *e = t->entry + t->entries++;
    *e = (struct hosts_entry){
        .addr = *a, .name = t->size, .is_wildcard = (unsigned char)is_wildcard};
    t->names[t->size] = name.len;
    t->names[t->size + 1] = name.labels;
    memcpy(t->names + t->size + 2, name.b, name.len);
    t->size += name.len + 2u;
    link_name(t, name_bucket(t, &name, is_wildcard), t->entries);
    link_addr(t, a, t->entries);
}

void hosts_table_line(struct hosts_table *t, char *line)
{
    struct netaddr a;
    line[strcspn(line, "#")] = 0;
    char *w = lines_word(&line);
    if (!w)
        return;
    if (!netaddr_parse(w, &a)) {
        t->junk++;
        return;
    }
    while ((w = lines_word(&line)))
        add(t, &a, w);
}

int hosts_table_load(struct hosts_table *t, char const *file)
{
    struct lines l;
    char *line;
    int r;
    hosts_table_clear(t);
    if (lines_open(&l, file) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    while ((r = lines_next(&l, &line)) > 0)
        hosts_table_line(t, line);
    lines_close(&l);
    return r;
}

struct hosts_entry const *hosts_table_find(struct hosts_table const *t,
                                           struct dnswire_name const *name, uint32_t *at)
{
    struct hosts_entry const *e;
    if (!t->max_entries)
        return NULL;
    if (*at) {
        struct dnswire_name same;
        struct hosts_entry const *last = t->entry + *at - 1;
        name_of(t, last, &same);
        e = walk(t, last->by_name, &same, last->is_wildcard);
    } else {
        e = walk(t, *name_bucket(t, name, 0), name, 0);
        if (!e && name->labels > 1) {
            struct dnswire_name parent = {.labels = (unsigned char)(name->labels - 1)};
            parent.len = (unsigned char)(name->len - name->b[0] - 1);
            memcpy(parent.b, name->b + name->b[0] + 1, parent.len);
            e = walk(t, *name_bucket(t, &parent, 1), &parent, 1);
        }
    }
    if (e)
        *at = (uint32_t)(e - t->entry) + 1;
    return e;
}

int hosts_table_reverse(struct hosts_table const *t, struct netaddr const *a,
                        struct dnswire_name *name)
{
    if (!t->max_entries)
        return 0;
    for (uint32_t i = *addr_bucket(t, a); i; i = t->entry[i - 1].by_addr)
        if (netaddr_is(&t->entry[i - 1].addr, a)) {
            name_of(t, t->entry + i - 1, name);
            return 1;
        }
    return 0;
}
