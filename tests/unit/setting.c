#include "scratch.h"

#include <cairn/setting.h>
#include <cairn/statedir.h>

static void setting_parses_numbers(void **state)
{
    (void)state;
    static struct {
        char const *text;
        int result;
        unsigned int value;
    } const cases[] = {{NULL, 0, 5},      {"", 0, 5},      {"0", 1, 0},
                       {"1000", 1, 1000}, {"1001", -1, 5}, {"x", -1, 5},
                       {"1 ", -1, 5},     {"-1", -1, 5},   {"99999999999", -1, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned int n = 5;
        assert_int_equal(setting_parse_uint(cases[i].text, &n, 1000), cases[i].result);
        assert_int_equal(n, cases[i].value);
    }
}

static void setting_parses_yes_and_no(void **state)
{
    (void)state;
    static char const *const yes[] = {"1", "2", "true", "YES", "On"};
    static char const *const no[] = {"0", "00", "false", "No", "OFF"};
    static char const *const junk[] = {"maybe", "-1", "1x", "tru"};
    unsigned int n = 7;
    assert_int_equal(setting_parse_bool(NULL, &n), 0);
    assert_int_equal(setting_parse_bool("", &n), 0);
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        assert_int_equal(setting_parse_bool(junk[i], &n), -1);
    assert_int_equal(n, 7);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        assert_int_equal(setting_parse_bool(yes[i], &n), 1);
        assert_int_equal(n, 1);
        assert_int_equal(setting_parse_bool(no[i], &n), 1);
        assert_int_equal(n, 0);
    }
}

static void setting_asks_the_environment_then_the_directory(void **state)
{
    (void)state;
    char buf[8];
    unsigned int n = 5;
    setenv(STATEDIR_VARIABLE, scratch, 1);
    unsetenv("S6_THING");
    assert_null(setting_get("S6_THING", buf, sizeof buf));
    dir("container_environment");
    assert_null(setting_get("S6_THING", buf, sizeof buf));
    put("container_environment/S6_THING", "12\n", 0644);
    assert_string_equal(setting_get("S6_THING", buf, sizeof buf), "12");
    assert_int_equal(setting_uint("S6_THING", &n, 100), 1);
    assert_int_equal(n, 12);
    put("container_environment/S6_THING", "1", 0644);
    assert_int_equal(setting_bool("S6_THING", &n), 1);
    assert_int_equal(n, 1);
    put("container_environment/S6_THING", "", 0644);
    assert_null(setting_get("S6_THING", buf, sizeof buf));
    setenv("S6_THING", "13", 1);
    assert_string_equal(setting_get("S6_THING", buf, sizeof buf), "13");
    setenv("S6_THING", "", 1);
    assert_string_equal(setting_get("S6_THING", buf, sizeof buf), "");
}

static void setting_takes_values_of_any_length(void **state)
{
    (void)state;
    static char big[9000];
    stralloc sa = STRALLOC_ZERO;
    memset(big, 'x', sizeof big - 1);
    unsetenv("S6_BIG");
    assert_null(setting_take("S6_BIG", &sa));
    put("container_environment/S6_BIG", big, 0644);
    assert_string_equal(setting_take("S6_BIG", &sa), big);
    assert_string_equal(setting_take("S6_BIG", &sa), big); /* not behind what was there */
    put("container_environment/S6_BIG", "\n", 0644);
    assert_string_equal(setting_take("S6_BIG", &sa), "");
    put("container_environment/S6_BIG", "", 0644);
    assert_null(setting_take("S6_BIG", &sa));
    setenv("S6_BIG", "small", 1);
    assert_string_equal(setting_take("S6_BIG", &sa), "small");
    assert_null(setting_take("no/name", &sa));
    stralloc_free(&sa);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(setting_parses_numbers),
        cmocka_unit_test(setting_parses_yes_and_no),
        cmocka_unit_test(setting_asks_the_environment_then_the_directory),
        cmocka_unit_test(setting_takes_values_of_any_length),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
