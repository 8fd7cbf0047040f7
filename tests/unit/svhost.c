/* svhost: many services on one epoll. What one service does is tests/prog/supervise; what a scan
   directory of hosted ones does, tests/prog/svscan with COMPACT=1. Here: which is which, what is
   given back, what a child inherits. */

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <cairn/svfsm.h>
#include <cairn/svhost.h>
#include <cairn/svlock.h>

#include "fakeroot.h"

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
    if (scratch_setup(state) || chdir(scratch) == -1)
        return -1;
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

static void command(char const *service, char const *bytes)
{
    char path[64];
    snprintf(path, sizeof path, "%s/supervise/control", service);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    close(fd);
}

static void svhost_hears_commands(void **state)
{
    (void)state;
    start(6, "told", "exec sleep 1000");
    command("told", "dx");
    turn_until(svhost_ended(&h) == 6);
    /* what comes for one that has ended is nothing */
    svhost_on_ready(&h, 6 << 2 | SERVICE_CONTROL, &STAMP);
    svhost_on_ready(&h, 7 << 2 | SERVICE_CONTROL, &STAMP);
    assert_false(svhost_has(&h, 6));
}

/* Descriptors that epoll does not take are looked at once a second, until it takes them. */
static void svhost_looks_at_what_epoll_does_not_take(void **state)
{
    (void)state;
    int had = h.epfd;
    h.epfd = -1;
    start(4, "unheard", "exec sleep 1000");
    assert_int_equal(h.unheard, 1);
    int ms = svhost_timeout(&h, &STAMP);
    assert_true(ms > 0 && ms <= 1000);
    command("unheard", "d");
    svhost_on_timeout(&h, &STAMP);
    assert_int_equal(h.unheard, 1);
    turn_until(svhost_timeout(&h, &STAMP) == 1000); /* it is down, and nothing else is due */
    h.epfd = had;
    svhost_on_timeout(&h, &STAMP);
    assert_int_equal(h.unheard, 0);
    assert_int_equal(svhost_timeout(&h, &STAMP), -1);
    command("unheard", "o");
    turn(1000);
    command("unheard", "dx");
    turn_until(svhost_ended(&h) == 4);
}

/* It takes all descriptors that it may have; its services get what there was. */
static int with_few(void)
{
    struct rlimit rl;
    char buf[64];
    check(!getrlimit(RLIMIT_NOFILE, &rl));
    if (rl.rlim_max < 200)
        return FAKEROOT_CANNOT;
    rl.rlim_cur = 100;
    rl.rlim_max = 200;
    check(!setrlimit(RLIMIT_NOFILE, &rl));
    svhost_init(&h, calloc(1, svhost_size(MAX)), MAX, epfd, TAG);
    check(svhost_limit(&h) == 200);
    check(!getrlimit(RLIMIT_NOFILE, &rl) && rl.rlim_cur == 200);
    start(0, "few", "ulimit -Sn >out; exec sleep 1000");
    for (int i = 0; i < 1000 && !has_content("few/out", buf, sizeof buf); i++)
        turn(10);
    check(!strcmp(buf, "100\n"));
    svhost_event(&h, 0, SVFSM_EVENT_TERM, &STAMP);
    for (int i = 0; i < 1000 && h.n; i++) {
        turn(10);
        svhost_ended(&h);
    }
    check(!h.n);
    return 0;
}

static void svhost_raises_its_limit_alone(void **state)
{
    (void)state;
    in_process(0, with_few);
}

static void svhost_closes_what_it_was_given(void **state)
{
    (void)state;
    char const *culprit = "";
    int io[3] = {dup(0), dup(1), 2};
    int fd = make("bad2", "exec sleep 1000");
    close(openat(fd, "event", O_WRONLY | O_CREAT, 0644));
    assert_int_equal(svhost_start(&h, 4, fd, io, 3, &STAMP, &culprit), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(fcntl(io[0], F_GETFD), -1);
    assert_int_equal(fcntl(io[1], F_GETFD), -1);
    assert_true(fcntl(2, F_GETFD) >= 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svhost_tells_services_apart),
        cmocka_unit_test(svhost_ends_what_is_down_at_once),
        cmocka_unit_test(svhost_keeps_its_descriptors_to_itself),
        cmocka_unit_test(svhost_says_what_it_cannot_host),
        cmocka_unit_test(svhost_knows_commands),
        cmocka_unit_test(svhost_hears_commands),
        cmocka_unit_test(svhost_looks_at_what_epoll_does_not_take),
        cmocka_unit_test(svhost_raises_its_limit_alone),
        cmocka_unit_test(svhost_closes_what_it_was_given),
    };
    return cmocka_run_group_tests(tests, open_host, scratch_teardown);
}
