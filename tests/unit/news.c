/* news: once, until a complete pass has not seen it */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cairn/news.h>

static void news_is_said_once(void **state)
{
    (void)state;
    struct news n = {{0}, {0}, 0};
    assert_true(news_is(&n, "a", 1));
    assert_false(news_is(&n, "a", 1));
    assert_true(news_is(&n, "a", 2));
    assert_true(news_is(&n, "b", 1));
    news_end(&n, 1);
    assert_false(news_is(&n, "a", 1));
    news_end(&n, 1);
    /* b was well in between */
    assert_true(news_is(&n, "b", 1));
    assert_false(news_is(&n, "a", 1));
}

static void news_survives_a_pass_that_broke_off(void **state)
{
    (void)state;
    struct news n = {{0}, {0}, 0};
    assert_true(news_is(&n, "a", 1));
    news_end(&n, 1);
    news_end(&n, 0);
    assert_false(news_is(&n, "a", 1));
    news_end(&n, 1);
    news_end(&n, 1);
    assert_true(news_is(&n, "a", 1));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(news_is_said_once),
        cmocka_unit_test(news_survives_a_pass_that_broke_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
