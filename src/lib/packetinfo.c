#include <string.h>

#include <cairn/packetinfo.h>

int packetinfo_enable(int fd, int family)
{
    int on = 1;
    return family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                              : setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

void packetinfo_get(struct msghdr const *m, struct netaddr *to, uint32_t *interface)
{
    *to = (struct netaddr){.family = 0};
    *interface = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)m, c))
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo in;
            memcpy(&in, CMSG_DATA(c), sizeof in);
            to->family = AF_INET;
            to->u.v4 = in.ipi_spec_dst; /* ours, also when ipi_addr is a broadcast */
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo in6;
            memcpy(&in6, CMSG_DATA(c), sizeof in6);
            to->family = AF_INET6;
            to->u.v6 = in6.ipi6_addr;
            if (IN6_IS_ADDR_LINKLOCAL(&in6.ipi6_addr))
                *interface = (uint32_t)in6.ipi6_ifindex;
        }
}

static size_t put(struct msghdr *m, int level, int type, void const *data, size_t n)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(n);
    memcpy(CMSG_DATA(c), data, n);
    return CMSG_SPACE(n);
}

size_t packetinfo_put(struct msghdr *m, struct netaddr const *from, uint32_t interface)
{
    if (from->family == AF_INET) {
        struct in_pktinfo in = {.ipi_spec_dst = from->u.v4};
        return put(m, IPPROTO_IP, IP_PKTINFO, &in, sizeof in);
    }
    if (from->family == AF_INET6) {
        struct in6_pktinfo in6 = {.ipi6_addr = from->u.v6, .ipi6_ifindex = interface};
        return put(m, IPPROTO_IPV6, IPV6_PKTINFO, &in6, sizeof in6);
    }
    return 0;
}
