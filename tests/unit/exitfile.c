#include "scratch.h"

#include <errno.h>

#include <cairn/exitfile.h>

static void exitfile_tells_our_writing_from_theirs(void **state)
{
    (void)state;
    int code = -1;
    assert_int_equal(exitfile_get(AT_FDCWD, in("f"), &code), 0);
    assert_int_equal(exitfile_put(AT_FDCWD, in("f"), 0, 0), 0);
    assert_string_equal(get("f"), "0\n");
    assert_int_equal(exitfile_get(AT_FDCWD, in("f"), &code), 0);
    assert_int_equal(exitfile_put(AT_FDCWD, in("f"), 300, 0), 0);
    assert_string_equal(get("f"), "44\n");
    assert_int_equal(exitfile_get(AT_FDCWD, in("f"), &code), 0);
    put("f", "44\n", 0644);
    assert_int_equal(exitfile_get(AT_FDCWD, in("f"), &code), 1);
    assert_int_equal(code, 44);
    assert_int_equal(exitfile_put(AT_FDCWD, in("f"), 7, 0), 0);
    assert_string_equal(get("f"), "44\n");
    assert_int_equal(exitfile_put(AT_FDCWD, in("f"), 7, 1), 0);
    assert_string_equal(get("f"), "7\n");
}

static void exitfile_reads_what_scripts_write(void **state)
{
    (void)state;
    static struct {
        char const *text;
        int result, code;
    } const cases[] = {{"0", 1, 0},
                       {"9\n", 1, 9},
                       {"256", 1, 0},
                       {"271 \n\n", 1, 15},
                       {"", -1, 0},
                       {"x", -1, 0},
                       {"-1", -1, 0},
                       {" 1", -1, 0},
                       {"1 2", -1, 0},
                       {"0x1", -1, 0},
                       {"99999999999999999999999999999999999", -1, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int code = 0;
        put("g", cases[i].text, 0644);
        assert_int_equal(exitfile_get(AT_FDCWD, in("g"), &code), cases[i].result);
        assert_int_equal(code, cases[i].code);
    }
}

static void exitfile_follows_no_link_and_waits_for_no_fifo(void **state)
{
    (void)state;
    put("target", "x", 0644);
    assert_int_equal(symlink("target", in("link")), 0);
    assert_int_equal(exitfile_put(AT_FDCWD, in("link"), 1, 1), -1);
    assert_string_equal(get("target"), "x");
    assert_int_equal(mkfifo(in("fifo"), 0600), 0);
    assert_int_equal(exitfile_put(AT_FDCWD, in("fifo"), 1, 1), -1);
    assert_int_equal(exitfile_put(AT_FDCWD, in("no/file"), 1, 1), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(exitfile_tells_our_writing_from_theirs),
        cmocka_unit_test(exitfile_reads_what_scripts_write),
        cmocka_unit_test(exitfile_follows_no_link_and_waits_for_no_fifo),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
