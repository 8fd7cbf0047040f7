/* ctaddr: the function sockaddr of consul-template's templates: this machine's addresses, by the
   names of go-sockaddr's functions: GetPrivateIP, GetPrivateIPs, GetPublicIP, GetPublicIPs,
   GetInterfaceIP "eth0", GetInterfaceIPs "eth0". Its filters are refused by name. */

#ifndef CAIRN_CTADDR_H
#define CAIRN_CTADDR_H

#include <cairn/netaddr.h>
#include <cairn/tmplfunc.h>

extern struct tmplfunc_table ctaddr_table(void);

/* Is it of a network that is nobody's own (RFC 1918, 4193, 6598)? */
extern int ctaddr_is_private(struct netaddr const *a);

#endif
