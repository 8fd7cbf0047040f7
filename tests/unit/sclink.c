#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"

#include <cairn/ctlfifo.h>
#include <cairn/fifodir.h>
#include <cairn/sclink.h>
#include <cairn/svlock.h>
#include <cairn/svwatch.h>

/* A child that plays svscan in the directory sc: it announces event in sv/event when it is told
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
            fcntl(control, F_SETFL, 0) < 0 || write(ready[1], "", 1) < 1)
            _exit(111);
        ssize_t n = read(control, buf, sizeof buf);
        if (dies)
            _exit((int)n);
        if (event)
            fifodir_notify(AT_FDCWD, in("sv/event"), event, strlen(event));
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
    struct sclink s = the_link(1000);
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
    struct sclink s = the_link(10000);
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
    struct sclink s = the_link(10000);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
