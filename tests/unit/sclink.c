#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"

#include <cairn/ctlfifo.h>
#include <cairn/fifodir.h>
#include <cairn/sclink.h>
#include <cairn/svlock.h>
#include <cairn/svwatch.h>

static pid_t victim;   /* is killed when svscan is told something; or 0 */
static int is_compact; /* svscan itself hosts sv */

/* A child that plays svscan in the directory sc: it announces event for sv and its logger when told
   something, or dies then. */
static pid_t svscan(char const *event, int dies)
{
    int ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        int fd = open(in("sc"), O_RDONLY | O_DIRECTORY);
        int control;
        char buf[8];
        signal(SIGPIPE, SIG_IGN);
        if (svlock_take(fd, SVLOCK_SCAN, 0600) < 0 ||
            (control = ctlfifo_serve(fd, CTLFIFO_SCAN, 0600, 0)) < 0 ||
            fcntl(control, F_SETFL, 0) < 0)
            _exit(111);
        int lock = is_compact ? svlock_take(AT_FDCWD, in("sv/" SVLOCK_SERVICE), 0644) : -1;
        if (write(ready[1], "", 1) < 1)
            _exit(111);
        ssize_t n = read(control, buf, sizeof buf);
        if (dies)
            _exit((int)n);
        if (event) {
            fifodir_notify(AT_FDCWD, in("sv/event"), event, strlen(event));
            fifodir_notify(AT_FDCWD, in("sv/log/event"), event, strlen(event));
        }
        if (victim)
            kill(victim, SIGKILL);
        close(lock); /* a moment after the word */
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int setup(void **state)
{
    int r = scratch_setup(state);
    dir("sc");
    dir("sc/.s6-svscan");
    dir("sv");
    put("sv/run", "#!/bin/sh\n", 0755);
    return r;
}

static struct sclink the_link(unsigned int ms)
{
    static char servicedir[512];
    strcpy(servicedir, in("sv"));
    return (struct sclink){.scanfd = open(in("sc"), O_RDONLY | O_DIRECTORY),
                           .name = "name",
                           .servicedir = servicedir,
                           .target = servicedir,
                           .deadline = svwatch_deadline(ms)};
}

static int is_there(char const *name)
{
    struct stat st;
    return !lstat(in(name), &st);
}

static void sclink_knows_names(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'x', sizeof name);
    name[256] = 0;
    assert_false(sclink_is_name(name));
    name[255] = 0;
    assert_true(sclink_is_name(name));
    assert_true(sclink_is_name("a.b"));
    assert_false(sclink_is_name(""));
    assert_false(sclink_is_name(".a"));
    assert_false(sclink_is_name("a/b"));
}

static void sclink_needs_an_svscan(void **state)
{
    (void)state;
    struct sclink s = the_link(60000);
    assert_int_equal(sclink_is_scanned(s.scanfd), 0);
    assert_int_equal(sclink_add(&s), SCLINK_NO_SVSCAN);
    assert_false(is_there("sc/name"));
    assert_false(is_there("sv/event"));
    /* one that dies while it is waited for */
    pid_t pid = svscan(NULL, 1);
    assert_int_equal(sclink_is_scanned(s.scanfd), 1);
    s.down = SCLINK_DOWN;
    assert_int_equal(sclink_add(&s), SCLINK_NO_SVSCAN);
    assert_false(is_there("sc/name"));
    assert_false(is_there("sv/down"));
    end(pid);
    close(s.scanfd);
}

static void sclink_adds_when_it_is_announced(void **state)
{
    (void)state;
    pid_t pid = svscan("us", 0);
    struct sclink s = the_link(60000);
    s.down = SCLINK_STAY_DOWN;
    assert_int_equal(sclink_add(&s), SCLINK_OK);
    assert_true(is_there("sc/name"));
    assert_true(is_there("sv/down"));
    end(pid);
    /* gone again, nobody to tell */
    assert_int_equal(sclink_remove(&s), SCLINK_NO_SVSCAN);
    assert_false(is_there("sc/name"));
    assert_int_equal(sclink_remove(&s), SCLINK_OK);
    close(s.scanfd);
}

static void sclink_undoes_what_takes_too_long(void **state)
{
    (void)state;
    pid_t pid = svscan("u", 0);
    struct sclink s = the_link(50);
    s.down = SCLINK_DOWN;
    assert_int_equal(sclink_add(&s), SCLINK_TIMEOUT);
    assert_false(is_there("sc/name"));
    assert_false(is_there("sv/down"));
    end(pid);
    close(s.scanfd);
}

