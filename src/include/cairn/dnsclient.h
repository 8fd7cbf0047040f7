/* dnsclient: asks the servers of resolv.conf, for programs that look something up and go on.

   All queries of a lookup are on their way at the same time. The next server is asked when one says
   no, cannot be reached, or has not answered within DNSCLIENT_PATIENCE; whoever answers first is
   right. A truncated reply is asked for again by TCP. Each query has a random id and a socket of
   its own, connected to the server it asks: the kernel gives it a random port and keeps out what
   comes from elsewhere. A reply with another id or question is passed over, and the wait goes on.
 */

#ifndef CAIRN_DNSCLIENT_H
#define CAIRN_DNSCLIENT_H

#include <stdint.h>

#include <cairn/dnsreply.h>
#include <cairn/dnswire.h>
#include <cairn/netaddr.h>
#include <cairn/resolvconf.h>

enum {
    DNSCLIENT_PATIENCE = 250, /* ms until the next server is asked too */
    DNSCLIENT_GRACE = 500,    /* ms that one type is waited for when another has been found */
    DNSCLIENT_TYPES = 2,      /* at most so many types in a lookup */
    DNSCLIENT_CHAIN = 8,      /* CNAMEs that are followed by asking again */
};

enum dnsclient_result {                     /* the better is the greater */
                        DNSCLIENT_WOKEN,    /* wake_fd was readable */
                        DNSCLIENT_TIMEOUT,  /* no server answered, or the deadline has come */
                        DNSCLIENT_FAILED,   /* those that answered could not say */
                        DNSCLIENT_NXDOMAIN, /* there is no such name */
                        DNSCLIENT_NODATA,   /* the name has no such record */
                        DNSCLIENT_FOUND,
};

struct dnsclient {
    struct resolvconf conf;
    int64_t deadline; /* in ms of dnsclient_now, for everything */
    int wake_fd;      /* that it is readable ends the lookup; or -1 */
    void (*take)(void *data, struct dnsreply_record const *);
    void *data;
    unsigned char buf[2 + DNSWIRE_MESSAGE];
};

/* Milliseconds of the monotonic clock. */
extern int64_t dnsclient_now(void);

/* Looks name up (as text; with a final dot it is complete, else the search domains of conf are
   tried as ndots says) and hands each record of these types (A, AAAA, SRV) to take. */
extern enum dnsclient_result dnsclient_lookup(struct dnsclient *, char const *name,
                                              uint16_t const *types, unsigned int n);

/* A result in words, for messages; NULL for DNSCLIENT_FOUND. */
extern char const *dnsclient_reason(enum dnsclient_result);

#endif
