/* Any bytes as a client's query: answered from a table, kept by a cache, given again. */

#include <cairn/dnscache.h>
#include <cairn/dnslocal.h>

#include "fuzz.h"

static struct hosts_table table;
static struct dnscache cache;
static unsigned char out[DNSWIRE_MESSAGE], again[DNSWIRE_MESSAGE];

static void init(void)
{
    static char const *const lines[] = {"10.0.0.1 web.a.test web", "fd00::1 web",
                                        "10.0.0.2 *.a.test"};
    char line[64];
    hosts_table_init(&table, malloc(hosts_table_size(16, 512)), 16, 512);
    for (int i = 0; i < 3; i++) {
        strcpy(line, lines[i]);
        hosts_table_line(&table, line);
    }
    dnscache_init(&cache, malloc(dnscache_size(7, 2000)), 7, 2000, 60, 1);
}

static void check(unsigned char const *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    int got;
    HOLDS(dnswire_read(&r, b, len));
    while ((got = dnswire_next(&r, &rr)) > 0)
        HOLDS(dnswire_is_sound(&r, &rr));
    HOLDS(got == 0 && r.pos == len);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    static uint32_t now;
    if (!table.entry)
        init();
    if (!dnswire_read(&r, data, size) || dnswire_next_question(&r, &q) != 1)
        return 0;
    size_t room = size & 1 ? DNSWIRE_UDP : 4096;
    size_t len = dnslocal_answer(out, room, data, size, &q, &table, "fuzz");
    HOLDS(len <= room);
    if (len) {
        check(out, len);
        dnscache_put(&cache, out, len, 0, now);
    }
    /* the query may as well be a server's reply */
    dnscache_put(&cache, data, size, 1, now);
    for (unsigned int flags = 0; flags < 2; flags++) {
        size_t n = dnscache_get(&cache, again, room, &q, 7, flags, now);
        HOLDS(n <= room);
        if (n && !flags && len)
            check(again, n);
    }
    HOLDS(cache.n <= 7 && cache.end <= 2000);
    now += size & 3;
    return 0;
}
