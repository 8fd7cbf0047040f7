/* ctquiet, ctenv, ctcommand, ctchild, ctlog, ctwrite: what consul-template does when a template is
   ready. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/ctchild.h>
#include <cairn/ctcommand.h>
#include <cairn/ctenv.h>
#include <cairn/ctlog.h>
#include <cairn/ctquiet.h>
#include <cairn/ctwrite.h>
#include <cairn/slurp.h>

static char const *const none[] = {NULL};

static void quiet_ends_by_silence_or_deadline(void **state)
{
    (void)state;
    struct ctquiet q = CTQUIET_ZERO;
    assert_false(ctquiet_is_over(&q, 0));
    ctquiet_change(&q, 100, 10, 25);
    assert_int_equal(q.fire, 110);
    ctquiet_change(&q, 108, 10, 25);
    assert_int_equal(q.fire, 118);
    ctquiet_change(&q, 117, 10, 25);
    assert_int_equal(q.fire, 125); /* never past the deadline */
    assert_false(ctquiet_is_over(&q, 124));
    assert_true(ctquiet_is_over(&q, 125));
    assert_false(ctquiet_is_over(&q, 126));
    ctquiet_change(&q, 200, 10, 25); /* a new silence */
    assert_int_equal(q.fire, 210);
}

static int has(char const *const *env, char const *what)
{
    while (*env && strcmp(*env, what) != 0)
        env++;
    return *env != NULL;
}

static void environment_is_made_in_order(void **state)
{
    (void)state;
    struct pool p;
    pool_init(&p, 1 << 20);
    struct ctconf_consul consul = {
        .address = "h:1", .username = "u", .password = "p", .ssl_verify = 1};
    char const *const *added = ctenv_added(&consul, &p);
    assert_non_null(added);
    assert_true(has(added, "CONSUL_HTTP_ADDR=h:1"));
    assert_true(has(added, "CONSUL_HTTP_AUTH=u:p"));
    assert_true(has(added, "CONSUL_HTTP_SSL=false"));
    assert_true(has(added, "CONSUL_HTTP_SSL_VERIFY=true"));
    char const *const base[] = {"A=1", "AB=2", "B=3", "CONSUL_HTTP_ADDR=old", NULL};
    char const *const custom[] = {"A=9", "NEW=1", NULL};
    char const *const allow[] = {"A*", "CONSUL*", NULL};
    char const *const deny[] = {"AB", NULL};
    struct ctconf_exec e = {.env_custom = none, .env_allow = none, .env_deny = none};
    char const *const *env = ctenv_make(&e, base, added, &p);
    assert_true(has(env, "A=1") && has(env, "B=3") && has(env, "CONSUL_HTTP_ADDR=h:1"));
    assert_false(has(env, "CONSUL_HTTP_ADDR=old"));
    e = (struct ctconf_exec){.env_custom = custom, .env_allow = allow, .env_deny = deny};
    env = ctenv_make(&e, base, added, &p);
    assert_true(has(env, "A=9") && has(env, "NEW=1"));
    assert_false(has(env, "A=1") || has(env, "AB=2") || has(env, "B=3"));
    e.env_pristine = 1;
    env = ctenv_make(&e, base, none, &p);
    assert_true(env[0] && env[1] && !env[2]);
    pool_free(&p);
}

