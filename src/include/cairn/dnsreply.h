/* dnsreply: what a reply to a question of ours says. Pure: bytes in, records out. */

#ifndef CAIRN_DNSREPLY_H
#define CAIRN_DNSREPLY_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/dnswire.h>
#include <cairn/netaddr.h>

enum { DNSREPLY_CHAIN = 16 }; /* CNAMEs that are followed within a reply */

struct dnsreply_record {
    uint16_t type; /* DNSWIRE_A, _AAAA: addr. DNSWIRE_SRV: the rest */
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
    uint32_t ttl;
    struct netaddr addr;
    struct dnswire_name target;
};

enum dnsreply_result {
    DNSREPLY_USELESS,  /* malformed, an error, or from a server that knows nothing: ask another */
    DNSREPLY_NXDOMAIN, /* there is no such name */
    DNSREPLY_NODATA,   /* the name has no such record */
    DNSREPLY_ALIAS,    /* the name is an alias of end, whose records are not in the reply */
    DNSREPLY_FOUND,
};

/* Is it the reply to the query with this id, name and type (class IN)? */
extern int dnsreply_is_to(unsigned char const *b, size_t len, uint16_t id,
                          struct dnswire_name const *, uint16_t type);

/* Reads such a reply and hands the records of the type (A, AAAA, SRV) that name has, through its
   CNAMEs, to take: all of them or none. *end is the name at the end of the CNAMEs. */
extern enum dnsreply_result dnsreply_read(unsigned char const *b, size_t len,
                                          struct dnswire_name const *, uint16_t type,
                                          void (*take)(void *data, struct dnsreply_record const *),
                                          void *data, struct dnswire_name *end);

#endif
