#include "scratch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <cairn/catchall.h>
#include <cairn/svstatus.h>

static int statefd = -1;

static int setup(void **state)
{
    if (scratch_setup(state) < 0)
        return -1;
    chmod(scratch, 0755);
    dir("bin");
    dir("state");
    dir("state/services");
    /* a logger that takes one look at its words and all of its input */
    put("bin/logutil-service", "#!/bin/sh\n{ echo \"$*\"; cat; } >\"$OUT\"\n", 0755);
    setenv("CAIRN_BINDIR", in("bin"), 1);
    statefd = open(in("state"), O_RDONLY | O_DIRECTORY);
    return statefd < 0 ? -1 : 0;
}

static struct catchall make(void)
{
    struct catchall c;
    static char log[256];
    char const *culprit;
    snprintf(log, sizeof log, "%s", in("log"));
    assert_int_equal(catchall_make(&c, statefd, log, &culprit), 0);
    return c;
}

static void drop(struct catchall *c)
{
    catchall_give_up(c);
    close(c->reader);
    close(c->console);
}

static void catchall_makes_all(void **state)
{
    (void)state;
    struct stat st;
    char want[256];
    for (int i = 0; i < 2; i++) {
        struct catchall c = make();
        assert_int_equal(stat(in("log"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 02700);
        assert_int_equal(stat(in("state/uncaught-logs-fifo"), &st), 0);
        assert_true(S_ISFIFO(st.st_mode));
        assert_int_equal(st.st_mode & 07777, 0622);
        assert_int_equal(stat(in("state/services/s6-svscan-log/run"), &st), 0);
        assert_int_equal(st.st_mode & 0500, 0500);
        snprintf(want, sizeof want, "#!%s -C\n", in("bin/logutil-service"));
        assert_string_equal(get("state/services/s6-svscan-log/run"), want);
        drop(&c);
    }
}

static void catchall_names_what_cannot_be_made(void **state)
{
    (void)state;
    struct catchall c;
    char const *culprit = "";
    put("file", "", 0644);
    assert_int_equal(catchall_make(&c, statefd, in("file"), &culprit), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_string_equal(culprit, in("file"));
    dir("empty");
    int fd = open(in("empty"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(catchall_make(&c, fd, in("log"), &culprit), -1);
    assert_string_equal(culprit, "services/s6-svscan-log/run");
    close(c.reader);
    close(c.writer);
    close(fd);
}

static void catchall_takes_output(void **state)
{
    (void)state;
    struct catchall c = make();
    char buf[32] = "";
    pid_t pid = fork();
    if (!pid) {
        catchall_join(&c);
        _exit(write(1, "one\n", 4) + write(2, "two\n", 4) != 8);
    }
    int wstat;
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
    assert_int_equal(catchall_unread(&c), 8);
    assert_int_equal(read(c.reader, buf, sizeof buf), 8);
    assert_string_equal(buf, "one\ntwo\n");
    /* no end before it is given up, and every other writer is gone */
    struct pollfd p = {.fd = c.reader, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    int fd = catchall_open(&c);
    assert_true(fd >= 0);
    catchall_give_up(&c);
    assert_int_equal(poll(&p, 1, 0), 0);
    close(fd);
    assert_int_equal(poll(&p, 1, 0), 1);
    assert_int_equal(read(c.reader, buf, sizeof buf), 0);
    drop(&c);
}

static void catchall_has_a_last_logger(void **state)
{
    (void)state;
    struct catchall c = make();
    char out[256], want[256];
    int wstat;
    snprintf(out, sizeof out, "OUT=%s", in("out"));
    char *envp[] = {out, "PATH=/usr/bin:/bin", NULL};
    assert_int_equal(write(c.writer, "rest\n", 5), 5);
    catchall_give_up(&c);
    pid_t pid = catchall_last(&c, envp);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
    snprintf(want, sizeof want, "%s\nrest\n", in("log"));
    assert_string_equal(get("out"), want);
    assert_int_equal(catchall_unread(&c), 0);
    drop(&c);
}

static void catchall_spills(void **state)
{
    (void)state;
    struct catchall c = make();
    char buf[32] = "";
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    dup2(fds[1], c.console);
    assert_int_equal(write(c.writer, "rest\n", 5), 5);
    catchall_spill(&c);
    assert_int_equal(read(fds[0], buf, sizeof buf), 5);
    assert_string_equal(buf, "rest\n");
    close(fds[0]);
    close(fds[1]);
    drop(&c);
}

static void catchall_pauses_the_logger(void **state)
{
    (void)state;
    struct catchall c = make();
    struct svstatus st = {.wantup = 1};
    int wstat;
    catchall_pause(&c, 0); /* no status: nothing to do */
    dir("state/services/s6-svscan-log/supervise");
    int sd = open(in("state/services/s6-svscan-log"), O_RDONLY | O_DIRECTORY);
    st.pid = fork();
    if (!st.pid)
        for (;;)
            pause();
    assert_int_equal(svstatus_write(sd, &st), 0);
    catchall_pause(&c, 10000);
    assert_int_equal(waitpid(st.pid, &wstat, WNOHANG), st.pid);
    assert_true(WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGHUP);
    /* a damaged status names a process group: nobody there is signalled (HUP would come first) */
    pid_t pid = fork();
    if (!pid)
        for (;;)
            pause();
    assert_int_equal(setpgid(pid, 0), 0);
    st.pid = -pid;
    assert_int_equal(svstatus_write(sd, &st), 0);
    catchall_pause(&c, 0);
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_true(WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGTERM);
    close(sd);
    drop(&c);
}

static void catchall_needs_a_place_for_all(void **state)
{
    (void)state;
    struct catchall c;
    char const *culprit = "";
    char *envp[] = {NULL};
    static char far[2000];
    int wstat;
    /* a directory where the FIFO is to be */
    dir("taken");
    dir("taken/uncaught-logs-fifo");
    int fd = open(in("taken"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(catchall_make(&c, fd, in("log"), &culprit), -1);
    assert_int_equal(errno, EISDIR);
    assert_string_equal(culprit, "uncaught-logs-fifo");
    close(fd);
    /* and where its service is to have its run */
    dir("half");
    dir("half/services");
    dir("half/services/s6-svscan-log");
    dir("half/services/s6-svscan-log/run");
    fd = open(in("half"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(catchall_make(&c, fd, in("log"), &culprit), -1);
    assert_int_equal(errno, EISDIR);
    assert_string_equal(culprit, "services/s6-svscan-log/run");
    close(c.reader);
    close(c.writer);
    close(fd);
    /* nothing is joined where there is none */
    struct catchall none = CATCHALL_NONE;
    fd = dup(1);
    catchall_join(&none);
    assert_true(fcntl(1, F_GETFD) >= 0);
    close(fd);
    /* programs that are not there */
    c = make();
    char bin[512];
    snprintf(bin, sizeof bin, "%s", in("bin"));
    setenv("CAIRN_BINDIR", in("taken"), 1);
    pid_t pid = catchall_last(&c, envp);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 127 << 8);
    memset(far, '/', sizeof far - 1);
    setenv("CAIRN_BINDIR", far, 1);
    assert_int_equal(catchall_last(&c, envp), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    drop(&c);
    assert_int_equal(catchall_make(&c, statefd, in("log"), &culprit), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    drop(&c);
    setenv("CAIRN_BINDIR", bin, 1);
}

/* A console that takes nothing does not hold us up. */
static void catchall_spills_no_more_than_is_taken(void **state)
{
    (void)state;
    struct catchall c = make();
    int fds[2];
    char buf[4096] = "";
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    dup2(fds[1], c.console);
    while (write(fds[1], buf, sizeof buf) > 0)
        ;
    assert_int_equal(write(c.writer, buf, 4096), 4096);
    assert_int_equal(write(c.writer, buf, 4096), 4096);
    catchall_spill(&c);
    assert_int_equal(catchall_unread(&c), 4096);
    close(fds[0]);
    close(fds[1]);
    drop(&c);
    assert_int_equal(catchall_unread(&c), 0); /* closed: nothing is known */
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(catchall_makes_all),
        cmocka_unit_test(catchall_names_what_cannot_be_made),
        cmocka_unit_test(catchall_takes_output),
        cmocka_unit_test(catchall_has_a_last_logger),
        cmocka_unit_test(catchall_spills),
        cmocka_unit_test(catchall_pauses_the_logger),
        cmocka_unit_test(catchall_needs_a_place_for_all),
        cmocka_unit_test(catchall_spills_no_more_than_is_taken),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
