/* What scripts see and what is printed: tests/prog/cont-init and cont-finish. Here, the function's
 * results. */

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include <cairn/hookstage.h>

char const *PROG = "test";

static struct transcript t;

/* It blocks signals for good, so each run gets a process of its own. */
static int run(struct hookstage const *h, struct hookstage_options const *o)
{
    int wstat;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        int out = open(in("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        transcript_init(&t, out, TRANSCRIPT_NORMAL);
        _exit(hookstage_run(h, o, &t));
    }
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_true(WIFEXITED(wstat));
    return WEXITSTATUS(wstat);
}

static char *env[] = {"PATH=/usr/bin:/bin", NULL};

static void hookstage_probes(void **state)
{
    (void)state;
    assert_int_equal(hookstage_probe(in("none")), -1);
    assert_int_equal(errno, ENOENT);
    dir("d");
    assert_int_equal(hookstage_probe(in("d")), 0);
    put("d/.hidden", "", 0644);
    assert_int_equal(hookstage_probe(in("d")), 0);
    put("d/10-a", "#!/bin/sh\nexit 3\n", 0755);
    assert_int_equal(hookstage_probe(in("d")), 1);
}

static void hookstage_returns_the_code_to_stop_with(void **state)
{
    (void)state;
    char path[512];
    struct hookstage_options o = {.path = path, .envp = env};
    strcpy(path, in("none"));
    assert_int_equal(run(&hookstage_continit, &o), 0);
    assert_string_equal(get("out"), "");
    strcpy(path, in("d"));
    assert_int_equal(run(&hookstage_continit, &o), 0);
    o.behaviour = 1;
    assert_int_equal(run(&hookstage_continit, &o), 0);
    o.behaviour = 2;
    assert_int_equal(run(&hookstage_continit, &o), 3);
    put("d/10-a", "#!/bin/sh\nkill -9 $$\n", 0755);
    assert_int_equal(run(&hookstage_continit, &o), 137);
    put("d/10-a", "#!/bin/sh\nsleep 100\n", 0755);
    o.maxtime = 50;
    assert_int_equal(run(&hookstage_contfinish, &o), 99);
    o.maxtime = 0;
    put("d/10-a", "#!/no/sh\n", 0755);
    assert_int_equal(run(&hookstage_contfinish, &o), 127);
}

static void hookstage_gives_files_to_the_runner(void **state)
{
    (void)state;
    char path[512], runner[512];
    struct hookstage_options o = {.path = path, .runner = runner, .envp = env, .behaviour = 2};
    char wanted[1200];
    dir("fix");
    put("fix/1", "", 0644);
    put("fix/2", "", 0644);
    put("runner", "#!/bin/sh\necho \"$@\" >>${0}.log\n", 0755);
    strcpy(path, in("fix"));
    strcpy(runner, in("runner"));
    assert_int_equal(run(&hookstage_fixattrs, &o), 0);
    snprintf(wanted, sizeof wanted, "%s/1\n%s/2\n", path, path);
    assert_string_equal(get("runner.log"), wanted);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(hookstage_probes),
        cmocka_unit_test(hookstage_returns_the_code_to_stop_with),
        cmocka_unit_test(hookstage_gives_files_to_the_runner),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