static void sclink_tells_errors(void **state)
{
    (void)state;
    pid_t pid = svscan("s", 0);
    struct sclink s = the_link(60000);
    dir("sc/name");
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_int_equal(errno, EEXIST);
    assert_string_equal(s.what, "make the link ");
    assert_string_equal(s.file, "");
    assert_int_equal(sclink_remove(&s), SCLINK_ERROR);
    assert_int_equal(errno, ENOTSUP);
    put("sv/log", "", 0644); /* a file is no logger */
    put("sv/run", "#!/nonexistent/interpreter\n", 0755);
    assert_int_equal(sclink_add(&s), SCLINK_UNSTARTABLE);
    assert_int_equal(errno, ENOENT);
    unlink(in("sv/run"));
    s.servicedir = "/nonexistent";
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_string_equal(s.what, "open ");
    end(pid);
    close(s.scanfd);
}

/* A supervisor of the directory, until it is killed. */
static pid_t supervisor(char const *name)
{
    int ready[2];
    char c, path[64];
    assert_int_equal(pipe(ready), 0);
    snprintf(path, sizeof path, "%s/supervise", name);
    dir(path);
    snprintf(path, sizeof path, "%s/" SVLOCK_SERVICE, name);
    pid_t pid = fork();
    if (!pid) {
        if (svlock_take(AT_FDCWD, in(path), 0644) < 0 || write(ready[1], "", 1) < 1)
            _exit(111);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    return pid;
}

static void sclink_leaves_a_supervised_one_alone(void **state)
{
    (void)state;
    pid_t pid = svscan(NULL, 0);
    pid_t sup = supervisor("sv");
    struct sclink s = the_link(60000);
    s.down = SCLINK_DOWN;
    assert_int_equal(sclink_add(&s), SCLINK_SUPERVISED);
    assert_true(is_there("sc/name"));
    assert_false(is_there("sv/down"));
    end(pid);
    end(sup);
    /* the link is there, and is the same: as good as made */
    pid = svscan("s", 0);
    assert_int_equal(sclink_add(&s), SCLINK_OK);
    end(pid);
    close(s.scanfd);
}

static void sclink_removes_when_the_supervisor_has_ended(void **state)
{
    (void)state;
    dir("sv/event");
    victim = supervisor("sv");
    pid_t pid = svscan(NULL, 0);
    struct sclink s = the_link(60000);
    assert_int_equal(symlink(s.target, in("sc/name")), 0);
    assert_int_equal(sclink_remove(&s), SCLINK_OK);
    assert_false(is_there("sc/name"));
    end(victim);
    victim = 0;
    end(pid);
    /* who is hasty does not wait for it */
    victim = supervisor("sc");
    pid_t other = victim;
    victim = 0;
    pid = svscan(NULL, 0);
    assert_int_equal(symlink(s.target, in("sc/name")), 0);
    s.hasty = 1;
    assert_int_equal(sclink_remove(&s), SCLINK_OK);
    end(other);
    end(pid);
    close(s.scanfd);
}

static void sclink_waits_for_the_word_of_a_host(void **state)
{
    (void)state;
    dir("sv/event");
    dir("sv/supervise");
    is_compact = 1;
    pid_t pid = svscan("x", 0);
    is_compact = 0;
    struct sclink s = the_link(60000);
    assert_int_equal(symlink(s.target, in("sc/name")), 0);
    assert_int_equal(sclink_remove(&s), SCLINK_OK);
    assert_int_equal(svlock_owner(AT_FDCWD, in("sv/" SVLOCK_SERVICE)), 0);
    assert_false(is_there("sc/name"));
    end(pid);
    close(s.scanfd);
}

static void sclink_makes_event_where_a_link_leads(void **state)
{
    (void)state;
    pid_t pid = svscan("s", 0);
    struct sclink s = the_link(60000);
    struct stat st;
    assert_int_equal(symlink("../far", in("sv/event")), 0);
    s.public_events = 1;
    assert_int_equal(sclink_add(&s), SCLINK_OK);
    assert_int_equal(stat(in("far"), &st), 0);
    assert_int_equal(st.st_mode & 07777, FIFODIR_PUBLIC);
    end(pid);
    close(s.scanfd);
}

/* Also that of a directory which has a supervisor. */
static void sclink_takes_back_a_link_that_nobody_heard_of(void **state)
{
    (void)state;
    pid_t pid = svscan(NULL, 0);
    pid_t sup = supervisor("sv");
    struct sclink s = the_link(60000);
    assert_int_equal(unlink(in("sc/" CTLFIFO_SCAN)), 0);
    assert_int_equal(sclink_add(&s), SCLINK_NO_SVSCAN);
    assert_false(is_there("sc/name"));
    put("sc/" CTLFIFO_SCAN, "", 0644);
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_int_equal(errno, EEXIST);
    assert_string_equal(s.what, "control the svscan of ");
    assert_false(is_there("sc/name"));
    /* one that was there before stays */
    assert_int_equal(symlink(s.target, in("sc/name")), 0);
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_true(is_there("sc/name"));
    end(pid);
    end(sup);
    close(s.scanfd);
}

/* Each thing that is in the way is named, and what was begun is taken back. */
static void sclink_names_what_is_in_the_way(void **state)
{
    (void)state;
    pid_t pid = svscan("s", 0);
    struct sclink s = the_link(60000);
    dir("sv/log");
    put("sv/log/event", "", 0644);
    s.down = SCLINK_DOWN;
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_int_equal(errno, ENOTDIR);
    assert_string_equal(s.what, "subscribe to ");
    assert_string_equal(s.file, "log/event");
    assert_false(is_there("sv/down") || is_there("sc/name"));
    s.force = 1;
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_string_equal(s.what, "make ");
    assert_string_equal(s.file, "log/event");
    assert_int_equal(unlink(in("sv/log/event")), 0);
    assert_int_equal(symlink("none/x", in("sv/log/down")), 0);
    s.down = SCLINK_STAY_DOWN; /* a link that leads nowhere is one, too: it is there */
    assert_int_equal(sclink_add(&s), SCLINK_OK);
    assert_int_equal(unlink(in("sc/name")), 0);
    end(pid);
    /* a supervise and an svscan that cannot be looked at */
    pid = svscan("s", 0);
    assert_int_equal(symlink("supervise", in("sv/supervise")), 0);
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_int_equal(errno, ELOOP);
    assert_string_equal(s.what, "check the supervisor of ");
    assert_int_equal(unlink(in("sv/supervise")), 0);
    assert_int_equal(unlink(in("sc/" CTLFIFO_SCAN)), 0);
    put("sc/" CTLFIFO_SCAN, "", 0644);
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_string_equal(s.what, "control the svscan of ");
    assert_false(is_there("sc/name"));
    assert_int_equal(symlink("/nonexistent", in("sc/name")), 0);
    assert_int_equal(sclink_remove(&s), SCLINK_ERROR);
    assert_string_equal(s.what, "control the svscan of ");
    end(pid);
    assert_int_equal(unlink(in("sc/" SVLOCK_SCAN)), 0);
    assert_int_equal(symlink("lock", in("sc/" SVLOCK_SCAN)), 0);
    assert_int_equal(sclink_add(&s), SCLINK_ERROR);
    assert_string_equal(s.what, "check the svscan of ");
    close(s.scanfd);
}

static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
    (void)sig;
    signals++;
}

