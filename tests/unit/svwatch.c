#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#include <cairn/svlock.h>
#include <cairn/svstatus.h>
#include <cairn/svwatch.h>

#include "fakeroot.h"

/* A supervisor of the test's making: a child that holds the lock of dir and ends when told. */
struct supervisor {
    pid_t pid;
    int in;
};

static void make(char const *dir)
{
    char path[128];
    assert_int_equal(mkdir(dir, 0755), 0);
    snprintf(path, sizeof path, "%s/event", dir);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/supervise", dir);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void set_status(char const *dir, pid_t pid, int ready)
{
    struct svstatus s = {.pid = pid, .ready = !!ready};
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_int_equal(svstatus_write(fd, &s), 0);
    close(fd);
}

static void announce(char const *dir, char const *events)
{
    char path[128];
    snprintf(path, sizeof path, "%s/event", dir);
    assert_int_equal(fifodir_notify(AT_FDCWD, path, events, strlen(events)), 1);
}

static struct supervisor supervise(char const *dir)
{
    int up[2], down[2];
    char path[128], c;
    snprintf(path, sizeof path, "%s/%s", dir, SVLOCK_SERVICE);
    assert_int_equal(pipe2(up, O_CLOEXEC), 0);
    assert_int_equal(pipe2(down, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        close(down[1]);
        if (svlock_take(AT_FDCWD, path, 0644) >= 0 && write(up[1], "", 1) == 1 &&
            read(down[0], &c, 1) == 0)
            _exit(0);
        _exit(1);
    }
    close(up[1]);
    close(down[0]);
    assert_int_equal(read(up[0], &c, 1), 1);
    close(up[0]);
    return (struct supervisor){pid, down[1]};
}

static void release(struct supervisor s)
{
    int wstat;
    /* closing the pipe would not do: supervisors started later hold it too */
    kill(s.pid, SIGKILL);
    close(s.in);
    assert_int_equal(waitpid(s.pid, &wstat, 0), s.pid);
}

static int setup(void **state)
{
    if (scratch_setup(state) || chdir(scratch) == -1)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    make("a");
    make("b");
    return 0;
}

#define WATCH(...)                                                                                 \
    struct svwatch_service services[] = {__VA_ARGS__};                                             \
    struct svwatch w = {.services = services, .n = sizeof services / sizeof *services}

static void svwatch_state_reached_needs_nothing(void **state)
{
    (void)state;
    WATCH({.dir = "a", .goal = SVWATCH_UP});
    set_status("a", 42, 0);
    assert_int_equal(svwatch_look(&w), SVWATCH_REACHED);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(1)), SVWATCH_REACHED);
    svwatch_end(&w);
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_REACHED), 0);
}

static void svwatch_no_supervisor(void **state)
{
    (void)state;
    char buf[100];
    WATCH({.dir = "a", .goal = SVWATCH_DOWN});
    set_status("a", 42, 0);
    assert_int_equal(svwatch_look(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(5000)), SVWATCH_NO_SUPERVISOR);
    assert_string_equal(w.culprit, "a");
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_NO_SUPERVISOR), 102);
    svwatch_explain(&w, SVWATCH_NO_SUPERVISOR, buf, sizeof buf);
    assert_string_equal(buf, "no supervisor is running on a");
    svwatch_end(&w);
}

