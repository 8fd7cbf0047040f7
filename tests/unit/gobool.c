#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/gobool.h>

/* -1: neither */
static int parse(char const *s)
{
    int b = 7;
    if (gobool_parse(s, strlen(s), &b))
        return b;
    assert_int_equal(b, 7);
    return -1;
}

static void gobool_knows_its_words(void **state)
{
    static char const *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
    static char const *const no[] = {"0", "f", "F", "FALSE", "false", "False"};
    static char const *const neither[] = {"",   " true", "true ", "tRUE", "yes", "no",
                                          "on", "off",   "2",     "-1",   "tr",  "10"};
    (void)state;
    for (unsigned int i = 0; i < 6; i++) {
        assert_int_equal(parse(yes[i]), 1);
        assert_int_equal(parse(no[i]), 0);
    }
    for (unsigned int i = 0; i < sizeof neither / sizeof *neither; i++)
        assert_int_equal(parse(neither[i]), -1);
    int b;
    assert_true(gobool_parse("truest", 4, &b) && b);
    assert_false(gobool_parse("true\0", 5, &b));
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(gobool_knows_its_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
