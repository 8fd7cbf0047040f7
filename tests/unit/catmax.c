#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/catmax.h>

static void catmax_appends_up_to_the_greatest_length(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    assert_true(catmax(&sa, 8, NULL, 0));
    assert_int_equal(sa.len, 0);
    assert_true(catmax_text(&sa, 8, "abc"));
    assert_true(catmax_fill(&sa, 8, '-', 4));
    assert_true(catmax(&sa, 8, "\0x", 1));
    assert_int_equal(sa.len, 8);
    assert_memory_equal(sa.s, "abc----\0", 8);
    assert_true(catmax_text(&sa, 8, ""));
    stralloc_free(&sa);
}

static void catmax_leaves_what_does_not_fit(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    assert_true(catmax_text(&sa, 4, "abc"));
    errno = 0;
    assert_false(catmax_text(&sa, 4, "de"));
    assert_int_equal(errno, EDQUOT);
    errno = 0;
    assert_false(catmax_fill(&sa, 4, ' ', SIZE_MAX));
    assert_int_equal(errno, EDQUOT);
    /* longer than is allowed already */
    errno = 0;
    assert_false(catmax_text(&sa, 2, "d"));
    assert_int_equal(errno, EDQUOT);
    assert_int_equal(sa.len, 3);
    stralloc_free(&sa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catmax_appends_up_to_the_greatest_length),
        cmocka_unit_test(catmax_leaves_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
