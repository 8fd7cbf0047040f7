/* Any bytes as the reply to the question they begin with. */

#include <cairn/dnsreply.h>

#include "fuzz.h"

static uint16_t wanted;

static void take(void *data, struct dnsreply_record const *r)
{
    ++*(unsigned int *)data;
    HOLDS(r->type == wanted);
    HOLDS(r->type == DNSWIRE_SRV ? r->target.labels > 0
                                 : r->addr.family == AF_INET || r->addr.family == AF_INET6);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static uint16_t const types[] = {DNSWIRE_A, DNSWIRE_AAAA, DNSWIRE_SRV};
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_name end;
    if (!dnswire_read(&r, data, size) || dnswire_next_question(&r, &q) != 1)
        return 0;
    dnsreply_is_to(data, size, r.h.id, &q.name, q.type);
    for (int i = 0; i < 3; i++) {
        unsigned int n = 0;
        wanted = types[i];
        enum dnsreply_result e = dnsreply_read(data, size, &q.name, wanted, take, &n, &end);
        HOLDS(n <= r.h.count[DNSWIRE_ANSWER] && (!n || e == DNSREPLY_FOUND));
        HOLDS(e != DNSREPLY_ALIAS || !dnswire_name_is(&end, &q.name));
    }
    return 0;
}
