/* container-find: prints the addresses of other containers.

   container-find [-4 | -6] [--srv] [--not-self] [--wait MS] [--json] [--server ADDR[:PORT]]
                  [NAME...]
   Reads: CONSUL_SERVER_NAME, HOSTNAME, /etc/hosts, /etc/resolv.conf; runs /usr/bin/host-ip for
   --not-self. Asks: the servers of resolv.conf.

   Prints every address of every NAME once, one a line, IPv4 before IPv6, and exits 0; or nothing
   and exits 1. Whatever happens, nothing else goes to standard output, and that in one write at the
   end: who reads it gets all or nothing.

   What /etc/hosts says is the answer, as it is for libc. Two exceptions, because Docker writes a
   container's own name there: our own name is asked of DNS as well, where it may stand for more
   than us, and so is one of which --not-self leaves nothing. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/capture.h>
#include <cairn/dnsclient.h>
#include <cairn/filewatch.h>
#include <cairn/hosts.h>
#include <cairn/logjson.h>
#include <cairn/netaddr.h>
#include <cairn/resolvconf.h>
#include <cairn/sibling.h>

char const *PROG = "container-find";
#define USAGE                                                                                      \
    "container-find [ -4 | -6 ] [ --srv ] [ --not-self ] [ --wait ms ] [ --json ] "                \
    "[ --server address[:port] ] [ name... ]"
#define dieusage() strerr_dieusage(100, USAGE)

#define HOST_IP "/usr/bin/host-ip" /* by this path, because users put their own there */

enum {
    PATIENCE = 10000,    /* ms: for all that is asked, without --wait */
    OWN_PATIENCE = 1000, /* ms: for what DNS adds to our own name */
    FIRST_PAUSE = 50,    /* ms between two passes of --wait; it doubles */
    LAST_PAUSE = 1000,
    SELF_PATIENCE = 2000, /* ms that host-ip has at least */
};

static struct {
    int family; /* AF_UNSPEC: both */
    int srv;
    int not_self;
    int json;
    unsigned int wait;
    int has_server;
    struct resolvconf_server server;
} wanted = {.family = AF_UNSPEC};

/* One line of output. */
struct found {
    char const *name;
    struct netaddr addr;
    struct dnsreply_record service; /* with --srv */
};

static struct list {
    void *items;
    size_t n;
    size_t max;
} found, services, self;
static int asked_self; /* bits: 1 for IPv4, 2 for IPv6 */

/* What is being looked up. */
static struct {
    struct found as; /* what is said of each of its addresses */
    int any;         /* there was one, whether or not it was known already */
    enum dnsclient_result result;
} now;

static struct dnsclient client;
static struct filewatch watch = {.fd = -1};

/* ---- lists */

static void append(struct list *l, void const *item, size_t size)
{
    if (l->n == l->max) {
        l->max = l->max ? 2 * l->max : 16;
        l->items = realloc(l->items, l->max * size);
        if (!l->items)
            strerr_diefu1sys(111, "allocate memory");
    }
    memcpy((char *)l->items + l->n++ * size, item, size);
}

/* Services by priority, then weight (RFC 2782), then IPv4 before IPv6. */
static int comes_before(struct found const *a, struct found const *b)
{
    if (a->service.priority != b->service.priority)
        return a->service.priority < b->service.priority;
    if (a->service.weight != b->service.weight)
        return a->service.weight > b->service.weight;
    return a->addr.family == AF_INET && b->addr.family == AF_INET6;
}

/* ---- who we are */

static void add_self(char *line)
{
    struct netaddr a;
    line[strcspn(line, "\r")] = 0;
    if (!netaddr_parse(line, &a))
        strerr_dief(111, HOST_IP, " printed '", line, "' instead of an address");
    append(&self, &a, sizeof a);
}

