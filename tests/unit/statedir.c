/* The candidates other than CAIRN_STATEDIR lie in fixed places: tests/pid1/places tries them in a
 * namespace. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/rmtree.h>
#include <cairn/statedir.h>

static char base[128];

static char const *in(char const *name)
{
    static char buf[512];
    snprintf(buf, sizeof buf, "%s%s", base, name);
    return buf;
}

static void touch(char const *path)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(base, sizeof base, "%s/statedir.XXXXXX", t ? t : "/tmp");
    return mkdtemp(base) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmtree_at(AT_FDCWD, base);
}

static void rmtree_removes_all_but_what_links_point_to(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in("/t"), 0755), 0);
    assert_int_equal(mkdir(in("/t/a"), 0755), 0);
    assert_int_equal(mkdir(in("/t/a/b"), 0755), 0);
    touch(in("/t/a/b/c"));
    touch(in("/keep"));
    assert_int_equal(mkfifo(in("/t/fifo"), 0600), 0);
    assert_int_equal(symlink("../keep", in("/t/l")), 0);
    assert_int_equal(symlink("..", in("/t/up")), 0);
    assert_int_equal(rmtree_at(AT_FDCWD, in("/t")), 0);
    assert_int_equal(access(in("/t"), F_OK), -1);
    assert_int_equal(access(in("/keep"), F_OK), 0);
    assert_int_equal(rmtree_at(AT_FDCWD, in("/t")), 0);
}

static void statedir_make_then_find(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    struct stat st;
    setenv(STATEDIR_VARIABLE, in("/sub/state"), 1);
    assert_null(statedir_find(buf, sizeof buf));
    assert_int_equal(errno, ENOENT);
    mode_t old = umask(077);
    assert_non_null(statedir_make(buf, sizeof buf, &tried));
    umask(old);
    assert_string_equal(buf, in("/sub/state"));
    assert_int_equal(stat(buf, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_null(statedir_find(buf, sizeof buf)); /* no boot lives in it yet */
    assert_int_equal(mkdir(in("/sub/state/services"), 0755), 0);
    assert_non_null(statedir_find(buf, sizeof buf));
    assert_string_equal(buf, in("/sub/state"));
    assert_null(statedir_find(buf, 4));
}

static void statedir_make_wipes_only_what_is_ours(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    setenv(STATEDIR_VARIABLE, in("/sub/state"), 1);
    touch(in("/sub/state/mine"));
    touch(in("/sub/state/services/old"));
    assert_int_equal(mkdir(in("/sub/state/container_environment"), 0755), 0);
    assert_non_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(access(in("/sub/state/mine"), F_OK), 0);
    assert_int_equal(access(in("/sub/state/services"), F_OK), -1);
    assert_int_equal(access(in("/sub/state/container_environment"), F_OK), -1);
}

static void statedir_make_leaves_a_live_one_alone(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    int fds[2], done[2];
    char c;
    setenv(STATEDIR_VARIABLE, in("/live"), 1);
    assert_int_equal(mkdir(in("/live"), 0755), 0);
    assert_int_equal(mkdir(in("/live/services"), 0755), 0);
    assert_int_equal(mkdir(in("/live/services/.s6-svscan"), 0755), 0);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pipe(done), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(in("/live/services/.s6-svscan/lock"), O_RDWR | O_CREAT, 0600);
        close(done[1]);
        if (fd >= 0 && !fcntl(fd, F_SETLK, &l) && write(fds[1], "x", 1) == 1 &&
            read(done[0], &c, 1) >= 0)
            _exit(0);
        _exit(1);
    }
    close(done[0]);
    assert_int_equal(read(fds[0], &c, 1), 1);
    assert_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(errno, EBUSY);
    assert_string_equal(tried, in("/live"));
    close(done[1]);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(access(in("/live/services"), F_OK), 0);
}

/* init holds the FIFO all its life, svscan's lock is there only once there is a service */
static void statedir_make_leaves_one_alone_whose_fifo_is_held(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    char const *tried = NULL;
    setenv(STATEDIR_VARIABLE, in("/held"), 1);
    assert_int_equal(mkdir(in("/held"), 0755), 0);
    assert_int_equal(mkdir(in("/held/services"), 0755), 0);
    assert_int_equal(mkdir(in("/held/services/.s6-svscan"), 0755), 0);
    assert_int_equal(mkfifo(in("/held/services/.s6-svscan/control"), 0600), 0);
    int fd = open(in("/held/services/.s6-svscan/control"), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(errno, EBUSY);
    assert_int_equal(access(in("/held/services/.s6-svscan/control"), F_OK), 0);
    close(fd);
    assert_non_null(statedir_make(buf, sizeof buf, &tried));
    assert_int_equal(access(in("/held/services"), F_OK), -1);
}

static void statedir_map_maps_the_public_paths(void **state)
{
    (void)state;
    static char const *const same[] = {
        "/run/s6x/nothing", "/run/services/nothing", "run/s6", "", "/var/run/s7", "/"};
    char buf[512];
    char const *x;
    setenv(STATEDIR_VARIABLE, in("/sub/state"), 1);
    assert_int_equal(mkdir(in("/sub/state/services"), 0755), 0);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_ptr_equal(statedir_map(same[i], buf, sizeof buf), same[i]);
    x = "/var/run/s6/services/no-such-service-of-ours";
    assert_string_equal(statedir_map(x, buf, sizeof buf),
                        in("/sub/state/services/no-such-service-of-ours"));
    x = "/run/s6/no-such-entry";
    assert_string_equal(statedir_map(x, buf, sizeof buf), in("/sub/state/no-such-entry"));
    x = "/run/service/no-such-service-of-ours";
    assert_string_equal(statedir_map(x, buf, sizeof buf),
                        in("/sub/state/services/no-such-service-of-ours"));
    assert_ptr_equal(statedir_map(x, buf, 12), x);
    setenv(STATEDIR_VARIABLE, in("/nowhere"), 1);
    assert_ptr_equal(statedir_map(x, buf, sizeof buf), x);
}

static void statedir_find_sees_who_holds_the_fifo(void **state)
{
    (void)state;
    char buf[STATEDIR_MAX];
    setenv(STATEDIR_VARIABLE, in("/over"), 1);
    assert_int_equal(mkdir(in("/over"), 0755), 0);
    assert_int_equal(mkdir(in("/over/services"), 0755), 0);
    assert_int_equal(mkdir(in("/over/services/.s6-svscan"), 0755), 0);
    assert_int_equal(mkfifo(in("/over/services/.s6-svscan/control"), 0600), 0);
    /* over, but there is no other */
    assert_non_null(statedir_find(buf, sizeof buf));
    int fd = open(in("/over/services/.s6-svscan/control"), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_non_null(statedir_find(buf, sizeof buf));
    assert_false(statedir_is_over(in("/over")));
    close(fd);
    assert_true(statedir_is_over(in("/over")));
    assert_false(statedir_is_over(in("")));
    assert_false(statedir_is_over(in("/no-such-directory")));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(rmtree_removes_all_but_what_links_point_to),
        cmocka_unit_test(statedir_make_then_find),
        cmocka_unit_test(statedir_make_wipes_only_what_is_ours),
        cmocka_unit_test(statedir_make_leaves_a_live_one_alone),
        cmocka_unit_test(statedir_make_leaves_one_alone_whose_fifo_is_held),
        cmocka_unit_test(statedir_map_maps_the_public_paths),
        cmocka_unit_test(statedir_find_sees_who_holds_the_fifo),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
