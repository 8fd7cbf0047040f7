/* Any bytes as a resolv.conf that is taken over: what was taken is given back as it was. */

#include <cairn/resolvtake.h>

#include "fuzz.h"

enum { ROOM = 1 << 16 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static char clean[ROOM], taken[ROOM], again[ROOM];
    struct netaddr own;
    char small[64];
    HOLDS(netaddr_parse("127.0.0.1", &own));
    ssize_t n = resolvtake_clean(clean, sizeof clean, (char const *)data, size);
    if (n < 0)
        return 0;
    HOLDS((size_t)n <= size);
    ssize_t m = resolvtake_take(taken, sizeof taken, clean, (size_t)n, &own);
    if (m < 0)
        return 0;
    HOLDS(resolvtake_clean(again, sizeof again, taken, (size_t)m) == n);
    HOLDS(!memcmp(again, clean, (size_t)n));
    resolvtake_take(small, sizeof small, (char const *)data, size, &own);
    return 0;
}
