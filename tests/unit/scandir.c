/* scandir: what svscan starts, signals and forgets */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <cairn/scandir.h>

#define DEV 7

/* A host that starts everything at once and records effects */
struct host {
    struct scandir sd;
    void *mem;
    pid_t nextpid;
    char log[4096]; /* effects, one word each */
};

static void on_effect(void *ctx, enum scandir_effect what, uint32_t slot, int arg)
{
    struct host *h = ctx;
    char buf[64];
    char const *kind = scandir_is_logger(&h->sd, slot) ? "/log" : "";
    if (what == SCANDIR_KILL)
        snprintf(buf, sizeof buf, "%s:%s%s ", arg == SIGTERM ? "TERM" : "HUP",
                 scandir_name(&h->sd, slot), kind);
    else
        snprintf(buf, sizeof buf, "close:%s ", scandir_name(&h->sd, slot));
    if (strlen(h->log) + strlen(buf) < sizeof h->log)
        strcat(h->log, buf);
}

static struct host *make_host(uint32_t max, unsigned int namemax)
{
    struct host *h = calloc(1, sizeof *h);
    h->mem = calloc(1, scandir_size(max, namemax));
    h->nextpid = 100;
    scandir_init(&h->sd, h->mem, max, namemax, on_effect, h);
    return h;
}

static void free_host(struct host *h)
{
    free(h->mem);
    free(h);
}

static void check_log(struct host *h, char const *wanted)
{
    assert_string_equal(h->log, wanted);
    h->log[0] = 0;
}

/* Starts what is due; returns how many */
static int start_all(struct host *h, uint32_t now)
{
    uint32_t cursor = 0, slot;
    int n = 0;
    while ((slot = scandir_due(&h->sd, now, &cursor)) != SCANDIR_NONE) {
        int *fds = scandir_pipe(&h->sd, slot);
        if (fds && fds[0] < 0) {
            fds[0] = 1000;
            fds[1] = 1001;
        }
        scandir_started(&h->sd, slot, h->nextpid++, now);
        n++;
    }
    return n;
}

/* One entry of a scan. Names that end in '+' have a logger. */
static enum scandir_seen see(struct host *h, char const *name, uint64_t ino, uint32_t now)
{
    uint32_t slot = SCANDIR_NONE;
    enum scandir_seen r = scandir_see(&h->sd, name, DEV, ino, &slot);
    if (r == SCANDIR_NEW)
        scandir_add(&h->sd, name, DEV, ino, name[strlen(name) - 1] == '+', now, &slot);
    return r;
}

/* A whole scan that sees "a" (inode 1), "p+" (2, with a logger), chosen by letters */
static void scan(struct host *h, char const *what, uint32_t now)
{
    scandir_begin(&h->sd);
    if (strchr(what, 'a'))
        see(h, "a", 1, now);
    if (strchr(what, 'p'))
        see(h, "p+", 2, now);
    if (strchr(what, 'c'))
        see(h, SCANDIR_CATCHALL, 3, now);
    scandir_end(&h->sd, 1);
}

static pid_t pid_of(struct host *h, char const *name, int logger)
{
    for (uint32_t s = 0; s < h->sd.high; s++)
        if (scandir_is_used(&h->sd, s) && !strcmp(scandir_name(&h->sd, s), name) &&
            scandir_is_logger(&h->sd, s) == logger)
            return scandir_pid(&h->sd, s);
    return -1;
}

static void scandir_starts_what_it_sees_once(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    assert_int_equal(h->sd.used, 3);
    assert_int_equal(scandir_wait(&h->sd, 0), 0);
    assert_int_equal(start_all(h, 0), 3);
    assert_int_equal(scandir_wait(&h->sd, 0), -1);
    scan(h, "ap", 5);
    assert_int_equal(start_all(h, 5), 0);
    assert_int_equal(h->sd.running, 3);
    check_log(h, "");
    free_host(h);
}

