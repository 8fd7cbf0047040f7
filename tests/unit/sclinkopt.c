/* sclinkopt: each option, in its set only; what is missing */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cairn/sclinkopt.h>

static int parse(struct sclink *s, char const *set, char const *const *argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    *s = (struct sclink){.name = NULL};
    return sclinkopt(s, argc, argv, set);
}
#define PARSE(set, ...) parse(&s, set, (char const *const[]){"prog", __VA_ARGS__, NULL})

static void sclinkopt_knows_its_options(void **state)
{
    (void)state;
    struct sclink s;
    assert_int_equal(PARSE(SCLINKOPT_ADD, "a", "b"), 1);
    assert_true(s.down == SCLINK_AS_IS && !s.force && !s.public_events && s.deadline == INT64_MAX);
    assert_int_equal(PARSE(SCLINKOPT_ADD, "-dfP", "-t", "100", "a", "b", "c"), 4);
    assert_true(s.down == SCLINK_DOWN && s.force && s.public_events && s.deadline != INT64_MAX);
    assert_int_equal(PARSE(SCLINKOPT_ADD, "-D", "--", "a", "b"), 3);
    assert_int_equal(s.down, SCLINK_STAY_DOWN);
    assert_int_equal(PARSE(SCLINKOPT_REMOVE, "-X", "a", "b"), 2);
    assert_true(s.hasty);
}

static void sclinkopt_refuses_the_rest(void **state)
{
    (void)state;
    struct sclink s;
    assert_int_equal(PARSE(SCLINKOPT_ADD, "-X", "a", "b"), -1);
    assert_int_equal(PARSE(SCLINKOPT_REMOVE, "-d", "a", "b"), -1);
    assert_int_equal(PARSE(SCLINKOPT_ADD, "-t", "x", "a", "b"), -1);
    assert_int_equal(PARSE(SCLINKOPT_ADD, "-d", "a"), -1);
    assert_int_equal(PARSE(SCLINKOPT_REMOVE, "-t"), -1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(sclinkopt_knows_its_options),
        cmocka_unit_test(sclinkopt_refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
