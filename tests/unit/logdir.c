#include <errno.h>
#include <sys/wait.h>

#include "scratch.h"

#include <cairn/logarchive.h>
#include <cairn/logdir.h>

static struct logdir d;
static char path[256];
static int complaints;

static void complain(struct logdir const *x, char const *what, char const *file, int e)
{
    (void)x;
    (void)what;
    (void)file;
    (void)e;
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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scratch, close_scratch)
    struct CMUnitTest const tests[] = {
        TEST(rotates),
        TEST(rotates_when_told),
        TEST(rotates_in_time),
        TEST(tries_again),
        TEST(comes_back_to_a_full_disk),
        TEST(waits_for_a_processor),
        TEST(gives_a_processor_up),
        TEST(kills_a_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
