#include <stdlib.h>
#include <string.h>

#include <skalibs/types.h>

#include <cairn/resolveropt.h>
#include <cairn/setting.h>

static char problem[512];

/* Writes the words up to NULL, cut where there is no more room. Returns problem. */
static char const *complain(char const *const *words)
{
    size_t n = 0;
    for (; *words; words++) {
        size_t len = strlen(*words);
        if (len > sizeof problem - 1 - n)
            len = sizeof problem - 1 - n;
        memcpy(problem + n, *words, len);
        n += len;
    }
    problem[n] = 0;
    return problem;
}
#define COMPLAIN(...) complain((char const *const[]){__VA_ARGS__, NULL})

/* The next word of a list with commas, NULL at its end. */
static char const *item(char const **list, char *buf, size_t size)
{
    size_t len = strcspn(*list, ",");
    if (!**list)
        return NULL;
    size_t kept = len < size ? len : size - 1;
    memcpy(buf, *list, kept);
    buf[kept] = 0;
    *list += len + ((*list)[len] == ',');
    return buf;
}

static char const *set_listen(struct resolveropt *o, char const *value, char const *name)
{
    o->port = DNSWIRE_PORT;
    if (!netaddr_port_parse(value, &o->listen, &o->port))
        return COMPLAIN(name, " is '", value, "', no address such as 127.0.0.1:53 or [::1]:53");
    return NULL;
}

static char const *set_servers(struct resolveropt *o, char const *value, char const *name)
{
    char buf[NETADDR_FMT + 16];
    o->has_servers = 1;
    while (item(&value, buf, sizeof buf)) {
        struct resolvconf_server s = {.port = DNSWIRE_PORT};
        if (o->conf.servers == RESOLVCONF_SERVERS)
            return COMPLAIN(name, ": more servers than there is room for");
        if (!netaddr_port_parse(buf, &s.addr, &s.port))
            return COMPLAIN(name, ": '", buf, "' is no address");
        o->conf.server[o->conf.servers++] = s;
    }
    return NULL;
}

static char const *set_search(struct resolveropt *o, char const *value, char const *name)
{
    char buf[DNSWIRE_TEXT];
    o->has_search = 1;
    while (item(&value, buf, sizeof buf)) {
        struct dnswire_name *n = o->conf.search + o->conf.searches;
        if (o->conf.searches == RESOLVCONF_SEARCH)
            return COMPLAIN(name, ": more domains than there is room for");
        if (!dnswire_name_parse(n, buf, strlen(buf)) || !n->labels)
            return COMPLAIN(name, ": '", buf, "' is no name");
        o->conf.searches++;
    }
    return NULL;
}

static char const *set_zones(struct resolveropt *o, char const *value, char const *name)
{
    char const *at;
    size_t len;
    char word[256];
    char const *why = stubzones_add(&o->zones, value, &at, &len);
    if (!why)
        return NULL;
    len = len < sizeof word ? len : sizeof word - 1;
    memcpy(word, at, len);
    word[len] = 0;
    return COMPLAIN(name, ": ", why, ": '", word, "'");
}

static char const *set_hosts(struct resolveropt *o, char const *value, char const *name)
{
    (void)name;
    o->hostsfile = value;
    return NULL;
}

static char const *set_user(struct resolveropt *o, char const *value, char const *name)
{
    (void)name;
    o->user = value;
    return NULL;
}

static char const *ignore(struct resolveropt *o, char const *value, char const *name)
{
    (void)o;
    (void)value;
    (void)name;
    return NULL;
}

enum kind { SWITCH, NUMBER, VALUE, LIST };

