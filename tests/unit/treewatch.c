#include "scratch.h"

#include <poll.h>
#include <stdio.h>

#include <cairn/treewatch.h>

static struct treewatch w;
static struct svtable t = SVTABLE_ZERO;

static int is_told(void)
{
    struct pollfd p = {.fd = w.fd, .events = POLLIN};
    int r = poll(&p, 1, 0);
    treewatch_drain(&w);
    return r;
}

static void read_all(void)
{
    int dirfd = open(".", O_RDONLY | O_DIRECTORY);
    do
        assert_int_equal(svtable_read(&t, dirfd), 0);
    while (treewatch_cover(&w, &t) > 0);
    close(dirfd);
}

static void treewatch_tells_what_changes(void **state)
{
    (void)state;
    dir("scan");
    dir("scan/a");
    assert_int_equal(chdir(in("scan")), 0);
    assert_int_equal(treewatch_open(&w), 0);
    read_all();
    assert_int_equal(is_told(), 0);
    assert_int_equal(treewatch_cover(&w, &t), 0); /* nothing new */
    dir("scan/b");
    assert_int_equal(is_told(), 1);
    read_all();
    assert_int_equal(is_told(), 0);
    dir("scan/b/supervise");
    assert_int_equal(is_told(), 1);
    read_all();
    put("scan/b/supervise/status.new", "", 0644);
    assert_int_equal(is_told(), 1);
    assert_int_equal(rename(in("scan/b/supervise/status.new"), in("scan/b/supervise/status")), 0);
    assert_int_equal(is_told(), 1);
    int lock = open(in("scan/b/supervise/lock"), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(is_told(), 1);
    close(lock); /* as when its holder dies */
    assert_int_equal(is_told(), 1);
    close(open(in("scan/b/supervise/lock"), O_RDONLY)); /* as when somebody looks */
    read_all();
    assert_int_equal(is_told(), 0);
    put("scan/a/down", "", 0644);
    assert_int_equal(is_told(), 1);
    close(w.fd);
    svtable_free(&t);
    assert_int_equal(chdir("/"), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(treewatch_tells_what_changes),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
