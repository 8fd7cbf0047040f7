#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/poweroftwo.h>

static void poweroftwo_is_not_below(void **state)
{
    (void)state;
    assert_int_equal(poweroftwo(0), 1);
    assert_int_equal(poweroftwo(1), 1);
    assert_int_equal(poweroftwo(2), 2);
    assert_int_equal(poweroftwo(3), 4);
    assert_int_equal(poweroftwo(1000), 1024);
    assert_int_equal(poweroftwo(1u << 31), 1u << 31);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(poweroftwo_is_not_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
