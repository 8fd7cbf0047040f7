#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"

#include <cairn/logarchive.h>
#include <cairn/logdir.h>

static struct logdir d;
static char path[256];
static int complaints;
static char told[64]; /* of which file the last one was */

static void complain(struct logdir const *x, char const *what, char const *file, char const *note,
                     int e)
{
    (void)x;
    (void)what;
    (void)note;
    (void)e;
    snprintf(told, sizeof told, "%s", file ? file : "");
    complaints++;
}

static int open_scratch(void **state)
{
    char const *what;
    if (scratch_setup(state) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/log", scratch);
    complaints = 0;
    d = (struct logdir){.path = path,
                        .archives = 5,
                        .size = 100,
                        .tolerance = 20,
                        .retry = 50,
                        .shell = 1,
                        .complain = complain};
    return logdir_open(&d, 0, &what);
}

static int close_scratch(void **state)
{
    close(d.fd);
    close(d.lockfd);
    close(d.dirfd);
    return scratch_teardown(state);
}

static char const line[] = "012345678\n";

static void feed(int lines, int64_t now)
{
    for (int i = 0; i < lines; i++)
        assert_int_equal(logdir_write(&d, line, 10, now), 10);
}

static int there(char const *name)
{
    return faccessat(d.dirfd, name, F_OK, 0) == 0;
}

/* Was there an archive? */
static int archived(void)
{
    static tain const never = TAIN_EPOCH;
    return tain_less(&never, &d.stamp);
}

static void rotates(void **state)
{
    (void)state;
    feed(7, 0);
    assert_int_equal(d.written, 70);
    assert_false(archived());
    feed(1, 0);
    assert_int_equal(d.written, 0);
    assert_true(archived());
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_false(there("previous"));
    /* several files by one write; a file of one line that is longer than any */
    char big[500];
    memset(big, 'x', sizeof big);
    for (int i = 9; i < 300; i += 10)
        big[i] = '\n';
    big[499] = '\n';
    assert_int_equal(logdir_write(&d, big, sizeof big, 0), sizeof big);
    assert_int_equal(d.written, 0);
    assert_int_equal(complaints, 0);
    assert_int_equal(logdir_close(&d), 0);
}

static void rotates_when_told(void **state)
{
    (void)state;
    logdir_rotate(&d, 0);
    assert_false(archived());
    feed(1, 0);
    logdir_rotate(&d, 0);
    assert_true(archived());
    assert_int_equal(d.written, 0);
}

static void rotates_in_time(void **state)
{
    (void)state;
    d.period = 2;
    d.rotate = 2000;
    assert_int_equal(logdir_due(&d), LOGDIR_NEVER); /* nothing to rotate */
    feed(1, 100);
    assert_int_equal(logdir_due(&d), 2000);
    logdir_tick(&d, 1999);
    assert_int_equal(d.written, 10);
    logdir_tick(&d, 2000);
    assert_int_equal(d.written, 0);
    feed(1, 2500);
    assert_int_equal(logdir_due(&d), 4000);
    /* in the middle of a line nothing is due: the caller would come again and again */
    assert_int_equal(logdir_write(&d, line, 4, 3000), 4);
    assert_int_equal(logdir_due(&d), LOGDIR_NEVER);
    logdir_tick(&d, 4000);
    assert_int_equal(d.written, 14);
    assert_int_equal(logdir_write(&d, line + 4, 6, 5000), 6);
    assert_int_equal(logdir_due(&d), 4000);
    logdir_tick(&d, 5000);
    assert_int_equal(d.written, 0);
}

static void tries_again(void **state)
{
    (void)state;
    feed(7, 0);
    /* the rotation cannot go on */
    assert_int_equal(mkdirat(d.dirfd, "previous", 0700), 0);
    feed(1, 0);
    assert_int_equal(complaints, 1);
    assert_int_equal(d.step, LOGDIR_RENAME);
    assert_int_equal(logdir_write(&d, line, 10, 10), 0);
    assert_int_equal(logdir_due(&d), 50);
    logdir_tick(&d, 50);
    assert_int_equal(complaints, 1);
    assert_int_equal(logdir_due(&d), 100);
    assert_int_equal(unlinkat(d.dirfd, "previous", AT_REMOVEDIR), 0);
    logdir_tick(&d, 100);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_int_equal(logdir_due(&d), LOGDIR_NEVER);
    feed(1, 100);
    assert_int_equal(d.written, 10);
}

static void passes_over_what_stays(void **state)
{
    (void)state;
    static char const a[] = "@400000000000000000000000.s", b[] = "@400000000000000000000001.u";
    d.archives = 1;
    assert_int_equal(mkdirat(d.dirfd, a, 0700), 0);
    assert_int_equal(mkdirat(d.dirfd, b, 0700), 0);
    feed(8, 0);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_int_equal(logdir_due(&d), LOGDIR_NEVER);
    feed(16, 10);
    assert_int_equal(complaints, 1);
    assert_string_equal(told, a);
    /* each is told of */
    assert_int_equal(unlinkat(d.dirfd, a, AT_REMOVEDIR), 0);
    feed(8, 20);
    assert_int_equal(complaints, 2);
    assert_string_equal(told, b);
    assert_int_equal(unlinkat(d.dirfd, b, AT_REMOVEDIR), 0);
    feed(8, 30);
    assert_int_equal(mkdirat(d.dirfd, b, 0700), 0);
    feed(8, 40);
    assert_int_equal(complaints, 3);
    assert_int_equal(d.step, LOGDIR_IDLE);
}

static void comes_back_to_a_full_disk(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY), fd = d.fd;
    d.fd = full;
    assert_int_equal(logdir_write(&d, line, 10, 0), 0);
    assert_int_equal(logdir_write(&d, line, 10, 10), 0);
    assert_int_equal(complaints, 1);
    assert_int_equal(logdir_due(&d), 50);
    d.fd = fd;
    logdir_tick(&d, 50);
    assert_int_equal(logdir_write(&d, line, 10, 50), 10);
    close(full);
}

