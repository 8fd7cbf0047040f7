#include "scratch.h"

#include <dirent.h>
#include <errno.h>

#include <cairn/svstart.h>
#include <cairn/svstatus.h>

static struct svstart s;
static char told[256];

static void tell(char const *service, char const *needed)
{
    size_t len = strlen(told);
    snprintf(told + len, sizeof told - len, "%s<-%s ", service, needed);
}

static void trouble(char const *service)
{
    fail_msg("trouble with %s", service);
}

static enum svstart_result run(unsigned int ms, int give_up)
{
    s = (struct svstart){.told = tell, .trouble = trouble, .give_up = !!give_up};
    told[0] = 0;
    return svstart_run(&s, svwatch_deadline(ms));
}

static void service(char const *name, char const *down, char const *needs)
{
    char path[128];
    dir(name);
    snprintf(path, sizeof path, "%s/supervise", name);
    dir(path);
    snprintf(path, sizeof path, "%s/event", name);
    dir(path);
    if (down) {
        snprintf(path, sizeof path, "%s/down", name);
        put(path, down, 0644);
    }
    if (!needs)
        return;
    snprintf(path, sizeof path, "%s/dependencies.d", name);
    dir(path);
    snprintf(path, sizeof path, "%s/dependencies.d/%s", name, needs);
    put(path, "", 0644);
}

static void status(char const *name, struct svstatus st)
{
    int fd = open(in(name), O_RDONLY | O_DIRECTORY);
    assert_int_equal(svstatus_write(fd, &st), 0);
    close(fd);
}

static int is_down(char const *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/down", name);
    return !access(in(path), F_OK);
}

/* Nobody may go on listening. */
static void check_listeners(char const *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/event", name);
    DIR *d = opendir(in(path));
    assert_non_null(d);
    for (struct dirent const *e; (e = readdir(d));)
        assert_int_equal(e->d_name[0], '.');
    closedir(d);
}

static int begin(void **state)
{
    return scratch_setup(state) || chdir(scratch);
}

static void svstart_brings_up_what_can_be(void **state)
{
    (void)state;
    service("a", NULL, NULL);
    service("b", "dependencies\n", "a");
    service("c", "dependencies\n", "b");
    service("off", "S6_SERVICES_DISABLE\n", NULL);
    service("d", "dependencies\n", "off");
    service("e", "dependencies\n", NULL);
    service("his", "", "a");
    status("a", (struct svstatus){.pid = 1, .wantup = 1});
    assert_int_equal(run(50, 0), SVSTART_TIMEOUT); /* b has no supervisor, so never comes up */
    assert_false(is_down("b"));
    assert_true(is_down("c"));
    assert_false(is_down("d"));
    assert_false(is_down("e"));
    assert_true(is_down("his"));
    assert_string_equal(told, "");
    check_listeners("a");
    check_listeners("b");
    status("b", (struct svstatus){.pid = 1, .wantup = 1});
    assert_int_equal(run(0, 0), SVSTART_DONE);
    assert_false(is_down("c"));
    assert_int_equal(run(0, 0), SVSTART_DONE);
}

static void svstart_wants_readiness_where_it_is_announced(void **state)
{
    (void)state;
    service("a", NULL, NULL);
    service("b", "dependencies\n", "a");
    put("a/notification-fd", "3\n", 0644);
    status("a", (struct svstatus){.pid = 1, .wantup = 1});
    assert_int_equal(run(20, 1), SVSTART_TIMEOUT);
    status("a", (struct svstatus){.pid = 1, .wantup = 1, .ready = 1});
    assert_int_equal(run(0, 1), SVSTART_DONE);
}

static void svstart_tells_who_waits_in_vain(void **state)
{
    (void)state;
    service("a", NULL, NULL);
    service("b", "dependencies\n", "a");
    service("c", "dependencies\n", "b");
    status("a", (struct svstatus){.ready = 1, .wstat = 256}); /* it ran, and is not wanted up */
    assert_int_equal(run(0, 1), SVSTART_STUCK);
    assert_string_equal(told, "b<-a ");
    assert_int_equal(run(30, 0), SVSTART_TIMEOUT);
    assert_string_equal(told, "b<-a ");
    check_listeners("a");
    /* not so one that nobody has started yet, nor one that is started by hand */
    status("a", (struct svstatus){.ready = 1, .paused = 1, .wantup = 1});
    assert_int_equal(run(30, 1), SVSTART_TIMEOUT);
    put("a/down", "", 0644);
    status("a", (struct svstatus){.ready = 1, .paused = 1});
    assert_int_equal(run(0, 1), SVSTART_HELD);
    assert_string_equal(told, "");
    assert_true(is_down("b"));
}

/* The name is the caller's to show after all else is freed. */
static void svstart_names_the_culprit(void **state)
{
    (void)state;
    service("a", NULL, NULL);
    service("b", "dependencies\n", "a");
    assert_int_equal(rmdir(in("a/event")), 0);
    put("a/event", "", 0644);
    assert_int_equal(run(1000, 0), SVSTART_ERROR);
    assert_int_equal(errno, ENOTDIR);
    free(malloc(64)); /* what was freed is used again */
    assert_string_equal(s.culprit, "a");
    assert_string_equal(s.what, "subscribe to events for ");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test_setup_teardown(svstart_brings_up_what_can_be, begin, scratch_teardown),
        cmocka_unit_test_setup_teardown(svstart_wants_readiness_where_it_is_announced, begin,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(svstart_tells_who_waits_in_vain, begin, scratch_teardown),
        cmocka_unit_test_setup_teardown(svstart_names_the_culprit, begin, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