/* Each goal, from a state and the events that come, which is all that the outside shows of it. */
static void svwatch_folds_events(void **state)
{
    (void)state;
    static struct {
        enum svwatch_goal goal;
        pid_t pid;
        int ready;
        char const *events;
        enum svwatch_result result;
    } const cases[] = {
        {SVWATCH_UP, 0, 1, "u", SVWATCH_REACHED},
        {SVWATCH_UP, 0, 1, "ud", SVWATCH_REACHED}, /* for a moment is enough */
        {SVWATCH_UP, 0, 1, "D", SVWATCH_TIMEOUT},
        {SVWATCH_UP, 0, 0, "O", SVWATCH_FAILED},
        {SVWATCH_READY, 0, 1, "u", SVWATCH_TIMEOUT},
        {SVWATCH_READY, 0, 1, "uU", SVWATCH_REACHED},
        {SVWATCH_READY, 42, 0, "U", SVWATCH_REACHED},
        {SVWATCH_READY, 42, 0, "dOD", SVWATCH_FAILED},
        {SVWATCH_DOWN, 42, 1, "d", SVWATCH_REACHED},
        {SVWATCH_DOWN, 42, 1, "O", SVWATCH_TIMEOUT},
        {SVWATCH_FINISHED, 42, 1, "d", SVWATCH_TIMEOUT},
        {SVWATCH_FINISHED, 42, 1, "dOD", SVWATCH_REACHED},
        {SVWATCH_FINISHED, 42, 1, "dDx", SVWATCH_REACHED},
        {SVWATCH_FINISHED, 42, 1, "x", SVWATCH_NO_SUPERVISOR},
        {SVWATCH_FINISHED, 42, 1, "s", SVWATCH_REACHED}, /* a new supervisor: down and ready */
        {SVWATCH_UP, 0, 1, "?!\n", SVWATCH_TIMEOUT},
        {SVWATCH_RESTARTED, 42, 1, "u", SVWATCH_TIMEOUT},
        {SVWATCH_RESTARTED, 42, 1, "dDu", SVWATCH_REACHED},
        {SVWATCH_RESTARTED, 0, 1, "u", SVWATCH_REACHED},
        {SVWATCH_RESTARTED, 42, 1, "dO", SVWATCH_FAILED},
        {SVWATCH_RESTARTED_READY, 42, 1, "dDu", SVWATCH_TIMEOUT},
        {SVWATCH_RESTARTED_READY, 42, 1, "dDuU", SVWATCH_REACHED},
    };
    struct supervisor s = supervise("a");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        WATCH({.dir = "a", .goal = cases[i].goal});
        set_status("a", cases[i].pid, cases[i].ready);
        assert_int_equal(svwatch_look(&w), SVWATCH_PENDING);
        assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
        announce("a", cases[i].events);
        int waits = cases[i].result == SVWATCH_TIMEOUT;
        assert_int_equal(svwatch_wait(&w, svwatch_deadline(waits ? 20 : 10000)), cases[i].result);
        svwatch_end(&w);
    }
    release(s);
}

static void svwatch_all_at_the_same_time(void **state)
{
    (void)state;
    struct supervisor s = supervise("a"), t = supervise("b");
    WATCH({.dir = "a", .goal = SVWATCH_UP}, {.dir = "b", .goal = SVWATCH_UP});
    set_status("a", 42, 0);
    set_status("b", 0, 1);
    assert_int_equal(svwatch_look(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    announce("a", "d");
    announce("b", "u");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(50)), SVWATCH_TIMEOUT);
    announce("a", "Du");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_REACHED);
    svwatch_end(&w);
    release(s);
    release(t);
}

static void svwatch_counts_failures(void **state)
{
    (void)state;
    struct supervisor s = supervise("a"), t = supervise("b");
    WATCH({.dir = "a", .goal = SVWATCH_READY}, {.dir = "b", .goal = SVWATCH_READY});
    set_status("a", 42, 0);
    set_status("b", 42, 0);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    announce("a", "dOD");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(50)), SVWATCH_TIMEOUT);
    announce("b", "U");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_FAILED);
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_FAILED), 1);
    svwatch_end(&w);
    for (size_t i = 0; i < w.n; i++)
        services[i].failed = 0;
    set_status("b", 42, 0);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    announce("a", "dODu"); /* started again by somebody: not lost after all */
    announce("b", "dOD");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(50)), SVWATCH_TIMEOUT);
    announce("a", "dOD");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_FAILED);
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_FAILED), 2);
    w.nfailed = 1000;
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_FAILED), 98);
    svwatch_end(&w);
    release(s);
    release(t);
}