static void end_processor(int64_t now)
{
    int wstat;
    assert_int_equal(d.step, LOGDIR_RUNNING);
    assert_int_equal(waitpid(d.pid, &wstat, 0), d.pid);
    logdir_ended(&d, wstat, now);
}

static void waits_for_a_processor(void **state)
{
    (void)state;
    d.processor = "tr 0 x; echo done >&5";
    feed(8, 0);
    feed(7, 0); /* the new file is written to */
    feed(1, 0);
    assert_int_equal(logdir_write(&d, line, 10, 0), 0); /* and is full */
    end_processor(0);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_false(there("previous") || there("processed") || there("newstate"));
    feed(1, 0); /* which begins the next rotation */
    end_processor(0);
    assert_int_equal(d.written, 10);
    assert_int_equal(complaints, 0);
}

static void gives_a_processor_up(void **state)
{
    (void)state;
    d.processor = "cat; exit 1";
    feed(8, 0);
    end_processor(0);
    assert_int_equal(complaints, 1);
    assert_int_equal(d.step, LOGDIR_PROCESS);
    assert_int_equal(logdir_due(&d), 50);
    logdir_tick(&d, 50);
    end_processor(60);
    feed(8, 60);
    feed(1, 60); /* a full file: no longer */
    assert_int_equal(d.step, LOGDIR_RUNNING);
    assert_true(there("previous"));
    logdir_closing(&d, 0, 70);
    end_processor(70);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_false(there("previous") || there("processed") || there("newstate"));
    assert_int_equal(logdir_close(&d), 0);
}

