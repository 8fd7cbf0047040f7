#include "scratch.h"

#include <errno.h>

#include <cairn/ctlfifo.h>
#include <cairn/envtake.h>
#include <cairn/haltcode.h>
#include <cairn/svhalt.h>

static void envtake_takes(void **state)
{
    (void)state;
    char a[] = "A=1", ab[] = "AB=2", b[] = "B=", *env[] = {a, ab, b, NULL};
    assert_null(envtake(env, "C"));
    assert_string_equal(envtake(env, "AB"), "2");
    assert_ptr_equal(env[1], b);
    assert_null(env[2]);
    assert_string_equal(envtake(env, "B"), "");
    assert_string_equal(envtake(env, "A"), "1");
    assert_null(env[0]);
    assert_null(envtake(env, "A"));
}

static void haltcode_keeps_the_first(void **state)
{
    (void)state;
    dir("state");
    int fd = open(in("state"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(haltcode_get(fd), -1);
    assert_int_equal(haltcode_put(in("state"), 137), 0);
    assert_int_equal(haltcode_put(in("state"), 3), 0);
    assert_int_equal(haltcode_get(fd), 137);
    put("state/halt-code", "7\n", 0600);
    assert_int_equal(haltcode_get(fd), 7);
    put("state/halt-code", "x", 0600);
    assert_int_equal(haltcode_get(fd), -1);
    assert_int_equal(haltcode_put(in("none"), 3), -1);
    assert_int_equal(errno, ENOENT);
    close(fd);
}

static void svhalt_halts(void **state)
{
    (void)state;
    char tree[512], c = 0;
    dir("s");
    dir("s/services");
    dir("s/services/.s6-svscan");
    snprintf(tree, sizeof tree, "%s", in("s/services"));
    assert_int_equal(svhalt(tree, 3), -1);
    assert_int_equal(errno, ENOENT);
    int fd = ctlfifo_serve(AT_FDCWD, in("s/services/" CTLFIFO_SCAN), 0600, 0);
    assert_true(fd >= 0);
    assert_int_equal(svhalt(tree, 3), 0);
    assert_int_equal(read(fd, &c, 1), 1);
    assert_int_equal(c, 't');
    assert_int_equal(access(in("s/halt-code"), F_OK), -1); /* no init takes it */
    snprintf(tree, sizeof tree, "+%s", in("s/services"));
    assert_int_equal(svhalt(tree, 3), 0);
    int state_fd = open(in("s"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(haltcode_get(state_fd), 3);
    close(state_fd);
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(envtake_takes),
        cmocka_unit_test(haltcode_keeps_the_first),
        cmocka_unit_test(svhalt_halts),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
