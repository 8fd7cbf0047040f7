#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/nearest.h>

static void nearest_counts_slips(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("", ""), 0);
    assert_int_equal(nearest_distance("", "abc"), 3);
    assert_int_equal(nearest_distance("cache", "cache"), 0);
    assert_int_equal(nearest_distance("cache", "chache"), 1);
    assert_int_equal(nearest_distance("chache", "cache"), 1);
    assert_int_equal(nearest_distance("nginx", "ngixn"), 1);
    assert_int_equal(nearest_distance("nginx", "mginx"), 1);
    assert_int_equal(nearest_distance("S6_SERVICE_DISABLE", "S6_SERVICES_DISABLE"), 1);
    assert_int_equal(nearest_distance("kitten", "sitting"), 3);
    char longest[NEAREST_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[NEAREST_MAX] = 0;
    assert_int_equal(nearest_distance(longest, longest), 0);
    assert_int_equal(nearest_distance(longest, ""), NEAREST_MAX);
    longest[NEAREST_MAX] = 'x';
    longest[NEAREST_MAX + 1] = 0;
    assert_int_equal(nearest_distance(longest, longest), NEAREST_MAX + 1);
}

static char const *find(char const *word, char const *const *known)
{
    struct nearest n = NEAREST_ZERO(word);
    for (; *known; known++)
        nearest_offer(&n, *known);
    return n.best ? n.best : "";
}

static void nearest_finds_the_one_meant(void **state)
{
    (void)state;
    static char const *const known[] = {"app", "cache", "cache2", "db", "nginx", NULL};
    assert_string_equal(find("chache", known), "cache");
    assert_string_equal(find("cache3", known), "cache");
    assert_string_equal(find("dbb", known), "db");
    assert_string_equal(find("apache", known), "");
    assert_string_equal(find("postgres", known), "");
    assert_string_equal(find("x", known), "");
    assert_string_equal(find("", known), "");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(nearest_counts_slips),
        cmocka_unit_test(nearest_finds_the_one_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
