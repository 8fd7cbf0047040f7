/* host-ip: prints the address by which this container is known.

   host-ip [-4 | -6] [-i IFACE] [-c CIDR] [NAME]
   Reads: HOST_IP_FAMILY, HOST_IP_INTERFACE, HOST_IP_CIDR, HOSTNAME, /etc/hosts, /etc/resolv.conf,
   the kernel's addresses and routes; asks DNS. Prints one address and exits 0, or nothing and exits
   1.

   Without -i, the address of NAME ($HOSTNAME, else the host's own name) in /etc/hosts comes first,
   then the one in DNS, IPv6 before IPv4 as getent has it. Then, if the name is our own, the
   interface with the default route. -c: an address of this network only, on any interface. */

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/dnsclient.h>
#include <cairn/hosts.h>
#include <cairn/netaddr.h>
#include <cairn/netif.h>

char const *PROG = "host-ip";
#define USAGE      "host-ip [-4 | -6] [-i IFACE] [-c CIDR] [NAME]"
#define dieusage() strerr_dieusage(100, USAGE)

enum { DNS_PATIENCE = 2000 }; /* ms: our own name seldom is in DNS, and there are interfaces */

static struct {
    int family; /* AF_UNSPEC: any */
    char const *interface;
    unsigned int index;
    int has_net;
    struct netaddr_net net;
    char const *name;
    int is_own; /* the name is that of this host */
} wanted;

/* what the search among the interfaces has found so far */
struct choice {
    unsigned int preferred; /* interface, or 0 */
    unsigned int rank;      /* 0: nothing */
    struct netaddr addr;
};

static int is_family(int family)
{
    return wanted.family == AF_UNSPEC || wanted.family == family;
}

static int accept_address(void *data, struct netaddr const *a)
{
    (void)data;
    return is_family(a->family) && (!wanted.has_net || netaddr_is_in(a, &wanted.net));
}

static void print_and_exit(struct netaddr const *a)
{
    char buf[NETADDR_FMT + 1];
    netaddr_fmt(buf, a);
    size_t len = strlen(buf);
    buf[len++] = '\n';
    if (allwrite(1, buf, len) < len)
        strerr_diefu1sys(111, "write to standard output");
    _exit(0);
}

static void try_hosts(void)
{
    static int const families[] = {AF_INET6, AF_INET};
    struct netaddr a;
    if (netaddr_parse(wanted.name, &a) && accept_address(NULL, &a))
        print_and_exit(&a);
    for (int i = 0; i < 2; i++) {
        int r = hosts_find(HOSTS_FILE, wanted.name, families[i], accept_address, NULL, &a);
        if (r > 0)
            print_and_exit(&a);
        if (r < 0) {
            strerr_warnwu1sys("read " HOSTS_FILE);
            return;
        }
    }
}

/* The first that fits of each family. */
static void take_record(void *data, struct dnsreply_record const *r)
{
    struct netaddr *found = data;
    struct netaddr *a = found + (r->type == DNSWIRE_A);
    if (a->family == AF_UNSPEC && accept_address(NULL, &r->addr))
        *a = r->addr;
}

static void try_dns(void)
{
    static struct dnsclient c;
    static uint16_t const types[] = {DNSWIRE_AAAA, DNSWIRE_A};
    struct netaddr found[2] = {{.family = AF_UNSPEC}, {.family = AF_UNSPEC}};
    if (resolvconf_read(&c.conf, RESOLVCONF_FILE) < 0)
        strerr_warnwu1sys("read " RESOLVCONF_FILE);
    c.wake_fd = -1;
    c.take = take_record;
    c.data = found;
    c.deadline = dnsclient_now() + DNS_PATIENCE;
    dnsclient_lookup(&c, wanted.name, types + (wanted.family == AF_INET),
                     wanted.family == AF_UNSPEC ? 2 : 1);
    for (int i = 0; i < 2; i++)
        if (found[i].family != AF_UNSPEC)
            print_and_exit(found + i);
}

/* Ranks an address: on the preferred interface before others, global before narrower ones, primary
   before secondary; the first of equals. */