static void scandir_restarts_not_sooner_than_a_second_after_the_start(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "a", 100);
    start_all(h, 100);
    assert_int_equal(scandir_died(&h->sd, pid_of(h, "a", 0), 150), 1);
    assert_int_equal(scandir_wait(&h->sd, 150), 950);
    assert_int_equal(start_all(h, 1099), 0);
    assert_int_equal(start_all(h, 1100), 1);
    /* one that has lived longer is started at once */
    scandir_died(&h->sd, pid_of(h, "a", 0), 5000);
    assert_int_equal(scandir_wait(&h->sd, 5000), 0);
    assert_int_equal(start_all(h, 5000), 1);
    free_host(h);
}

static void scandir_survives_the_clock_wrapping(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    uint32_t t = UINT32_MAX - 100;
    scan(h, "a", t);
    assert_int_equal(start_all(h, t), 1);
    scandir_died(&h->sd, 100, t + 50);
    assert_int_equal(scandir_wait(&h->sd, t + 50), 950);
    assert_int_equal(start_all(h, t + 999), 0);
    assert_int_equal(start_all(h, t + 1000), 1);
    free_host(h);
}

static void scandir_knows_a_directory_by_its_inode(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    uint32_t slot;
    scan(h, "a", 0);
    start_all(h, 0);
    scandir_begin(&h->sd);
    assert_int_equal(scandir_see(&h->sd, "b", DEV, 1, &slot), SCANDIR_OTHERNAME);
    scandir_rename(&h->sd, slot, "b");
    assert_int_equal(scandir_see(&h->sd, "b", DEV + 1, 1, &slot), SCANDIR_NEW);
    scandir_end(&h->sd, 1);
    assert_int_equal(pid_of(h, "b", 0), 100);
    assert_int_equal(start_all(h, 0), 0);
    free_host(h);
}

static void scandir_sees_the_same_only_under_name_and_inode(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    scandir_begin(&h->sd);
    assert_int_equal(scandir_see_same(&h->sd, "b", DEV, 1), 0);
    assert_int_equal(scandir_see_same(&h->sd, "a", DEV + 1, 1), 0);
    assert_int_equal(scandir_see_same(&h->sd, "a", DEV, 2), 0);
    assert_int_equal(scandir_see_same(&h->sd, "a", DEV, 1), 1);
    scandir_end(&h->sd, 1);
    scandir_prune(&h->sd, 1);
    check_log(h, "TERM:p+ TERM:p+/log ");
    free_host(h);
}

static void scandir_leaves_inactive_services_alone_until_pruned(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    pid_t a = pid_of(h, "a", 0), p = pid_of(h, "p+", 0), l = pid_of(h, "p+", 1);
    scan(h, "", 10);
    check_log(h, "");
    assert_int_equal(h->sd.running, 3);
    scandir_prune(&h->sd, 0);
    check_log(h, "TERM:a TERM:p+ HUP:p+/log ");
    scandir_prune(&h->sd, 1);
    check_log(h, "TERM:a TERM:p+ TERM:p+/log ");
    scandir_died(&h->sd, a, 20);
    check_log(h, "");
    /* the first half to go takes the pipe with it */
    scandir_died(&h->sd, p, 20);
    check_log(h, "close:p+ ");
    assert_int_equal(h->sd.used, 2);
    scandir_died(&h->sd, l, 30);
    check_log(h, "");
    assert_int_equal(h->sd.used, 0);
    assert_int_equal(scandir_wait(&h->sd, 99999), -1);
    free_host(h);
}

static void scandir_prunes_nothing_that_is_active(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "apc", 0);
    start_all(h, 0);
    scan(h, "p", 1);
    scandir_prune(&h->sd, 0);
    check_log(h, "TERM:a HUP:s6-svscan-log ");
    free_host(h);
}