/* A signal ends the wait, takes back what was begun, and comes then. */
static void sclink_is_interrupted(void **state)
{
    (void)state;
    pid_t pid = svscan("u", 0);
    pid_t self = getpid();
    struct sclink s = the_link(60000);
    signals = 0;
    signal(SIGTERM, on_signal);
    pid_t other = fork();
    if (!other) {
        for (int i = 0; i < 60000 && !is_there("sc/name"); i++)
            usleep(1000);
        kill(self, SIGTERM);
        _exit(0);
    }
    assert_int_equal(sclink_add(&s), SCLINK_INTERRUPTED);
    assert_int_equal(signals, 1);
    assert_false(is_there("sc/name"));
    signal(SIGTERM, SIG_DFL);
    waitpid(other, NULL, 0);
    end(pid);
    close(s.scanfd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    struct CMUnitTest const tests[] = {
        T(sclink_knows_names),
        T(sclink_needs_an_svscan),
        T(sclink_adds_when_it_is_announced),
        T(sclink_undoes_what_takes_too_long),
        T(sclink_tells_errors),
        T(sclink_leaves_a_supervised_one_alone),
        T(sclink_removes_when_the_supervisor_has_ended),
        T(sclink_waits_for_the_word_of_a_host),
        T(sclink_makes_event_where_a_link_leads),
        T(sclink_takes_back_a_link_that_nobody_heard_of),
        T(sclink_names_what_is_in_the_way),
        T(sclink_is_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
