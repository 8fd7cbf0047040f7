/* Any bytes as the record of a process: one that is taken is the same when it is written. */

#include <cairn/svrecord.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct svrecord r = {0};
    struct svrecord again = {0};
    char boot[SVRECORD_BOOT + 1];
    char boot_again[SVRECORD_BOOT + 1];
    char buf[SVRECORD_MAX];
    char *text = malloc(size + !size);
    HOLDS(text);
    if (size)
        memcpy(text, data, size);
    int bad = svrecord_unpack(text, size, &r, boot);
    free(text);
    if (bad)
        return 0;
    HOLDS(r.pid > 0 && r.runpid >= 0 && r.earliest <= r.latest);
    size_t n = svrecord_pack(buf, &r, boot);
    HOLDS(n < sizeof buf && strlen(buf) == n);
    HOLDS(!svrecord_unpack(buf, n, &again, boot_again) && !strcmp(boot, boot_again));
    HOLDS(r.pid == again.pid && r.runpid == again.runpid && r.earliest == again.earliest);
    HOLDS(r.latest == again.latest && r.lock == again.lock && r.pipe == again.pipe);
    HOLDS(r.finishing == again.finishing && r.killing == again.killing);
    return 0;
}
