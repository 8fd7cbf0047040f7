/* Any bytes as supervise/death_tally, the first one being how many records are kept: what is
   appended is the last that is read, behind the newest of those that were there. */

#include <cairn/svtally.h>

#include "fuzzfile.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static struct svdeath before[SVTALLY_MAX];
    static struct svdeath after[SVTALLY_MAX];
    char buf[SVTALLY_RECORD];
    char as_read[SVTALLY_RECORD];
    struct svdeath d;
    unsigned int max = 1 + (size ? *data % 8 : 0);
    size_t len = size ? size - 1 : 0;
    mkdirat(fuzz_dir(), "supervise", 0700);
    fuzz_put(SVTALLY_FILE, size ? data + 1 : data, len);
    ssize_t n = svtally_read(fuzz_dir(), ".", before, SVTALLY_MAX);
    HOLDS((n < 0) == (len % SVTALLY_RECORD != 0));
    HOLDS(n < 0 || (size_t)n == len / SVTALLY_RECORD);
    for (ssize_t i = 0; i < n; i++) {
        svtally_pack(buf, before + i);
        HOLDS(!memcmp(buf + TAIN_PACK, data + 1 + i * SVTALLY_RECORD + TAIN_PACK, 2));
    }
    tain stamp = {{TAI_MAGIC}, 7};
    svdeath_from_wstat(&d, &stamp, (int)(size > 2 ? data[1] << 8 | data[2] : 9));
    HOLDS(!svtally_append(fuzz_dir(), &d, max));
    ssize_t m = svtally_read(fuzz_dir(), ".", after, SVTALLY_MAX);
    ssize_t want = n < 0 ? 1 : n + 1 < (ssize_t)max ? n + 1 : (ssize_t)max;
    HOLDS(m == want);
    svtally_pack(buf, after + m - 1);
    svtally_pack(as_read, &d);
    HOLDS(!memcmp(buf, as_read, sizeof buf));
    for (ssize_t i = 0; i < m - 1; i++) {
        svtally_pack(buf, after + i);
        svtally_pack(as_read, before + n - (m - 1) + i);
        HOLDS(!memcmp(buf, as_read, sizeof buf));
    }
    HOLDS(svtally_read(fuzz_dir(), ".", after, 1) == 1);
    return 0;
}