static void svwatch_settles(void **state)
{
    (void)state;
    struct supervisor sup = supervise("a");
    int fd = open("a", O_RDONLY | O_DIRECTORY);
    struct svstatus ran = {.ready = 1, .wstat = 256};
    struct svstatus wanted = {.ready = 1, .wstat = 256, .wantup = 1};
    struct svstatus never = {.ready = 1, .paused = 1};
    for (int i = 0; i < 6; i++) {
        WATCH({.dir = "a", .goal = SVWATCH_UP, .settled = i < 3});
        assert_int_equal(svstatus_write(fd, i % 3 == 0 ? &ran : i % 3 == 1 ? &wanted : &never), 0);
        assert_int_equal(svwatch_wait(&w, svwatch_deadline(10)),
                         i ? SVWATCH_TIMEOUT : SVWATCH_FAILED);
        assert_false(svwatch_is_reached(services));
        svwatch_end(&w);
    }
    close(fd);
    release(sup);
}

static void svwatch_supervisor_dies(void **state)
{
    (void)state;
    struct supervisor s = supervise("a");
    WATCH({.dir = "a", .goal = SVWATCH_DOWN});
    set_status("a", 42, 0);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    /* what it says last counts */
    announce("a", "d");
    release(s);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_REACHED);
    svwatch_end(&w);
    /* and nothing else does */
    s = supervise("a");
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    announce("a", "U");
    release(s);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_NO_SUPERVISOR);
    svwatch_end(&w);
}

static void svwatch_patience(void **state)
{
    (void)state;
    WATCH({.dir = "c/d", .goal = SVWATCH_UP});
    w.patient = 1;
    assert_int_equal(svwatch_look(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    assert_int_equal(mkdir("c", 0755), 0);
    make("c/d");
    struct supervisor s = supervise("c/d");
    set_status("c/d", 0, 1);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    release(s);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    s = supervise("c/d");
    set_status("c/d", 0, 1);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    announce("c/d", "u");
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_REACHED);
    release(s);
    svwatch_end(&w);
}

static void svwatch_errors(void **state)
{
    (void)state;
    char buf[200];
    WATCH({.dir = "none", .goal = SVWATCH_UP});
    assert_int_equal(svwatch_look(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_listen(&w), SVWATCH_ERROR);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(w.culprit, "none");
    svwatch_explain(&w, SVWATCH_ERROR, buf, sizeof buf);
    assert_string_equal(buf, "unable to subscribe to events for none: No such file or directory");
    svwatch_end(&w);
    /* short buffers cut, no more */
    svwatch_explain(&w, SVWATCH_TIMEOUT, buf, 4);
    assert_string_equal(buf, "tim");
    w.culprit = "";
    svwatch_explain(&w, SVWATCH_REACHED, buf, sizeof buf);
    assert_string_equal(buf, "");
}

static void text(char const *path, char const *s)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
    close(fd);
}

static char const *explained(struct svwatch const *w, enum svwatch_result r)
{
    static char buf[200];
    return svwatch_explain(w, r, buf, sizeof buf);
}

static void svwatch_says_how_it_ended(void **state)
{
    (void)state;
    WATCH({.dir = "a", .goal = SVWATCH_UP}, {.dir = "b", .goal = SVWATCH_UP});
    assert_string_equal(explained(&w, SVWATCH_FAILED), "some services reported permanent failure");
    assert_string_equal(explained(&w, SVWATCH_TIMEOUT), "timed out: a is not up, like 1 other");
    w.n = 1;
    assert_string_equal(explained(&w, SVWATCH_FAILED), "a reported permanent failure");
    assert_string_equal(explained(&w, SVWATCH_TIMEOUT), "timed out: a is not up");
    w.n = 0;
    assert_string_equal(explained(&w, SVWATCH_TIMEOUT), "timed out");
    w.n = 1;
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_TIMEOUT), 99);
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_ERROR), 111);
    assert_int_equal(svwatch_exitcode(&w, SVWATCH_PENDING), 0);
}