/* Adds what host-ip prints. It need not know options: it may be the user's own. */
static void ask_host_ip(char const *option)
{
    char buf[4096];
    char sibling[4096];
    int status;
    char const *argv[] = {HOST_IP, option, NULL};
    /* a host that has us elsewhere */
    if (access(HOST_IP, F_OK) < 0 && errno == ENOENT &&
        sibling_path(sibling, sizeof sibling, "host-ip"))
        argv[0] = sibling;
    int64_t deadline = dnsclient_now() + SELF_PATIENCE;
    if (deadline < client.deadline)
        deadline = client.deadline;
    if (capture(argv, buf, sizeof buf, !!option, -1, deadline, &status) < 0)
        strerr_diefusys(111, "get our own address from ", argv[0]);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return;
    char *rest = buf;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (*line)
            add_self(line);
}

/* Is it our own? host-ip is asked when there is an address, for one of its family, because a
   container may have both. Who does not know its own address does not know others'. */
static int is_self(struct netaddr const *a)
{
    int bit = a->family == AF_INET ? 1 : 2;
    if (!(asked_self & bit)) {
        size_t before = self.n;
        asked_self |= bit;
        ask_host_ip(bit == 1 ? "-4" : "-6");
        if (self.n == before)
            ask_host_ip(NULL);
    }
    struct netaddr const *own = self.items;
    for (size_t i = 0; i < self.n; i++)
        if (netaddr_is(own + i, a))
            return 1;
    return !self.n;
}

/* ---- what is found */

/* Adds what has not been found before, behind its equals. */
static void add(struct netaddr const *a)
{
    if ((wanted.family != AF_UNSPEC && wanted.family != a->family) ||
        (wanted.not_self && is_self(a)))
        return;
    now.any = 1;
    now.as.addr = *a;
    struct found *f = found.items;
    for (size_t i = 0; i < found.n; i++)
        if (netaddr_is(&f[i].addr, a) && f[i].service.port == now.as.service.port)
            return;
    append(&found, &now.as, sizeof now.as);
    f = found.items;
    for (size_t i = found.n - 1; i && comes_before(&now.as, f + i - 1); i--) {
        f[i] = f[i - 1];
        f[i - 1] = now.as;
    }
}

/* ---- looking up */

static int is_own_name(char const *name)
{
    char own[256];
    char const *host = getenv("HOSTNAME");
    if (gethostname(own, sizeof own) < 0)
        own[0] = 0;
    own[sizeof own - 1] = 0;
    return !strcasecmp(name, own) || (host && !strcasecmp(name, host));
}

static int take_address(void *data, struct netaddr const *a)
{
    (void)data;
    add(a);
    return 0; /* and on to the next */
}

static void look_in_hosts(char const *name)
{
    static int const families[] = {AF_INET, AF_INET6};
    struct netaddr unused;
    for (int i = 0; i < 2; i++)
        if (hosts_find(HOSTS_FILE, name, families[i], take_address, NULL, &unused) < 0) {
            strerr_warnwu1sys("read " HOSTS_FILE);
            return;
        }
}

static void take_record(void *data, struct dnsreply_record const *r)
{
    (void)data;
    if (r->type == DNSWIRE_SRV)
        append(&services, r, sizeof *r);
    else
        add(&r->addr);
}

static void look_in_dns(char const *name)
{
    uint16_t types[DNSCLIENT_TYPES];
    unsigned int n = 0;
    if (wanted.family != AF_INET6)
        types[n++] = DNSWIRE_A;
    if (wanted.family != AF_INET)
        types[n++] = DNSWIRE_AAAA;
    now.result = dnsclient_lookup(&client, name, types, n);
}

/* The addresses of name; a final dot is no part of it in /etc/hosts. */
static void find_host(char const *name)
{
    char plain[DNSWIRE_TEXT + 1];
    struct netaddr a;
    int64_t deadline = client.deadline;
    size_t len = strlen(name);
    now.any = 0;
    now.result = DNSCLIENT_NODATA;
    if (netaddr_parse(name, &a)) {
        add(&a);
        return;
    }
    if (len >= sizeof plain) {
        now.result = DNSCLIENT_NXDOMAIN;
        return;
    }
    memcpy(plain, name, len + 1);
    if (plain[len - 1] == '.')
        plain[len - 1] = 0;
    if (!wanted.has_server)
        look_in_hosts(plain);
    if (now.any) {
        if (!is_own_name(plain))
            return;
        if (deadline > dnsclient_now() + OWN_PATIENCE)
            client.deadline = dnsclient_now() + OWN_PATIENCE;
    }
    look_in_dns(name);
    client.deadline = deadline;
}

