#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/fifowait.h>

static struct fifowait_sub subs[2];
static struct pollfd polls[2];

static int setup(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return fifodir_make(AT_FDCWD, "e1", getegid(), 0) < 0 ||
           fifodir_make(AT_FDCWD, "e2", getegid(), 0) < 0;
}

static int64_t in_ms(int64_t ms)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + ms;
}

static int count(char const *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static struct fifowait two(char const *re1, char const *re2, unsigned int any)
{
    memset(subs, 0, sizeof subs);
    subs[0].dir = "e1";
    subs[0].regex = re1;
    subs[1].dir = "e2";
    subs[1].regex = re2;
    return (struct fifowait){.subs = subs, .polls = polls, .n = 2, .any = any & 1};
}

static void end(struct fifowait *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->subs[i].listening)
            fifomatch_end(&w->subs[i].match);
    fifowait_end(w);
}

static void fifowait_needs_all(void **state)
{
    size_t culprit;
    struct fifowait w = two("a", "b", 0);
    (void)state;
    assert_int_equal(fifowait_listen(&w, &culprit), 0);
    assert_int_equal(fifodir_notify(AT_FDCWD, "e1", "xa", 2), 1);
    assert_int_equal(fifowait_wait(&w, in_ms(50)), 0);
    assert_int_equal(subs[0].event, 'a');
    assert_int_equal(subs[1].event, 0);
    assert_int_equal(fifodir_notify(AT_FDCWD, "e2", "b", 1), 1);
    assert_int_equal(fifowait_wait(&w, INT64_MAX), 1);
    assert_int_equal(subs[1].event, 'b');
    end(&w);
    assert_int_equal(count("e1") + count("e2"), 0);
}

static void fifowait_any_needs_one(void **state)
{
    size_t culprit;
    struct fifowait w = two("a", "b", 1);
    (void)state;
    assert_int_equal(fifowait_listen(&w, &culprit), 0);
    assert_int_equal(fifodir_notify(AT_FDCWD, "e2", "b", 1), 1);
    assert_int_equal(fifowait_wait(&w, INT64_MAX), 1);
    end(&w);
    fifowait_end(&w); /* harmless */
}

static void fifowait_takes_what_is_there_at_the_deadline(void **state)
{
    size_t culprit;
    struct fifowait w = two("a", "b", 1);
    (void)state;
    assert_int_equal(fifowait_listen(&w, &culprit), 0);
    fifodir_notify(AT_FDCWD, "e1", "a", 1);
    assert_int_equal(fifowait_wait(&w, in_ms(-10)), 1);
    end(&w);
}

static void fifowait_names_the_culprit(void **state)
{
    size_t culprit = 9;
    struct fifowait w = two("a", "(", 0);
    (void)state;
    assert_int_equal(fifowait_listen(&w, &culprit), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(culprit, 1);
    end(&w);
    w = two("a", "b", 0);
    subs[0].dir = "none";
    assert_int_equal(fifowait_listen(&w, &culprit), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(culprit, 0);
    end(&w);
    assert_int_equal(count("e1") + count("e2"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifowait_needs_all),
        cmocka_unit_test(fifowait_any_needs_one),
        cmocka_unit_test(fifowait_takes_what_is_there_at_the_deadline),
        cmocka_unit_test(fifowait_names_the_culprit),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
