/* packetinfo: to which of our addresses a datagram came, and from which one a reply leaves, for a
   socket that is bound to all (ip(7) IP_PKTINFO, RFC 3542 6). */

#ifndef CAIRN_PACKETINFO_H
#define CAIRN_PACKETINFO_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cairn/netaddr.h>

enum { PACKETINFO_SIZE = CMSG_SPACE(sizeof(struct in6_pktinfo)) }; /* the greater of the two */

/* From now on the kernel tells. Returns 0, or -1 with errno. */
extern int packetinfo_enable(int fd, int family);

/* Reads what recvmsg got; *to has family 0 if there is nothing. *interface is set for an address
   that means nothing without one (RFC 4007 6: link-local), else 0. */
extern void packetinfo_get(struct msghdr const *, struct netaddr *to, uint32_t *interface);

/* Writes that the message leaves from this address to msg_control, which has msg_controllen bytes,
   at least PACKETINFO_SIZE. Returns the length for msg_controllen, 0 for family 0. */
extern size_t packetinfo_put(struct msghdr *, struct netaddr const *from, uint32_t interface);

#endif
