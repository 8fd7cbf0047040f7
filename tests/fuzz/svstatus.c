/* Any bytes as supervise/status: what is read and written again says the same. */

#include <errno.h>

#include <cairn/svstatus.h>

#include "fuzzfile.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct svstatus s;
    struct svstatus again;
    char buf[SVSTATUS_SIZE];
    char twice[SVSTATUS_SIZE];
    fuzz_put("status", data, size);
    errno = 0;
    if (svstatus_read_file(fuzz_dir(), "status", &s) < 0) {
        HOLDS(size != SVSTATUS_SIZE && errno == EPROTO);
        return 0;
    }
    HOLDS(size == SVSTATUS_SIZE);
    svstatus_pack(buf, &s);
    svstatus_unpack(buf, &again);
    svstatus_pack(twice, &again);
    HOLDS(!memcmp(buf, twice, sizeof buf));
    HOLDS(!memcmp(buf + 32, data + 32, 2) && !((uint8_t)(buf[34] ^ data[34]) & 0x1f));
    HOLDS(again.pid == s.pid && again.wstat == s.wstat && again.ready == s.ready);
    HOLDS(again.paused == s.paused && again.finishing == s.finishing);
    HOLDS(!svstatus_is_up(&s) || !svstatus_is_never_started(&s));
    return 0;
}