/* The addresses of all targets of the service, with their ports. */
static void find_service(char const *name)
{
    static uint16_t const type = DNSWIRE_SRV;
    char target[DNSWIRE_TEXT + 1];
    int any = 0;
    services.n = 0;
    now.result = dnsclient_lookup(&client, name, &type, 1);
    struct dnsreply_record const *r = services.items;
    for (size_t n = services.n; n && now.result != DNSCLIENT_WOKEN; n--, r++) {
        now.as.service = *r;
        memcpy(target + dnswire_name_fmt(target, &r->target), ".", 2);
        find_host(target);
        any |= now.any;
    }
    now.any = any;
}

/* Reads the configuration each time: it may be what has changed. */
static void set_servers(void)
{
    if (resolvconf_read(&client.conf, RESOLVCONF_FILE) < 0)
        strerr_warnwu1sys("read " RESOLVCONF_FILE);
    if (wanted.has_server) {
        client.conf.servers = 1;
        client.conf.server[0] = wanted.server;
    }
}

/* Looks all names up. Returns whether each has an address; *why is what is said of one that has
   none, and NULL when the pass was interrupted and says nothing. */
static int look(char const *const *names, char const **why, char const **which)
{
    found.n = 0;
    *why = NULL;
    *which = NULL;
    set_servers();
    self.n = 0;
    asked_self = 0;
    for (; *names; names++) {
        now.as = (struct found){.name = *names};
        if (wanted.srv)
            find_service(*names);
        else
            find_host(*names);
        if (now.result == DNSCLIENT_WOKEN)
            return 0;
        if (now.any)
            continue;
        *which = *names;
        *why = dnsclient_reason(now.result);
        if (!*why) /* there were, but not for us */
            *why = wanted.not_self ? "no address but our own" : "no address of this kind";
    }
    if (asked_self && !self.n) {
        *which = NULL;
        *why = HOST_IP " prints no address of our own";
    }
    return !*why;
}

/* ---- output */

static char *put_string(char *p, char const *s)
{
    size_t len = strlen(s);
    memcpy(p, s, len);
    return p + len;
}

static char *put_number(char *p, char const *key, unsigned int n)
{
    p = put_string(p, key);
    return p + uint_fmt(p, n);
}

static char *put_json(char *p, struct found const *f, char const *address)
{
    char target[DNSWIRE_TEXT];
    p = put_string(p, "{\"name\":\"");
    p = logjson_put(p, f->name, strlen(f->name));
    p = put_string(put_string(p, "\",\"address\":\""), address);
    *p++ = '"';
    if (wanted.srv) {
        struct dnsreply_record const *r = &f->service;
        p = put_string(p, ",\"target\":\"");
        p = logjson_put(p, target, dnswire_name_fmt(target, &r->target));
        p = put_number(p, "\",\"port\":", r->port);
        p = put_number(p, ",\"priority\":", r->priority);
        p = put_number(p, ",\"weight\":", r->weight);
    }
    *p++ = '}';
    return p;
}

static char *put_plain(char *p, struct found const *f, char const *address)
{
    if (!wanted.srv)
        return put_string(p, address);
    int brackets = f->addr.family == AF_INET6;
    p = put_string(put_string(p, brackets ? "[" : ""), address);
    return put_number(p, brackets ? "]:" : ":", f->service.port);
}

static void print_all(void)
{
    size_t room = 8;
    struct found const *f = found.items;
    char address[NETADDR_FMT];
    for (size_t i = 0; i < found.n; i++)
        room += 160 + LOGJSON_WIDEST * (strlen(f[i].name) + DNSWIRE_TEXT);
    char *buf = calloc(1, room);
    if (!buf)
        strerr_diefu1sys(111, "allocate memory");
    char *p = buf;
    if (wanted.json)
        *p++ = '[';
    for (size_t i = 0; i < found.n; i++) {
        netaddr_fmt(address, &f[i].addr);
        if (wanted.json && i)
            *p++ = ',';
        p = wanted.json ? put_json(p, f + i, address) : put_plain(p, f + i, address);
        if (!wanted.json)
            *p++ = '\n';
    }
    if (wanted.json)
        p = put_string(p, "]\n");
    size_t len = (size_t)(p - buf);
    if (allwrite(1, buf, len) < len)
        strerr_diefu1sys(111, "write to standard output");
}

