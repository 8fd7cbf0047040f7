#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cairn/netif.h>

enum {
    REPLY = 16384, /* the kernel fills datagrams of at most this size for a dump */
    PATIENCE = 5   /* seconds; a kernel answers at once, but nothing here waits for ever */
};

/* Sends the dump request and hands each message of the answer to f until that returns something
   else than 0. Returns that, or -1 with errno. */
static int dump(void const *request, size_t len, int (*f)(void *, struct nlmsghdr const *),
                void *data)
{
    _Alignas(struct nlmsghdr) char buf[REPLY];
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct timeval patience = {.tv_sec = PATIENCE};
    int r = -1;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        sendto(fd, request, len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
        goto out;
    for (;;) {
        ssize_t n = recv(fd, buf, sizeof buf, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            goto out;
        size_t left = (size_t)n;
        for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_DONE) {
                r = 0;
                goto out;
            }
            if (h->nlmsg_type == NLMSG_ERROR) {
                struct nlmsgerr const *e = NLMSG_DATA(h);
                errno = h->nlmsg_len >= NLMSG_LENGTH(sizeof *e) ? -e->error : EPROTO;
                goto out;
            }
            r = f(data, h);
            if (r)
                goto out;
            r = -1;
        }
    }
out:;
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

struct addresses {
    int family;
    int (*f)(void *, struct netif_addr const *);
    void *data;
};

static enum netif_scope scope_of(unsigned char scope)
{
    return scope >= RT_SCOPE_HOST ? NETIF_HOST : scope >= RT_SCOPE_LINK ? NETIF_LINK : NETIF_GLOBAL;
}

static int on_address(void *data, struct nlmsghdr const *h)
{
    struct addresses const *a = data;
    struct ifaddrmsg const *m = NLMSG_DATA(h);
    struct netif_addr found = {.addr.family = a->family};
    size_t const size = a->family == AF_INET ? 4 : 16;
    int has = 0;
    if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof *m) ||
        m->ifa_family != a->family || m->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED))
        return 0;
    unsigned int len = h->nlmsg_len - (unsigned int)NLMSG_LENGTH(sizeof *m);
    for (struct rtattr const *t = IFA_RTA(m); RTA_OK(t, len); t = RTA_NEXT(t, len)) {
        /* on a point-to-point link IFA_ADDRESS is the other side */
        if (RTA_PAYLOAD(t) != size || (t->rta_type != IFA_LOCAL && t->rta_type != IFA_ADDRESS) ||
            (has && t->rta_type == IFA_ADDRESS))
            continue;
        memcpy(found.addr.u.bytes, RTA_DATA(t), size);
        has = 1;
    }
    if (!has)
        return 0;
    found.index = m->ifa_index;
    found.scope = scope_of(m->ifa_scope);
    found.is_secondary = !!(m->ifa_flags & IFA_F_SECONDARY);
    return a->f(a->data, &found);
}

int netif_addresses(int family, int (*f)(void *, struct netif_addr const *), void *data)
{
    struct {
        struct nlmsghdr h;
        struct ifaddrmsg m;
    } request = {.h = {.nlmsg_len = sizeof request,
                       .nlmsg_type = RTM_GETADDR,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                       .nlmsg_seq = 1},
                 .m.ifa_family = (unsigned char)family};
    struct addresses a = {.family = family, .f = f, .data = data};
    return dump(&request, sizeof request, on_address, &a);
}

struct route {
    int family;
    int found;
    unsigned int index;
    uint32_t metric;
};

static uint32_t number(struct rtattr const *t)
{
    uint32_t n = 0;
    if (RTA_PAYLOAD(t) == sizeof n)
        memcpy(&n, RTA_DATA(t), sizeof n);
    return n;
}

static int on_route(void *data, struct nlmsghdr const *h)
{
    struct route *best = data;
    struct rtmsg const *m = NLMSG_DATA(h);
    uint32_t table, metric = 0, index = 0;
    if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof *m) ||
        m->rtm_family != best->family || m->rtm_dst_len || m->rtm_type != RTN_UNICAST)
        return 0;
    table = m->rtm_table;
    unsigned int len = h->nlmsg_len - (unsigned int)NLMSG_LENGTH(sizeof *m);
    for (struct rtattr const *t = RTM_RTA(m); RTA_OK(t, len); t = RTA_NEXT(t, len)) {
        switch (t->rta_type) {
        case RTA_OIF:
            index = number(t);
            break;
        case RTA_PRIORITY:
            metric = number(t);
            break;
        case RTA_TABLE:
            table = number(t);
            break;
        case RTA_MULTIPATH:
            if (!index && RTA_PAYLOAD(t) >= sizeof(struct rtnexthop))
                index = (uint32_t)((struct rtnexthop const *)RTA_DATA(t))->rtnh_ifindex;
            break;
        default:
            break;
        }
    }
    if (table != RT_TABLE_MAIN || !index || (best->found && metric >= best->metric))
        return 0;
    best->found = 1;
    best->index = index;
    best->metric = metric;
    return 0;
}

int netif_default(int family, unsigned int *index)
{
    struct {
        struct nlmsghdr h;
        struct rtmsg m;
    } request = {.h = {.nlmsg_len = sizeof request,
                       .nlmsg_type = RTM_GETROUTE,
                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                       .nlmsg_seq = 1},
                 .m.rtm_family = (unsigned char)family};
    struct route best = {.family = family};
    if (dump(&request, sizeof request, on_route, &best) < 0)
        return -1;
    if (best.found)
        *index = best.index;
    return best.found;
}
