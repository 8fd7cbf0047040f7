#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <skalibs/types.h>

#include <cairn/lines.h>
#include <cairn/resolvconf.h>

void resolvconf_init(struct resolvconf *c)
{
    memset(c, 0, sizeof *c);
    c->ndots = 1;
    c->timeout = 5;
    c->attempts = 2;
}

/* Docker and go-dnsmasq append comments; resolv.conf(5) knows comments at the beginning only, but
   no word that matters begins so. */
static char *next(char **s)
{
    char *w = lines_word(s);
    return w && *w != '#' && *w != ';' ? w : NULL;
}

static void add_server(struct resolvconf *c, char *w)
{
    struct resolvconf_server s = {.port = DNSWIRE_PORT};
    char *zone = strchr(w, '%');
    if (zone) {
        *zone++ = 0;
        s.scope = if_nametoindex(zone);
        if (!s.scope && !uint320_scan(zone, &s.scope))
            s.scope = 0;
    }
    if (c->servers == RESOLVCONF_SERVERS || !netaddr_parse(w, &s.addr) || (zone && !s.scope)) {
        c->dropped++;
        return;
    }
    c->server[c->servers++] = s;
}

/* The last list is the one that counts. */
static void set_search(struct resolvconf *c, char *s, unsigned int max)
{
    char *w;
    c->searches = 0;
    for (unsigned int n = 0; n < max && (w = next(&s)); n++) {
        if (!strcmp(w, ".")) /* adds nothing to a name */
            continue;
        if (c->searches == RESOLVCONF_SEARCH ||
            !dnswire_name_parse(c->search + c->searches, w, strlen(w)))
            c->dropped++;
        else
            c->searches++;
    }
}

/* NAME:N, within bounds; anything else changes nothing. */
static void set_number(char const *w, char const *name, unsigned int *n, unsigned int min,
                       unsigned int max)
{
    size_t len = strlen(name);
    unsigned int value;
    if (!strncmp(w, name, len) && w[len] == ':' && uint0_scan(w + len + 1, &value))
        *n = value < min ? min : value > max ? max : value;
}

static void set_options(struct resolvconf *c, char *s)
{
    char *w;
    while ((w = next(&s))) {
        set_number(w, "ndots", &c->ndots, 0, 15);
        set_number(w, "timeout", &c->timeout, 1, 30);
        set_number(w, "attempts", &c->attempts, 1, 5);
        c->rotate |= !strcmp(w, "rotate");
        c->edns0 |= !strcmp(w, "edns0");
        c->use_tcp |= !strcmp(w, "use-vc") || !strcmp(w, "usevc");
    }
}

void resolvconf_line(struct resolvconf *c, char *line)
{
    char *key = next(&line);
    if (!key)
        return;
    if (!strcmp(key, "nameserver")) {
        char *w = next(&line);
        if (w)
            add_server(c, w);
    } else if (!strcmp(key, "search"))
        set_search(c, line, (unsigned int)-1);
    else if (!strcmp(key, "domain"))
        set_search(c, line, 1);
    else if (!strcmp(key, "options"))
        set_options(c, line);
}

int resolvconf_read(struct resolvconf *c, char const *file)
{
    struct lines l;
    char *line;
    int r;
    resolvconf_init(c);
    if (lines_open(&l, file) < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    while ((r = lines_next(&l, &line)) > 0)
        resolvconf_line(c, line);
    lines_close(&l);
    return r;
}
