#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"

#include <cairn/logproc.h>

static int at;

static int open_scratch(void **state)
{
    if (scratch_setup(state) < 0)
        return -1;
    at = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return at < 0 ? -1 : 0;
}

static void is(char const *name, char const *text)
{
    char buf[256];
    int fd = openat(at, name, O_RDONLY);
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    assert_true(n >= 0);
    buf[n] = 0;
    assert_string_equal(buf, text);
}

static int run(char const *command)
{
    int wstat;
    pid_t pid = logproc_start(at, command, 1);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    return wstat;
}

static void has_its_descriptors(void **state)
{
    (void)state;
    put("previous", "in", 0600);
    put("state", "then", 0600);
    put("processed", "something longer", 0600);
    assert_int_equal(run("cat; echo -n ' out'; cat <&4 >&5; echo -n ' now' >&5; test -e previous"),
                     0);
    is("processed", "in out");
    is("newstate", "then now");
    is("state", "then");
    is("previous", "in");
    /* and no other: the directory, its lock and current are not its business */
    assert_int_equal(run("for i in 3 6 7 8 9; do ! test -e /proc/$$/fd/$i || exit 1; done"), 0);
}

static void makes_a_state(void **state)
{
    (void)state;
    put("previous", "in", 0600);
    assert_int_equal(run("cat <&4"), 0);
    is("processed", "");
    is("state", "");
}

static void tells_how_it_ended(void **state)
{
    (void)state;
    put("previous", "in", 0600);
    assert_int_equal(WEXITSTATUS(run("exit 7")), 7);
    assert_int_equal(WTERMSIG(run("kill -TERM $$")), SIGTERM);
}

static void needs_previous(void **state)
{
    (void)state;
    assert_int_equal(logproc_start(at, "cat", 1), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scratch, scratch_teardown)
    struct CMUnitTest const tests[] = {
        TEST(has_its_descriptors),
        TEST(makes_a_state),
        TEST(tells_how_it_ended),
        TEST(needs_previous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
