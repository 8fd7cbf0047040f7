#include "scratch.h"

#include <cairn/stageprog.h>
#include <cairn/statedir.h>

static struct stageprog p;
static char const *why, *junk;
static unsigned int set;

static int parse(char const *a, char const *b, char const *c)
{
    char const *argv[] = {"prog", a, b, c, NULL};
    int argc = 1 + !!a + !!b + !!c;
    set = 0;
    p = (struct stageprog){.maxtime = 5000};
    return stageprog_options(&p, argc, argv, "bvt", "cd", &set, "S6_TEST_MAXTIME", &why, &junk);
}

static void stageprog_reads_options_over_variables(void **state)
{
    (void)state;
    setenv(STATEDIR_VARIABLE, scratch, 1);
    unsetenv("S6_VERBOSITY");
    unsetenv("S6_BEHAVIOUR_IF_STAGE2_FAILS");
    assert_int_equal(parse("dir", NULL, NULL), 1);
    assert_int_equal(p.verbosity, 2);
    assert_int_equal(p.behaviour, 0);
    assert_int_equal(p.maxtime, 5000);
    setenv("S6_VERBOSITY", "1", 1);
    setenv("S6_BEHAVIOUR_IF_STAGE2_FAILS", "2", 1);
    setenv("S6_TEST_MAXTIME", "70", 1);
    assert_int_equal(parse("-cv0", "-t80", "dir"), 3);
    assert_int_equal(p.verbosity, 0);
    assert_int_equal(p.behaviour, 2);
    assert_int_equal(p.maxtime, 80);
    assert_int_equal(set, 1);
    assert_int_equal(parse("-d", "--", "-c"), 3);
    assert_int_equal(set, 2);
    assert_int_equal(p.maxtime, 70);
    setenv("S6_TEST_MAXTIME", "soon", 1);
    assert_int_equal(parse(NULL, NULL, NULL), 1);
    assert_string_equal(junk, "S6_TEST_MAXTIME");
    assert_int_equal(p.maxtime, 5000);
}

static void stageprog_refuses_nonsense(void **state)
{
    (void)state;
    assert_int_equal(parse("-x", NULL, NULL), -1);
    assert_null(why);
    assert_int_equal(parse("-t", "soon", NULL), -1);
    assert_string_equal(why, "soon");
    assert_int_equal(parse("-t", NULL, NULL), -1);
}

static void stageprog_finds_its_directory(void **state)
{
    (void)state;
    char buf[256];
    dir("services");
    assert_string_equal(stageprog_dir(buf, sizeof buf, "no-such.d"), in("etc/no-such.d"));
    setenv(STATEDIR_VARIABLE, in("none"), 1);
    assert_string_equal(stageprog_dir(buf, sizeof buf, "no-such.d"), "/var/run/s6/etc/no-such.d");
    assert_null(stageprog_dir(buf, 8, "no-such.d"));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(stageprog_reads_options_over_variables),
        cmocka_unit_test(stageprog_refuses_nonsense),
        cmocka_unit_test(stageprog_finds_its_directory),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