static void scandir_keeps_a_pair_joined_while_it_is_active(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "p", 0);
    start_all(h, 0);
    uint32_t slot;
    scandir_see(&h->sd, "p+", DEV, 2, &slot);
    for (uint32_t t = 2000; t < 20000; t += 2000) {
        scandir_died(&h->sd, pid_of(h, "p+", t / 2000 & 1), t);
        assert_int_equal(start_all(h, t), 1);
        assert_int_equal(scandir_pipe(&h->sd, slot)[0], 1000);
    }
    check_log(h, "");
    free_host(h);
}

static void scandir_takes_up_an_inactive_service_that_comes_back(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    scan(h, "", 1);
    scan(h, "ap", 2);
    scandir_prune(&h->sd, 0);
    check_log(h, "");
    scandir_died(&h->sd, pid_of(h, "a", 0), 5000);
    assert_int_equal(start_all(h, 5000), 1);
    free_host(h);
}

static void scandir_starts_a_dying_pair_afresh_when_it_is_dead(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "p", 0);
    start_all(h, 0);
    pid_t p = pid_of(h, "p+", 0), l = pid_of(h, "p+", 1);
    scan(h, "", 1);
    scandir_died(&h->sd, p, 5000);
    check_log(h, "close:p+ ");
    /* it is there again, but its logger still lives: nothing happens */
    scan(h, "p", 5001);
    assert_int_equal(start_all(h, 99999), 0);
    assert_int_equal(h->sd.rescan, 0);
    scandir_died(&h->sd, l, 6000);
    assert_int_equal(h->sd.rescan, 1);
    assert_int_equal(h->sd.used, 0);
    scan(h, "p", 6000);
    assert_int_equal(start_all(h, 6000), 2);
    free_host(h);
}

static void scandir_starts_afresh_what_was_told_to_exit(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    scan(h, "", 1);
    scandir_prune(&h->sd, 0);
    scan(h, "a", 2);
    scandir_died(&h->sd, pid_of(h, "a", 0), 3);
    assert_int_equal(h->sd.rescan, 1);
    /* gone again before it died: nobody waits for it */
    scandir_begin(&h->sd);
    scandir_end(&h->sd, 1);
    scandir_died(&h->sd, pid_of(h, "p+", 0), 4);
    scandir_died(&h->sd, pid_of(h, "p+", 1), 4);
    assert_int_equal(h->sd.rescan, 0);
    assert_int_equal(h->sd.used, 0);
    free_host(h);
}

static void scandir_forgets_what_waits_and_is_gone(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    scandir_died(&h->sd, pid_of(h, "a", 0), 10);
    scandir_died(&h->sd, pid_of(h, "p+", 0), 10);
    assert_int_equal(h->sd.waiting, 2);
    scan(h, "", 20);
    check_log(h, "close:p+ ");
    assert_int_equal(h->sd.waiting, 0);
    assert_int_equal(h->sd.used, 2);
    free_host(h);
}

static void scandir_changes_nothing_after_an_incomplete_scan(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    for (int i = 0; i < 3; i++) {
        scandir_begin(&h->sd);
        scandir_end(&h->sd, 0);
        scandir_prune(&h->sd, 0);
        check_log(h, "");
    }
    /* and the next complete one counts again */
    scan(h, "a", 1);
    scandir_prune(&h->sd, 0);
    check_log(h, "TERM:p+ HUP:p+/log ");
    free_host(h);
}

static void scandir_keeps_what_could_not_be_looked_at(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    scandir_begin(&h->sd);
    scandir_keep(&h->sd, "a");
    scandir_keep(&h->sd, "nobody");
    scandir_end(&h->sd, 1);
    scandir_prune(&h->sd, 1);
    check_log(h, "TERM:p+ TERM:p+/log ");
    free_host(h);
}

