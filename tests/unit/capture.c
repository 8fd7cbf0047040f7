#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/wait.h>

#include <cairn/capture.h>
#include <cairn/dnsclient.h>

static ssize_t run(char const *script, char *buf, size_t size, int ms, int *status)
{
    char const *argv[] = {"/bin/sh", "-c", script, NULL};
    return capture(argv, buf, size, 1, dnsclient_now() + ms, status);
}

static void capture_takes_output_and_status(void **state)
{
    (void)state;
    char buf[64];
    int status;
    assert_int_equal(
        run("echo a; echo b; echo not this >&2; exit 3", buf, sizeof buf, 10000, &status), 4);
    assert_string_equal(buf, "a\nb\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_int_equal(run(":", buf, sizeof buf, 10000, &status), 0);
    assert_string_equal(buf, "");
}

static void capture_is_bounded(void **state)
{
    (void)state;
    char buf[64];
    int status;
    assert_int_equal(run("while :; do echo aaaaaaaa; done", buf, sizeof buf, 10000, &status), -1);
    assert_int_equal(errno, E2BIG);
    assert_int_equal(run("exec sleep 100", buf, sizeof buf, 50, &status), -1);
    assert_int_equal(errno, ETIMEDOUT);
    char const *argv[] = {"/nonexistent", NULL};
    assert_int_equal(capture(argv, buf, sizeof buf, 0, 0, &status), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capture_takes_output_and_status),
        cmocka_unit_test(capture_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
