/* dnslocal: what a resolver answers by itself: names and addresses of the hosts table, and the
   questions about the server (class CH). Pure: a query in, a reply out. */

#ifndef CAIRN_DNSLOCAL_H
#define CAIRN_DNSLOCAL_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/dnswire.h>
#include <cairn/hosts.h>

enum { DNSLOCAL_TTL = 10 }; /* seconds, go-dnsmasq's */

/* The address that a name below in-addr.arpa (RFC 1035 3.5) or ip6.arpa (RFC 3596 2.5) stands for.
   1, or 0 if it is none. */
extern int dnslocal_arpa(struct dnswire_name const *, struct netaddr *);

/* Answers the question that the query at b (len bytes) begins with, as its header and OPT ask for,
   in at most room bytes: what does not fit sets TC. A, AAAA and ANY of a name that the table has
   (in the other family only: no data, as dnsmasq, where go-dnsmasq asks others); PTR of an address
   that it has; TXT of version.bind, version.server (version), hostname.bind and id.server in class
   CH, SERVFAIL for others there. Returns the length of the reply, 0 when others are to be asked. */
extern size_t dnslocal_answer(unsigned char *out, size_t room, unsigned char const *b, size_t len,
                              struct dnswire_question const *, struct hosts_table const *,
                              char const *version);

#endif
