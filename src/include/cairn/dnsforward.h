/* dnsforward: queries of clients on their way to other servers, and the replies back.

   Each query takes one of a fixed number of flights. Its steps are names (as it is, and with each
   search domain, as ndots says); in each step the servers of its stub zone, or the general ones,
   are asked in their order: the next one after DNSFORWARD_PATIENCE or when one says that it cannot,
   and whoever answers first is right. A server that was waited for in vain comes last for a while,
   and is tried beside a good one when that is over, so that it costs nobody time.

   Queries leave from a set of sockets with random ports and carry random ids; a reply must come
   from a server that was asked, to the socket it was asked from, with id and question, each letter
   in the case it was asked in (draft-vixie-dnsext-dns0x20). A server that answers in another case
   is asked again, and from then on, as the client wrote it.

   What a server truncates is fetched by TCP where somebody has something of the whole: a client
   that came by TCP, one with EDNS, for servers have limits of their own, or the cache, for the
   client will come by TCP next. Otherwise, or when that fails, the client is told (TC).
   DNSFORWARD_STREAMS fetches go at a time, others wait their turn for as long as the client waits.

   Who asks what is on its way already (the name in any case, type, class, flags, EDNS, UDP or TCP)
   waits for the same reply, and gets it with its own id and in its own case: there is one exchange,
   and for somebody who forges replies one chance (RFC 5452 5).

   Replies are kept in the caller's cache, each under the name that a server was asked for: what one
   step of a search has found, or has not, is there for every search that comes by it, and for who
   asks for that name as it is. Of what is over, the cache gives stale replies (RFC 8767) when no
   server answers, or all are known to be dead; then now and then one is asked beside, so that it is
   noticed when that is over.

   Nothing is allocated. One epoll instance of the caller holds all descriptors; data.u32 of ours
   are from DNSFORWARD_TAG on. Times are ms of dnsclient_now. */

#ifndef CAIRN_DNSFORWARD_H
#define CAIRN_DNSFORWARD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cairn/dnscache.h>
#include <cairn/dnswire.h>
#include <cairn/netaddr.h>
#include <cairn/resolvconf.h>
#include <cairn/stubzones.h>
#include <cairn/timerheap.h>
#include <cairn/udpbatch.h>

enum {
    DNSFORWARD_FLIGHTS = 1024,
    DNSFORWARD_SERVERS = RESOLVCONF_SERVERS + STUBZONES_SERVERS,
    DNSFORWARD_QUERY = 512,     /* bytes of a client's query */
    DNSFORWARD_NEGATIVE = 512,  /* bytes of a negative reply that is kept for the end of a search */
    DNSFORWARD_SOCKETS = 16,    /* of each family */
    DNSFORWARD_STREAMS = 64,    /* TCP connections to servers */
    DNSFORWARD_BATCH = 8,       /* replies that are read at a time */
    DNSFORWARD_PATIENCE = 250,  /* ms until the next server is asked too */
    DNSFORWARD_LAST = 500,      /* ms for the last one, twice as many with each turn */
    DNSFORWARD_TURNS = 3,       /* times that all servers are asked: within the 5 s of a client */
    DNSFORWARD_PENALTY = 5000,  /* ms that a silent server comes last */
    DNSFORWARD_STREAM = 4000,   /* ms that TCP may take, */
    DNSFORWARD_BRIEF = 1000,    /* and after which it was not for want of time */
    DNSFORWARD_DEADLINE = 4500, /* ms that a query waits for it: clients do for 5 s */
    DNSFORWARD_REFRESH = 1000,  /* ms between two questions beside stale replies */
    DNSFORWARD_CNAME_TTL = 360, /* of what leads from a name to the searched one, go-dnsmasq's */
    DNSFORWARD_TAG = 0x10000,
};

enum { /* flags of a client beside DNSCACHE_* */
       DNSFORWARD_ALONE =
           0x40, /* its query has options, no other is like it, nor kept for another */
       DNSFORWARD_NOBODY = 0x80, /* nobody waits, the reply is for the cache; ours */
};

/* Where a reply goes; the caller's to fill and understand, but for room, flags and stream. */
struct dnsforward_client {
    uint16_t room;        /* bytes that a reply may have */
    unsigned char flags;  /* how it was asked, DNSCACHE_*, and DNSFORWARD_ALONE */
    unsigned char stream; /* it came by TCP */
    uint32_t number;      /* of the connection */
    uint32_t generation;  /* the connection is another one when this differs */
    uint32_t interface;   /* that it came by, 0: any */
    struct netaddr to;    /* our address that it came to, if that is to be said */
    socklen_t from_len;
    struct sockaddr_storage from;
};

struct dnsforward_server {
    struct resolvconf_server s;
    int zone;          /* of stubzones, -1: general */
    int64_t bad_until; /* 0: good */
    int is_plain;      /* it answers in another case than it is asked in */
    uint64_t asked, answered, silent;
};

