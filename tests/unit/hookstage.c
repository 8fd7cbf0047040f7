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

/* It used to wait for ever, and to take the script for a good one. */
static void hookstage_hears_of_the_end_where_it_was_ignored(void **state)
{
    (void)state;
    char path[512];
    int wstat;
    struct hookstage_options o = {.path = path, .envp = env, .behaviour = 2};
    dir("ignored");
    put("ignored/10-a", "#!/bin/sh\nexit 3\n", 0755);
    strcpy(path, in("ignored"));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        signal(SIGCHLD, SIG_IGN);
        transcript_init(&t, open("/dev/null", O_WRONLY), TRANSCRIPT_FATAL);
        _exit(hookstage_run(&hookstage_continit, &o, &t));
    }
    pid_t ended = 0;
    for (int i = 0; i < 1000 && !(ended = waitpid(pid, &wstat, WNOHANG)); i++)
        usleep(10000);
    if (!ended) {
        kill(pid, SIGKILL);
        waitpid(pid, &wstat, 0);
    }
    assert_true(WIFEXITED(wstat));
    assert_int_equal(WEXITSTATUS(wstat), 3);
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

static void hookstage_says_what_it_cannot_do(void **state)
{
    (void)state;
    static char deep[1100];
    struct hookstage_options o = {.path = deep, .envp = env};
    put("file", "", 0644);
    strcpy(deep, in("file"));
    assert_int_equal(run(&hookstage_continit, &o), 0);
    o.behaviour = 2;
    assert_int_equal(run(&hookstage_continit, &o), 111);
    assert_string_equal(get("out"), "");
    /* a name that has no room */
    size_t n = (size_t)snprintf(deep, sizeof deep, "%s", in("d"));
    memset(deep + n, '/', 1020 - n);
    deep[1020] = 0;
    put("d/10-a", "#!/bin/sh\n", 0755);
    assert_int_equal(run(&hookstage_continit, &o), 111);
    assert_non_null(strstr(get("out"), "10-a: exited 111.\n"));
}

/* TERM ends the script, and the stage with it. */
static void hookstage_is_told_to_end(void **state)
{
    (void)state;
    char path[512];
    struct hookstage_options o = {.path = path, .envp = env};
    struct stat st;
    int wstat;
    dir("long");
    put("long/1",
        "#!/bin/sh\ntrap ': >\"${0%/*}/../got\"; exit 5' TERM\n: >\"${0%/*}/../begun\"\n"
        "while test -e \"$0\"; do sleep 0.01; done\n",
        0755);
    put("long/2", "#!/bin/sh\n: >\"${0%/*}/../second\"\n", 0755);
    strcpy(path, in("long"));
    pid_t pid = fork();
    if (!pid) {
        int null = open("/dev/null", O_WRONLY);
        transcript_init(&t, null, TRANSCRIPT_NORMAL);
        _exit(hookstage_run(&hookstage_continit, &o, &t));
    }
    for (int i = 0; i < 10000 && stat(in("begun"), &st) == -1; i++)
        usleep(1000);
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 143 << 8);
    assert_int_equal(stat(in("got"), &st), 0);
    assert_int_equal(stat(in("second"), &st), -1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(hookstage_probes),
        cmocka_unit_test(hookstage_returns_the_code_to_stop_with),
        cmocka_unit_test(hookstage_hears_of_the_end_where_it_was_ignored),
        cmocka_unit_test(hookstage_gives_files_to_the_runner),
        cmocka_unit_test(hookstage_says_what_it_cannot_do),
        cmocka_unit_test(hookstage_is_told_to_end),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
