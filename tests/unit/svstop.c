/* The supervisors here are of the test's making; real ones: tests/prog/services-up. */

#include "scratch.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#include <cairn/fifodir.h>
#include <cairn/svlock.h>
#include <cairn/svstatus.h>
#include <cairn/svstop.h>

static int scan(void)
{
    int fd = open(in("scan"), O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    return fd;
}

/* A FIFO in the place of a supervisor's, with its reader. */
static int ear(char const *service)
{
    char name[64];
    snprintf(name, sizeof name, "scan/%s", service);
    dir(name);
    strcat(name, "/supervise");
    dir(name);
    strcat(name, "/control");
    assert_int_equal(mkfifo(in(name), 0600), 0);
    int fd = open(in(name), O_RDWR | O_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

static void svstop_asks_each_once(void **state)
{
    (void)state;
    char buf[8];
    dir("scan");
    int a = ear("a");
    int b = ear("b");
    dir("scan/a/dependencies.d");
    put("scan/a/dependencies.d/b", "", 0644);
    dir("scan/none"); /* no supervisor at all */
    put("scan/file", "", 0644);
    int fd = scan();
    assert_int_equal(svstop_in_order(fd), 0);
    assert_int_equal(read(a, buf, sizeof buf), 1);
    assert_int_equal(buf[0], 'd');
    assert_int_equal(read(b, buf, sizeof buf), 1);
    assert_int_equal(buf[0], 'd');
    close(a);
    close(b);
    close(fd);
}

static void svstop_fails_without_a_directory(void **state)
{
    (void)state;
    assert_int_equal(svstop_in_order(-1), -1);
    assert_int_equal(errno, EBADF);
}

/* A supervisor whose service is up, or with pid 0 is not. Returns the reading end of its FIFO. */
static int supervisor(char const *name, pid_t pid, char const *needs)
{
    char path[64];
    int fd = ear(name);
    snprintf(path, sizeof path, "scan/%s", name);
    int sd = open(in(path), O_RDONLY | O_DIRECTORY);
    struct svstatus st = {.pid = pid};
    assert_true(svlock_take(sd, SVLOCK_SERVICE, 0644) >= 0);
    assert_int_equal(svstatus_write(sd, &st), 0);
    assert_int_equal(fifodir_make(sd, "event", (gid_t)-1, 1), 0);
    close(sd);
    snprintf(path, sizeof path, "scan/%s/dependencies.d", name);
    dir(path);
    if (needs) {
        snprintf(path, sizeof path, "scan/%s/dependencies.d/%s", name, needs);
        put(path, "", 0644);
    }
    return fd;
}

static void says(char const *name, pid_t pid, char const *event)
{
    char path[64];
    struct svstatus st = {.pid = pid};
    snprintf(path, sizeof path, "scan/%s", name);
    int sd = open(in(path), O_RDONLY | O_DIRECTORY);
    assert_int_equal(svstatus_write(sd, &st), 0);
    assert_int_equal(fifodir_notify(sd, "event", event, 1), 1);
    close(sd);
}

static int hears(int fd, int ms)
{
    char c = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, ms) == 1 && read(fd, &c, 1) == 1 && c == 'd';
}

static void svstop_waits_for_those_that_need_others(void **state)
{
    (void)state;
    int wstat;
    assert_int_equal(rename(in("scan"), in("before")), 0);
    dir("scan");
    int app = supervisor("app", 42, "cache");
    int cache = supervisor("cache", 43, "db");
    int db = supervisor("db", 44, NULL);
    int off = supervisor("off", 0, "db"); /* is down as it is */
    int deaf = supervisor("deaf", 45, "db");
    assert_int_equal(rmdir(in("scan/deaf/event")), 0); /* cannot be waited for */
    int fd = scan();
    pid_t pid = fork();
    if (!pid)
        _exit(svstop_in_order(fd) ? 1 : 0);
    assert_true(hears(app, 10000));
    assert_true(hears(off, 10000));
    assert_true(hears(deaf, 10000));
    says("app", 42, "u"); /* an event, but it is up */
    assert_false(hears(cache, 50));
    says("app", 0, "d");
    assert_true(hears(cache, 10000));
    assert_false(hears(db, 50));
    says("cache", 0, "d");
    assert_true(hears(db, 10000));
    /* nobody waits for db: it needs nobody */
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
    assert_false(hears(app, 0) || hears(cache, 0) || hears(off, 0) || hears(deaf, 0));
    close(app);
    close(cache);
    close(db);
    close(off);
    close(deaf);
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svstop_asks_each_once),
        cmocka_unit_test(svstop_fails_without_a_directory),
        cmocka_unit_test(svstop_waits_for_those_that_need_others),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