static void scandir_tears_down(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "apc", 0);
    start_all(h, 0);
    assert_true(scandir_has_catchall(&h->sd));
    scandir_died(&h->sd, pid_of(h, "a", 0), 5);
    scandir_teardown(&h->sd, 0);
    check_log(h, "TERM:p+ HUP:p+/log HUP:s6-svscan-log close:p+ ");
    assert_int_equal(start_all(h, 99999), 0);
    scandir_teardown(&h->sd, 0);
    check_log(h, "");
    scandir_teardown(&h->sd, 1);
    check_log(h, "TERM:p+/log TERM:s6-svscan-log ");
    scandir_teardown(&h->sd, 1);
    check_log(h, "");
    assert_int_equal(h->sd.running, 3);
    assert_int_equal(scandir_runs_only_catchall(&h->sd), 0);
    pid_t last = pid_of(h, "s6-svscan-log", 0);
    for (pid_t pid = 100; pid < 110; pid++)
        if (pid != last)
            scandir_died(&h->sd, pid, 10);
    assert_int_equal(scandir_runs_only_catchall(&h->sd), 1);
    for (pid_t pid = 100; pid < 110; pid++)
        scandir_died(&h->sd, pid, 10);
    assert_int_equal(h->sd.running, 0);
    assert_int_equal(h->sd.used, 0);
    assert_int_equal(h->sd.rescan, 0);
    check_log(h, "");
    free_host(h);
}

static void scandir_never_gives_the_catchall_a_logger(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    uint32_t slot;
    scandir_begin(&h->sd);
    assert_int_equal(scandir_add(&h->sd, SCANDIR_CATCHALL, DEV, 9, 1, 0, &slot), 0);
    assert_int_equal(scandir_peer(&h->sd, slot), SCANDIR_NONE);
    assert_true(scandir_is_catchall(&h->sd, slot));
    assert_null(scandir_pipe(&h->sd, slot));
    free_host(h);
}

static void scandir_counts_failures_in_a_row_once(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "a", 0);
    uint32_t cursor = 0;
    uint32_t slot = scandir_due(&h->sd, 0, &cursor);
    assert_int_equal(scandir_failed(&h->sd, slot, 0, 4000), 1);
    assert_int_equal(scandir_failed(&h->sd, slot, 4000, 4000), 0);
    assert_int_equal(scandir_wait(&h->sd, 4000), 4000);
    assert_false(scandir_is_due(&h->sd, slot, 7999));
    assert_true(scandir_is_due(&h->sd, slot, 8000));
    assert_int_equal(start_all(h, 8000), 1);
    scandir_died(&h->sd, 100, 20000);
    assert_int_equal(scandir_failed(&h->sd, slot, 20000, 4000), 1);
    free_host(h);
}

static void scandir_says_when_it_is_full_and_when_there_is_room_again(void **state)
{
    (void)state;
    struct host *h = make_host(4, 20);
    uint32_t slot;
    scandir_begin(&h->sd);
    assert_int_equal(scandir_add(&h->sd, "one", DEV, 1, 1, 0, &slot), 0);
    assert_int_equal(scandir_add(&h->sd, "two", DEV, 2, 0, 0, &slot), 0);
    assert_int_equal(scandir_add(&h->sd, "pair", DEV, 3, 1, 0, &slot), -1);
    assert_int_equal(scandir_add(&h->sd, "last", DEV, 4, 0, 0, &slot), 0);
    assert_int_equal(scandir_add(&h->sd, "more", DEV, 5, 0, 0, &slot), -1);
    scandir_end(&h->sd, 1);
    start_all(h, 0);
    scandir_begin(&h->sd);
    see(h, "one", 1, 0);
    see(h, "last", 4, 0);
    see(h, "more", 5, 0);
    scandir_end(&h->sd, 1);
    assert_int_equal(h->sd.rescan, 0);
    scandir_died(&h->sd, pid_of(h, "two", 0), 5);
    assert_int_equal(h->sd.rescan, 1);
    free_host(h);
}

static void scandir_ignores_strange_children(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "a", 0);
    assert_int_equal(scandir_died(&h->sd, 0, 0), 0);
    assert_int_equal(scandir_died(&h->sd, -1, 0), 0);
    start_all(h, 0);
    assert_int_equal(scandir_died(&h->sd, 99, 0), 0);
    assert_int_equal(h->sd.running, 1);
    free_host(h);
}

