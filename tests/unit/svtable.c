#include "scratch.h"

#include <cairn/svtable.h>

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

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svtable_says_who_is_well),
        cmocka_unit_test(svtable_says_who_is_ready),
        cmocka_unit_test(svtable_sorts_and_leaves_out),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
