#include <string.h>

#include <cairn/dnscache.h>
#include <cairn/poweroftwo.h>

size_t dnscache_size(uint32_t entries, uint32_t bytes)
{
    return entries * sizeof(struct dnscache_entry) +
           (size_t)poweroftwo(entries) * sizeof(uint32_t) + bytes;
}

void dnscache_init(struct dnscache *c, void *memory, uint32_t entries, uint32_t bytes,
                   uint32_t max_ttl, uint32_t seed)
{
    *c = (struct dnscache){.max = entries, .size = bytes, .max_ttl = max_ttl, .seed = seed};
    c->entry = memory;
    c->bucket = (uint32_t *)(void *)(c->entry + entries);
    c->buckets = poweroftwo(entries);
    c->bytes = (unsigned char *)(c->bucket + c->buckets);
    dnscache_clear(c);
}

void dnscache_clear(struct dnscache *c)
{
    c->first = c->n = c->end = 0;
    memset(c->bucket, 0, (size_t)c->buckets * sizeof *c->bucket);
}

static uint32_t hash_of(struct dnscache const *c, struct dnswire_question const *q,
                        unsigned int flags)
{
    return dnswire_name_hash(&q->name, c->seed) ^ (uint32_t)q->type * 2654435761u ^
           (uint32_t)q->class << 24 ^ flags << 8;
}

static void drop_oldest(struct dnscache *c)
{
    uint32_t i = c->first;
    struct dnscache_entry *e = c->entry + i;
    uint32_t *link = c->bucket + (e->hash & (c->buckets - 1));
    while (*link != i + 1)
        link = &c->entry[*link - 1].next;
    *link = e->next;
    c->first = (i + 1) % c->max;
    c->n--;
}

/* Is there room for one more, of len bytes in one piece? *at: where. Replies lie in the order of
   their entries, in a ring; where the next one would not go before its end, that is left empty. */
static int has_room(struct dnscache const *c, uint32_t len, uint32_t *at)
{
    uint32_t oldest = c->n ? c->entry[c->first].at : c->size;
    *at = c->n ? c->end : 0;
    if (c->n == c->max)
        return 0;
    if (oldest >= *at)
        return oldest - *at >= len;
    if (c->size - *at >= len)
        return 1;
    *at = 0;
    return oldest >= len;
}

/* Makes e, whose reply is at b, the newest. There is room. */
static void append(struct dnscache *c, struct dnscache_entry e, unsigned char const *b)
{
    uint32_t i = (c->first + c->n) % c->max;
    uint32_t *bucket = c->bucket + (e.hash & (c->buckets - 1));
    has_room(c, e.len, &e.at);
    e.next = *bucket;
    *bucket = i + 1; /* before older ones of the same question */
    memmove(c->bytes + e.at, b, e.len);
    c->entry[i] = e;
    c->end = e.at + e.len;
    c->n++;
}

static int is_over(struct dnscache const *c, struct dnscache_entry const *e, uint32_t now)
{
    return !e->life || now - e->since >= (uint64_t)e->life + c->stale;
}

static void make_room(struct dnscache *c, uint32_t len, uint32_t now)
{
    uint32_t at;
    for (int chances = DNSCACHE_CHANCES; !has_room(c, len, &at);) {
        struct dnscache_entry e = c->entry[c->first];
        drop_oldest(c);
        /* its bytes are still there: where it is to go is free, at most over itself */
        if (e.is_used && chances-- > 0 && !is_over(c, &e, now)) {
            e.is_used = 0;
            append(c, e, c->bytes + e.at);
        }
    }
}

/* For how long the reply may be kept, 0: not at all. */
static uint32_t life_of(unsigned char const *b, size_t len, uint32_t max)
{
    uint16_t flags = dnswire_u16(b + 2);
    unsigned int rcode = flags & DNSWIRE_RCODE;
    uint32_t ttl;
    if (flags & DNSWIRE_TC || (rcode != DNSWIRE_NOERROR && rcode != DNSWIRE_NXDOMAIN))
        return 0;
    if (!dnswire_lowest_ttl(b, len, &ttl))
        return 0;
    int is_negative = rcode == DNSWIRE_NXDOMAIN || !dnswire_u16(b + 6);
    uint32_t negative;
    if (is_negative) {
        if (!dnswire_negative_ttl(b, len, &negative))
            return 0;
        if (negative < ttl)
            ttl = negative;
    }
    return ttl < max ? ttl : max;
}

