/* svhost: many services on one epoll. What one service does is tests/prog/supervise; what a scan
   directory of hosted ones does, tests/prog/svscan with COMPACT=1. Here: which is which, what is
   given back, what a child inherits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/svfsm.h>
#include <cairn/svhost.h>
#include <cairn/svlock.h>

enum { MAX = 8 };
#define TAG ((uint64_t)5 << 40)

static struct svhost h;
static int epfd;
static char name[16];

static void on_warn(struct service const *s, char const *what, char const *object, int e)
{
    fprintf(stderr, "# %u: %s%s: %s\n", (unsigned int)svhost_id(&h, s), what, object, strerror(e));
}

static char const *get_name(struct service const *s)
{
    snprintf(name, sizeof name, "n%u", (unsigned int)svhost_id(&h, s));
    return name;
}

static int open_host(void **state)
{
    (void)state;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGPIPE);
    sigprocmask(SIG_BLOCK, &set, NULL);
    tain_now_set_stopwatch_g();
    epfd = epoll_create1(EPOLL_CLOEXEC);
    h.common.warn = &on_warn;
    h.common.name = &get_name;
    svhost_init(&h, calloc(1, svhost_size(MAX)), MAX, epfd, TAG);
    return epfd < 0;
}

static int make(char const *dir, char const *run)
{
    char path[64];
    mkdir(dir, 0755);
    snprintf(path, sizeof path, "%s/run", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    assert_true(fd >= 0);
    dprintf(fd, "#!/bin/sh\n%s\n", run);
    close(fd);
    fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void start(uint32_t id, char const *dir, char const *run)
{
    static int const io[3] = {0, 1, 2};
    char const *culprit = "";
    tain_now_g();
    if (svhost_start(&h, id, make(dir, run), io, 0, &STAMP, &culprit) == -1)
        fail_msg("%s: %s: %s", dir, culprit, strerror(errno));
}

static void turn(int ms)
{
    struct epoll_event e[4];
    int wstat;
    pid_t pid;
    int n = epoll_wait(epfd, e, 4, ms);
    tain_now_g();
    for (int i = 0; i < n; i++) {
        assert_true((e[i].data.u64 & TAG) == TAG);
        svhost_on_ready(&h, e[i].data.u64 & ~TAG, &STAMP);
    }
    while ((pid = waitpid(-1, &wstat, WNOHANG)) > 0)
        assert_int_equal(svhost_on_death(&h, pid, wstat, &STAMP), 1);
    svhost_on_timeout(&h, &STAMP);
}

#define turn_until(condition)                                                                      \
    do {                                                                                           \
        for (unsigned int turns = 0; !(condition); turns++) {                                      \
            if (turns == 2000)                                                                     \
                fail_msg("never: %s", #condition);                                                 \
            turn(10);                                                                              \
        }                                                                                          \
    } while (0)

static int has_content(char const *path, char *buf, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);
    if (fd >= 0)
        close(fd);
    buf[n > 0 ? n : 0] = 0;
    return n > 0 && buf[n - 1] == '\n';
}

static void svhost_tells_services_apart(void **state)
{
    (void)state;
    char buf[64];
    uint32_t id;
    start(2, "two", "echo \"$1\" >out; exec sleep 1000");
    start(5, "five", "echo \"$1\" >out; exec sleep 1000");
    turn_until(has_content("two/out", buf, sizeof buf));
    assert_string_equal(buf, "n2\n");
    turn_until(has_content("five/out", buf, sizeof buf));
    assert_string_equal(buf, "n5\n");
    assert_true(svhost_has(&h, 2) && svhost_has(&h, 5));
    assert_false(svhost_has(&h, 3) || svhost_has(&h, 7));
    assert_int_equal(svhost_timeout(&h, &STAMP), -1); /* all is up: nothing is due */
    assert_int_equal(svhost_on_death(&h, getpid(), 0, &STAMP), 0);

    /* TERM ends one, by its own death; the other is left alone */
    svhost_event(&h, 2, SVFSM_EVENT_TERM, &STAMP);
    assert_int_equal(svhost_ended(&h), SVHOST_NONE);
    turn_until((id = svhost_ended(&h)) != SVHOST_NONE);
    assert_int_equal(id, 2);
    assert_false(svhost_has(&h, 2));
    assert_true(svhost_has(&h, 5));
    assert_int_equal(svhost_ended(&h), SVHOST_NONE);
    /* and can be hosted again under another number */
    start(1, "two", "exec sleep 1000");
    svhost_event(&h, 1, SVFSM_EVENT_TERM, &STAMP);
    svhost_event(&h, 5, SVFSM_EVENT_TERM, &STAMP);
    turn_until(svhost_ended(&h) != SVHOST_NONE);
    turn_until(svhost_ended(&h) != SVHOST_NONE);
    assert_int_equal(h.n, 0);
}

