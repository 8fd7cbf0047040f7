#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/argblock.h>

static void argblock_size_counts_up_to_the_empty_word(void **state)
{
    char const *const words[] = {" a", "b", " ", "", "prog", "", NULL};
    size_t n = 9;
    (void)state;
    assert_int_equal(argblock_size(words, &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(argblock_size(words + 3, &n), 0);
    assert_int_equal(n, 0);
}

static void argblock_size_wants_an_end(void **state)
{
    char const *const words[] = {" a", " ", NULL};
    size_t n;
    (void)state;
    assert_int_equal(argblock_size(words, &n), -1);
    assert_int_equal(argblock_size(words + 2, &n), -1);
}

static void argblock_word_strips_one_space(void **state)
{
    (void)state;
    assert_string_equal(argblock_word(" a"), "a");
    assert_string_equal(argblock_word("  a "), " a ");
    assert_string_equal(argblock_word("a"), "a");
    assert_string_equal(argblock_word(" "), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argblock_size_counts_up_to_the_empty_word),
        cmocka_unit_test(argblock_size_wants_an_end),
        cmocka_unit_test(argblock_word_strips_one_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
