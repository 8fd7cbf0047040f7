#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <skalibs/stralloc.h>

#include <cairn/ctaddr.h>
#include <cairn/netif.h>
#include <cairn/tmpltext.h>

/* What is looked for. */
struct search {
    int is_private;     /* these, or those that are not; -1: both */
    unsigned int index; /* of this interface; 0: of all */
    int is_one;         /* the first ends it */
    int n;
    stralloc found; /* with blanks between */
};

int ctaddr_is_private(struct netaddr const *a)
{
    static char const *const nets[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                       "100.64.0.0/10", "fc00::/7"};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        struct netaddr_net net;
        if (netaddr_net_parse(nets[i], &net) && netaddr_is_in(a, &net))
            return 1;
    }
    return 0;
}

static int consider(void *data, struct netif_addr const *a)
{
    struct search *s = data;
    char text[NETADDR_FMT];
    if ((s->index && a->index != s->index) || (!s->index && a->scope != NETIF_GLOBAL) ||
        (s->is_private >= 0 && ctaddr_is_private(&a->addr) != s->is_private))
        return 0;
    if ((s->n++ && !stralloc_cats(&s->found, " ")) ||
        !stralloc_cats(&s->found, netaddr_fmt(text, &a->addr)))
        return -1;
    return s->is_one;
}

static int run(struct search *s)
{
    int r = netif_addresses(AF_INET, consider, s);
    return r ? r : netif_addresses(AF_INET6, consider, s);
}

static struct {
    char const *name;
    int is_private;
    int is_one; /* of the interface that the default route leaves by */
    int has_interface;
} const kinds[] = {
    {"GetPrivateIP", 1, 1, 0}, {"GetPrivateIPs", 1, 0, 0},   {"GetPublicIP", 0, 1, 0},
    {"GetPublicIPs", 0, 0, 0}, {"GetInterfaceIP", -1, 1, 1}, {"GetInterfaceIPs", -1, 0, 1},
};

static int unknown(struct tmplcall *c, char const *what)
{
    return tmplcall_fail(c,
                         "\"%.100s\" is not supported: there are GetPrivateIP, GetPrivateIPs, "
                         "GetPublicIP, GetPublicIPs, GetInterfaceIP and GetInterfaceIPs \"eth0\"",
                         what);
}

/* NAME, or NAME "INTERFACE". */
static int sockaddr(struct tmplcall *c, struct tmplvalue *result)
{
    char name[32] = "";
    char interface[IF_NAMESIZE] = "";
    char extra;
    struct search s = {.found = STRALLOC_ZERO};
    char const *text = tmplcall_cstring(c, c->arg);
    if (!text)
        return 0;
    int n = sscanf(text, "%31[A-Za-z] \"%15[^\"]\" %c", name, interface, &extra);
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && strcmp(kinds[i].name, name) != 0)
        i++;
    if (n < 1 || i == sizeof kinds / sizeof *kinds || n != 1 + kinds[i].has_interface)
        return unknown(c, text);
    s.is_private = kinds[i].is_private;
    s.is_one = kinds[i].is_one;
    if (kinds[i].has_interface && !(s.index = if_nametoindex(interface)))
        return tmplcall_fail(c, "there is no interface \"%s\"", interface);
    if (!kinds[i].has_interface && s.is_one && netif_default(AF_INET, &s.index) < 0)
        return tmplcall_fail(c, "cannot ask for the default route: %s", strerror(errno));
    int ok = run(&s) >= 0;
    if (!ok)
        tmplcall_fail(c, "cannot ask for addresses: %s", strerror(errno));
    ok = ok && tmpltext_finish(c, 1, &s.found, result);
    stralloc_free(&s.found);
    return ok;
}

static struct tmplfunc const functions[] = {{"sockaddr", "s", sockaddr}};

struct tmplfunc_table ctaddr_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
