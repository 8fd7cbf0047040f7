#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/pool.h>

static void pool_gives_aligned_memory_that_stays(void **state)
{
    (void)state;
    struct pool p;
    char *s[100];
    pool_init(&p, 1 << 20);
    for (unsigned int i = 0; i < 100; i++) {
        s[i] = pool_get(&p, i * 7);
        assert_non_null(s[i]);
        assert_int_equal((uintptr_t)s[i] % sizeof(void *), 0);
        memset(s[i], (int)i, i * 7);
    }
    for (unsigned int i = 0; i < 100; i++)
        for (unsigned int k = 0; k < i * 7; k++)
            assert_int_equal(s[i][k], (char)i);
    pool_free(&p);
}

static void pool_keeps_to_its_bound(void **state)
{
    (void)state;
    struct pool p;
    size_t got = 0;
    pool_init(&p, 100000);
    assert_null(pool_get(&p, 100001));
    assert_int_equal(errno, EDQUOT);
    assert_null(pool_get(&p, SIZE_MAX));
    assert_null(pool_copy(&p, "", SIZE_MAX));
    while (pool_get(&p, 1000))
        got += 1000;
    assert_int_equal(errno, EDQUOT);
    assert_true(got >= 90000 && p.used <= 100000);
    pool_free(&p);
    assert_int_equal(p.used, 0);
    assert_non_null(pool_get(&p, 1000));
    pool_free(&p);
}

static void pool_copies_with_a_zero(void **state)
{
    (void)state;
    struct pool p;
    pool_init(&p, 1 << 16);
    assert_string_equal(pool_copy(&p, "abcdef", 3), "abc");
    assert_string_equal(pool_copy(&p, NULL, 0), "");
    pool_free(&p);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(pool_gives_aligned_memory_that_stays),
        cmocka_unit_test(pool_keeps_to_its_bound),
        cmocka_unit_test(pool_copies_with_a_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