static int run(struct ctcommand const *c)
{
    int status = -1;
    pid_t pid = ctcommand_start(c);
    if (pid < 0)
        return -errno;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void commands_run_by_shell_or_alone(void **state)
{
    (void)state;
    char const *const env[] = {"CODE=7", "PATH=/usr/bin:/bin", NULL};
    struct ctcommand c = {.shell = "exit $CODE", .env = env};
    assert_int_equal(WEXITSTATUS(run(&c)), 7);
    c.shell = "false";
    assert_int_equal(WEXITSTATUS(run(&c)), 1);
    c.shell = "no-such-program-is-here";
    assert_int_equal(run(&c), -ENOENT);
    char const *const argv[] = {"sh", "-c", "test \"$0\" = 'a b'", "a b", NULL};
    c = (struct ctcommand){.argv = argv, .env = env};
    assert_int_equal(run(&c), 0);
    assert_string_equal(ctcommand_name(&c), "sh");
}

/* Waits until the child has done what is due. */
static enum ctchild_end settle(struct ctchild *c, int *status)
{
    for (int i = 0; i < 1000; i++) {
        enum ctchild_end e = ctchild_reap(c, status);
        if (e != CTCHILD_RUNS)
            return e;
        poll(NULL, 0, 10);
    }
    return CTCHILD_RUNS;
}

static void wait_for_line(int fd)
{
    char c;
    assert_int_equal(read(fd, &c, 1), 1);
}

static void a_child_is_told_or_started_anew(void **state)
{
    (void)state;
    int p[2];
    int status = 0;
    char line[128];
    char const *const env[] = {"PATH=/usr/bin:/bin", NULL};
    assert_int_equal(pipe(p), 0);
    snprintf(line, sizeof line,
             "trap 'exit 5' USR1; trap 'exit 6' TERM; printf x >&%d; sleep 30 & wait; exit 9",
             p[1]);
    struct ctconf_exec conf = {
        .command = line, .kill_signal = SIGTERM, .reload_signal = SIGUSR1, .kill_timeout = 20000};
    struct ctchild c;
    ctchild_init(&c, &conf, env);
    assert_true(ctchild_start(&c));
    wait_for_line(p[0]);
    ctchild_change(&c, 0);
    assert_int_equal(settle(&c, &status), CTCHILD_ENDED);
    assert_int_equal(WEXITSTATUS(status), 5);

    conf.reload_signal = 0; /* ended, and started anew */
    conf.splay = 50;
    assert_true(ctchild_start(&c));
    wait_for_line(p[0]);
    pid_t first = c.pid;
    ctchild_change(&c, 1000);
    int64_t due = ctchild_next(&c);
    if (due == 21000) { /* one time in fifty there is no pause, and the end was asked for at once */
        ctchild_tick(&c, 1051);
        assert_int_equal(ctchild_next(&c), 21000);
    } else {
        assert_in_range(due, 1001, 1049);
        ctchild_tick(&c, 1051);
        assert_int_equal(ctchild_next(&c), 21051);
    }
    for (int i = 0; i < 1000 && (c.pid == first || !c.pid); i++) {
        assert_int_equal(ctchild_reap(&c, &status), CTCHILD_RUNS);
        poll(NULL, 0, 10);
    }
    assert_int_not_equal(c.pid, first);
    wait_for_line(p[0]);

    ctchild_stop(&c, 0);
    assert_int_equal(settle(&c, &status), CTCHILD_ENDED);
    assert_int_equal(WEXITSTATUS(status), 6);
    close(p[0]);
    close(p[1]);
}

static void a_child_that_does_not_end_is_killed(void **state)
{
    (void)state;
    int p[2];
    int status = 0;
    char line[128];
    char const *const env[] = {"PATH=/usr/bin:/bin", NULL};
    assert_int_equal(pipe(p), 0);
    snprintf(line, sizeof line, "trap '' TERM; printf x >&%d; exec sleep 30", p[1]);
    struct ctconf_exec conf = {.command = line, .kill_signal = SIGTERM, .kill_timeout = 100};
    struct ctchild c;
    ctchild_init(&c, &conf, env);
    assert_true(ctchild_start(&c));
    wait_for_line(p[0]);
    ctchild_stop(&c, 0);
    ctchild_tick(&c, 99);
    assert_int_equal(ctchild_next(&c), 100);
    ctchild_tick(&c, 100);
    assert_int_equal(settle(&c, &status), CTCHILD_ENDED);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    close(p[0]);
    close(p[1]);
}

static void is_text(char const *path, char const *text)
{
    stralloc sa = STRALLOC_ZERO;
    assert_true(slurp_file(&sa, path, 4096) && stralloc_0(&sa));
    assert_string_equal(sa.s, text);
    stralloc_free(&sa);
}

static mode_t mode_of(char const *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void files_are_written_when_they_differ(void **state)
{
    (void)state;
    char dir[] = "/tmp/ctwrite.XXXXXX";
    char path[64];
    char bak[80];
    char why[CTWRITE_WHY];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a/b/file", dir);
    snprintf(bak, sizeof bak, "%s.bak", path);
    struct ctconf_template t = {.destination = path, .perms = 0644, .where = "t"};
    assert_int_equal(ctwrite(&t, "one", 3, why), -1); /* no directory */
    assert_non_null(strstr(why, path));
    t.create_dest_dirs = 1;
    assert_int_equal(ctwrite(&t, "", 0, why), 1); /* empty is a file too */
    assert_int_equal(ctwrite(&t, "", 0, why), 0);
    assert_int_equal(ctwrite(&t, "one", 3, why), 1);
    assert_int_equal(ctwrite(&t, "one", 3, why), 0);
    assert_int_equal(mode_of(path), 0644);
    is_text(path, "one");
    assert_int_equal(access(bak, F_OK), -1);
    assert_int_equal(chmod(path, 0600), 0);
    t.backup = 1;
    assert_int_equal(ctwrite(&t, "two", 3, why), 1);
    assert_int_equal(mode_of(path), 0600); /* as it was */
    is_text(bak, "one");
    t.has_perms = 1;
    assert_int_equal(ctwrite(&t, "three", 5, why), 1);
    assert_int_equal(mode_of(path), 0644);
    is_text(bak, "two");
    t.user = "no-such-user-is-here";
    assert_int_equal(ctwrite(&t, "four", 4, why), -1);
    is_text(path, "three");
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

/* What cannot be written is said, and what was there stays. */
static void files_that_cannot_be_written_stay(void **state)
{
    (void)state;
    char dir[] = "/tmp/ctwrite.XXXXXX";
    static char far[5000];
    char path[64], why[CTWRITE_WHY], command[256];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/file", dir);
    struct ctconf_template t = {.destination = path, .perms = 0644, .where = "t"};
    assert_int_equal(ctwrite(&t, "one", 3, why), 1);
    t.group = "no-such-group-is-here";
    assert_int_equal(ctwrite(&t, "two", 3, why), -1);
    assert_string_equal(why, "t: there is no group \"no-such-group-is-here\"");
    t.group = NULL;
    /* a copy that cannot be kept */
    snprintf(command, sizeof command, "mkdir -p %s/file.bak/x", dir);
    assert_int_equal(system(command), 0);
    t.backup = 1;
    assert_int_equal(ctwrite(&t, "two", 3, why), -1);
    assert_non_null(strstr(why, "cannot replace "));
    is_text(path, "one");
    snprintf(command, sizeof command, "rm -r %s/file.bak; ls -A %s | wc -l | grep -qx 1", dir, dir);
    assert_int_equal(system(command), 0); /* nothing is left beside it */
    /* the same file again as its own old one: two names of one file */
    assert_int_equal(ctwrite(&t, "two", 3, why), 1);
    snprintf(command, sizeof command, "ln -f %s %s.bak", path, path);
    assert_int_equal(system(command), 0);
    assert_int_equal(ctwrite(&t, "three", 5, why), 1);
    snprintf(command, sizeof command, "grep -qx two %s.bak && ls -A %s | wc -l | grep -qx 2", path,
             dir);
    assert_int_equal(system(command), 0);
    /* the first of all has no old one */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ctwrite(&t, "four", 4, why), 1);
    /* directories that cannot be made */
    snprintf(far, sizeof far, "%s/file/below/x", dir);
    t.destination = far;
    t.create_dest_dirs = 1;
    assert_int_equal(ctwrite(&t, "five", 4, why), -1);
    assert_non_null(strstr(why, "cannot make the directory of "));
    memset(far, '/', sizeof far - 1);
    assert_int_equal(ctwrite(&t, "five", 4, why), -1);
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void messages_have_levels(void **state)
{
    (void)state;
    char path[] = "/tmp/ctlog.XXXXXX";
    stralloc sa = STRALLOC_ZERO;
    int fd = mkstemp(path);
    assert_int_equal(ctlog_level_of("WARN"), CTLOG_WARN);
    assert_int_equal(ctlog_level_of("loud"), -1);
    ctlog_set(CTLOG_INFO, fd);
    ctlog(CTLOG_DEBUG, "no");
    ctlog(CTLOG_INFO, "%s %d", "yes", 1);
    assert_true(slurp_file(&sa, path, 4096) && stralloc_0(&sa));
    assert_string_equal(sa.s + strlen("2026/11/26 20:15:00.123456"), " [INFO] yes 1\n");
    assert_false(ctlog_syslog("x", "LOCAL9"));
    assert_true(ctlog_syslog("x", "local0"));
    stralloc_free(&sa);
    close(fd);
    unlink(path);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(quiet_ends_by_silence_or_deadline),
        cmocka_unit_test(environment_is_made_in_order),
        cmocka_unit_test(commands_run_by_shell_or_alone),
        cmocka_unit_test(a_child_is_told_or_started_anew),
        cmocka_unit_test(a_child_that_does_not_end_is_killed),
        cmocka_unit_test(files_are_written_when_they_differ),
        cmocka_unit_test(files_that_cannot_be_written_stay),
        cmocka_unit_test(messages_have_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