static void svwatch_bears_what_is_damaged(void **state)
{
    (void)state;
    make("bad");
    text("bad/supervise/status", "short");
    WATCH({.dir = "bad", .goal = SVWATCH_UP});
    assert_int_equal(svwatch_look(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_listen(&w), SVWATCH_NO_SUPERVISOR);
    svwatch_end(&w);
    struct supervisor s = supervise("bad");
    assert_int_equal(svwatch_listen(&w), SVWATCH_ERROR);
    assert_int_equal(errno, EPROTO);
    assert_string_equal(explained(&w, SVWATCH_ERROR),
                        "unable to read status for bad: supervise/status is damaged");
    svwatch_end(&w);
    release(s);
    /* an event that is no directory */
    assert_int_equal(rmdir("bad/event"), 0);
    text("bad/event", "");
    assert_int_equal(svwatch_listen(&w), SVWATCH_ERROR);
    assert_int_equal(errno, ENOTDIR);
    svwatch_end(&w);
    /* a supervise that cannot be looked into */
    assert_int_equal(unlink("bad/event"), 0);
    assert_int_equal(rename("bad/supervise", "bad/away"), 0);
    assert_int_equal(symlink("supervise", "bad/supervise"), 0);
    assert_int_equal(svwatch_listen(&w), SVWATCH_ERROR);
    assert_int_equal(errno, ELOOP);
    svwatch_end(&w);
}

static void svwatch_needs_no_event_for_what_is_so(void **state)
{
    (void)state;
    make("quiet");
    assert_int_equal(rmdir("quiet/event"), 0);
    set_status("quiet", 0, 1);
    WATCH({.dir = "quiet", .goal = SVWATCH_FINISHED});
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(1000)), SVWATCH_REACHED);
    svwatch_end(&w);
    services[0].goal = SVWATCH_UP;
    assert_int_equal(svwatch_listen(&w), SVWATCH_NO_SUPERVISOR);
    svwatch_end(&w);
}

/* A service that svscan is about to start has no supervisor yet, and that is not the end. */
static void svwatch_waits_for_the_first_supervisor(void **state)
{
    (void)state;
    static char const *const names[] = {"scan/new", "scan/new///"};
    assert_int_equal(mkdir("scan", 0755), 0);
    assert_int_equal(mkdir("scan/.s6-svscan", 0755), 0);
    assert_int_equal(mkdir("scan/supervise", 0755), 0);
    assert_int_equal(symlink("../.s6-svscan/lock", "scan/supervise/lock"), 0);
    text("scan/.s6-svscan/lock", "");
    for (int i = 0; i < 2; i++) {
        WATCH({.dir = names[i], .goal = SVWATCH_UP});
        assert_int_equal(mkdir("scan/new", 0755), 0);
        assert_int_equal(svwatch_listen(&w), SVWATCH_NO_SUPERVISOR);
        svwatch_end(&w);
        struct supervisor svscan = supervise("scan");
        assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
        assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
        assert_int_equal(rmdir("scan/new"), 0);
        make("scan/new");
        struct supervisor s = supervise("scan/new");
        set_status("scan/new", 42, 0);
        assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_REACHED);
        svwatch_end(&w);
        release(s);
        release(svscan);
        assert_int_equal(rename("scan/new", i ? "scan/old1" : "scan/old0"), 0);
    }
}

/* Services are links, and so may be their supervise directories: what is to come may come at the
   end of any of these. */
