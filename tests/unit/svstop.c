/* That it waits, and in which order, is tried with supervisors by tests/prog/services-up. */

#include "scratch.h"

#include <errno.h>

#include <cairn/svstop.h>

static int scan(void)
{
    int fd = open(in("scan"), O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    return fd;
}

/* A FIFO in the place of a supervisor's, with its reader. */
static int ear(char const *service)
{
    char name[64];
    snprintf(name, sizeof name, "scan/%s", service);
    dir(name);
    strcat(name, "/supervise");
    dir(name);
    strcat(name, "/control");
    assert_int_equal(mkfifo(in(name), 0600), 0);
    int fd = open(in(name), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

static void svstop_asks_each_once(void **state)
{
    (void)state;
    char buf[8];
    dir("scan");
    int a = ear("a");
    int b = ear("b");
    dir("scan/a/dependencies.d");
    put("scan/a/dependencies.d/b", "", 0644);
    dir("scan/none"); /* no supervisor at all */
    put("scan/file", "", 0644);
    int fd = scan();
    assert_int_equal(svstop_in_order(fd), 0);
    assert_int_equal(read(a, buf, sizeof buf), 1);
    assert_int_equal(buf[0], 'd');
    assert_int_equal(read(b, buf, sizeof buf), 1);
    assert_int_equal(buf[0], 'd');
    close(a);
    close(b);
    close(fd);
}

static void svstop_fails_without_a_directory(void **state)
{
    (void)state;
    assert_int_equal(svstop_in_order(-1), -1);
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svstop_asks_each_once),
        cmocka_unit_test(svstop_fails_without_a_directory),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
