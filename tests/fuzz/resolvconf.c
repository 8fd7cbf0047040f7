/* Any bytes as /etc/resolv.conf. */

#include <cairn/resolvconf.h>

#include "fuzz.h"

static struct resolvconf c;

static void line(char *s)
{
    resolvconf_line(&c, s);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    resolvconf_init(&c);
    fuzz_lines(data, size, line);
    HOLDS(c.servers <= RESOLVCONF_SERVERS && c.searches <= RESOLVCONF_SEARCH);
    HOLDS(c.ndots <= 15 && c.timeout >= 1 && c.timeout <= 30 && c.attempts >= 1 && c.attempts <= 5);
    for (unsigned int i = 0; i < c.servers; i++)
        HOLDS((c.server[i].addr.family == AF_INET || c.server[i].addr.family == AF_INET6) &&
              c.server[i].port == DNSWIRE_PORT);
    for (unsigned int i = 0; i < c.searches; i++)
        HOLDS(c.search[i].labels && c.search[i].len && !c.search[i].b[c.search[i].len - 1]);
    return 0;
}
