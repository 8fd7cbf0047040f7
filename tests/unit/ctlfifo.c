#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/ctlfifo.h>

static int setup(void **state)
{
    (void)state;
    return mkdir("sd", 0700) || mkdir("sd/supervise", 0700);
}

static void ctlfifo_carries_bytes_in_order(void **state)
{
    (void)state;
    int fd;
    char buf[16];
    fd = ctlfifo_serve(AT_FDCWD, "sd/supervise/control", 0600, 0);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd/supervise/control", "dxu", 3), CTLFIFO_OK);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd/supervise/control", "", 0), CTLFIFO_OK);
    assert_int_equal(read(fd, buf, sizeof buf), 3);
    assert_memory_equal(buf, "dxu", 3);
    /* never end of file */
    assert_int_equal(read(fd, buf, sizeof buf), -1);
    assert_int_equal(errno, EAGAIN);
    close(fd);
}

static void ctlfifo_mode_is_exact_when_made_and_kept_when_there(void **state)
{
    (void)state;
    int fd;
    struct stat st;
    mode_t m = umask(077);
    fd = ctlfifo_serve(AT_FDCWD, "mode", 0622, 0);
    assert_true(fd >= 0);
    umask(m);
    close(fd);
    assert_int_equal(stat("mode", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0622);
    fd = ctlfifo_serve(AT_FDCWD, "mode", 0600, 0);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(stat("mode", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0622);
}

static void ctlfifo_serve_refuses_what_is_no_fifo(void **state)
{
    (void)state;
    assert_int_equal(mknod("file", S_IFREG | 0600, 0), 0);
    assert_int_equal(ctlfifo_serve(AT_FDCWD, "file", 0600, 0), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(ctlfifo_serve(AT_FDCWD, "sd", 0600, 0), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(ctlfifo_serve(AT_FDCWD, "none/x", 0600, 0), -1);
    assert_int_equal(errno, ENOENT);
}

static void ctlfifo_nobody_listens(void **state)
{
    (void)state;
    assert_int_equal(mkdir("sd2", 0700), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd2/supervise/control", "x", 1),
                     CTLFIFO_NOT_LISTENING);
    assert_int_equal(mkdir("sd2/supervise", 0700), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd2/supervise/control", "x", 1),
                     CTLFIFO_NOT_LISTENING);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mkfifo("sd2/supervise/control", 0600), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd2/supervise/control", "x", 1),
                     CTLFIFO_NOT_LISTENING);
    assert_int_equal(errno, ENXIO);
    /* relative to a directory */
    int fd = open("sd2", O_RDONLY | O_DIRECTORY);
    assert_int_equal(ctlfifo_send(fd, "supervise/control", "", 0), CTLFIFO_NOT_LISTENING);
    close(fd);
}

static void ctlfifo_broken(void **state)
{
    (void)state;
    assert_int_equal(mkdir("sd3", 0700), 0);
    assert_int_equal(mknod("sd3/supervise", S_IFREG | 0600, 0), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd3/supervise/control", "x", 1), CTLFIFO_BROKEN);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(unlink("sd3/supervise"), 0);
    assert_int_equal(mkdir("sd3/supervise", 0700), 0);
    assert_int_equal(mknod("sd3/supervise/control", S_IFREG | 0600, 0), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd3/supervise/control", "x", 1), CTLFIFO_BROKEN);
    struct stat st;
    assert_int_equal(stat("sd3/supervise/control", &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(unlink("sd3/supervise/control"), 0);
    assert_int_equal(mkdir("sd3/supervise/control", 0700), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd3/supervise/control", "", 0), CTLFIFO_BROKEN);
    assert_int_equal(errno, EISDIR);
}

static void ctlfifo_errors(void **state)
{
    (void)state;
    static char big[PIPE_BUF + 1], longname[PATH_MAX + 10];
    assert_int_equal(ctlfifo_send(AT_FDCWD, "none/supervise/control", "x", 1), CTLFIFO_ERROR);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mknod("plain", S_IFREG | 0600, 0), 0);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "plain/supervise/control", "x", 1), CTLFIFO_ERROR);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "sd/supervise/control", big, sizeof big),
                     CTLFIFO_ERROR);
    assert_int_equal(errno, EINVAL);
    memset(longname, 'x', sizeof longname - 1);
    assert_int_equal(ctlfifo_send(AT_FDCWD, longname, "x", 1), CTLFIFO_ERROR);
    assert_int_equal(errno, ENAMETOOLONG);
}

static void ctlfifo_fresh_is_made_or_taken(void **state)
{
    (void)state;
    int fd;
    fd = ctlfifo_serve(AT_FDCWD, "fresh", 0600, 1);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(ctlfifo_send(AT_FDCWD, "fresh", "x", 1), CTLFIFO_OK);
    close(fd);
    fd = ctlfifo_serve(AT_FDCWD, "fresh", 0600, 1);
    assert_true(fd >= 0);
    close(fd);
    close(open("file", O_WRONLY | O_CREAT, 0600));
    assert_int_equal(ctlfifo_serve(AT_FDCWD, "file", 0600, 1), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(ctlfifo_serve(AT_FDCWD, ".", 0600, 0), -1);
    assert_int_equal(errno, EEXIST);
}

static void ctlfifo_waits_while_the_pipe_is_full(void **state)
{
    (void)state;
    int fd;
    static char buf[PIPE_BUF];
    fd = ctlfifo_serve(AT_FDCWD, "full", 0600, 0);
    assert_true(fd >= 0);
    size_t filled = 0;
    for (ssize_t r; (r = write(fd, buf, sizeof buf)) > 0;)
        filled += (size_t)r;
    pid_t pid = fork();
    if (!pid) {
        alarm(60);
        _exit(ctlfifo_send(AT_FDCWD, "full", "t", 1) == CTLFIFO_OK ? 0 : 1);
    }
    size_t got = 0;
    char last = 0;
    alarm(60);
    while (got < filled + 1) {
        ssize_t r = read(fd, buf, sizeof buf);
        if (r > 0)
            got += (size_t)r, last = buf[r - 1];
        else
            usleep(1000);
    }
    alarm(0);
    assert_int_equal(last, 't');
    close(fd);
}

static void ctlfifo_survives_a_reader_that_ends(void **state)
{
    (void)state;
    static char buf[PIPE_BUF];
    int status;
    int both = ctlfifo_serve(AT_FDCWD, "ends", 0600, 0);
    assert_true(both >= 0);
    while (write(both, buf, sizeof buf) > 0)
        ;
    struct pollfd reader = {.fd = open("ends", O_RDONLY | O_NONBLOCK | O_CLOEXEC),
                            .events = POLLIN};
    close(both);
    assert_int_equal(poll(&reader, 1, 0), 1);
    assert_true(reader.revents & POLLHUP);
    pid_t pid = fork();
    if (!pid) {
        close(reader.fd);
        alarm(60);
        enum ctlfifo_result r = ctlfifo_send(AT_FDCWD, "ends", "t", 1);
        int e = errno;
        struct sigaction now;
        sigaction(SIGPIPE, NULL, &now);
        _exit(r == CTLFIFO_NOT_LISTENING && e == EPIPE && now.sa_handler == SIG_DFL ? 0 : 1);
    }
    /* it has the FIFO open, and no room */
    for (int i = 0; i < 6000 && poll(&reader, 1, 0) == 1 && reader.revents & POLLHUP; i++)
        usleep(10000);
    close(reader.fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(ctlfifo_carries_bytes_in_order),
        cmocka_unit_test(ctlfifo_mode_is_exact_when_made_and_kept_when_there),
        cmocka_unit_test(ctlfifo_serve_refuses_what_is_no_fifo),
        cmocka_unit_test(ctlfifo_nobody_listens),
        cmocka_unit_test(ctlfifo_broken),
        cmocka_unit_test(ctlfifo_errors),
        cmocka_unit_test(ctlfifo_fresh_is_made_or_taken),
        cmocka_unit_test(ctlfifo_waits_while_the_pipe_is_full),
        cmocka_unit_test(ctlfifo_survives_a_reader_that_ends),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