struct dnsforward_flight {
    int used;
    uint16_t id;
    uint16_t len; /* of the client's query */
    uint16_t type, class;
    uint16_t next;  /* flight + 1 that waits for the same reply */
    uint16_t alike; /* flight + 1 that is in the same bucket, and asks for something else */
    int is_open;    /* others can wait with it: it is in its bucket */
    uint32_t hash;  /* of the question */
    int64_t since;  /* when it came */
    uint16_t room;  /* the greatest of those who wait for it */
    uint16_t behind, before; /* flights + 1 in the queue for a stream */
    int zone;
    unsigned int step; /* see dnsforward.c */
    unsigned int turn;
    int last;            /* server asked last, -1: none */
    int stream;          /* index + 1 of the stream that it has */
    unsigned char rcode; /* of the last server that could not */
    unsigned char best;  /* what the steps so far have given */
    unsigned char is_search;
    unsigned char is_counted;
    unsigned char is_cut;    /* a server has truncated its reply to this step */
    unsigned char is_queued; /* it waits for a stream to server last */
    unsigned char out;       /* good servers that were asked and have not answered */
    unsigned char socket;    /* of each family */
    unsigned char tried[(DNSFORWARD_SERVERS + 7) / 8]; /* in this turn */
    unsigned char asked[(DNSFORWARD_SERVERS + 7) / 8]; /* in this step: their replies count */
    unsigned char mix[(DNSWIRE_NAME + 7) / 8];         /* the case that each letter is asked in */
    struct dnswire_name name;                          /* that is asked for now */
    struct dnsforward_client client;
    unsigned char query[DNSFORWARD_QUERY];
    /* what is told when the steps find nothing, in negative[] of struct dnsforward: the reply with
       the best one's SOA, for the lowest of their times */
    uint32_t negative_ttl;
    uint16_t negative_len; /* 0: there is none */
};

struct dnsforward_stream {
    int fd;
    uint32_t flight;
    int64_t since;
    size_t have, want; /* of the reply, its two bytes of length included */
};

struct dnsforward {
    int epoll;
    void (*deliver)(void *data, struct dnsforward_client const *, unsigned char *reply, size_t len);
    void *data;
    struct dnscache *cache; /* the caller's; NULL: none */
    int64_t next_refresh;
    unsigned int servers;
    unsigned int ndots;
    unsigned int forward_ndots; /* names with fewer dots are not asked for as they are */
    unsigned int searches;      /* 0: no search */
    int sockets[2][DNSFORWARD_SOCKETS];
    unsigned int uses[2][DNSFORWARD_SOCKETS];
    uint16_t waiting[DNSFORWARD_SOCKETS]; /* flights that wait for a reply there */
    unsigned char is_full[DNSFORWARD_SOCKETS];
    unsigned int full;
    uint16_t by_id[65536];               /* flight + 1 */
    uint32_t seed;                       /* of hashes; random, so that nobody can aim at a bucket */
    uint16_t bucket[DNSFORWARD_FLIGHTS]; /* flight + 1, by question */
    unsigned int free_flights;
    unsigned int random_left;
    unsigned char random[256]; /* not given out yet: the last random_left */
    uint16_t free_list[DNSFORWARD_FLIGHTS];
    struct timerheap timers;
    struct stubzones const *zones;
    struct dnswire_name search[RESOLVCONF_SEARCH];
    struct dnsforward_server server[DNSFORWARD_SERVERS];
    struct dnsforward_flight flight[DNSFORWARD_FLIGHTS];
    /* apart: memory that only searches and TCP touch */
    unsigned char negative[DNSFORWARD_FLIGHTS][DNSFORWARD_NEGATIVE];
    unsigned char stream_bytes[DNSFORWARD_STREAMS][2 + DNSWIRE_MESSAGE]; /* of replies */
    struct dnsforward_stream stream[DNSFORWARD_STREAMS];
    uint16_t queue_first, queue_last; /* flights + 1 that wait for one */
    uint64_t asked, joined, answered, failed, refused_full;
    uint64_t timer_memory[3 * DNSFORWARD_FLIGHTS]; /* timerheap_size says how much is needed */
    struct udpbatch in;
    unsigned char buf[2 + DNSWIRE_MESSAGE];
    unsigned char out[2 + DNSWIRE_MESSAGE];
    unsigned char kept[DNSWIRE_MESSAGE];                       /* from the cache */
    unsigned char replies[DNSFORWARD_BATCH * DNSWIRE_MESSAGE]; /* of in */
};

/* Begins: f is zeroed but for deliver, data and cache. Returns 0, or -1 with errno. */
extern int dnsforward_init(struct dnsforward *f, int epoll);

/* From now on these servers and domains; zones stays the caller's. What is known of servers that
   stay is kept. Flights on their way go on with the new ones. */
extern void dnsforward_configure(struct dnsforward *f, struct resolvconf const *,
                                 struct stubzones const *zones);

/* Forwards a query (len bytes, with this question first), or answers it from the cache. The reply,
   or SERVFAIL or REFUSED, comes by deliver, perhaps before this returns. A client that asks again
   with the same id while its query is on its way gets one reply. */
extern void dnsforward_ask(struct dnsforward *f, unsigned char const *query, size_t len,
                           struct dnswire_question const *, struct dnsforward_client const *);

/* An event with a tag of ours. */
extern void dnsforward_event(struct dnsforward *f, uint32_t tag);

/* Does what is due. Returns the ms until the next time, -1: nothing is on its way. */
extern int dnsforward_tick(struct dnsforward *f);

#endif