static struct dnscache_entry *find(struct dnscache *c, struct dnswire_question const *q,
                                   unsigned int flags, uint32_t hash)
{
    for (uint32_t i = c->bucket[hash & (c->buckets - 1)]; i; i = c->entry[i - 1].next) {
        struct dnscache_entry *e = c->entry + i - 1;
        struct dnswire_reader r;
        struct dnswire_question own;
        if (e->hash == hash && e->flags == flags && dnswire_read(&r, c->bytes + e->at, e->len) &&
            dnswire_next_question(&r, &own) == 1 && own.type == q->type && own.class == q->class &&
            dnswire_name_is(&own.name, &q->name))
            return e;
    }
    return NULL;
}

void dnscache_put(struct dnscache *c, unsigned char const *b, size_t len, unsigned int flags,
                  uint32_t now)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    if (len > c->size / 2 || len > DNSWIRE_MESSAGE || !dnswire_read(&r, b, len) ||
        r.h.count[0] != 1 || dnswire_next_question(&r, &q) != 1)
        return;
    uint32_t life = life_of(b, len, c->max_ttl);
    if (!life)
        return;
    uint32_t hash = hash_of(c, &q, flags);
    struct dnscache_entry *old = find(c, &q, flags, hash);
    if (old)
        old->life = 0; /* its place is had back when it is the oldest */
    struct dnscache_entry e = {.hash = hash,
                               .since = now,
                               .life = life,
                               .len = (uint16_t)len,
                               .flags = (unsigned char)flags};
    make_room(c, e.len, now);
    append(c, e, b);
}

/* Writes the entry's reply to out, so old. */
static size_t give(struct dnscache *c, struct dnscache_entry *e, unsigned char *out, size_t room,
                   struct dnswire_question const *q, uint16_t id, uint32_t age)
{
    size_t len = e->len;
    size_t question = DNSWIRE_HEADER + q->name.len + 4u;
    if (room < question)
        return 0;
    c->hits++;
    e->is_used = 1;
    if (len > room) {
        len = question;
        memcpy(out, c->bytes + e->at, len);
        memset(out + 6, 0, 6);
        dnswire_set_flags(out, DNSWIRE_TC, DNSWIRE_TC);
    } else {
        memcpy(out, c->bytes + e->at, len);
        if (age >= e->life)
            dnswire_clamp(out, len, DNSCACHE_STALE, DNSCACHE_STALE);
        else if (age)
            dnswire_age(out, len, age);
        if (c->rotate && (q->type == DNSWIRE_A || q->type == DNSWIRE_AAAA))
            dnswire_rotate(out, len, q->type, c->hits);
    }
    out[0] = (unsigned char)(id >> 8);
    out[1] = (unsigned char)id;
    /* AA is for who asked the servers (RFC 1034 4.3.2) */
    dnswire_set_flags(out, DNSWIRE_AA, 0);
    memcpy(out + DNSWIRE_HEADER, q->name.b, q->name.len);
    return len;
}

size_t dnscache_get(struct dnscache *c, unsigned char *out, size_t room,
                    struct dnswire_question const *q, uint16_t id, unsigned int flags, uint32_t now)
{
    struct dnscache_entry *e = c->max ? find(c, q, flags, hash_of(c, q, flags)) : NULL;
    if (e && now - e->since < e->life)
        return give(c, e, out, room, q, id, now - e->since);
    c->misses++;
    return 0;
}

size_t dnscache_get_stale(struct dnscache *c, unsigned char *out, size_t room,
                          struct dnswire_question const *q, uint16_t id, unsigned int flags,
                          uint32_t now)
{
    struct dnscache_entry *e = c->max ? find(c, q, flags, hash_of(c, q, flags)) : NULL;
    if (e && e->life && now - e->since < (uint64_t)e->life + c->stale)
        return give(c, e, out, room, q, id, now - e->since);
    return 0;
}
