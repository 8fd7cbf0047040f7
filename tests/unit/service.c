/* service: the host of a service. Several are hosted in one process, none of them in the working
   directory, the way a supervisor of a whole scan directory would do it. What one service does,
   black box, is tests/prog/supervise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/tai.h>

#include <cairn/fifodir.h>
#include <cairn/service.h>
#include <cairn/svlock.h>
#include <cairn/svstatus.h>
#include <cairn/svtally.h>

#include "turns.h"

enum { COUNT = 3 };
static char top[256];
static struct service services[COUNT];
static int dirs[COUNT];
static char names[COUNT][8];
static char warned[4096];
static int io[3]; /* of the services; x would put /dev/null in the place of our own 0 and 1 */

static char const *get_name(struct service const *s)
{
    return s >= services && s < services + COUNT ? names[s - services] : "s";
}

static void on_warn(struct service const *s, char const *what, char const *object, int e)
{
    size_t len = strlen(warned);
    snprintf(warned + len, sizeof warned - len, "%s: %s%s%s%s\n", get_name(s), what, object,
             e ? ": " : "", e ? strerror(e) : "");
    errno = e; /* as supervise and svscan leave it */
}

static char boot[SVRECORD_BOOT + 1];
static struct service_host host = {.warn = &on_warn, .name = &get_name, .boot = boot, .patient = 1};

static void put(int dir, char const *name, char const *content, mode_t mode)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* One turn of a loop: waits at most ms, hands everything to whom it belongs. */
static void turn(int ms)
{
    struct pollfd x[COUNT * SERVICE_FDS];
    int wstat;
    pid_t pid;
    for (unsigned int i = 0; i < COUNT * SERVICE_FDS; i++)
        x[i] = (struct pollfd){.fd = service_fd(&services[i / SERVICE_FDS], i % SERVICE_FDS),
                               .events = POLLIN};
    poll(x, COUNT * SERVICE_FDS, ms);
    tain_now_g();
    for (unsigned int i = 0; i < COUNT * SERVICE_FDS; i++)
        if (x[i].revents)
            service_on_fd(&services[i / SERVICE_FDS], i % SERVICE_FDS, &STAMP);
    while ((pid = waitpid(-1, &wstat, WNOHANG)) > 0)
        for (unsigned int i = 0; i < COUNT; i++)
            if (service_on_death(&services[i], pid, wstat, &STAMP))
                break;
    for (unsigned int i = 0; i < COUNT; i++)
        if (!tain_future(service_deadline(&services[i])))
            service_on_timeout(&services[i], &STAMP);
}

