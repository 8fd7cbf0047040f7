/* timerheap: against a plain array that is searched, over many random steps */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include <cairn/timerheap.h>

enum { MAX = 50, STEPS = 200000 };

static uint64_t armed[MAX];

static uint64_t earliest(void)
{
    uint64_t best = TIMERHEAP_NEVER;
    for (unsigned int i = 0; i < MAX; i++)
        if (armed[i] < best)
            best = armed[i];
    return best;
}

static uint32_t random_below(uint32_t n)
{
    static uint32_t x = 12345;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x % n;
}

static void timerheap_names_the_earliest(void **state)
{
    (void)state;
    struct timerheap h;
    uint32_t id = 0;
    void *mem = calloc(1, timerheap_size(MAX));
    assert_non_null(mem);
    timerheap_init(&h, mem, MAX);
    assert_true(timerheap_next(&h, &id) == TIMERHEAP_NEVER);
    for (unsigned int i = 0; i < MAX; i++)
        armed[i] = TIMERHEAP_NEVER;
    for (unsigned int step = 0; step < STEPS; step++) {
        uint32_t which = random_below(MAX);
        /* few values, so that many are equal; a third are disarmed */
        armed[which] = random_below(3) ? random_below(40) : TIMERHEAP_NEVER;
        timerheap_set(&h, which, armed[which]);
        uint64_t due = timerheap_next(&h, &id);
        assert_true(due == earliest());
        if (due != TIMERHEAP_NEVER)
            assert_true(armed[id] == due);
    }
    /* taken out in order, nothing is left */
    uint64_t before = 0, due;
    while ((due = timerheap_next(&h, &id)) != TIMERHEAP_NEVER) {
        assert_true(due >= before);
        assert_true(armed[id] == due);
        before = due;
        armed[id] = TIMERHEAP_NEVER;
        timerheap_set(&h, id, TIMERHEAP_NEVER);
    }
    assert_true(earliest() == TIMERHEAP_NEVER);
    free(mem);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(timerheap_names_the_earliest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
