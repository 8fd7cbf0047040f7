#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <cairn/spawnprog.h>

static void spawnprog_finds_the_program(void **state)
{
    char const *const argv[] = {"sh", "-c", "exit 3", NULL};
    int wstat;
    (void)state;
    pid_t pid = spawnprog(argv);
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(WEXITSTATUS(wstat), 3);
}

static void spawnprog_tells_why_not(void **state)
{
    char const *const absent[] = {"no-such-program", NULL};
    char const *const unfit[] = {"/", NULL};
    (void)state;
    assert_int_equal(spawnprog(absent), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(spawnprog(unfit), -1);
    assert_int_equal(errno, EACCES);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawnprog_finds_the_program),
        cmocka_unit_test(spawnprog_tells_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
