/* confdlookup: the functions of confd's templates that ask for addresses. /etc/hosts comes first,
   then the servers of /etc/resolv.conf. What cannot be found is an empty list, not an error. */

#ifndef CAIRN_CONFDLOOKUP_H
#define CAIRN_CONFDLOOKUP_H

#include <cairn/tmplfunc.h>

/* NAME: its addresses as text, sorted: both kinds, IPv4, IPv6. */
extern int confdlookup_ip(struct tmplcall *c, struct tmplvalue *result);
extern int confdlookup_ip4(struct tmplcall *c, struct tmplvalue *result);
extern int confdlookup_ip6(struct tmplcall *c, struct tmplvalue *result);

/* SERVICE PROTOCOL NAME: the records _SERVICE._PROTOCOL.NAME, as objects with Target, Port,
   Priority and Weight, sorted by these. */
extern int confdlookup_srv(struct tmplcall *c, struct tmplvalue *result);

#endif
