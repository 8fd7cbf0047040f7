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

#include <fcntl.h>
#include <poll.h>

#include <cairn/filewatch.h>

static char dir[128];
static char a[160];
static char b[160];
static char other[160];

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(dir, sizeof dir, "%s/watch.XXXXXX", t ? t : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    snprintf(a, sizeof a, "%s/a", dir);
    snprintf(b, sizeof b, "%s/b", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(a);
    unlink(b);
    unlink(other);
    return rmdir(dir);
}

static void put(char const *path, char const *s)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
    close(fd);
}

static void filewatch_sees_every_way_of_writing(void **state)
{
    (void)state;
    struct filewatch w;
    put(a, "1");
    assert_int_equal(filewatch_init(&w), 0);
    assert_int_equal(filewatch_add(&w, a), 0);
    assert_int_equal(filewatch_add(&w, b), 1); /* is not there yet */
    assert_int_equal(filewatch_read(&w), 0);
    put(a, "2"); /* in place */
    assert_int_equal(filewatch_read(&w), 1);
    assert_int_equal(filewatch_read(&w), 0);
    put(other, "3");
    assert_int_equal(filewatch_read(&w), 0);
    assert_int_equal(rename(other, a), 0);
    assert_int_equal(filewatch_read(&w) & 1, 1);
    put(a, "4"); /* the new file too */
    assert_int_equal(filewatch_read(&w), 1);
    put(b, "5");
    assert_int_equal(filewatch_read(&w), 2);
    put(b, "6");
    struct pollfd p = {.fd = w.fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 1000), 1);
    assert_int_equal(filewatch_read(&w), 2);
    unlink(b);
    assert_int_equal(filewatch_read(&w), 2);
    filewatch_read(&w);
    put(b, "7");
    assert_int_equal(filewatch_read(&w), 2);
    filewatch_end(&w);
}

static void filewatch_has_bounds(void **state)
{
    (void)state;
    struct filewatch w;
    assert_int_equal(filewatch_init(&w), 0);
    assert_int_equal(filewatch_add(&w, "relative"), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(filewatch_add(&w, "/nonexistent/a"), -1);
    assert_int_equal(errno, ENOENT);
    for (int i = 0; i < FILEWATCH_FILES; i++)
        assert_int_equal(filewatch_add(&w, "/etc/passwd"), i);
    assert_int_equal(filewatch_add(&w, "/etc/passwd"), -1);
    filewatch_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filewatch_sees_every_way_of_writing, setup, teardown),
        cmocka_unit_test(filewatch_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
