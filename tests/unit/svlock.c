#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/svlock.h>

/* POSIX locks do not show to the process that holds them: the other party is a child, which ends
 * when told. */
struct other {
    pid_t pid;
    int in;
};

static struct other hold(char const *path)
{
    int up[2], down[2];
    char c;
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        close(down[1]);
        c = svlock_take(AT_FDCWD, path, 0600) < 0 ? 'n' : 'y';
        if (write(up[1], &c, 1) == 1 && read(down[0], &c, 1) == 0)
            _exit(0);
        _exit(1);
    }
    close(up[1]);
    close(down[0]);
    assert_int_equal(read(up[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    close(up[0]);
    return (struct other){pid, down[1]};
}

static void release(struct other o)
{
    int wstat;
    close(o.in);
    assert_int_equal(waitpid(o.pid, &wstat, 0), o.pid);
    assert_int_equal(wstat, 0);
}

static void svlock_names_the_holder(void **state)
{
    (void)state;
    struct other o = hold("lock");
    assert_int_equal(svlock_owner(AT_FDCWD, "lock"), o.pid);
    release(o);
    assert_int_equal(svlock_owner(AT_FDCWD, "lock"), 0);
}

static void svlock_pidfd_tells_of_the_death(void **state)
{
    (void)state;
    pid_t owner;
    struct other o = hold("lock");
    int fd = svlock_pidfd(AT_FDCWD, "lock", &owner);
    assert_int_equal(owner, o.pid);
    if (fd < 0)
        skip(); /* a kernel or a filter without pidfd */
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    release(o);
    assert_int_equal(poll(&p, 1, 10000), 1);
    close(fd);
    assert_int_equal(svlock_pidfd(AT_FDCWD, "lock", &owner), -1);
    assert_int_equal(owner, 0);
    assert_int_equal(svlock_pidfd(AT_FDCWD, "none/lock", &owner), -1);
    assert_int_equal(owner, 0);
}

static void svlock_is_exclusive(void **state)
{
    (void)state;
    struct other o = hold("lock");
    assert_int_equal(svlock_take(AT_FDCWD, "lock", 0600), -1);
    assert_int_equal(errno, EBUSY);
    release(o);
    int fd = svlock_take(AT_FDCWD, "lock", 0600);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void svlock_creates_with_mode(void **state)
{
    (void)state;
    struct stat st;
    mode_t m = umask(0);
    int fd = svlock_take(AT_FDCWD, "new", 0640);
    umask(m);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0640);
    close(fd);
}

static void svlock_absent_means_nobody(void **state)
{
    (void)state;
    assert_int_equal(svlock_owner(AT_FDCWD, "none"), 0);
    assert_int_equal(svlock_owner(AT_FDCWD, "none/lock"), 0);
}

static void svlock_reports_errors(void **state)
{
    (void)state;
    assert_int_equal(svlock_take(AT_FDCWD, "none/lock", 0600), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(svlock_owner(AT_FDCWD, "loop"), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(svlock_owner(AT_FDCWD, "lock/lock"), -1);
    assert_int_equal(errno, ENOTDIR);
}

static void svlock_does_not_wait_for_a_fifo(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(svlock_take(AT_FDCWD, "fifo", 0600), -1);
    alarm(5);
    (void)svlock_owner(AT_FDCWD, "fifo");
    alarm(0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svlock_names_the_holder),
        cmocka_unit_test(svlock_pidfd_tells_of_the_death),
        cmocka_unit_test(svlock_is_exclusive),
        cmocka_unit_test(svlock_creates_with_mode),
        cmocka_unit_test(svlock_absent_means_nobody),
        cmocka_unit_test(svlock_reports_errors),
        cmocka_unit_test(svlock_does_not_wait_for_a_fifo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
