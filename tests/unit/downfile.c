#include "scratch.h"

#include <errno.h>

#include <cairn/downfile.h>

static void downfile_goes_round(void **state)
{
    (void)state;
    dir("sv");
    int fd = open(in("sv"), O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_int_equal(downfile_read(fd), DOWNFILE_NONE);
    for (enum downfile d = DOWNFILE_WAITS; d <= DOWNFILE_UNMET; d++) {
        assert_int_equal(downfile_write(fd, d), 0);
        assert_int_equal(downfile_read(fd), d);
        assert_string_equal(get("sv/down"), downfile_text(d));
    }
    assert_int_equal(downfile_write(fd, DOWNFILE_NONE), 0);
    assert_int_equal(downfile_read(fd), DOWNFILE_NONE);
    assert_int_equal(downfile_write(fd, DOWNFILE_NONE), 0);
    close(fd);
}

static void downfile_leaves_the_users_to_him(void **state)
{
    (void)state;
    static char const *const his[] = {"",
                                      "dependencies",
                                      "dependencies\n\n",
                                      "x dependencies\n",
                                      "S6_SERVICES_DISABLE",
                                      "a text that is longer than ours are"};
    dir("user");
    int fd = open(in("user"), O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < sizeof his / sizeof *his; i++) {
        put("user/down", his[i], 0644);
        assert_int_equal(downfile_read(fd), DOWNFILE_USER);
    }
    put("user/down", "dependencies\n", 0644);
    assert_int_equal(downfile_read(fd), DOWNFILE_WAITS);
    assert_int_equal(unlinkat(fd, "down", 0), 0);
    assert_int_equal(symlinkat("nowhere/at/all", fd, "down"), 0);
    assert_int_equal(downfile_read(fd), DOWNFILE_NONE); /* as supervise sees it */
    assert_int_equal(unlinkat(fd, "down", 0), 0);
    assert_int_equal(mkdirat(fd, "down", 0755), 0);
    assert_int_equal(downfile_read(fd), DOWNFILE_USER);
    assert_int_equal(downfile_write(fd, DOWNFILE_WAITS), -1);
    assert_int_equal(faccessat(fd, ".down.new", F_OK, 0), -1);
    close(fd);
}

static void downfile_knows_who_switches_off(void **state)
{
    (void)state;
    assert_false(downfile_is_off(DOWNFILE_NONE));
    assert_false(downfile_is_off(DOWNFILE_USER));
    assert_false(downfile_is_off(DOWNFILE_WAITS));
    assert_true(downfile_is_off(DOWNFILE_DISABLED));
    assert_true(downfile_is_off(DOWNFILE_UNMET));
    assert_int_equal(downfile_write(-1, DOWNFILE_WAITS), -1);
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(downfile_goes_round),
        cmocka_unit_test(downfile_leaves_the_users_to_him),
        cmocka_unit_test(downfile_knows_who_switches_off),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