static void kills_a_processor(void **state)
{
    (void)state;
    d.processor = "exec sleep 1000";
    feed(8, 0);
    logdir_closing(&d, 1, 0);
    end_processor(0);
    assert_int_equal(d.step, LOGDIR_IDLE);
}

static void goes_on_when_the_way_is_free(void **state)
{
    (void)state;
    /* a processor that cannot be started for want of its file */
    d.processor = "cat";
    assert_int_equal(mkdirat(d.dirfd, "processed", 0700), 0);
    feed(8, 0);
    assert_int_equal(complaints, 1);
    assert_int_equal(d.step, LOGDIR_PROCESS);
    assert_int_equal(d.pid, 0);
    assert_int_equal(unlinkat(d.dirfd, "processed", AT_REMOVEDIR), 0);
    logdir_tick(&d, 50);
    end_processor(50);
    assert_int_equal(d.step, LOGDIR_IDLE);
    /* one that makes something else of its files */
    d.processor = "cat; rm newstate; mkdir newstate; : >state";
    feed(8, 100);
    end_processor(100);
    assert_int_equal(complaints, 2);
    assert_int_equal(d.step, LOGDIR_COMPLETE);
    assert_int_equal(unlinkat(d.dirfd, "newstate", AT_REMOVEDIR), 0);
    logdir_tick(&d, logdir_due(&d));
    assert_int_equal(d.step, LOGDIR_IDLE);
    d.processor = "rm processed";
    feed(8, 200);
    end_processor(200);
    assert_int_equal(complaints, 3);
    assert_int_equal(d.step, LOGDIR_PROCESS); /* as one that fails */
    d.processor = "cat";
    logdir_tick(&d, logdir_due(&d));
    end_processor(300);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_false(there("previous") || there("processed"));
    /* at the end nothing is waited for: it is kept as it is */
    d.processor = "cat";
    logdir_closing(&d, 0, 300);
    assert_int_equal(mkdirat(d.dirfd, "newstate", 0700), 0);
    feed(8, 300);
    assert_int_equal(complaints, 4);
    assert_false(there("previous"));
}

