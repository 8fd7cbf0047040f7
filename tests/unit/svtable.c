#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include <cairn/svlock.h>
#include <cairn/svtable.h>
#include <cairn/svtally.h>

static struct svtable_row row(enum svtable_state state, int wantup, int ready, int announces)
{
    struct svtable_row r = {.state = state, .known = 1, .announces = !!announces};
    r.status.pid = 7;
    r.status.wantup = !!wantup;
    r.status.ready = !!ready;
    return r;
}

static void svtable_says_who_is_well(void **state)
{
    (void)state;
    static struct {
        enum svtable_state state;
        int wantup, wanted, well;
    } const cases[] = {
        {SVTABLE_UP, 1, 1, 1},        {SVTABLE_UP, 0, 0, 1},
        {SVTABLE_STARTING, 1, 1, 0},  {SVTABLE_STARTING, 0, 0, 1},
        {SVTABLE_PAUSED, 1, 1, 0},    {SVTABLE_FINISHING, 1, 1, 0},
        {SVTABLE_FINISHING, 0, 0, 1}, {SVTABLE_RESTARTING, 1, 1, 0},
        {SVTABLE_DOWN, 0, 0, 1},      {SVTABLE_FAILED, 0, 1, 0},
        {SVTABLE_WAITING, 0, 1, 0},   {SVTABLE_OFF, 0, 0, 1},
        {SVTABLE_UNKNOWN, 0, 1, 0},   {SVTABLE_NO_SUPERVISOR, 0, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct svtable_row r = row(cases[i].state, cases[i].wantup, 0, 0);
        assert_int_equal(svtable_is_wanted(&r), cases[i].wanted);
        assert_int_equal(svtable_is_well(&r), cases[i].well);
    }
    struct svtable_row r = row(SVTABLE_NO_SUPERVISOR, 0, 0, 0);
    r.down = DOWNFILE_USER;
    assert_int_equal(svtable_is_well(&r), 1);
    r.down = DOWNFILE_DISABLED;
    assert_int_equal(svtable_is_well(&r), 1);
    r.down = DOWNFILE_WAITS;
    assert_int_equal(svtable_is_well(&r), 0);
}

static void svtable_says_who_is_ready(void **state)
{
    (void)state;
    struct svtable_row r = row(SVTABLE_UP, 1, 1, 1);
    assert_int_equal(svtable_ready(&r), 1);
    r = row(SVTABLE_STARTING, 1, 0, 1);
    assert_int_equal(svtable_ready(&r), 0);
    r = row(SVTABLE_UP, 1, 0, 0);
    assert_int_equal(svtable_ready(&r), -1);
    r = row(SVTABLE_DOWN, 0, 1, 1);
    r.status.pid = 0;
    assert_int_equal(svtable_ready(&r), -1);
    r.known = 0;
    assert_int_equal(svtable_ready(&r), -1);
}

static void svtable_sorts_and_leaves_out(void **state)
{
    (void)state;
    struct svtable t = SVTABLE_ZERO;
    dir("scan");
    dir("scan/b");
    dir("scan/b/log");
    dir("scan/b-2");
    dir("scan/a");
    dir("scan/.hidden");
    put("scan/file", "", 0644);
    int fd = open(in("scan"), O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(svtable_read(&t, fd), 0);
        static char const *const names[] = {"a", "b", "b/log", "b-2"};
        assert_int_equal(svtable_count(&t), 4);
        for (size_t i = 0; i < 4; i++) {
            struct svtable_row const *r = svtable_row(&t, i);
            assert_string_equal(svtable_name(&t, r), names[i]);
            assert_int_equal(r->is_log, i == 2);
            assert_string_equal(svtable_word(r->state), "unsupervised");
            assert_int_equal(r->supervisor, 0);
            assert_int_equal(r->known, 0);
        }
    }
    close(fd);
    svtable_free(&t);
    assert_int_equal(svtable_read(&t, -1), -1);
}

static struct one {
    char const *name;
    struct svstatus status;
    char const *file; /* in it, with this text */
    char const *text;
    enum svtable_state state;
    int announces;
} const all[] = {
    {"a-checked", {.pid = 1}, "ready-check", "file x\n", SVTABLE_STARTING, 1},
    {"b-badly", {.pid = 1}, "ready-check", "?\n", SVTABLE_UP, 0},
    {"c-ready", {.pid = 1, .ready = 1}, NULL, NULL, SVTABLE_UP, 1},
    {"d-says", {.pid = 1}, "notification-fd", "3\n", SVTABLE_STARTING, 1},
    {"e-silent", {.pid = 1}, NULL, NULL, SVTABLE_UP, 0},
    {"f-paused", {.pid = 1, .paused = 1}, "notification-fd", "3\n", SVTABLE_PAUSED, 1},
    {"g-finish", {.pid = 1, .finishing = 1}, NULL, NULL, SVTABLE_FINISHING, 0},
    {"h-again", {.wantup = 1}, NULL, NULL, SVTABLE_RESTARTING, 0},
    {"i-failed", {.givenup = 1}, NULL, NULL, SVTABLE_FAILED, 0},
    {"j-down", {.wstat = 0}, NULL, NULL, SVTABLE_DOWN, 0},
    {"k-user", {.wstat = 0}, "down", "", SVTABLE_DOWN, 0},
    {"l-waits", {.wstat = 0}, "down", "dependencies\n", SVTABLE_WAITING, 0},
    {"m-off", {.wstat = 0}, "down", "S6_SERVICES_DISABLE\n", SVTABLE_OFF, 0},
    {"n-unmet", {.wstat = 0}, "down", "enable-if-env\n", SVTABLE_OFF, 0},
    {"o-damaged", {.wstat = 0}, "supervise/status", "short", SVTABLE_UNKNOWN, 0},
};

enum { ALL = sizeof all / sizeof *all };

/* A supervisor of all of them, until it is killed. */
static pid_t supervisor(int scanfd)
{
    int p[2];
    char c;
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        for (size_t i = 0; i < ALL; i++) {
            int sd = openat(scanfd, all[i].name, O_RDONLY | O_DIRECTORY);
            if (svlock_take(sd, SVLOCK_SERVICE, 0644) < 0)
                _exit(1);
        }
        if (write(p[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(p[1]);
    assert_int_equal(read(p[0], &c, 1), 1);
    close(p[0]);
    return pid;
}

static void svtable_knows_each_state(void **state)
{
    (void)state;
    struct svtable t = SVTABLE_ZERO;
    char path[128];
    dir("all");
    int fd = open(in("all"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < ALL; i++) {
        snprintf(path, sizeof path, "all/%s", all[i].name);
        dir(path);
        int sd = open(in(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        strcat(path, "/supervise");
        dir(path);
        assert_int_equal(svstatus_write(sd, &all[i].status), 0);
        close(sd);
        snprintf(path, sizeof path, "all/%s/%s", all[i].name, all[i].file ? all[i].file : "run");
        put(path, all[i].file ? all[i].text : "", 0644);
    }
    char tally[2 * SVTALLY_RECORD + 1];
    memset(tally, 'x', sizeof tally);
    tally[sizeof tally - 1] = 0;
    put("all/c-ready/supervise/death_tally", tally, 0644);
    pid_t pid = supervisor(fd);
    /* what cannot be looked at, and what is no service */
    dir("all/p-loop");
    assert_int_equal(symlink("supervise", in("all/p-loop/supervise")), 0);
    assert_int_equal(symlink("nowhere", in("all/q-dangling")), 0);
    assert_int_equal(symlink("c-ready/run", in("all/r-file")), 0);
    assert_int_equal(symlink("j-down", in("all/s-link")), 0);
    assert_int_equal(svtable_read(&t, fd), 0);
    assert_int_equal(svtable_count(&t), ALL + 2);
    for (size_t i = 0; i < ALL; i++) {
        struct svtable_row const *r = svtable_row(&t, i);
        assert_string_equal(svtable_name(&t, r), all[i].name);
        assert_string_equal(svtable_word(r->state), svtable_word(all[i].state));
        assert_int_equal(r->supervisor, pid);
        assert_int_equal(r->announces, all[i].announces);
        assert_int_equal(r->known, all[i].state != SVTABLE_UNKNOWN);
        assert_int_equal(r->deaths, i == 2 ? 2 : 0);
    }
    assert_int_equal(svtable_row(&t, 10)->down, DOWNFILE_USER);
    assert_int_equal(svtable_row(&t, ALL - 1)->error, EPROTO);
    struct svtable_row const *r = svtable_row(&t, ALL);
    assert_string_equal(svtable_name(&t, r), "p-loop");
    assert_int_equal(r->state, SVTABLE_UNKNOWN);
    assert_int_equal(r->error, ELOOP);
    assert_int_equal(r->supervisor, 0);
    assert_string_equal(svtable_name(&t, r + 1), "s-link");
    assert_int_equal(r[1].state, SVTABLE_DOWN);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    /* without the supervisor: what would be started is known all the same */
    assert_int_equal(svtable_read(&t, fd), 0);
    assert_int_equal(svtable_row(&t, 0)->state, SVTABLE_NO_SUPERVISOR);
    assert_int_equal(svtable_row(&t, 0)->known, 1);
    assert_int_equal(svtable_row(&t, 11)->down, DOWNFILE_WAITS);
    svtable_free(&t);
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svtable_says_who_is_well),
        cmocka_unit_test(svtable_says_who_is_ready),
        cmocka_unit_test(svtable_sorts_and_leaves_out),
        cmocka_unit_test(svtable_knows_each_state),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
