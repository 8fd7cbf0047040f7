#include <arpa/inet.h>
#include <string.h>

#include <skalibs/types.h>

#include <cairn/netaddr.h>

int netaddr_parse(char const *s, struct netaddr *a)
{
    memset(a, 0, sizeof *a);
    a->family = strchr(s, ':') ? AF_INET6 : AF_INET;
    return inet_pton(a->family, s, a->u.bytes) == 1;
}

int netaddr_net_parse(char const *s, struct netaddr_net *net)
{
    char buf[NETADDR_FMT];
    char const *slash = strchr(s, '/');
    if (!slash || (size_t)(slash - s) >= sizeof buf)
        return 0;
    memcpy(buf, s, (size_t)(slash - s));
    buf[slash - s] = 0;
    return netaddr_parse(buf, &net->addr) && uint0_scan(slash + 1, &net->bits) &&
           net->bits <= (net->addr.family == AF_INET ? 32u : 128u);
}

char *netaddr_fmt(char *buf, struct netaddr const *a)
{
    inet_ntop(a->family, a->u.bytes, buf, NETADDR_FMT);
    return buf;
}

int netaddr_is_in(struct netaddr const *a, struct netaddr_net const *net)
{
    unsigned int whole = net->bits / 8;
    unsigned int rest = net->bits % 8;
    if (a->family != net->addr.family || memcmp(a->u.bytes, net->addr.u.bytes, whole) != 0)
        return 0;
    return !rest || !((a->u.bytes[whole] ^ net->addr.u.bytes[whole]) >> (8 - rest));
}
