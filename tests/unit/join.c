/* join: whole, cut off, nothing */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <cairn/join.h>

static void join_is_whole_or_cut_off(void **state)
{
    (void)state;
    char buf[8];
    assert_int_equal(join(buf, sizeof buf, "ab", "", "cd"), 4);
    assert_string_equal(buf, "abcd");
    assert_int_equal(join(buf, sizeof buf, "abc", "defg"), 7);
    assert_string_equal(buf, "abcdefg");
    assert_int_equal(join(buf, sizeof buf, "abc", "defgh", "i"), 9);
    assert_string_equal(buf, "abcdefg");
    assert_int_equal(join(buf, 1, "abc"), 3);
    assert_string_equal(buf, "");
    assert_int_equal(join(buf, sizeof buf, ""), 0);
    assert_string_equal(buf, "");
}

static void join_writes_no_further(void **state)
{
    (void)state;
    char buf[8];
    for (size_t size = 1; size < sizeof buf; size++) {
        memset(buf, 'x', sizeof buf);
        assert_int_equal(join(buf, size, "12", "345", "6789"), 9);
        assert_int_equal(strlen(buf), size - 1);
        assert_int_equal(buf[size], 'x');
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(join_is_whole_or_cut_off),
        cmocka_unit_test(join_writes_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
