/* Pairs of bytes as who needs whom among a few services: a start and a stop come to their end, each
   service once and after those it needs (before them, at a stop); who cannot be started is in a
   circle, or needs somebody who is. */

#include <cairn/svorder.h>

#include "fuzz.h"

enum { NODES = 12 };

static struct svorder o;

static void check_start(unsigned int n)
{
    stralloc sa = STRALLOC_ZERO;
    unsigned char there[NODES] = {0};
    unsigned int started = 0;
    for (int i; (i = svorder_startable(&o)) >= 0; started++) {
        size_t at = 0;
        HOLDS((unsigned int)i < n && !there[i]);
        for (int k; (k = svorder_needed(&o, (unsigned int)i, &at)) >= 0;)
            HOLDS(there[k]);
        svorder_begun(&o, (unsigned int)i);
        there[i] = 1;
        svorder_there(&o, (unsigned int)i, 1);
        svorder_there(&o, (unsigned int)i, 1);
    }
    HOLDS(started <= n);
    int r = svorder_circle(&o, &sa);
    HOLDS(r >= 0 && (r == 0 || (sa.len && !sa.s[sa.len - 1] && strstr(sa.s, " -> "))));
    HOLDS(started == n || r == 1);
    stralloc_free(&sa);
}

static void check_stop(unsigned int n)
{
    unsigned char down[NODES] = {0};
    for (unsigned int ended = 0; ended < n; ended++) {
        int i = svorder_next(&o);
        HOLDS(i >= 0 && (unsigned int)i < n && !down[i]);
        svorder_asked(&o, (unsigned int)i);
        svorder_down(&o, (unsigned int)i);
        svorder_down(&o, (unsigned int)i);
        down[i] = 1;
    }
    HOLDS(svorder_next(&o) < 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct fuzz_input in = {data, size};
    o = (struct svorder)SVORDER_ZERO;
    unsigned int n = 1 + fuzz_below(&in, NODES);
    for (unsigned int i = 0; i < n; i++) {
        char const name[] = {(char)('a' + (i * 5) % NODES), 0};
        HOLDS(!svorder_add(&o, name));
    }
    while (in.n) {
        unsigned int node = fuzz_below(&in, n);
        char const name[] = {(char)('a' + fuzz_below(&in, NODES + 1)), 0};
        HOLDS(!svorder_need(&o, node, name));
    }
    HOLDS(svorder_count(&o) == n);
    check_start(n);
    check_stop(n);
    svorder_free(&o);
    return 0;
}
