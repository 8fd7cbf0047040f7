#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/goregexset.h>

static struct pool pool;

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

static void ranges_are_put_together(void **state)
{
    (void)state;
    struct goregexset set = {.pool = &pool};
    goregexset_add(&set, 'm', 'p');
    goregexset_add(&set, 'a', 'c');
    goregexset_add(&set, 'd', 'f');
    goregexset_add(&set, 'b', 'e');
    assert_true(goregexset_finish(&set, 0));
    assert_int_equal(set.n, 2);
    assert_int_equal(set.range[0].from, 'a');
    assert_int_equal(set.range[0].to, 'f');
    assert_true(goregexset_has(&set, 'p') && !goregexset_has(&set, 'g'));
}

static void the_others_are_all_but_these(void **state)
{
    (void)state;
    struct goregexset set = {.pool = &pool};
    assert_true(goregexset_finish(&set, 1));
    assert_true(goregexset_has(&set, 0) && goregexset_has(&set, 0x10ffff));
    assert_true(goregexset_finish(&set, 1));
    assert_int_equal(set.n, 0);
    goregexset_add(&set, 0, 9);
    goregexset_add(&set, 0x10ffff, 0x10ffff);
    assert_true(goregexset_finish(&set, 1));
    assert_int_equal(set.n, 1);
    assert_true(goregexset_has(&set, 10) && !goregexset_has(&set, 9));
    assert_true(goregexset_has(&set, 0x10fffe) && !goregexset_has(&set, 0x10ffff));
}

static void many_ranges_are_searched_by_halves(void **state)
{
    (void)state;
    struct goregexset set = {.pool = &pool};
    for (unsigned int r = 1000; r; r -= 10)
        goregexset_add(&set, r, r + 1);
    assert_true(goregexset_finish(&set, 0));
    for (unsigned int r = 0; r < 1010; r++)
        assert_int_equal(goregexset_has(&set, r), r >= 10 && r % 10 < 2);
}

static void letters_come_with_their_other_forms(void **state)
{
    (void)state;
    static unsigned int const k[] = {'k', 'K', 0x212a};
    for (size_t i = 0; i < 3; i++) {
        struct goregexset set = {.pool = &pool, .is_folded = 1};
        goregexset_add(&set, k[i], k[i]);
        assert_true(goregexset_finish(&set, 0));
        for (size_t j = 0; j < 3; j++)
            assert_true(goregexset_has(&set, k[j]));
        assert_int_equal(set.n, 3);
    }
}

static void classes_have_names(void **state)
{
    (void)state;
    struct goregexset set = {.pool = &pool};
    assert_true(goregexset_class(&set, "d", 1, 0));
    assert_true(goregexset_class(&set, "cntrl", 5, 0));
    assert_false(goregexset_class(&set, "foo", 3, 0));
    assert_true(goregexset_finish(&set, 0));
    assert_true(goregexset_has(&set, 0) && goregexset_has(&set, '7') && goregexset_has(&set, 127));
    assert_false(goregexset_has(&set, ' '));
    struct goregexset all = {.pool = &pool};
    assert_false(goregexset_category(&all, "Klingon", 7, 0));
    assert_true(goregexset_category(&all, "Any", 3, 0));
    assert_true(goregexset_class(&all, "w", 1, 1));
    assert_true(goregexset_finish(&all, 0));
    assert_int_equal(all.n, 1);
}

static void no_memory_is_said_at_the_end(void **state)
{
    (void)state;
    struct pool none;
    pool_init(&none, 0);
    struct goregexset set = {.pool = &none};
    goregexset_add(&set, 1, 2);
    assert_false(goregexset_finish(&set, 0));
    assert_false(goregexset_finish(&set, 1));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test_setup_teardown(ranges_are_put_together, setup, teardown),
        cmocka_unit_test_setup_teardown(the_others_are_all_but_these, setup, teardown),
        cmocka_unit_test_setup_teardown(many_ranges_are_searched_by_halves, setup, teardown),
        cmocka_unit_test_setup_teardown(letters_come_with_their_other_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(classes_have_names, setup, teardown),
        cmocka_unit_test_setup_teardown(no_memory_is_said_at_the_end, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