/* A supervisor that was found later than it should have been */
static void scandir_tells_what_was_found_after_a_stop(void **state)
{
    (void)state;
    struct host *h = make_host(10, 20);
    scan(h, "ap", 0);
    start_all(h, 0);
    uint32_t a = scandir_slot(&h->sd, pid_of(h, "a", 0));
    uint32_t l = scandir_slot(&h->sd, pid_of(h, "p+", 1));
    assert_string_equal(scandir_name(&h->sd, a), "a");
    assert_true(scandir_is_logger(&h->sd, l));
    assert_int_equal(scandir_slot(&h->sd, 0), SCANDIR_NONE);
    assert_int_equal(scandir_slot(&h->sd, 99), SCANDIR_NONE);
    scandir_started(&h->sd, a, 200, 1);
    assert_int_equal(h->sd.running, 3);
    assert_int_equal(pid_of(h, "a", 0), 200);
    scandir_tell(&h->sd, a);
    check_log(h, "");
    scandir_teardown(&h->sd, 0);
    h->log[0] = 0;
    scandir_started(&h->sd, a, 201, 2);
    scandir_tell(&h->sd, a);
    scandir_started(&h->sd, l, 202, 2);
    scandir_tell(&h->sd, l);
    check_log(h, "TERM:a HUP:p+/log ");
    scandir_teardown(&h->sd, 1);
    h->log[0] = 0;
    scandir_tell(&h->sd, l);
    check_log(h, "TERM:p+/log ");
    free_host(h);
}

/* Names of full length that come, go and change for a long time stay right and within their memory
   (checked by the sanitizers) */
static void scandir_names_survive_turnover(void **state)
{
    (void)state;
    enum { MAX = 64, NAMEMAX = 251 };
    struct host *h = make_host(MAX, NAMEMAX);
    char name[NAMEMAX + 1];
    uint64_t first = 1;
    for (unsigned int round = 0; round < 200; round++) {
        /* a sliding window of inodes, each round with new names */
        scandir_begin(&h->sd);
        for (uint64_t ino = first; ino < first + MAX; ino++) {
            uint32_t slot;
            memset(name, 'n', NAMEMAX);
            snprintf(name, sizeof name, "%u-%u", round, (unsigned int)ino);
            if (ino % 3)
                name[strlen(name)] = 'n';
            name[NAMEMAX] = 0;
            switch (scandir_see(&h->sd, name, ino % 5, ino, &slot)) {
            case SCANDIR_NEW:
                assert_int_equal(scandir_add(&h->sd, name, ino % 5, ino, 0, 0, &slot), 0);
                break;
            case SCANDIR_OTHERNAME:
                scandir_rename(&h->sd, slot, name);
                break;
            case SCANDIR_KNOWN:
                fail();
            }
            assert_string_equal(scandir_name(&h->sd, slot), name);
        }
        scandir_end(&h->sd, 1);
        start_all(h, 0);
        assert_int_equal(h->sd.used, MAX);
        first += MAX / 2;
        /* the lower half goes away */
        scandir_begin(&h->sd);
        for (uint64_t ino = first; ino < first + MAX / 2; ino++) {
            uint32_t slot;
            scandir_see(&h->sd, "", ino % 5, ino, &slot);
        }
        scandir_end(&h->sd, 1);
        for (uint32_t s = 0; s < h->sd.high; s++)
            if (scandir_is_used(&h->sd, s) && !scandir_is_active(&h->sd, s))
                scandir_died(&h->sd, scandir_pid(&h->sd, s), 0);
        assert_int_equal(h->sd.used, MAX / 2);
    }
    assert_true(h->sd.ndevs <= 5);
    free_host(h);
}

/* Whatever happens in whatever order: the counters agree with the slots, an active pair has its
   pipe, nothing of an inactive service is started, what is dead is forgotten, and the end is
   reached */
