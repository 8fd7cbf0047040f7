/* stubzones: which servers are asked for which zones.

   ZONE[,ZONE...]/SERVER[:PORT][,SERVER[:PORT]...], as go-dnsmasq's --stubzones has it, and, behind
   a comma, more of these (DNSMASQ_STUB). SERVER is an address, IPv6 with a port in brackets. A zone
   that begins with a dot holds what is below its name and not the name itself, which is how the
   docker-alpine images tell the container "consul" from what Consul serves. A zone given again gets
   more servers. Bounded, no allocation; a zeroed struct is empty. */

#ifndef CAIRN_STUBZONES_H
#define CAIRN_STUBZONES_H

#include <stddef.h>

#include <cairn/dnswire.h>
#include <cairn/netaddr.h>

enum { STUBZONES_ZONES = 64, STUBZONES_SERVERS = 256 };

struct stubzones_server {
    struct netaddr addr;
    uint16_t port;
    unsigned char zone; /* index of the zone it is for */
};

struct stubzones_zone {
    struct dnswire_name name;
    unsigned char below; /* the name itself is not of the zone */
};

struct stubzones {
    unsigned int zones;
    unsigned int servers;
    struct stubzones_zone zone[STUBZONES_ZONES];
    struct stubzones_server server[STUBZONES_SERVERS];
};

/* Adds what spec says. Returns NULL, or what is wrong with it, at *at (of spec) for *len bytes; the
   struct is then as it was. */
extern char const *stubzones_add(struct stubzones *, char const *spec, char const **at,
                                 size_t *len);

/* The zone that name lies in, the longest of several, compared label by label in any case.
   Returns its index, or -1. */
extern int stubzones_find(struct stubzones const *, struct dnswire_name const *);

/* The next server of a zone, in the order given: *i begins with 0. Returns NULL when there are no
   more. */
extern struct stubzones_server const *stubzones_server(struct stubzones const *, int zone,
                                                       unsigned int *i);

#endif