static void tell(unsigned int i, char const *bytes)
{
    int fd = openat(dirs[i], "supervise/control", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    close(fd);
}

static char const RUN[] = "#!/bin/sh\necho \"$1 $PWD\" >started\necho >&4\nexec sleep 1000\n";

static int make_services(void **state)
{
    (void)state;
    char const *culprit;
    char name[512];
    char const *t = getenv("T"); /* removed by tests/run */
    snprintf(top, sizeof top, "%s/service.XXXXXX", t ? t : "/tmp");
    assert_non_null(mkdtemp(top));
    warned[0] = 0;
    io[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    io[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    io[2] = 2;
    assert_int_equal(svrecord_boot(boot), 0);
    tain_now_set_stopwatch_g();
    signal(SIGPIPE, SIG_IGN);
    for (unsigned int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "s%u", i);
        snprintf(name, sizeof name, "%s/%s", top, names[i]);
        assert_int_equal(mkdir(name, 0755), 0);
        dirs[i] = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        put(dirs[i], "run", RUN, 0755);
        put(dirs[i], "notification-fd", "4\n", 0644);
        put(dirs[i], "down", "", 0644);
        if (service_open(&services[i], &host, dirs[i], io, 3, &culprit) == -1)
            fail_msg("service_open: %s: %s", culprit, strerror(errno));
        service_start(&services[i], &STAMP);
        assert_int_equal(services[i].fsm.state, SVFSM_DOWN);
    }
    return 0;
}

static int end_services(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < COUNT; i++) {
        if (service_is_gone(&services[i]))
            continue;
        tell(i, "dxk");
        turn_until(service_is_gone(&services[i]));
        service_close(&services[i]);
    }
    return 0;
}

static void hosts_several_in_one_process(void **state)
{
    (void)state;
    char buf[128];
    struct svstatus st;
    for (unsigned int i = 0; i < COUNT; i++)
        tell(i, "u");
    for (unsigned int i = 0; i < COUNT; i++) {
        turn_until(services[i].fsm.ready && services[i].fsm.state == SVFSM_UP);
        /* each runs in its own directory under its own name; nobody changed ours */
        int fd = openat(dirs[i], "started", O_RDONLY | O_CLOEXEC);
        ssize_t n = read(fd, buf, sizeof buf - 1);
        close(fd);
        assert_true(n > 0);
        buf[n] = 0;
        char wanted[512];
        snprintf(wanted, sizeof wanted, "%s %s/%s\n", names[i], top, names[i]);
        assert_string_equal(buf, wanted);
        assert_int_equal(svstatus_read(dirs[i], ".", &st), 0);
        assert_true(svstatus_is_up(&st) && st.ready && st.pid == services[i].fsm.pid);
        assert_int_equal(svlock_owner(dirs[i], SVLOCK_SERVICE),
                         0); /* our own is no obstacle to us */
    }
    /* what happens to one does not touch the others */
    pid_t second = services[1].fsm.pid;
    tell(0, "d");
    turn_until(services[0].fsm.state == SVFSM_DOWN);
    kill(services[2].fsm.pid, SIGKILL);
    turn_until(services[2].fsm.wstat == SIGKILL && services[2].fsm.state == SVFSM_UP);
    assert_int_equal(services[1].fsm.pid, second);
    assert_int_equal(services[1].fsm.state, SVFSM_UP);
    struct svdeath deaths[4];
    assert_int_equal(svtally_read(dirs[0], ".", deaths, 4), 1);
    assert_int_equal(svtally_read(dirs[1], ".", deaths, 4), 0);
    assert_int_equal(svtally_read(dirs[2], ".", deaths, 4), 1);
    assert_int_equal(deaths[0].sig, SIGKILL);
    /* a stranger's death is nobody's */
    assert_int_equal(service_on_death(&services[1], 1, 0, &STAMP), 0);
    assert_string_equal(warned, "");
}

static void announces_after_the_status(void **state)
{
    (void)state;
    struct fifodir_listener l;
    struct svstatus st;
    char event;
    assert_int_equal(fifodir_listen(dirs[0], "event", &l), 0);
    tell(0, "o");
    turn_until(services[0].fsm.ready && services[0].fsm.state == SVFSM_UP);
    assert_int_equal(read(l.fd, &event, 1), 1);
    assert_int_equal(event, 'u');
    assert_int_equal(svstatus_read(dirs[0], ".", &st), 0);
    assert_true(svstatus_is_up(&st) && !st.wantup);
    tell(0, "k");
    turn_until(services[0].fsm.state == SVFSM_DOWN);
    char rest[8] = "";
    assert_int_equal(read(l.fd, rest, sizeof rest - 1), 3);
    assert_string_equal(rest, "UdD");
    fifodir_unlisten(&l);
}

static mode_t mode_of(int dir, char const *name)
{
    struct stat st;
    return fstatat(dir, name, &st, 0) == 0 ? st.st_mode & 07777 : 0;
}

/* Opens and starts a service in the new directory name, under a strict umask, and returns what it
   announces until then. */
static char *first_words(struct service *s, char const *name, int with_run, char words[8])
{
    char path[512];
    char const *culprit;
    struct fifodir_listener l;
    snprintf(path, sizeof path, "%s/%s", top, name);
    assert_int_equal(mkdir(path, 0755), 0);
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (with_run) {
        put(dir, "run", RUN, 0755);
        put(dir, "notification-fd", "4\n", 0644);
    }
    assert_int_equal(fifodir_make(dir, "event", (gid_t)-1, 1), 0);
    assert_int_equal(fifodir_listen(dir, "event", &l), 0);
    mode_t mask = umask(077);
    assert_int_equal(service_open(s, &host, dir, io, 3, &culprit), 0);
    umask(mask);
    service_start(s, &STAMP);
    ssize_t n = read(l.fd, words, 7);
    words[n > 0 ? n : 0] = 0;
    fifodir_unlisten(&l);
    return words;
}

static void says_its_first_words(void **state)
{
    (void)state;
    struct service s;
    struct svstatus st;
    char words[8];
    int wstat;
    assert_string_equal(first_words(&s, "first", 1, words), "su");
    assert_int_equal(svstatus_read(s.dirfd, ".", &st), 0);
    assert_true(svstatus_is_up(&st) && st.pid == s.fsm.pid);
    assert_int_equal(mode_of(s.dirfd, "supervise"), 0700);
    assert_int_equal(mode_of(s.dirfd, "supervise/lock"), 0644);
    assert_int_equal(mode_of(s.dirfd, "supervise/control"), 0600);
    service_event(&s, 'd', &STAMP);
    service_event(&s, 'k', &STAMP);
    assert_int_equal(waitpid(st.pid, &wstat, 0), st.pid);
    assert_int_equal(service_on_death(&s, st.pid, wstat, &STAMP), 1);
    service_event(&s, 'x', &STAMP);
    assert_true(service_is_gone(&s));
    service_close(&s);
    close(s.dirfd);
    /* a start that fails keeps nothing back */
    assert_string_equal(first_words(&s, "failing", 0, words), "s");
    assert_int_equal(svstatus_read(s.dirfd, ".", &st), 0);
    assert_true(!svstatus_is_up(&st) && st.wantup);
    service_event(&s, 'x', &STAMP);
    assert_true(service_is_gone(&s));
    service_close(&s);
    close(s.dirfd);
}

static void waits_for_a_file_relative_to_its_directory(void **state)
{
    (void)state;
    assert_int_equal(unlinkat(dirs[1], "run", 0), 0);
    tell(1, "u");
    turn_until(services[1].fsm.failed);
    assert_non_null(strstr(warned, "s1: unable to start: ./run does not exist"));
    assert_true(service_fd(&services[1], SERVICE_WATCH) >= 0);
    tain in_50s;
    tain_addsec_g(&in_50s, 50);
    assert_true(tain_less(&in_50s, service_deadline(&services[1])));
    put(dirs[1], "other", "", 0644); /* a file that does not matter */
    turn(50);
    assert_true(services[1].fsm.failed);
    put(dirs[1], "run", RUN, 0755);
    turn_until(services[1].fsm.state == SVFSM_UP);
    assert_int_equal(service_fd(&services[1], SERVICE_WATCH), -1);
    assert_int_equal(services[1].run_failure, 0);
}

/* It was told why the record could not be written as the reason why run could not be started. */
static void says_why_run_fails_though_the_record_does(void **state)
{
    (void)state;
    assert_int_equal(unlinkat(dirs[1], "run", 0), 0);
    tell(1, "u");
    turn_until(services[1].fsm.failed);
    assert_int_equal(unlinkat(dirs[1], "supervise/process", 0), 0);
    assert_int_equal(mkdirat(dirs[1], "supervise/process", 0700), 0);
    put(dirs[1], "supervise/process/file", "", 0644);
    put(dirs[1], "run", "exit\n", 0644);
    turn_until(strstr(warned, "s1: unable to write supervise/process: "));
    turn_until(strstr(warned, "s1: unable to start: ./run is not executable (mode 0644)"));
}

/* Of the tally no more than the newest 128 deaths were looked at. */
static void knows_a_limit_of_many_deaths(void **state)
{
    (void)state;
    struct svdeath d = {.exitcode = 1};
    put(dirs[1], "run", "#!/bin/sh\nexit 1\n", 0755);
    put(dirs[1], "max-death-tally", "1000\n", 0644);
    put(dirs[1], "restart-limit", "200 60\n", 0644);
    assert_true(tain_wallclock_read(&d.stamp));
    for (int i = 0; i < 199; i++)
        assert_int_equal(svtally_append(dirs[1], &d, 1000), 0);
    tell(1, "u");
    turn_until(services[1].fsm.started && services[1].fsm.state == SVFSM_DOWN);
    assert_false(services[1].fsm.givenup); /* the 200th */
    tell(1, "u");
    turn_until(services[1].fsm.givenup);
    assert_string_equal(warned, "");
}

static void gives_each_its_own_descriptors(void **state)
{
    (void)state;
    int p[2];
    char buf[16];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    services[2].io[1] = p[1];
    put(dirs[2], "run", "#!/bin/sh\necho >&4\necho hello\nexec sleep 1000\n", 0755);
    put(dirs[2], "finish", "#!/bin/sh\necho lost\n", 0755);
    tell(2, "u");
    turn_until(services[2].fsm.ready && services[2].fsm.state == SVFSM_UP);
    assert_int_equal(read(p[0], buf, sizeof buf), 6);
    assert_memory_equal(buf, "hello\n", 6);
    /* x gives up the pipe: only the service itself still writes to it */
    tell(2, "x");
    turn_until(services[2].fsm.state == SVFSM_LASTUP);
    assert_true(fcntl(p[1], F_GETFD) & FD_CLOEXEC);
    tell(2, "k");
    turn_until(service_is_gone(&services[2]));
    assert_int_equal(read(p[0], buf, sizeof buf), 0);
    /* gone is gone, and the place can be taken again */
    service_event(&services[2], 'u', &STAMP);
    assert_true(service_is_gone(&services[2]));
    service_close(&services[2]);
    close(p[0]);
    char const *culprit;
    assert_int_equal(service_open(&services[2], &host, dirs[2], io, 3, &culprit), 0);
    service_start(&services[2], &STAMP);
}

/* Then they are closed, and their numbers may be somebody else's at once. */
static void gives_up_its_descriptors_without_dev_null(void **state)
{
    (void)state;
    struct rlimit rl, none;
    int p[2], other[2];
    char const *culprit;
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    services[2].io[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    services[2].io[1] = p[1];
    tell(2, "u");
    turn_until(services[2].fsm.state == SVFSM_UP && services[2].fsm.ready);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &rl), 0);
    none = (struct rlimit){0, rl.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    service_event(&services[2], 'x', &STAMP);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
    assert_non_null(strstr(warned, "s2: unable to open /dev/null: "));
    assert_int_equal(services[2].fsm.state, SVFSM_LASTUP);
    assert_int_equal(services[2].io[0], -1);
    assert_int_equal(services[2].io[1], -1);
    assert_int_equal(pipe2(other, O_CLOEXEC), 0);
    tell(2, "xk");
    turn_until(service_is_gone(&services[2]));
    service_close(&services[2]);
    assert_true(fcntl(other[0], F_GETFD) >= 0 && fcntl(other[1], F_GETFD) >= 0);
    close(other[0]);
    close(other[1]);
    close(p[0]);
    assert_int_equal(service_open(&services[2], &host, dirs[2], io, 3, &culprit), 0);
    service_start(&services[2], &STAMP);
}

static void names_the_culprit(void **state)
{
    (void)state;
    struct service s;
    char const *culprit;
    int dir;
    mkdirat(dirs[0], "sub", 0755);
    dir = openat(dirs[0], "sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    put(dir, "supervise", "", 0644);
    assert_int_equal(service_open(&s, &host, dir, io, 3, &culprit), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_string_equal(culprit, "supervise");
    unlinkat(dir, "supervise", 0);
    mkdirat(dir, "supervise", 0700);
    put(dir, "supervise/control", "", 0644);
    assert_int_equal(service_open(&s, &host, dir, io, 3, &culprit), -1);
    assert_int_equal(errno, EEXIST);
    assert_string_equal(culprit, "supervise/control");
    unlinkat(dir, "supervise/control", 0);
    assert_int_equal(symlinkat("run/x", dir, "down"), 0);
    put(dir, "run", "", 0644);
    assert_int_equal(service_open(&s, &host, dir, io, 3, &culprit), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_string_equal(culprit, "down");
    assert_int_equal(s.lock, -1);
    assert_int_equal(s.control, -1);
    /* another process holds the lock */
    unlinkat(dir, "down", 0);
    int p[2];
    char c;
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        svlock_take(dir, SVLOCK_SERVICE, 0644);
        _exit(write(p[1], "x", 1) == 1 ? pause() : 1);
    }
    assert_int_equal(read(p[0], &c, 1), 1);
    assert_int_equal(service_open(&s, &host, dir, io, 3, &culprit), -1);
    assert_int_equal(errno, EBUSY);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(service_open(&s, &host, dir, io, 3, &culprit), 0);
    service_close(&s);
    close(dir);
}

/* Counts the open descriptors: a life must leave none behind. */
static unsigned int open_descriptors(void)
{
    unsigned int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) != -1;
    return n;
}

static void leaks_no_descriptor(void **state)
{
    (void)state;
    unsigned int before = open_descriptors();
    for (unsigned int i = 0; i < 5; i++) {
        tell(0, "u");
        turn_until(services[0].fsm.ready && services[0].fsm.state == SVFSM_UP);
        tell(0, "d");
        turn_until(services[0].fsm.state == SVFSM_DOWN);
        assert_int_equal(unlinkat(dirs[0], "run", 0), 0);
        tell(0, "u");
        turn_until(services[0].fsm.failed);
        tell(0, "d");
        turn_until(!services[0].fsm.wantup);
        put(dirs[0], "run", RUN, 0755);
    }
    assert_int_equal(open_descriptors(), before);
}

static void drops_what_a_killed_one_was_writing(void **state)
{
    (void)state;
    static char const *const files[] = {"supervise/status.new", "supervise/death_tally.new",
                                        "supervise/process.new"};
    struct service s;
    char const *culprit;
    mkdirat(dirs[0], "sub", 0755);
    int dir = openat(dirs[0], "sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mkdirat(dir, "supervise", 0700);
    put(dir, files[0], "half", 0644);
    put(dir, files[1], "half", 0644);
    assert_int_equal(symlinkat("half", dir, files[2]), 0);
    assert_int_equal(service_open(&s, &host, dir, io, 3, &culprit), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(faccessat(dir, files[i], F_OK, AT_SYMLINK_NOFOLLOW), -1);
    service_close(&s);
    close(dir);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_services, end_services)
    struct CMUnitTest const tests[] = {
        TEST(hosts_several_in_one_process),
        TEST(announces_after_the_status),
        TEST(says_its_first_words),
        TEST(waits_for_a_file_relative_to_its_directory),
        TEST(says_why_run_fails_though_the_record_does),
        TEST(knows_a_limit_of_many_deaths),
        TEST(gives_each_its_own_descriptors),
        TEST(gives_up_its_descriptors_without_dev_null),
        TEST(names_the_culprit),
        TEST(drops_what_a_killed_one_was_writing),
        TEST(leaks_no_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
