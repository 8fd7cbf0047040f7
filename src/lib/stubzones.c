#include <string.h>

#include <cairn/stubzones.h>

enum { SERVER_MAX = NETADDR_FMT + 8 }; /* brackets, colon, port */

/* Returns the index of the zone, added if it is new, or -1 with *why. */
static int zone_index(struct stubzones *s, char const *w, size_t n, char const **why)
{
    struct stubzones_zone z = {.below = n > 1 && *w == '.'};
    if (!dnswire_name_parse(&z.name, w + z.below, n - z.below)) {
        *why = "no zone";
        return -1;
    }
    for (unsigned int i = 0; i < s->zones; i++)
        if (s->zone[i].below == z.below && dnswire_name_is(&s->zone[i].name, &z.name))
            return (int)i;
    if (s->zones == STUBZONES_ZONES) {
        *why = "one zone too many";
        return -1;
    }
    s->zone[s->zones] = z;
    return (int)s->zones++;
}

static int has_server(struct stubzones const *s, struct stubzones_server const *new)
{
    for (unsigned int i = 0; i < s->servers; i++)
        if (netaddr_is(&s->server[i].addr, &new->addr) && s->server[i].port == new->port &&
            s->server[i].zone == new->zone)
            return 1;
    return 0;
}

static int parse_server(struct stubzones_server *server, char const *w, size_t n)
{
    char buf[SERVER_MAX];
    if (n >= sizeof buf)
        return 0;
    memcpy(buf, w, n);
    buf[n] = 0;
    server->port = DNSWIRE_PORT;
    return netaddr_port_parse(buf, &server->addr, &server->port);
}

/* The zones that a list of servers is for. */
struct group {
    unsigned char zone[STUBZONES_ZONES];
    unsigned int n;
    int is_served;
};

static char const *add_zone(struct stubzones *s, struct group *g, char const *w, size_t n)
{
    char const *why = NULL;
    if (g->is_served)
        *g = (struct group){.n = 0};
    int i = zone_index(s, w, n, &why);
    if (i < 0)
        return why;
    if (!memchr(g->zone, i, g->n))
        g->zone[g->n++] = (unsigned char)i;
    return NULL;
}

static char const *add_server(struct stubzones *s, struct group *g,
                              struct stubzones_server const *given)
{
    g->is_served = 1;
    for (unsigned int i = 0; i < g->n; i++) {
        struct stubzones_server server = *given;
        server.zone = g->zone[i];
        if (has_server(s, &server))
            continue;
        if (s->servers == STUBZONES_SERVERS)
            return "one server too many";
        s->server[s->servers++] = server;
    }
    return NULL;
}

/* One word between commas: a zone, a server, or the last zone and the first server of a group. */
static char const *add_word(struct stubzones *s, struct group *g, char const *w, size_t n)
{
    struct stubzones_server server;
    char const *slash = memchr(w, '/', n);
    size_t head = slash ? (size_t)(slash - w) : n;
    if (!slash && g->is_served && parse_server(&server, w, n))
        return add_server(s, g, &server);
    char const *why = add_zone(s, g, w, head);
    if (why || !slash)
        return why;
    if (!parse_server(&server, slash + 1, n - head - 1))
        return "no server's address";
    return add_server(s, g, &server);
}

char const *stubzones_add(struct stubzones *s, char const *spec, char const **at, size_t *len)
{
    struct group g = {.n = 0};
    unsigned int zones = s->zones;
    unsigned int servers = s->servers;
    char const *why = NULL;
    for (*at = spec; !why; *at += *len + 1) {
        *len = strcspn(*at, ",");
        why = add_word(s, &g, *at, *len);
        if (why || !(*at)[*len])
            break;
    }
    if (!why && !g.is_served)
        why = "zone without a server";
    if (why) {
        s->zones = zones;
        s->servers = servers;
    }
    return why;
}

int stubzones_find(struct stubzones const *s, struct dnswire_name const *name)
{
    int best = -1;
    for (unsigned int i = 0; i < s->zones; i++) {
        struct stubzones_zone const *z = s->zone + i;
        if (!dnswire_name_ends(name, &z->name) || (z->below && name->labels == z->name.labels))
            continue;
        if (best < 0 || z->name.labels > s->zone[best].name.labels)
            best = (int)i;
    }
    return best;
}

struct stubzones_server const *stubzones_server(struct stubzones const *s, int zone,
                                                unsigned int *i)
{
    while (*i < s->servers) {
        struct stubzones_server const *server = s->server + (*i)++;
        if (server->zone == zone)
            return server;
    }
    return NULL;
}
