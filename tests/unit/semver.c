/* semver: the order of section 11 of semver.org, and constraints. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/semver.h>

static void versions_are_ordered(void **state)
{
    (void)state;
    static char const *const order[] = {
        "0.9.9",
        "1.0.0-0",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.1",
        "2",
        "10.0.0",
    };
    struct semver a, b;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
            assert_true(semver_parse(&a, order[i], strlen(order[i])));
            assert_true(semver_parse(&b, order[k], strlen(order[k])));
            int c = semver_compare(&a, &b);
            if ((i < k) != (c < 0) || (i > k) != (c > 0))
                fail_msg("%s and %s: %d", order[i], order[k], c);
        }
}

static void what_is_no_version(void **state)
{
    (void)state;
    static char const *const bad[] = {"",          "v",       "x",      "1.",
                                      "1.2.",      "1.2.3.4", "1.2.3-", "1.2.3+",
                                      "1.2.3-a b", " 1",      "1.2.3 ", "99999999999999999999"};
    struct semver v;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(semver_parse(&v, bad[i], strlen(bad[i])));
}

static void constraints(void **state)
{
    (void)state;
    static struct {
        char const *constraint, *version;
        int wanted;
    } const rows[] = {
        {"1.2.3", "1.2.3", 1},    {"=1.2.3", "1.2.4", 0},      {"1.2", "1.2.9", 1},
        {"1.2", "1.3.0", 0},      {"!=1.2.3", "1.2.4", 1},     {"!=1.2", "1.2.4", 0},
        {">1.2.3", "1.2.4", 1},   {">1.2", "1.2.4", 0},        {">1.2", "1.3.0", 1},
        {"<2", "1.9.9", 1},       {"<2", "2.0.0", 0},          {">=1.2", "1.2.0", 1},
        {"<=1.2", "1.2.9", 1},    {"<=1.2", "1.3.0", 0},       {"~1.2.3", "1.2.9", 1},
        {"~1.2.3", "1.3.0", 0},   {"~1", "1.9.0", 1},          {"~1", "2.0.0", 0},
        {"^1.2.3", "1.9.0", 1},   {"^1.2.3", "2.0.0", 0},      {"^0.2.3", "0.2.9", 1},
        {"^0.2.3", "0.3.0", 0},   {"^0.0.3", "0.0.4", 0},      {"^0", "0.9.0", 1},
        {"1.x", "1.5.0", 1},      {"1.x", "2.0.0", 0},         {"*", "3.0.0", 1},
        {"1.2.*", "1.2.7", 1},    {"1.2 - 1.4.5", "1.4.5", 1}, {"1.2 - 1.4.5", "1.4.6", 0},
        {">=1, <2", "1.5.0", 1},  {">=1 <2", "2.5.0", 0},      {"<1 || >2", "0.5.0", 1},
        {"<1 || >2", "1.5.0", 0}, {">=1.0.0", "1.1.0-rc", 0},  {">=1.0.0-0", "1.1.0-rc", 1},
        {"", "1.0.0", -1},        {">=", "1.0.0", -1},         {"a", "1.0.0", -1},
        {"1 ||", "1.0.0", -1},
    };
    struct semver v;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(semver_parse(&v, rows[i].version, strlen(rows[i].version)));
        int r = semver_check(rows[i].constraint, strlen(rows[i].constraint), &v);
        if (r != rows[i].wanted)
            fail_msg("%s of %s: %d", rows[i].constraint, rows[i].version, r);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(versions_are_ordered),
        cmocka_unit_test(what_is_no_version),
        cmocka_unit_test(constraints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