static struct option {
    char const *name;
    char const *env; /* may be NULL */
    char const *env2;
    char letter; /* 0: none */
    char kind;
    char meaningless;
    size_t at;  /* of an unsigned int, for switches and numbers; 0: none */
    size_t has; /* set to 1 when a number is given; 0: none */
    char const *(*set)(struct resolveropt *, char const *value, char const *name);
} const options[] = {
#define AT(field) offsetof(struct resolveropt, field)
    {"listen", "DNSMASQ_LISTEN", NULL, 'l', VALUE, 0, 0, 0, set_listen},
    {"default-resolver", "DNSMASQ_DEFAULT", NULL, 'd', SWITCH, 0, AT(default_resolver), 0, NULL},
    {"nameservers", "DNSMASQ_SERVERS", NULL, 'n', LIST, 0, 0, 0, set_servers},
    {"stubzones", "DNSMASQ_STUB", NULL, 'z', LIST, 0, 0, 0, set_zones},
    {"hostsfile", "DNSMASQ_HOSTSFILE", NULL, 'f', VALUE, 0, 0, 0, set_hosts},
    {"search-domains", "DNSMASQ_SEARCH_DOMAINS", "DNSMASQ_SEARCH", 's', LIST, 0, 0, 0, set_search},
    {"enable-search", "DNSMASQ_ENABLE_SEARCH", NULL, 0, SWITCH, 0, AT(enable_search), 0, NULL},
    {"search", NULL, NULL, 0, SWITCH, 0, AT(enable_search), 0, NULL},
    {"append-search-domains", "DNSMASQ_APPEND", NULL, 'a', SWITCH, 0, AT(enable_search), 0, NULL},
    {"ndots", "DNSMASQ_NDOTS", NULL, 0, NUMBER, 0, AT(ndots), AT(has_ndots), NULL},
    {"fwd-ndots", "DNSMASQ_FWD_NDOTS", NULL, 0, NUMBER, 0, AT(forward_ndots), 0, NULL},
    {"rcache", "DNSMASQ_RCACHE", NULL, 'r', NUMBER, 0, AT(cache), 0, NULL},
    {"rcache-ttl", "DNSMASQ_RCACHE_TTL", NULL, 0, NUMBER, 0, AT(cache_ttl), 0, NULL},
    {"rcache-bytes", "DNSMASQ_RCACHE_BYTES", NULL, 0, NUMBER, 0, AT(cache_bytes),
     AT(has_cache_bytes), NULL},
    {"round-robin", "DNSMASQ_RR", NULL, 0, SWITCH, 0, AT(round_robin), 0, NULL},
    {"serve-stale", "DNSMASQ_STALE", NULL, 0, NUMBER, 0, AT(stale), 0, NULL},
    {"no-rec", "DNSMASQ_NOREC", NULL, 0, SWITCH, 0, AT(no_rec), 0, NULL},
    {"verbose", "DNSMASQ_VERBOSE", NULL, 0, SWITCH, 0, AT(verbose), 0, NULL},
    {"user", NULL, NULL, 'u', VALUE, 0, 0, 0, set_user},
    {"notification-fd", NULL, NULL, 0, NUMBER, 0, AT(notification_fd), AT(has_notification_fd),
     NULL},
    {"check-config", NULL, NULL, 0, SWITCH, 0, AT(check_config), 0, NULL},
    {"service", NULL, NULL, 0, SWITCH, 0, AT(service), 0, NULL},
    {"prepare", NULL, NULL, 0, SWITCH, 0, AT(prepare), 0, NULL},
    /* events take the place of polling; there is one process, and its log is standard error */
    {"hostsfile-poll", "DNSMASQ_POLL", NULL, 'p', VALUE, 1, 0, 0, ignore},
    {"systemd", "DNSMASQ_SYSTEMD", NULL, 0, SWITCH, 1, 0, 0, NULL},
    {"syslog", "DNSMASQ_SYSLOG", NULL, 0, SWITCH, 1, 0, 0, NULL},
    {"multithreading", "DNSMASQ_MULTITHREADING", NULL, 0, SWITCH, 1, 0, 0, NULL},
#undef AT
};
enum { OPTIONS = sizeof options / sizeof *options };
_Static_assert(OPTIONS <= 32, "bits of meaningless");

static char const *apply(struct resolveropt *o, unsigned int i, char const *value, char const *name)
{
    struct option const *p = options + i;
    unsigned int unused = 0;
    unsigned int *n = p->at ? (unsigned int *)(void *)((char *)o + p->at) : &unused;
    if (p->kind == LIST && !*value)
        return NULL; /* as if it had not been given: "$UNSET" */
    o->seen |= (uint64_t)1 << i;
    if (p->meaningless)
        o->meaningless |= 1u << i;
    if (p->set)
        return p->set(o, value, name);
    if (p->kind == SWITCH ? setting_parse_bool(value, n) < 0 : !uint0_scan(value, n))
        return COMPLAIN(name, " is '", value,
                        p->kind == SWITCH ? "', not true or false" : "', no number");
    if (p->has)
        *(unsigned int *)(void *)((char *)o + p->has) = 1;
    return NULL;
}

