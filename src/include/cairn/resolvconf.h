/* resolvconf: reads /etc/resolv.conf, as resolv.conf(5) describes it.

   Bounded: what is more than the struct holds is counted and left out. No allocation. Unknown words
   are passed over, as every reader of this file does. */

#ifndef CAIRN_RESOLVCONF_H
#define CAIRN_RESOLVCONF_H

#include <cairn/dnswire.h>
#include <cairn/netaddr.h>

#define RESOLVCONF_FILE "/etc/resolv.conf"

enum { RESOLVCONF_SERVERS = 16, RESOLVCONF_SEARCH = 32 };

struct resolvconf_server {
    struct netaddr addr;
    uint32_t scope; /* of a link-local address: index of the interface; else 0 */
    uint16_t port;  /* DNSWIRE_PORT: the file cannot name another */
};

struct resolvconf {
    unsigned int servers;
    unsigned int searches;
    unsigned int dropped;  /* servers and domains that found no room or are none */
    unsigned int ndots;    /* default 1, at most 15 */
    unsigned int timeout;  /* seconds, default 5, 1 to 30 */
    unsigned int attempts; /* default 2, 1 to 5 */
    unsigned char rotate;
    unsigned char edns0;
    unsigned char use_tcp; /* use-vc */
    struct resolvconf_server server[RESOLVCONF_SERVERS];
    struct dnswire_name search[RESOLVCONF_SEARCH];
};

/* The defaults: no servers, no domains. */
extern void resolvconf_init(struct resolvconf *);

/* Reads one line, which is written to. */
extern void resolvconf_line(struct resolvconf *, char *line);

/* Reads the file. Where there is none the result is the defaults. Whoever asks with no servers asks
   127.0.0.1 (resolv.conf(5)). Returns 0, or -1 with errno. */
extern int resolvconf_read(struct resolvconf *, char const *file);

#endif
