/* startproc: what a started process finds; what comes back when it cannot be started */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/servicedir.h>
#include <cairn/startproc.h>

static struct startproc_host plain;
static int io[3] = {0, 1, 2};
static pid_t told;

static void on_first(void *p, pid_t pid)
{
    *(pid_t *)p = pid;
}

static void on_leave(void *p)
{
    (void)p;
}

static void on_failed(void *p, int e)
{
    (void)p;
    (void)e;
}

static char *args[] = {(char *)"./run", (char *)"name", NULL};

static struct startproc ready(struct startproc_host const *host)
{
    return (struct startproc){.host = host,
                              .dirfd = AT_FDCWD,
                              .io = io,
                              .pipe = -1,
                              .lock_fd = -1,
                              .file = "./run",
                              .argv = args,
                              .first = &on_first,
                              .leave = &on_leave,
                              .failed = &on_failed,
                              .arg = &told};
}

static void put(char const *name, char const *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    assert_true(fd >= 0);
    dprintf(fd, "#!/bin/sh\n%s\n", text);
    close(fd);
}

static int end_of(pid_t pid)
{
    int wstat;
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    return WIFEXITED(wstat) ? WEXITSTATUS(wstat) : -1;
}

static void startproc_gives_session_directory_and_descriptors(void **state)
{
    (void)state;
    int failed = 0, p[2];
    char buf[64];
    mkdir("sv", 0755);
    mkdir("sv/supervise", 0700);
    put("sv/run", "echo \"$1 $(cut -d' ' -f6 /proc/$$/stat) ${PWD##*/}\"; echo ready >&7; exit 3");
    int out[2];
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    io[1] = out[1];
    struct startproc c = ready(&plain);
    c.dirfd = open("sv", O_PATH | O_DIRECTORY | O_CLOEXEC);
    c.pipe = p[1];
    c.notify_fd = 7;
    pid_t pid = startproc(&c, 0, &failed);
    io[1] = 1;
    assert_true(pid > 0 && !failed);
    assert_int_equal(told, pid);
    close(out[1]);
    close(p[1]);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "name %d sv\n", (int)pid);
    ssize_t n = read(out[0], buf, sizeof buf - 1);
    assert_true(n > 0);
    buf[n] = 0;
    assert_string_equal(buf, wanted);
    assert_int_equal(read(p[0], buf, sizeof buf), 6);
    assert_int_equal(end_of(pid), 3);
    close(out[0]);
    close(p[0]);
    close(c.dirfd);
}

static void startproc_tells_why_it_failed(void **state)
{
    (void)state;
    int failed = 0;
    unlink("run");
    struct startproc c = ready(&plain);
    assert_int_equal(startproc(&c, 0, &failed), -1);
    assert_true(failed);
    assert_int_equal(errno, ENOENT);
    put("run", "exit 0");
    assert_true(startproc(&c, 0, &failed) > 0);
    assert_false(failed);
    waitpid(-1, NULL, 0);
}

/* The descriptors from own on are dropped, those that are needed come over the pads, which are
   clear again afterwards. */
static void startproc_drops_what_is_the_hosts(void **state)
{
    (void)state;
    int failed = 0, out[2];
    char buf[16];
    struct startproc_host many = {.null = open("/dev/null", O_RDWR | O_CLOEXEC)};
    int base = fcntl(many.null, F_DUPFD_CLOEXEC, 60);
    for (int i = 1; i < STARTPROC_PADS; i++)
        assert_int_equal(dup3(many.null, base + i, O_CLOEXEC), base + i);
    many.own = base + STARTPROC_PADS;
    /* one of its own that would leak, not being close-on-exec */
    int leak = fcntl(many.null, F_DUPFD, many.own + 5);
    assert_int_equal(pipe(out), 0);
    int high = fcntl(out[1], F_DUPFD_CLOEXEC, many.own);
    close(out[1]);
    io[1] = high;
    char text[64];
    snprintf(text, sizeof text, "[ -e /proc/self/fd/%d ] && echo leak || echo clean", leak);
    put("run", text);
    struct startproc c = ready(&many);
    pid_t pid = startproc(&c, 0, &failed);
    io[1] = 1;
    assert_true(pid > 0);
    close(high);
    assert_int_equal(end_of(pid), 0);
    ssize_t n = read(out[0], buf, sizeof buf);
    assert_int_equal(n, 6);
    assert_memory_equal(buf, "clean\n", 6);
    /* the pad no longer holds the pipe: this is its end */
    assert_int_equal(read(out[0], buf, sizeof buf), 0);
    assert_true(fcntl(leak, F_GETFD) >= 0);
    close(out[0]);
    for (int i = base; i < many.own; i++)
        close(i);
    close(leak);
    close(many.null);
}

static void wait_for(char const *name)
{
    for (int i = 0; access(name, F_OK) == -1; i++) {
        assert_true(i < 10000);
        usleep(1000);
    }
}

static void startproc_takes_the_lock_or_waits(void **state)
{
    (void)state;
    int failed = 0;
    mkdir("supervise", 0700);
    put("run", "echo >got; exec sleep 1000");
    unlink("got");
    struct startproc c = ready(&plain);
    c.lock_fd = 9;
    pid_t holder = startproc(&c, 0, &failed);
    assert_true(holder > 0 && !failed);
    assert_int_equal(startproc(&c, 0, &failed), -1);
    assert_true(failed);
    assert_int_equal(errno, EBUSY);
    wait_for("got");
    unlink("got");
    pid_t waiter = startproc_waiting(&c);
    assert_true(waiter > 0);
    kill(holder, SIGKILL);
    assert_int_equal(end_of(holder), -1);
    wait_for("got");
    kill(waiter, SIGKILL);
    assert_int_equal(end_of(waiter), -1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(startproc_gives_session_directory_and_descriptors),
        cmocka_unit_test(startproc_tells_why_it_failed),
        cmocka_unit_test(startproc_drops_what_is_the_hosts),
        cmocka_unit_test(startproc_takes_the_lock_or_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
