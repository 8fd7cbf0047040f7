#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cairn/confdlookup.h>
#include <cairn/dnsclient.h>
#include <cairn/hosts.h>

enum {
    PATIENCE = 5000, /* ms for one lookup */
    RECORDS = 256    /* that are taken */
};

static char const *const srv_fields[] = {"Target", "Port", "Priority", "Weight"};

static struct tmplclass const srv_class = {.name = "net.SRV", .field = srv_fields, .fields = 4};

struct found {
    struct tmplcall *c;
    struct tmplvalue *item;
    size_t n;
    int failed;
};

static void add_address(struct found *f, struct netaddr const *a)
{
    char text[NETADDR_FMT];
    netaddr_fmt(text, a);
    if (f->n < RECORDS && !f->failed)
        f->failed = !tmplcall_string(f->c, f->item + f->n++, text, strlen(text));
}

static int take_host(void *data, struct netaddr const *a)
{
    add_address(data, a);
    return 0; /* and on to the next */
}

static void take_address(void *data, struct dnsreply_record const *r)
{
    add_address(data, &r->addr);
}

static void take_service(void *data, struct dnsreply_record const *r)
{
    struct found *f = data;
    char name[DNSWIRE_TEXT + 1];
    if (f->n == RECORDS || f->failed)
        return;
    struct tmplvalue *field = tmplcall_items(f->c, 4);
    struct tmplobject *o = field ? pool_get(f->c->pool, sizeof *o) : NULL;
    if (!o) {
        f->failed = !tmplcall_nomem(f->c);
        return;
    }
    size_t n = dnswire_name_fmt(name, &r->target);
    name[n++] = '.';
    f->failed |= !tmplcall_string(f->c, field, name, n);
    field[1] = tmplvalue_int(r->port);
    field[2] = tmplvalue_int(r->priority);
    field[3] = tmplvalue_int(r->weight);
    *o = (struct tmplobject){.class = &srv_class, .field = field};
    f->item[f->n++] = tmplvalue_object(o);
}

static int ask_dns(struct found *f, char const *name, uint16_t const *types, unsigned int n,
                   void (*take)(void *, struct dnsreply_record const *))
{
    struct dnsclient *client = calloc(1, sizeof *client);
    if (!client)
        return tmplcall_nomem(f->c);
    client->deadline = dnsclient_now() + PATIENCE;
    client->wake_fd = -1;
    client->take = take;
    client->data = f;
    if (resolvconf_read(&client->conf, RESOLVCONF_FILE) >= 0)
        dnsclient_lookup(client, name, types, n);
    free(client);
    return 1;
}

static int cmp(void const *a, void const *b)
{
    struct tmplvalue const *x = a;
    struct tmplvalue const *y = b;
    for (size_t i = 0; x->kind == TMPLVALUE_OBJECT && i < 4; i++) {
        struct tmplvalue const *p = x->u.object->field + i;
        struct tmplvalue const *q = y->u.object->field + i;
        int c =
            i ? (p->u.i > q->u.i) - (p->u.i < q->u.i) : tmplvalue_cmp(p->u.s, p->n, q->u.s, q->n);
        if (c || i == 3)
            return c;
    }
    return tmplvalue_cmp(x->u.s, x->n, y->u.s, y->n);
}

static int begin(struct found *f, struct tmplcall *c)
{
    *f = (struct found){.c = c, .item = tmplcall_items(c, RECORDS)};
    return !!f->item;
}

/* The list, sorted, each thing once. */
static int end(struct found *f, struct tmplvalue *result, unsigned int flags)
{
    size_t kept = 0;
    qsort(f->item, f->n, sizeof *f->item, cmp);
    for (size_t i = 0; i < f->n; i++)
        if (i + 1 == f->n || cmp(f->item + i, f->item + i + 1) != 0)
            f->item[kept++] = f->item[i];
    *result = tmplvalue_list(f->item, kept);
    result->flags = flags;
    return !f->failed;
}

static int addresses(struct tmplcall *c, struct tmplvalue *result, int family)
{
    struct found f;
    struct netaddr a;
    uint16_t types[2];
    unsigned int n = 0;
    char const *name = tmplcall_cstring(c, c->arg);
    if (!name || !begin(&f, c))
        return 0;
    if (netaddr_parse(name, &a)) {
        if (family == AF_UNSPEC || family == a.family)
            add_address(&f, &a);
        return end(&f, result, TMPLVALUE_OF_STRINGS);
    }
    if (family != AF_INET6) {
        hosts_find(HOSTS_FILE, name, AF_INET, take_host, &f, &a);
        types[n++] = DNSWIRE_A;
    }
    if (family != AF_INET) {
        hosts_find(HOSTS_FILE, name, AF_INET6, take_host, &f, &a);
        types[n++] = DNSWIRE_AAAA;
    }
    if (!f.n && *name && !ask_dns(&f, name, types, n, take_address))
        return 0;
    return end(&f, result, TMPLVALUE_OF_STRINGS);
}

int confdlookup_ip(struct tmplcall *c, struct tmplvalue *result)
{
    return addresses(c, result, AF_UNSPEC);
}

int confdlookup_ip4(struct tmplcall *c, struct tmplvalue *result)
{
    return addresses(c, result, AF_INET);
}

int confdlookup_ip6(struct tmplcall *c, struct tmplvalue *result)
{
    return addresses(c, result, AF_INET6);
}

int confdlookup_srv(struct tmplcall *c, struct tmplvalue *result)
{
    static uint16_t const type = DNSWIRE_SRV;
    struct found f;
    char name[2 * DNSWIRE_TEXT];
    char const *service = tmplcall_cstring(c, c->arg);
    char const *protocol = service ? tmplcall_cstring(c, c->arg + 1) : NULL;
    char const *domain = protocol ? tmplcall_cstring(c, c->arg + 2) : NULL;
    if (!domain || !begin(&f, c))
        return 0;
    int n = *service || *protocol
                ? snprintf(name, sizeof name, "_%s._%s.%s", service, protocol, domain)
                : snprintf(name, sizeof name, "%s", domain);
    if (n > 0 && (size_t)n < sizeof name && !ask_dns(&f, name, &type, 1, take_service))
        return 0;
    return end(&f, result, 0);
}
