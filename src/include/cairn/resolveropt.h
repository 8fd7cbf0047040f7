/* resolveropt: the options and variables of resolver: go-dnsmasq's, and a few of our own.

   A word on the command line counts before a variable; an empty list and an empty variable are
   none. Options are written as Go programs take
   them:
   --name value, --name=value, with one dash or two; a switch without a value or with =true, =false.
 */

#ifndef CAIRN_RESOLVEROPT_H
#define CAIRN_RESOLVEROPT_H

#include <stddef.h>

#include <cairn/resolvconf.h>
#include <cairn/stubzones.h>

enum {
    RESOLVEROPT_CACHE = 1000000, /* replies at most */
    RESOLVEROPT_STALE = 604800,  /* seconds at most */
    RESOLVEROPT_REPLY = 256,     /* bytes that a kept reply has on average, unless it is said */
    RESOLVEROPT_LONG = 1 << 17,  /* and these, for one may be long */
    RESOLVEROPT_BYTES = 1 << 30, /* of kept replies at most, */
    RESOLVEROPT_FEW = 4096,      /* and at least */
};

struct resolveropt {
    struct netaddr listen;
    uint16_t port;
    unsigned int default_resolver;
    unsigned int enable_search;
    unsigned int no_rec;
    unsigned int verbose;
    unsigned int check_config;
    unsigned int service; /* as the images run it */
    unsigned int prepare; /* makes the log's directory, and no more */
    unsigned int ndots, has_ndots;
    unsigned int forward_ndots;
    unsigned int cache;     /* replies that are kept; 0: none */
    unsigned int cache_ttl; /* seconds at most */
    unsigned int cache_bytes, has_cache_bytes;
    unsigned int round_robin;
    unsigned int stale; /* seconds that a reply is of use when its time is over */
    unsigned int notification_fd, has_notification_fd;
    unsigned int has_servers, has_search;
    char const *hostsfile;  /* NULL: none */
    char const *user;       /* NULL: stay who we are */
    char const *script;     /* with service and prepare: whose interpreter we are; or NULL */
    struct resolvconf conf; /* its servers and searches, if they are given */
    struct stubzones zones;
    unsigned int meaningless; /* bits of what was given and does nothing, see resolveropt_word */
    uint64_t seen;
};

/* Reads argv (without its first word), then the environment. Returns NULL, or what is wrong with
 * what, in a buffer of its own. *why "" means that the usage says it all. */
extern char const *resolveropt_read(struct resolveropt *, char const *const *argv);

/* The name of the i-th option that is accepted but does nothing, if it was given; NULL when there
   are no more. *i begins with 0. */
extern char const *resolveropt_word(struct resolveropt const *, unsigned int *i);

#endif