/* ---- the command line */

static void set_wait(char const *value)
{
    if (!uint0_scan(value, &wanted.wait))
        strerr_dief(100, "--wait takes milliseconds, not '", value, "'");
}

static void set_server(char const *value)
{
    wanted.server.port = DNSWIRE_PORT;
    if (!netaddr_port_parse(value, &wanted.server.addr, &wanted.server.port))
        strerr_dief(100, "'", value, "' is no server such as 127.0.0.1:8600 or [::1]:8600");
    wanted.has_server = 1;
}

static void set_flag(char const *option)
{
    if (!strcmp(option, "srv"))
        wanted.srv = 1;
    else if (!strcmp(option, "not-self"))
        wanted.not_self = 1;
    else if (!strcmp(option, "json"))
        wanted.json = 1;
    else
        dieusage();
}

/* An option that takes a value, behind a '=' or as the next word. Returns whether it is name. */
static int is_valued(char const *const **argv, char const *name, void (*set)(char const *))
{
    char const *option = **argv + 2;
    size_t len = strlen(name);
    if (strncmp(option, name, len) != 0 || (option[len] && option[len] != '='))
        return 0;
    char const *value = option[len] ? option + len + 1 : *++*argv;
    if (!value)
        dieusage();
    set(value);
    return 1;
}

/* Returns the names. */
static char const *const *read_options(char const *const *argv)
{
    for (argv++; *argv && argv[0][0] == '-'; argv++) {
        char const *s = *argv;
        if (!strcmp(s, "--"))
            return argv + 1;
        if (!strcmp(s, "-4") || !strcmp(s, "-6"))
            wanted.family = s[1] == '4' ? AF_INET : AF_INET6;
        else if (s[1] != '-')
            dieusage();
        else if (!is_valued(&argv, "wait", set_wait) && !is_valued(&argv, "server", set_server))
            set_flag(s + 2);
    }
    return argv;
}

/* ---- waiting */

static void begin_watch(void)
{
    if (filewatch_init(&watch) < 0)
        return; /* the pauses end by themselves */
    filewatch_add(&watch, HOSTS_FILE);
    filewatch_add(&watch, RESOLVCONF_FILE);
    client.wake_fd = watch.fd;
}

/* Waits until the pause is over or a file has changed. Returns whether one has. */
static int pause_between(int64_t ms)
{
    int64_t left = client.deadline - dnsclient_now();
    struct pollfd p = {.fd = watch.fd, .events = POLLIN};
    if (left < ms)
        ms = left > 0 ? left : 0;
    poll(&p, 1, (int)ms);
    return watch.fd >= 0 && filewatch_read(&watch);
}

int main(int argc, char const *const *argv)
{
    static char const *defaults[] = {"consul", NULL};
    char const *why;
    char const *which;
    (void)argc;
    char const *server_name = getenv("CONSUL_SERVER_NAME");
    if (server_name && *server_name)
        defaults[0] = server_name;
    argv = read_options(argv);
    if (!*argv)
        argv = defaults;
    for (char const *const *name = argv; *name; name++)
        if (!**name)
            dieusage();
    client.take = take_record;
    client.wake_fd = -1;
    client.deadline = dnsclient_now() + (wanted.wait ? wanted.wait : PATIENCE);
    if (wanted.wait)
        begin_watch();
    int64_t pause = FIRST_PAUSE;
    while (!look(argv, &why, &which) && wanted.wait && dnsclient_now() < client.deadline) {
        if (pause_between(why ? pause : 0))
            pause = FIRST_PAUSE;
        else if (pause < LAST_PAUSE)
            pause *= 2;
    }
    if (found.n) {
        print_all();
        if (why && which)
            strerr_warnw("no address of ", which, ": ", why);
        return 0;
    }
    if (!why)
        why = "the time is over";
    if (!which)
        strerr_dief(asked_self && !self.n ? 111 : 1, why);
    strerr_dief(1, "no address of ", which, ": ", why);
}
