/* Any bytes as each of the small files of a service directory: numbers, signals, policies,
   conditions, the file down; the exit codes that scripts leave. */

#include <errno.h>
#include <signal.h>

#include <cairn/downfile.h>
#include <cairn/exitfile.h>
#include <cairn/haltcode.h>
#include <cairn/livesd.h>
#include <cairn/servicedir.h>
#include <cairn/svpolicy.h>
#include <cairn/svswitch.h>

#include "fuzzfile.h"

static char const *variable(void *data, char const *name)
{
    HOLDS(*name && !strpbrk(name, "=\n "));
    return strlen(name) % 2 ? data : NULL;
}

static void check_policy(char const *s, size_t n)
{
    struct svpolicy p = {0};
    struct svdeath d[4];
    for (unsigned int i = 0; i < 4; i++)
        d[i] = (struct svdeath){.stamp = {{TAI_MAGIC + 100 + i * i * (n + 1)}, 0}};
    for (unsigned int f = 0; f < SVPOLICY_FILES; f++) {
        struct svpolicy before = p;
        if (svpolicy_parse(&p, (enum svpolicy_file)f, s, n) < 0)
            HOLDS(!memcmp(&p, &before, sizeof p));
    }
    HOLDS(p.on_exit <= SVPOLICY_NOTHING && p.min <= p.max && p.limit < SVTALLY_MAX);
    uint32_t delay = svpolicy_delay(&p, d, 4);
    HOLDS(delay >= p.min && delay <= p.max);
    HOLDS(!svpolicy_is_too_much(&p, d, 4) || (p.seconds && p.limit < 4));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    int dir = fuzz_dir();
    uint32_t n = 7;
    int sig = 0;
    int code = -1;
    char line[64];
    struct svpolicy p;
    struct svswitch_env const env = {.get = variable, .data = "value"};
    char *text = fuzz_text(data, size);
    fuzz_put(SERVICEDIR_NOTIFICATION_FD, data, size);
    int r = servicedir_uint(dir, SERVICEDIR_NOTIFICATION_FD, &n);
    HOLDS(r == 1 ? *text >= '0' && *text <= '9' && strtoull(text, NULL, 10) == n
                 : r == -1 && errno == EINVAL && n == 7);
    HOLDS(servicedir_signal(dir, SERVICEDIR_NOTIFICATION_FD, &sig) < 0 || (sig > 0 && sig < NSIG));
    livesd_misfit(dir);
    unlinkat(dir, SERVICEDIR_NOTIFICATION_FD, 0);
    check_policy(text, size);
    fuzz_put(SERVICEDIR_ON_EXIT, data, size);
    HOLDS(!(svpolicy_read(dir, &p) & ~1u));
    unlinkat(dir, SERVICEDIR_ON_EXIT, 0);
    fuzz_put(SERVICEDIR_ENABLE_IF_ENV, data, size);
    enum svswitch_condition c = svswitch_condition(&env, dir, line, sizeof line);
    HOLDS(c == SVSWITCH_HOLDS || c == SVSWITCH_FAILS || c == SVSWITCH_BAD);
    HOLDS(memchr(line, 0, sizeof line) && (c == SVSWITCH_HOLDS) == !*line);
    unlinkat(dir, SERVICEDIR_ENABLE_IF_ENV, 0);
    fuzz_put(SERVICEDIR_DOWN, data, size);
    enum downfile down = downfile_read(dir);
    HOLDS(down != DOWNFILE_NONE);
    HOLDS(down == DOWNFILE_USER ||
          (size == strlen(downfile_text(down)) && !memcmp(data, downfile_text(down), size)));
    unlinkat(dir, SERVICEDIR_DOWN, 0);
    fuzz_put("code", data, size);
    r = exitfile_get(dir, "code", &code);
    HOLDS(r != 1 || (code >= 0 && code <= 255));
    fuzz_put("halt-code", data, size);
    code = haltcode_get(dir);
    HOLDS(code >= -1 && code <= 255);
    for (size_t at = 0, len; svswitch_next(text, &at, &len);)
        HOLDS(len && at <= strlen(text));
    svswitch_decide(text, "b", "a", c, 0);
    free(text);
    return 0;
}
