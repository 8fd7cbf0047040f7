/* dnscache: replies that are given again while their TTLs last.

   Whole replies are kept, each under its question and how it was asked (flags), for the lowest of
   its TTLs, negative ones for what their SOA says (RFC 2308 5), and for no more than max_ttl. What
   is given again has aged. Memory is the caller's, given once: so many entries, so many bytes of
   replies. What has not been asked for for longest makes room, nearly: second chance (CLOCK). The
   oldest goes, but one that was asked for since it was last the oldest becomes the newest, of which
   at most DNSCACHE_CHANCES happen for one new reply. Times are seconds of any clock that only goes
   forward. */

#ifndef CAIRN_DNSCACHE_H
#define CAIRN_DNSCACHE_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/dnswire.h>

enum { /* how it was asked: a reply is for who asks the same way */
       DNSCACHE_EDNS = 1,
       DNSCACHE_DO = 2, /* DNSSEC records wanted */
       DNSCACHE_CD = 4, /* checking disabled */
};

enum {
    DNSCACHE_STALE = 30, /* seconds, RFC 8767 4 */
    DNSCACHE_CHANCES = 16,
};

struct dnscache_entry {
    uint32_t hash;
    uint32_t next;  /* in the bucket, index + 1 */
    uint32_t at;    /* of the reply, in bytes */
    uint32_t since; /* when it came */
    uint32_t life;  /* seconds; 0: free */
    uint16_t len;
    unsigned char flags;
    unsigned char is_used; /* since it was last the oldest */
};

struct dnscache {
    struct dnscache_entry *entry;
    uint32_t *bucket;
    unsigned char *bytes;
    uint32_t max, buckets, size;
    uint32_t first, n; /* the ring of entries, oldest first */
    uint32_t end;      /* where the next reply goes in the ring of bytes */
    uint32_t max_ttl;
    uint32_t stale; /* seconds that a reply is had by dnscache_get_stale when its time is over */
    unsigned char rotate; /* addresses go round with every reply that is given */
    uint32_t seed;        /* of the hash; random, so that nobody can aim at one bucket */
    uint64_t hits, misses;
};

/* Bytes that so many entries (at least 1) and so many bytes of replies take. */
extern size_t dnscache_size(uint32_t entries, uint32_t bytes);

/* Begins with stale and rotate 0. */
extern void dnscache_init(struct dnscache *, void *memory, uint32_t entries, uint32_t bytes,
                          uint32_t max_ttl, uint32_t seed);

extern void dnscache_clear(struct dnscache *);

/* Keeps the reply at b, if it is one to keep: NOERROR or NXDOMAIN, whole, with TTLs above 0. */
extern void dnscache_put(struct dnscache *, unsigned char const *b, size_t len, unsigned int flags,
                         uint32_t now);

/* Writes the reply to the question, with this id, to out (room bytes). The question is written as
   q has it; a reply longer than room is cut to that and TC. Returns its length, 0 if there is
   none. */
extern size_t dnscache_get(struct dnscache *, unsigned char *out, size_t room,
                           struct dnswire_question const *q, uint16_t id, unsigned int flags,
                           uint32_t now);

/* The same, when nobody can be asked: also a reply whose time is over, with TTLs of DNSCACHE_STALE
   (RFC 8767). */
extern size_t dnscache_get_stale(struct dnscache *, unsigned char *out, size_t room,
                                 struct dnswire_question const *q, uint16_t id, unsigned int flags,
                                 uint32_t now);

#endif