static int consider(void *data, struct netif_addr const *a)
{
    struct choice *c = data;
    int preferred = c->preferred && a->index == c->preferred;
    if (!accept_address(NULL, &a->addr) || (wanted.index && a->index != wanted.index))
        return 0;
    /* only who asks for them gets the loopback's and link-local ones */
    if (a->scope != NETIF_GLOBAL && !wanted.index && !wanted.has_net)
        return 0;
    if (!preferred && !wanted.index && !wanted.has_net)
        return 0;
    unsigned int rank = 1 + (unsigned int)!a->is_secondary + 2 * (unsigned int)preferred +
                        4 * (unsigned int)(a->scope == NETIF_GLOBAL);
    if (rank > c->rank) {
        c->rank = rank;
        c->addr = a->addr;
    }
    return 0;
}

static void try_interfaces(void)
{
    static int const families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        struct choice c = {.rank = 0};
        if (!is_family(families[i]))
            continue;
        if ((!wanted.index && netif_default(families[i], &c.preferred) < 0) ||
            netif_addresses(families[i], consider, &c) < 0)
            /* a kernel without IPv6, say */
            strerr_warnwu3sys("ask the kernel for ", families[i] == AF_INET ? "IPv4" : "IPv6",
                              " addresses");
        if (c.rank)
            print_and_exit(&c.addr);
    }
}

static void set_family(char const *s, int code)
{
    static char const *const four[] = {"4", "ipv4", "inet"};
    static char const *const six[] = {"6", "ipv6", "inet6"};
    for (int i = 0; i < 3; i++) {
        if (!strcasecmp(s, four[i])) {
            wanted.family = AF_INET;
            return;
        }
        if (!strcasecmp(s, six[i])) {
            wanted.family = AF_INET6;
            return;
        }
    }
    strerr_dief3x(code, "HOST_IP_FAMILY is '", s, "' instead of 4 or 6");
}

static void set_net(char const *s)
{
    if (!netaddr_net_parse(s, &wanted.net))
        strerr_dief3x(100, "'", s, "' is no network such as 10.0.0.0/8 or fd00::/8");
    wanted.has_net = 1;
}

static char const *variable(char const *name)
{
    char const *value = getenv(name);
    return value && *value ? value : NULL;
}

static void read_environment(void)
{
    char const *value = variable("HOST_IP_FAMILY");
    if (value)
        set_family(value, 100);
    value = variable("HOST_IP_CIDR");
    if (value)
        set_net(value);
}

static void read_options(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    int opt;
    while ((opt = subgetopt_r(argc, argv, "46i:c:", &l)) >= 0)
        switch (opt) {
        case '4':
            wanted.family = AF_INET;
            break;
        case '6':
            wanted.family = AF_INET6;
            break;
        case 'i':
            wanted.interface = l.arg;
            break;
        case 'c':
            set_net(l.arg);
            break;
        default:
            dieusage();
        }
    argc -= l.ind;
    argv += l.ind;
    if (argc > 1 || (argc && (!argv[0][0] || wanted.interface)))
        dieusage();
    wanted.name = argc ? argv[0] : NULL;
}

/* The name to look for, and whether it is ours. */
static void set_name(void)
{
    static char own[256];
    char const *host = variable("HOSTNAME");
    if (gethostname(own, sizeof own - 1) < 0)
        own[0] = 0;
    if (!wanted.name)
        wanted.name = host ? host : own;
    wanted.is_own = !strcasecmp(wanted.name, own) || (host && !strcasecmp(wanted.name, host));
}

int main(int argc, char const *const *argv)
{
    read_environment();
    read_options(argc, argv);
    if (!wanted.interface && !wanted.name)
        wanted.interface = variable("HOST_IP_INTERFACE");
    set_name();
    if (wanted.interface) {
        wanted.index = if_nametoindex(wanted.interface);
        if (!wanted.index)
            strerr_dief2x(1, "there is no network interface ", wanted.interface);
    } else {
        try_hosts();
        try_dns();
    }
    if (wanted.is_own)
        try_interfaces();
    if (wanted.interface)
        strerr_dief2x(1, "no address that fits on interface ", wanted.interface);
    strerr_dief3x(1, "no address that fits for ", wanted.name,
                  wanted.is_own ? " in " HOSTS_FILE
                                  ", in DNS or on the interface of the default route"
                                : " in " HOSTS_FILE " or in DNS");
}