static void empty_directory(void)
{
    static char const *const ours[] = {"lock",      "current",  "previous",
                                       "processed", "newstate", "state"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        unlinkat(d.dirfd, ours[i], 0);
}

/* What current holds. */
static char const *logged(void)
{
    return get("log/current");
}

static void makes_anew_what_is_removed(void **state)
{
    (void)state;
    feed(3, 0);
    empty_directory();
    feed(1, 0);
    assert_int_equal(complaints, 1);
    assert_string_equal(told, "current");
    assert_string_equal(logged(), line);
    assert_int_equal(d.written, 10);
    assert_true(there("lock"));
    feed(8, 0);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_true(archived());
    /* current alone, and another one in its place */
    assert_int_equal(unlinkat(d.dirfd, "current", 0), 0);
    put("log/current", line, 0644);
    feed(1, 0);
    assert_int_equal(d.written, 20);
    /* a rotation that finds nothing, or less than there was */
    empty_directory();
    logdir_rotate(&d, 0);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_int_equal(d.written, 0);
    feed(1, 0);
    assert_int_equal(renameat(d.dirfd, "current", d.dirfd, "mine"), 0);
    feed(8, 0);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_int_equal(strlen(get("log/mine")), 80);
    assert_string_equal(logged(), line);
    assert_int_equal(complaints, 2);
    assert_int_equal(logdir_close(&d), 0);
}

static void goes_on_without_what_a_processor_had(void **state)
{
    (void)state;
    d.processor = "read x <../fifo";
    assert_int_equal(mkfifo(in("fifo"), 0600), 0);
    int fifo = open(in("fifo"), O_RDWR | O_CLOEXEC);
    feed(8, 0);
    assert_int_equal(d.step, LOGDIR_RUNNING);
    empty_directory();
    feed(1, 0);
    assert_int_equal(d.step, LOGDIR_RUNNING);
    assert_string_equal(logged(), line);
    assert_int_equal(write(fifo, "\n", 1), 1);
    end_processor(0);
    close(fifo);
    assert_int_equal(d.step, LOGDIR_IDLE);
    assert_int_equal(complaints, 1);
    /* one that fails, and has nothing left to be tried again with */
    d.processor = "exit 1";
    feed(7, 0);
    end_processor(0);
    empty_directory();
    logdir_tick(&d, logdir_due(&d));
    assert_int_equal(d.step, LOGDIR_IDLE);
}

static void waits_for_the_lock(void **state)
{
    (void)state;
    int p[2], wstat;
    char c;
    feed(1, 0);
    empty_directory();
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        struct logdir o = d;
        char const *what;
        if (logdir_open(&o, 0, &what) == 0 && write(p[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(p[0], &c, 1), 1);
    assert_int_equal(logdir_write(&d, line, 10, 0), 0);
    assert_int_equal(logdir_write(&d, line, 10, 10), 0);
    assert_int_equal(complaints, 1);
    assert_string_equal(told, "lock");
    assert_int_equal(logdir_due(&d), 50);
    assert_string_equal(logged(), "");
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    logdir_tick(&d, 50);
    assert_int_equal(logdir_write(&d, line, 10, 50), 10);
    assert_string_equal(logged(), line);
    close(p[0]);
    close(p[1]);
}

/* That is another matter: it ends with the next rotation. */
static void writes_on_without_a_directory(void **state)
{
    (void)state;
    empty_directory();
    assert_int_equal(rmdir(path), 0);
    feed(7, 0);
    assert_int_equal(complaints, 0);
    assert_int_equal(d.written, 70);
}

static void says_what_cannot_be_opened(void **state)
{
    (void)state;
    char const *what;
    static char other[300];
    struct logdir o = {.path = other, .complain = complain, .size = 100};
    snprintf(other, sizeof other, "%s/none/log", scratch);
    assert_int_equal(logdir_open(&o, 0, &what), -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(what, "");
    put("file", "", 0644);
    snprintf(other, sizeof other, "%s/file", scratch);
    assert_int_equal(logdir_open(&o, 0, &what), -1);
    assert_int_equal(errno, ENOTDIR);
    /* no link is followed: it gives way to a file of the directory's own */
    dir("linked");
    snprintf(other, sizeof other, "%s/linked", scratch);
    assert_int_equal(symlink("../file", in("linked/current")), 0);
    assert_int_equal(logdir_open(&o, 0, &what), 0);
    assert_int_equal(logdir_write(&o, line, 10, 0), 10);
    assert_string_equal(get("file"), "");
    assert_string_equal(get("linked/current"), line);
    logdir_close(&o);
    /* it is another's */
    int p[2];
    char c;
    assert_int_equal(pipe(p), 0);
    dir("taken");
    snprintf(other, sizeof other, "%s/taken", scratch);
    pid_t pid = fork();
    if (!pid) {
        if (logdir_open(&o, 0, &what) == 0 && write(p[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(p[0], &c, 1), 1);
    assert_int_equal(logdir_open(&o, 0, &what), -1);
    assert_int_equal(errno, EBUSY);
    assert_string_equal(what, "lock");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(o.dirfd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scratch, close_scratch)
    struct CMUnitTest const tests[] = {
        TEST(rotates),
        TEST(rotates_when_told),
        TEST(rotates_in_time),
        TEST(tries_again),
        TEST(passes_over_what_stays),
        TEST(comes_back_to_a_full_disk),
        TEST(waits_for_a_processor),
        TEST(gives_a_processor_up),
        TEST(kills_a_processor),
        TEST(goes_on_when_the_way_is_free),
        TEST(makes_anew_what_is_removed),
        TEST(goes_on_without_what_a_processor_had),
        TEST(waits_for_the_lock),
        TEST(writes_on_without_a_directory),
        TEST(says_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