static void check_invariants(struct host *h)
{
    uint32_t used = 0, running = 0;
    for (uint32_t s = 0; s < h->sd.high; s++) {
        if (!scandir_is_used(&h->sd, s))
            continue;
        used++;
        running += scandir_pid(&h->sd, s) > 0;
        if (!scandir_is_active(&h->sd, s))
            assert_false(scandir_is_due(&h->sd, s, h->sd.ending ? 0 : 1 << 30));
        uint32_t peer = scandir_peer(&h->sd, s);
        if (peer != SCANDIR_NONE)
            assert_int_equal(scandir_peer(&h->sd, peer), s);
        if (!scandir_is_active(&h->sd, s) || h->sd.ending)
            assert_true(scandir_pid(&h->sd, s) > 0 ||
                        (peer != SCANDIR_NONE && scandir_pid(&h->sd, peer) > 0));
    }
    assert_int_equal(used, h->sd.used);
    assert_int_equal(running, h->sd.running);
}

static void scandir_holds_its_invariants_in_any_order(void **state)
{
    (void)state;
    static char const *const sets[] = {"", "a", "p", "ap", "apc"};
    uint32_t seed = 1;
    for (int run = 0; run < 300; run++) {
        struct host *h = make_host(6, 20);
        uint32_t now = 0;
        for (int step = 0; step < 60; step++) {
            seed = seed * 1664525 + 1013904223;
            uint32_t r = seed >> 16;
            now += r % 700;
            switch (r / 700 % 5) {
            case 0:
            case 1:
                scan(h, sets[r % 5], now);
                break;
            case 2:
                start_all(h, now);
                break;
            case 3:
                scandir_prune(&h->sd, r & 1);
                break;
            default:
                if (h->sd.high)
                    scandir_died(&h->sd, h->sd.pids[r % h->sd.high], now);
            }
            check_invariants(h);
        }
        scandir_teardown(&h->sd, 0);
        check_invariants(h);
        for (uint32_t s = 0; s < h->sd.high; s++)
            scandir_died(&h->sd, h->sd.pids[s], now);
        assert_int_equal(h->sd.running, 0);
        assert_int_equal(h->sd.used, 0);
        free_host(h);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(scandir_starts_what_it_sees_once),
        cmocka_unit_test(scandir_restarts_not_sooner_than_a_second_after_the_start),
        cmocka_unit_test(scandir_survives_the_clock_wrapping),
        cmocka_unit_test(scandir_knows_a_directory_by_its_inode),
        cmocka_unit_test(scandir_sees_the_same_only_under_name_and_inode),
        cmocka_unit_test(scandir_leaves_inactive_services_alone_until_pruned),
        cmocka_unit_test(scandir_prunes_nothing_that_is_active),
        cmocka_unit_test(scandir_keeps_a_pair_joined_while_it_is_active),
        cmocka_unit_test(scandir_takes_up_an_inactive_service_that_comes_back),
        cmocka_unit_test(scandir_starts_a_dying_pair_afresh_when_it_is_dead),
        cmocka_unit_test(scandir_starts_afresh_what_was_told_to_exit),
        cmocka_unit_test(scandir_forgets_what_waits_and_is_gone),
        cmocka_unit_test(scandir_changes_nothing_after_an_incomplete_scan),
        cmocka_unit_test(scandir_keeps_what_could_not_be_looked_at),
        cmocka_unit_test(scandir_tears_down),
        cmocka_unit_test(scandir_tells_what_was_found_after_a_stop),
        cmocka_unit_test(scandir_never_gives_the_catchall_a_logger),
        cmocka_unit_test(scandir_counts_failures_in_a_row_once),
        cmocka_unit_test(scandir_says_when_it_is_full_and_when_there_is_room_again),
        cmocka_unit_test(scandir_ignores_strange_children),
        cmocka_unit_test(scandir_names_survive_turnover),
        cmocka_unit_test(scandir_holds_its_invariants_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
