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

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(instance_path_is_in_the_scan_directory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
