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

int netaddr_port_parse(char const *s, struct netaddr *a, uint16_t *port)
{
    char buf[NETADDR_FMT];
    unsigned int n = *port;
    int bracket = *s == '[';
    char const *end = s + strlen(s);
    if (bracket)
        end = strchr(++s, ']');
    else if (strchr(s, ':') == strrchr(s, ':')) /* more than one colon: IPv6 without a port */
        end = s + strcspn(s, ":");
    if (!end || (size_t)(end - s) >= sizeof buf)
        return 0;
    memcpy(buf, s, (size_t)(end - s));
    buf[end - s] = 0;
    end += bracket;
    if (*end && (*end != ':' || !uint0_scan(end + 1, &n)))
        return 0;
    if (!n || n > 65535 || !netaddr_parse(buf, a) || (bracket && a->family != AF_INET6))
        return 0;
    *port = (uint16_t)n;
    return 1;
}

int netaddr_is(struct netaddr const *a, struct netaddr const *b)
{
    return a->family == b->family &&
           !memcmp(a->u.bytes, b->u.bytes, a->family == AF_INET ? 4 : sizeof a->u.bytes);
}

int netaddr_is_any(struct netaddr const *a)
{
    static unsigned char const any[sizeof a->u.bytes];
    return !memcmp(a->u.bytes, any, a->family == AF_INET ? 4 : sizeof any);
}

socklen_t netaddr_sockaddr(struct netaddr const *a, uint16_t port, struct sockaddr_storage *ss)
{
    memset(ss, 0, sizeof *ss);
    if (a->family == AF_INET) {
        struct sockaddr_in in = {
            .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = a->u.v4};
        memcpy(ss, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = a->u.v6};
    memcpy(ss, &in6, sizeof in6);
    return sizeof in6;
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

static char *fmt_v4(char *p, unsigned char const *b)
{
    for (int i = 0; i < 4; i++) {
        if (i)
            *p++ = '.';
        p += uint_fmt(p, b[i]);
    }
    return p;
}

static unsigned int group(unsigned char const *b, int i)
{
    return (unsigned int)b[2 * i] << 8 | b[2 * i + 1];
}

/* The longest run of two or more groups of zeroes, the first of equals (RFC 5952 4.2). Returns its
   length. */
static int longest_run(unsigned char const *b, int *start)
{
    int longest = 1;
    *start = -1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && !group(b, i + n))
            n++;
        if (n > longest) {
            longest = n;
            *start = i;
        }
    }
    return longest;
}

static char *fmt_v6(char *p, unsigned char const *b)
{
    static unsigned char const mapped[12] = {[10] = 0xff, [11] = 0xff};
    int start;
    int len = longest_run(b, &start);
    int is_mapped = !memcmp(b, mapped, sizeof mapped); /* RFC 5952 5 */
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            *p++ = ':';
            *p++ = ':';
            i += len - 1;
            continue;
        }
        if (i && i != start + len)
            *p++ = ':';
        if (is_mapped && i == 6)
            return fmt_v4(p, b + 12);
        p += uint_xfmt(p, group(b, i));
    }
    return p;
}

/* Not inet_ntop: musl's brings printf into a static program, a tenth of its size. */
char *netaddr_fmt(char *buf, struct netaddr const *a)
{
    *(a->family == AF_INET ? fmt_v4(buf, a->u.bytes) : fmt_v6(buf, a->u.bytes)) = 0;
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
