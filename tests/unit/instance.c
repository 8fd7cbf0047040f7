#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/instance.h>

static void instance_path_is_in_the_scan_directory(void **state)
{
    (void)state;
    char buf[32];
    assert_ptr_equal(instance_path(buf, sizeof buf, "sv", "one"), buf);
    assert_string_equal(buf, "sv/instance/one");
    assert_string_equal(instance_path(buf, 16, "sv", "one"), "sv/instance/one");
    assert_null(instance_path(buf, 15, "sv", "one"));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(instance_path(buf, sizeof buf, "sv", ""), "sv/instance/");
}

static void instance_options_leaves_two_operands(void **state)
{
    (void)state;
    char const *const good[] = {"x", "-ab", "-w", "1", "sv", "one", NULL};
    char const *const few[] = {"x", "-a", "sv", NULL};
    char const *const bad[] = {"x", "-z", "sv", "one", NULL};
    assert_int_equal(instance_options(6, good, "abw:"), 4);
    assert_int_equal(instance_options(3, few, "a"), -1);
    assert_int_equal(instance_options(4, bad, "a"), -1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(instance_path_is_in_the_scan_directory),
        cmocka_unit_test(instance_options_leaves_two_operands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
