/* Any bytes as what svscan sees and does: scans in which directories come, go and change names,
   starts, failures, deaths, and the end. Never two supervisors for a service, nothing is asked of
   those that are not there, and a teardown comes to its end. */

#include <signal.h>

#include <cairn/scandir.h>

#include "fuzz.h"

enum { SLOTS = 8, NAMEMAX = 12, NAMES = 6 };

static struct scandir sd;
static pid_t last_pid;
static uint32_t now;

static void on_effect(void *ctx, enum scandir_effect what, uint32_t slot, int arg)
{
    (void)ctx;
    HOLDS(slot < sd.high && scandir_is_used(&sd, slot));
    if (what == SCANDIR_KILL)
        HOLDS((arg == SIGTERM || arg == SIGHUP) && scandir_pid(&sd, slot) > 0);
    else
        HOLDS(what == SCANDIR_CLOSE && scandir_is_logger(&sd, slot));
}

static void check(void)
{
    uint32_t used = 0, running = 0;
    for (uint32_t s = 0; s < sd.high; s++) {
        if (!scandir_is_used(&sd, s))
            continue;
        used++;
        uint32_t peer = scandir_peer(&sd, s);
        HOLDS(strlen(scandir_name(&sd, s)) <= NAMEMAX);
        if (peer != SCANDIR_NONE)
            HOLDS(scandir_is_used(&sd, peer) && scandir_peer(&sd, peer) == s &&
                  scandir_is_logger(&sd, s) != scandir_is_logger(&sd, peer) &&
                  scandir_pipe(&sd, s) == scandir_pipe(&sd, peer));
        running += scandir_pid(&sd, s) > 0;
    }
    HOLDS(used == sd.used && running == sd.running && used <= SLOTS);
}

static void scan(struct fuzz_input *in)
{
    static char const *const names[NAMES] = {"a", "b", "c-long-name", SCANDIR_CATCHALL, "e", "f"};
    scandir_begin(&sd);
    for (unsigned int n = fuzz_below(in, NAMES); n; n--) {
        unsigned int i = fuzz_below(in, NAMES);
        unsigned int how = fuzz_byte(in);
        uint32_t slot = SCANDIR_NONE;
        char name[NAMEMAX + 1];
        strncpy(name, names[i], NAMEMAX);
        name[NAMEMAX] = 0;
        uint64_t ino = how & 1 ? 100 + (how >> 4) % 4 : i + 1;
        if (how & 2) {
            scandir_keep(&sd, name);
            continue;
        }
        if ((how & 4) && scandir_see_same(&sd, name, 7, ino))
            continue;
        switch (scandir_see(&sd, name, 7, ino, &slot)) {
        case SCANDIR_KNOWN:
            break;
        case SCANDIR_NEW:
            if (!scandir_add(&sd, name, 7, ino, !!(how & 8), now, &slot))
                HOLDS(!strcmp(scandir_name(&sd, slot), name));
            break;
        case SCANDIR_OTHERNAME:
            HOLDS(slot != SCANDIR_NONE && scandir_is_used(&sd, slot));
            if (how & 8)
                scandir_rename(&sd, slot, name);
        }
        check();
    }
    scandir_end(&sd, !(fuzz_byte(in) & 1));
}

static void start(struct fuzz_input *in)
{
    uint32_t cursor = 0;
    for (uint32_t slot, n = 0; (slot = scandir_due(&sd, now, &cursor)) != SCANDIR_NONE; n++) {
        HOLDS(n < 2 * SLOTS && scandir_is_due(&sd, slot, now) && scandir_pid(&sd, slot) <= 0);
        int *fds = scandir_pipe(&sd, slot);
        if (fds && fds[0] < 0)
            fds[0] = fds[1] = 1000;
        if (fuzz_byte(in) & 1)
            scandir_failed(&sd, slot, now, 500);
        else
            scandir_started(&sd, slot, ++last_pid, now);
    }
}

static void die(unsigned int which)
{
    for (uint32_t s = 0; s < sd.high; s++)
        if (scandir_is_used(&sd, s) && scandir_pid(&sd, s) > 0 && !which--) {
            HOLDS(scandir_died(&sd, scandir_pid(&sd, s), now));
            return;
        }
    HOLDS(!scandir_died(&sd, last_pid + 1, now));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct fuzz_input in = {data, size};
    void *mem = calloc(1, scandir_size(SLOTS, NAMEMAX));
    HOLDS(mem);
    last_pid = 100;
    now = (uint32_t)-3000; /* it wraps around */
    scandir_init(&sd, mem, SLOTS, NAMEMAX, on_effect, NULL);
    while (in.n) {
        unsigned int what = fuzz_byte(&in);
        now += what / 8 * 50;
        switch (what % 8) {
        case 0:
        case 1:
            scan(&in);
            break;
        case 2:
        case 3:
            start(&in);
            break;
        case 4:
        case 5:
            die(fuzz_byte(&in) % SLOTS);
            break;
        case 6:
            scandir_prune(&sd, fuzz_byte(&in) & 1);
            break;
        default:
            if (fuzz_byte(&in) > 200)
                scandir_teardown(&sd, fuzz_byte(&in) & 1);
        }
        sd.rescan = 0;
        check();
        HOLDS(scandir_wait(&sd, now) >= -1);
    }
    scandir_teardown(&sd, 1);
    while (sd.running)
        die(0);
    uint32_t cursor = 0;
    HOLDS(scandir_due(&sd, now + 10000, &cursor) == SCANDIR_NONE);
    check();
    free(mem);
    return 0;
}
