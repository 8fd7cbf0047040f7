#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include <cairn/fifodir.h>

#include "fakeroot.h"

static int setup(void **state)
{
    if (scratch_setup(state) || chdir(scratch) == -1)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    return fifodir_make(AT_FDCWD, "ev", getegid(), 0);
}

static int count(char const *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static mode_t mode_of(char const *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void fifodir_make_sets_permissions(void **state)
{
    (void)state;
    mode_t m = umask(077);
    assert_int_equal(fifodir_make(AT_FDCWD, "restricted", getegid(), 0), 0);
    assert_int_equal(mode_of("restricted"), FIFODIR_RESTRICTED);
    assert_int_equal(fifodir_make(AT_FDCWD, "public", (gid_t)-1, 0), 0);
    assert_int_equal(mode_of("public"), FIFODIR_PUBLIC);
    umask(m);
    /* an existing one is left alone, but for force */
    assert_int_equal(fifodir_make(AT_FDCWD, "restricted", (gid_t)-1, 0), 0);
    assert_int_equal(mode_of("restricted"), FIFODIR_RESTRICTED);
    assert_int_equal(fifodir_make(AT_FDCWD, "restricted", (gid_t)-1, 1), 0);
    assert_int_equal(mode_of("restricted"), FIFODIR_PUBLIC);
}

static void fifodir_make_refuses(void **state)
{
    (void)state;
    assert_int_equal(mknod("file", S_IFREG | 0600, 0), 0);
    assert_int_equal(fifodir_make(AT_FDCWD, "file", (gid_t)-1, 1), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(fifodir_make(AT_FDCWD, "none/ev", (gid_t)-1, 1), -1);
    assert_int_equal(errno, ENOENT);
    if (geteuid())
        return;
    assert_int_equal(mkdir("foreign", 0700), 0);
    assert_int_equal(chown("foreign", 12345, 12345), 0);
    assert_int_equal(fifodir_make(AT_FDCWD, "foreign", (gid_t)-1, 1), -1);
    assert_int_equal(errno, EACCES);
}

static void fifodir_listener_hears(void **state)
{
    (void)state;
    struct fifodir_listener a, b;
    char buf[16];
    struct stat st;
    mode_t m = umask(077);
    assert_int_equal(fifodir_listen(AT_FDCWD, "ev", &a), 0);
    assert_int_equal(fifodir_listen(AT_FDCWD, "ev", &b), 0);
    umask(m);
    assert_int_equal(strlen(a.name), FIFODIR_NAMELEN);
    assert_int_equal(strncmp(a.name, "ftrig1:@4", 9), 0);
    assert_int_equal(fstatat(a.dirfd, a.name, &st, 0), 0);
    assert_int_equal(st.st_mode, S_IFIFO | 0622);
    assert_true(fcntl(a.fd, F_GETFD) & fcntl(a.writefd, F_GETFD) & fcntl(a.dirfd, F_GETFD) &
                FD_CLOEXEC);
    assert_int_equal(fifodir_notify(AT_FDCWD, "ev", "dD", 2), 2);
    assert_int_equal(read(a.fd, buf, sizeof buf), 2);
    assert_memory_equal(buf, "dD", 2);
    assert_int_equal(read(b.fd, buf, sizeof buf), 2);
    /* no end of file, nothing more */
    assert_int_equal(read(a.fd, buf, sizeof buf), -1);
    assert_int_equal(errno, EAGAIN);
    errno = EXDEV;
    fifodir_unlisten(&a);
    assert_int_equal(errno, EXDEV);
    assert_int_equal(fifodir_notify(AT_FDCWD, "ev", "u", 1), 1);
    fifodir_unlisten(&b);
    assert_int_equal(count("ev"), 0);
    assert_int_equal(fifodir_notify(AT_FDCWD, "ev", "u", 1), 0);
}

/* leaves a listener whose process is gone */
static void abandon(void)
{
    struct fifodir_listener l;
    assert_int_equal(fifodir_listen(AT_FDCWD, "ev", &l), 0);
    close(l.fd);
    close(l.writefd);
    close(l.dirfd);
}

static void fifodir_dead_listeners_go(void **state)
{
    (void)state;
    struct fifodir_listener l;
    assert_int_equal(fifodir_listen(AT_FDCWD, "ev", &l), 0);
    for (int i = 0; i < 50; i++)
        abandon();
    assert_int_equal(count("ev"), 51);
    assert_int_equal(fifodir_notify(AT_FDCWD, "ev", "x", 1), 1);
    assert_int_equal(count("ev"), 1);
    for (int i = 0; i < 50; i++)
        abandon();
    assert_int_equal(fifodir_clean(AT_FDCWD, "ev"), 0);
    assert_int_equal(count("ev"), 1);
    fifodir_unlisten(&l);
}

static void fifodir_full_listener_stays(void **state)
{
    (void)state;
    struct fifodir_listener l;
    char buf[512];
    assert_int_equal(fifodir_listen(AT_FDCWD, "ev", &l), 0);
    memset(buf, 'u', sizeof buf);
    while (write(l.writefd, buf, sizeof buf) > 0)
        ;
    assert_int_equal(fifodir_notify(AT_FDCWD, "ev", "x", 1), 0);
    assert_int_equal(count("ev"), 1);
    fifodir_unlisten(&l);
}

/* In a public directory anybody can plant names: nothing but a FIFO is written to or removed. */
static void fifodir_planted_names_are_harmless(void **state)
{
    (void)state;
    struct stat st;
    char name[] = "ev/ftrig1:@400000006b04a0d312f307e8:sO7tP0";
    assert_int_equal(mknod("victim", S_IFREG | 0600, 0), 0);
    assert_int_equal(symlink("../victim", name), 0);
    name[sizeof name - 2] = '1';
    assert_int_equal(link("victim", name), 0);
    name[sizeof name - 2] = '2';
    assert_int_equal(mkdir(name, 0700), 0);
    name[sizeof name - 2] = '3';
    assert_int_equal(mknod(name, S_IFSOCK | 0600, 0), 0);
    assert_int_equal(mkfifo("ev/.ftrig1:@400000006b04a0d312f307e8:sO7tP3", 0600), 0);
    assert_int_equal(mkfifo("ev/ftrig1:@400000006b04a0d312f307e8:sO7tP34", 0600), 0);
    assert_int_equal(mkfifo("ev/other", 0600), 0);
    int n = count("ev");
    assert_int_equal(fifodir_notify(AT_FDCWD, "ev", "x", 1), 0);
    assert_int_equal(fifodir_clean(AT_FDCWD, "ev"), 0);
    assert_int_equal(count("ev"), n);
    assert_int_equal(stat("victim", &st), 0);
    assert_int_equal(st.st_size, 0);
}

static void fifodir_errors(void **state)
{
    (void)state;
    struct fifodir_listener l;
    int before = count("/proc/self/fd");
    assert_int_equal(fifodir_notify(AT_FDCWD, "none", "x", 1), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(fifodir_clean(AT_FDCWD, "none"), -1);
    assert_int_equal(fifodir_listen(AT_FDCWD, "none", &l), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(fifodir_listen(AT_FDCWD, "victim", &l), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(count("/proc/self/fd"), before);
}

/* members of the group may write and enter the directory, but not read it */
static void fifodir_other_users_can_listen(void **state)
{
    (void)state;
    if (geteuid())
        skip();
    assert_int_equal(fifodir_make(AT_FDCWD, "group", 12345, 0), 0);
    assert_int_equal(chmod(".", 0755), 0);
    int wstat, up[2];
    char c;
    assert_int_equal(pipe(up), 0);
    pid_t pid = fork();
    if (!pid) {
        struct fifodir_listener l;
        close(up[0]);
        if (setgid(12345) || setuid(12345) || fifodir_listen(AT_FDCWD, "group", &l))
            _exit(1);
        struct pollfd p = {.fd = l.fd, .events = POLLIN};
        if (write(up[1], "", 1) != 1 || poll(&p, 1, 10000) != 1 || read(l.fd, &c, 1) != 1)
            _exit(2);
        fifodir_unlisten(&l);
        _exit(c == 'U' ? 0 : 3);
    }
    close(up[1]);
    assert_int_equal(read(up[0], &c, 1), 1);
    assert_int_equal(fifodir_notify(AT_FDCWD, "group", "U", 1), 1);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
    assert_int_equal(count("group"), 0);
}

/* What is begun and cannot be ended is taken back. */
static int without_rights(void)
{
    struct fifodir_listener l;
    check(!mkdir("theirs", 0777) && !chmod("theirs", 0777));
    check(!chmod(".", 0755));
    as_other();
    /* a group that is not ours cannot be given */
    int r = fifodir_make(AT_FDCWD, "theirs/restricted", 54321, 0);
    int e = errno;
    int gone = access("theirs/restricted", F_OK) == -1;
    as_before();
    check(r == -1 && e == EPERM && gone);
    /* a directory that may be entered, and not written to */
    check(!chmod("ev", 0555));
    as_other();
    r = fifodir_listen(AT_FDCWD, "ev", &l);
    e = errno;
    as_before();
    check(r == -1 && e == EACCES);
    check(!chmod("ev", 03730));
    return 0;
}

static int without_descriptors(void)
{
    struct fifodir_listener l;
    struct rlimit had, rl;
    check(!getrlimit(RLIMIT_NOFILE, &had));
    int next = dup(0);
    int others = count("ev");
    close(next);
    rl = had;
    for (int more = 0; more < 4; more++) {
        rl.rlim_cur = (rlim_t)(next + more);
        check(!setrlimit(RLIMIT_NOFILE, &rl));
        int r = fifodir_listen(AT_FDCWD, "ev", &l);
        int e = errno;
        check(!setrlimit(RLIMIT_NOFILE, &had));
        check(r == (more < 3 ? -1 : 0));
        check(!r || e == EMFILE);
        check(count("ev") == others + (more == 3));
        if (!r)
            fifodir_unlisten(&l);
        int fd = dup(0);
        check(fd == next);
        close(fd);
    }
    return 0;
}

static int without_random(void)
{
    struct fifodir_listener l[8];
    int others = count("ev");
    int r = refuse_calls(SYS_getrandom, SYS_getrandom);
    if (r)
        return r;
    for (int i = 0; i < 8; i++)
        check(!fifodir_listen(AT_FDCWD, "ev", l + i));
    check(count("ev") == others + 8);
    check(fifodir_notify(AT_FDCWD, "ev", "u", 1) == 8);
    for (int i = 0; i < 8; i++)
        fifodir_unlisten(l + i);
    return 0;
}

static void fifodir_takes_back_what_fails(void **state)
{
    (void)state;
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(fifodir_make(AT_FDCWD, "dangling", (gid_t)-1, 1), -1);
    assert_int_equal(errno, ENOENT);
    in_process(0, without_rights);
    in_process(0, without_descriptors);
}

static void fifodir_needs_no_random_numbers(void **state)
{
    (void)state;
    in_process(0, without_random);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(fifodir_make_sets_permissions),
        cmocka_unit_test(fifodir_make_refuses),
        cmocka_unit_test(fifodir_listener_hears),
        cmocka_unit_test(fifodir_dead_listeners_go),
        cmocka_unit_test(fifodir_full_listener_stays),
        cmocka_unit_test(fifodir_planted_names_are_harmless),
        cmocka_unit_test(fifodir_errors),
        cmocka_unit_test(fifodir_other_users_can_listen),
        cmocka_unit_test(fifodir_takes_back_what_fails),
        cmocka_unit_test(fifodir_needs_no_random_numbers),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
