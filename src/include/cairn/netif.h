/* netif: the addresses of network interfaces and the default route, asked of the kernel by netlink.
 */

#ifndef CAIRN_NETIF_H
#define CAIRN_NETIF_H

#include <cairn/netaddr.h>

enum netif_scope { NETIF_GLOBAL, NETIF_LINK, NETIF_HOST };

struct netif_addr {
    struct netaddr addr;
    unsigned int index; /* of the interface */
    enum netif_scope scope;
    int is_secondary; /* or temporary */
};

/* Hands each address of this family (AF_INET, AF_INET6) to f, in the kernel's order, until f
   returns something else than 0. Tentative and deprecated ones are left out. Returns what f
   returned, or -1 with errno. */
extern int netif_addresses(int family, int (*f)(void *data, struct netif_addr const *), void *data);

/* The interface that the default route of this family leaves by: of several, that of the least
   metric. Returns 1, 0 if there is none, or -1 with errno. */
extern int netif_default(int family, unsigned int *index);

#endif
