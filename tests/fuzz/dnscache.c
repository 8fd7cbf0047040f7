/* Messages, each behind a byte of choices and two of its length, as replies that are kept in a
   small cache: what is given again is no longer than there is room, answers the question that was
   asked, and is not older than it may be. */

#include <cairn/dnscache.h>

#include "fuzz.h"

enum { ENTRIES = 4, BYTES = 600, MAX_TTL = 100, ROOM = 512 };

static struct dnscache cache;

static void ask(struct dnswire_question const *q, unsigned int flags, size_t room, uint32_t now)
{
    struct dnswire_reader r;
    struct dnswire_question own;
    unsigned char *out = malloc(room + 1);
    HOLDS(out);
    for (int is_stale = 0; is_stale < 2; is_stale++) {
        size_t len = is_stale ? dnscache_get_stale(&cache, out, room, q, 7, flags, now)
                              : dnscache_get(&cache, out, room, q, 7, flags, now);
        if (!len)
            continue;
        HOLDS(len <= room && dnswire_read(&r, out, len) && r.h.id == 7);
        HOLDS(!(r.h.flags & DNSWIRE_AA) && dnswire_next_question(&r, &own) == 1);
        HOLDS(dnswire_name_is_exactly(&own.name, &q->name) && own.type == q->type);
        uint32_t ttl;
        if (!(r.h.flags & DNSWIRE_TC))
            HOLDS(dnswire_lowest_ttl(out, len, &ttl));
    }
    free(out);
}

static void take(uint8_t const *b, size_t len, unsigned int choice, uint32_t now)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    unsigned char *copy = malloc(len + !len);
    HOLDS(copy);
    if (len)
        memcpy(copy, b, len);
    int has_question = dnswire_read(&r, copy, len) && dnswire_next_question(&r, &q) == 1;
    if (choice & 1)
        dnscache_put(&cache, copy, len, choice >> 6, now);
    HOLDS(cache.n <= ENTRIES && cache.end <= BYTES);
    free(copy);
    if (!has_question)
        return;
    ask(&q, choice >> 6, ROOM, now);
    ask(&q, choice >> 6, len ? len - 1 : 0, now + 10);
    ask(&q, 0, 40, now + MAX_TTL);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    void *memory = calloc(1, dnscache_size(ENTRIES, BYTES));
    uint32_t now = 1000;
    HOLDS(memory);
    dnscache_init(&cache, memory, ENTRIES, BYTES, MAX_TTL, 7);
    cache.stale = size && (*data & 2) ? 50 : 0;
    cache.rotate = size && (*data & 4);
    while (size >= 3) {
        unsigned int choice = data[0];
        size_t len = (size_t)(data[1] % 4) * 256 + data[2];
        data += 3;
        size -= 3;
        if (len > size)
            len = size;
        take(data, len, choice, now);
        data += len;
        size -= len;
        now += choice & 0x38;
    }
    free(memory);
    return 0;
}