static void svhost_ends_what_is_down_at_once(void **state)
{
    (void)state;
    int fd = make("down", "exec sleep 1000");
    close(openat(fd, "down", O_WRONLY | O_CREAT, 0644));
    close(fd);
    start(0, "down", "exec sleep 1000");
    svhost_event(&h, 0, 'x', &STAMP);
    assert_int_equal(svhost_ended(&h), 0);
    assert_int_equal(svhost_ended(&h), SVHOST_NONE);
    assert_int_equal(svlock_owner(AT_FDCWD, "down/" SVLOCK_SERVICE), 0);
}

static void svhost_keeps_its_descriptors_to_itself(void **state)
{
    (void)state;
    char buf[256];
    start(3, "more", "exec sleep 1000");
    start(0, "fds",
          "ls -l /proc/self/fd | grep -c -e /supervise -e /more -e event >all; ulimit -Sn >limit;"
          " echo >out; exec sleep 1000");
    turn_until(has_content("fds/out", buf, sizeof buf));
    assert_true(has_content("fds/all", buf, sizeof buf));
    assert_string_equal(buf, "0\n");
    assert_true(has_content("fds/limit", buf, sizeof buf));
    assert_int_equal(strtoul(buf, NULL, 10), h.nofile.rlim_cur);
    assert_true(svhost_limit(&h) == h.nofile.rlim_max);
    svhost_event(&h, 0, SVFSM_EVENT_TERM, &STAMP);
    svhost_event(&h, 3, SVFSM_EVENT_TERM, &STAMP);
    turn_until(svhost_ended(&h) != SVHOST_NONE);
    turn_until(svhost_ended(&h) != SVHOST_NONE);
}

static void svhost_says_what_it_cannot_host(void **state)
{
    (void)state;
    static int const io[3] = {0, 1, 2};
    char const *culprit = "";
    int fd = make("bad", "exec sleep 1000");
    close(openat(fd, "supervise", O_WRONLY | O_CREAT, 0644));
    assert_int_equal(svhost_start(&h, 4, fd, io, 0, &STAMP, &culprit), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_string_equal(culprit, "supervise");
    assert_false(svhost_has(&h, 4));
    assert_int_equal(fcntl(fd, F_GETFD), -1); /* was its to close */
    assert_int_equal(svhost_ended(&h), SVHOST_NONE);
}

static void svhost_knows_commands(void **state)
{
    (void)state;
    assert_true(svhost_is_command(TAG | 7 << 2 | SERVICE_CONTROL));
    assert_false(svhost_is_command(TAG | 7 << 2 | SERVICE_NOTIFY));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svhost_tells_services_apart),
        cmocka_unit_test(svhost_ends_what_is_down_at_once),
        cmocka_unit_test(svhost_keeps_its_descriptors_to_itself),
        cmocka_unit_test(svhost_says_what_it_cannot_host),
        cmocka_unit_test(svhost_knows_commands),
    };
    return cmocka_run_group_tests(tests, open_host, NULL);
}