static void svwatch_follows_links_in_patience(void **state)
{
    (void)state;
    assert_int_equal(symlink("far/away/real", "linked"), 0);
    assert_int_equal(mkdir("far", 0755), 0);
    WATCH({.dir = "linked", .goal = SVWATCH_UP});
    w.patient = 1;
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    pid_t pid = fork();
    if (!pid) {
        mkdir("far/away", 0755);
        make("far/away/made");
        set_status("far/away/made", 42, 0);
        rename("far/away/made", "far/away/real");
        _exit(0);
    }
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_REACHED);
    svwatch_end(&w);
    waitpid(pid, NULL, 0);
    /* a circle of links is not followed for ever: then it is looked at once a second */
    assert_int_equal(mkdir("circle", 0755), 0);
    assert_int_equal(mkdir("circle/event", 0755), 0);
    assert_int_equal(symlink("other", "circle/supervise"), 0);
    assert_int_equal(symlink("supervise/x", "circle/other"), 0);
    services[0] = (struct svwatch_service){.dir = "circle", .goal = SVWATCH_UP};
    assert_true(svwatch_wait(&w, svwatch_deadline(20)) != SVWATCH_REACHED);
    svwatch_end(&w);
}

static void svwatch_of_many(void **state)
{
    (void)state;
    enum { MANY = 100 };
    struct svwatch_service services[MANY];
    struct svwatch w = {.services = services, .n = MANY};
    struct supervisor s = supervise("a");
    set_status("a", 0, 1);
    for (int i = 0; i < MANY; i++)
        services[i] = (struct svwatch_service){.dir = "a", .goal = SVWATCH_UP};
    assert_int_equal(svwatch_listen(&w), SVWATCH_PENDING);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(20)), SVWATCH_TIMEOUT);
    int fd = open("a", O_RDONLY | O_DIRECTORY);
    assert_int_equal(fifodir_notify(fd, "event", "u", 1), MANY);
    close(fd);
    assert_int_equal(svwatch_wait(&w, svwatch_deadline(10000)), SVWATCH_REACHED);
    svwatch_end(&w);
    release(s);
}

static pid_t mortal; /* the supervisor of a */

static int watch_without(unsigned int call, unsigned int other, int ticks)
{
    WATCH({.dir = "a", .goal = SVWATCH_UP});
    int r = refuse_calls(call, other);
    if (r)
        return r;
    check(svwatch_listen(&w) == SVWATCH_PENDING);
    check(svwatch_wait(&w, svwatch_deadline(20)) == SVWATCH_TIMEOUT);
    check(!services[0].has_pidfd && services[0].guarded && (w.tick || !ticks));
    check(!kill(mortal, SIGKILL));
    check(svwatch_wait(&w, svwatch_deadline(20000)) == SVWATCH_NO_SUPERVISOR);
    svwatch_end(&w);
    return 0;
}

static int without_pidfd(void)
{
    return watch_without(SYS_pidfd_open, SYS_pidfd_open, 0);
}

static int without_inotify(void)
{
    return watch_without(SYS_pidfd_open, SYS_inotify_init1, 1);
}

static void svwatch_needs_neither_pidfd_nor_inotify(void **state)
{
    (void)state;
    static int (*const how[])(void) = {without_pidfd, without_inotify};
    for (int i = 0; i < 2; i++) {
        struct supervisor s = supervise("a");
        set_status("a", 0, 1);
        mortal = s.pid;
        in_process(0, how[i]);
        release(s);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svwatch_state_reached_needs_nothing),
        cmocka_unit_test(svwatch_no_supervisor),
        cmocka_unit_test(svwatch_folds_events),
        cmocka_unit_test(svwatch_all_at_the_same_time),
        cmocka_unit_test(svwatch_counts_failures),
        cmocka_unit_test(svwatch_settles),
        cmocka_unit_test(svwatch_supervisor_dies),
        cmocka_unit_test(svwatch_patience),
        cmocka_unit_test(svwatch_errors),
        cmocka_unit_test(svwatch_says_how_it_ended),
        cmocka_unit_test(svwatch_bears_what_is_damaged),
        cmocka_unit_test(svwatch_needs_no_event_for_what_is_so),
        cmocka_unit_test(svwatch_waits_for_the_first_supervisor),
        cmocka_unit_test(svwatch_follows_links_in_patience),
        cmocka_unit_test(svwatch_of_many),
        cmocka_unit_test(svwatch_needs_neither_pidfd_nor_inotify),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