/* Finds the option that word (behind its dashes, len bytes) names: -1 none. */
static int find(char const *word, size_t len)
{
    for (unsigned int i = 0; i < OPTIONS; i++)
        if ((strlen(options[i].name) == len && !memcmp(options[i].name, word, len)) ||
            (len == 1 && options[i].letter == *word))
            return (int)i;
    return -1;
}

static char const *read_argv(struct resolveropt *o, char const *const *argv)
{
    for (; *argv; argv++) {
        char const *word = *argv;
        if (word[0] != '-' || !word[1]) {
            if (!o->service && !o->prepare)
                return "";
            o->script = word; /* and its arguments, if it has any */
            return NULL;
        }
        word += 1 + (word[1] == '-');
        size_t len = strcspn(word, "=");
        int i = find(word, len);
        if (i < 0 && ((len == 4 && !memcmp(word, "help", 4)) || (len == 1 && *word == 'h')))
            return "";
        if (i < 0)
            return COMPLAIN("no such option: ", *argv);
        char const *value = word[len] ? word + len + 1 : NULL;
        if (!value && options[i].kind == SWITCH)
            value = "true";
        if (!value)
            value = *++argv;
        if (!value)
            return COMPLAIN("--", options[i].name, " takes a value");
        char const *why = apply(o, (unsigned int)i, value, options[i].name);
        if (why)
            return why;
    }
    return NULL;
}

static char const *read_environment(struct resolveropt *o)
{
    for (unsigned int i = 0; i < OPTIONS; i++) {
        char const *name = options[i].env;
        char const *value = name ? getenv(name) : NULL;
        if ((!value || !*value) && options[i].env2)
            value = getenv(name = options[i].env2);
        if (!value || !*value || o->seen >> i & 1)
            continue;
        char const *why = apply(o, i, value, name);
        if (why)
            return why;
    }
    return NULL;
}

char const *resolveropt_read(struct resolveropt *o, char const *const *argv)
{
    memset(o, 0, sizeof *o);
    resolvconf_init(&o->conf);
    o->port = DNSWIRE_PORT;
    o->cache_ttl = 60;
    netaddr_parse("127.0.0.1", &o->listen);
    char const *why = read_argv(o, argv);
    if (!why)
        why = read_environment(o);
    if (!why && o->has_ndots && !o->ndots)
        why = COMPLAIN("ndots must be at least 1");
    if (!why && (!o->cache_ttl || o->cache_ttl > 86400))
        why = COMPLAIN("rcache-ttl must be 1 to 86400 seconds");
    if (!why && o->cache > RESOLVEROPT_CACHE)
        why = COMPLAIN("rcache must be at most 1000000");
    if (!why && o->has_cache_bytes &&
        (o->cache_bytes < RESOLVEROPT_FEW || o->cache_bytes > RESOLVEROPT_BYTES))
        why = COMPLAIN("rcache-bytes must be 4096 to 1073741824");
    if (!why && o->has_cache_bytes && !o->cache)
        why = COMPLAIN("rcache-bytes needs kept replies: rcache");
    if (!why && !o->has_cache_bytes)
        o->cache_bytes = o->cache * RESOLVEROPT_REPLY + RESOLVEROPT_LONG;
    if (!why && o->stale > RESOLVEROPT_STALE)
        why = COMPLAIN("serve-stale must be at most 604800 seconds");
    if (!why && o->stale && !o->cache)
        why = COMPLAIN("serve-stale needs kept replies: rcache");
    if (!why && o->has_notification_fd && o->notification_fd < 3)
        why = COMPLAIN("notification-fd must be at least 3");
    return why;
}

char const *resolveropt_word(struct resolveropt const *o, unsigned int *i)
{
    while (*i < OPTIONS) {
        unsigned int bit = (*i)++;
        if (o->meaningless >> bit & 1)
            return options[bit].name;
    }
    return NULL;
}
