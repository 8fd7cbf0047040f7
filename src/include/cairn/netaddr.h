/* netaddr: an IPv4 or IPv6 address, and networks of them. Strictly parsed, with inet_pton. */

#ifndef CAIRN_NETADDR_H
#define CAIRN_NETADDR_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

struct netaddr {
    int family; /* AF_INET or AF_INET6 */
    union {
        struct in_addr v4;
        struct in6_addr v6;
        unsigned char bytes[16];
    } u;
};

struct netaddr_net {
    struct netaddr addr;
    unsigned int bits;
};

#define NETADDR_FMT INET6_ADDRSTRLEN

/* Reads an address. Returns 1, or 0 if s is none. */
extern int netaddr_parse(char const *s, struct netaddr *);

/* Reads ADDRESS, ADDRESS:PORT or, of IPv6, [ADDRESS] and [ADDRESS]:PORT. *port is left as it is
   when none is given. Returns 1, or 0 if s is anything else. */
extern int netaddr_port_parse(char const *s, struct netaddr *, uint16_t *port);

/* Reads ADDRESS/BITS; bits behind the prefix may be set. Returns 1, or 0 if s is anything else. */
extern int netaddr_net_parse(char const *s, struct netaddr_net *);

/* Writes the address, with NUL, to buf (NETADDR_FMT bytes). Returns buf. */
extern char *netaddr_fmt(char *buf, struct netaddr const *);

/* Equal, family included? */
extern int netaddr_is(struct netaddr const *, struct netaddr const *);

/* Is it 0.0.0.0 or ::, which stand for all addresses of the machine? */
extern int netaddr_is_any(struct netaddr const *);

/* Makes a socket address of it. Returns its length. */
extern socklen_t netaddr_sockaddr(struct netaddr const *, uint16_t port, struct sockaddr_storage *);

/* Does the network hold the address? Never one of the other family. */
extern int netaddr_is_in(struct netaddr const *, struct netaddr_net const *);

#endif
