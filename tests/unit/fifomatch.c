#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/fifomatch.h>

static struct fifomatch m;

static int feed(char const *s, size_t *used)
{
    return fifomatch_feed(&m, s, strlen(s), used);
}

/* the byte that completes a match of regex in events; -1: bad expression */
static int first(char const *regex, char const *events)
{
    size_t used;
    if (fifomatch_init(&m, regex) < 0)
        return -1;
    int r = feed(events, &used);
    assert_int_equal(r ? (unsigned char)events[used - 1] : 0, r);
    assert_true(r || used == strlen(events));
    fifomatch_end(&m);
    return r;
}

static void fifomatch_gives_the_byte_that_completes(void **state)
{
    (void)state;
    assert_int_equal(first("b", "abc"), 'b');
    assert_int_equal(first("x", "abc"), 0);
    assert_int_equal(first("[bc]", "abc"), 'b');
    assert_int_equal(first("a.*d", "abcde"), 'd');
    assert_int_equal(first("(ab|bc)c?", "xbc"), 'c');
    assert_int_equal(first("\n", "x\ny"), '\n');
    assert_int_equal(first("\xff", "a\xff"), 255);
    assert_int_equal(first("b", ""), 0);
}

static void fifomatch_of_nothing_takes_the_first_byte(void **state)
{
    (void)state;
    assert_int_equal(first("z*", "ab"), 'a');
    assert_int_equal(first(".", "ab"), 'a');
}

static void fifomatch_knows_anchors(void **state)
{
    (void)state;
    assert_int_equal(first("^a", "ab"), 'a');
    assert_int_equal(first("^b", "ab"), 0);
    assert_int_equal(first("a$", "ab"), 'a');
    assert_int_equal(first("^ab$", "abab"), 'b');
    assert_int_equal(first("b$", "a"), 0);
}

static void fifomatch_refuses_bad_expressions(void **state)
{
    (void)state;
    static char const *const bad[] = {"(", "[", "[[:nonsense:]]", "a\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        errno = 0;
        assert_int_equal(first(bad[i], ""), -1);
        assert_int_equal(errno, EINVAL);
    }
}

static void fifomatch_goes_on_after_a_match(void **state)
{
    size_t used;
    char const *s = "xabyab";
    (void)state;
    assert_int_equal(fifomatch_init(&m, "a[^b]*b"), 0);
    assert_int_equal(feed(s, &used), 'b');
    assert_int_equal(used, 3);
    assert_int_equal(feed(s + used, &used), 'b');
    assert_int_equal(used, 3);
    assert_int_equal(feed("b", &used), 0);
    fifomatch_end(&m);
}

static void fifomatch_accumulates(void **state)
{
    size_t used;
    (void)state;
    assert_int_equal(fifomatch_init(&m, "abc"), 0);
    assert_int_equal(feed("xa", &used), 0);
    assert_int_equal(feed("b", &used), 0);
    assert_int_equal(feed("cd", &used), 'c');
    assert_int_equal(used, 1);
    fifomatch_end(&m);
}

static void fifomatch_passes_over_nul(void **state)
{
    size_t used;
    (void)state;
    assert_int_equal(fifomatch_init(&m, "ab"), 0);
    assert_int_equal(fifomatch_feed(&m, "\0a\0\0b\0", 6, &used), 'b');
    assert_int_equal(used, 5);
    assert_int_equal(fifomatch_feed(&m, "\0", 1, &used), 0);
    fifomatch_end(&m);
}

/* feeds n times the byte c without a match */
static void flood(size_t n, int c)
{
    char buf[1000];
    size_t used;
    memset(buf, c, sizeof buf);
    for (; n; n -= used) {
        assert_int_equal(fifomatch_feed(&m, buf, n < sizeof buf ? n : sizeof buf, &used), 0);
        assert_true(m.len <= FIFOMATCH_MAX);
    }
}

static void fifomatch_remembers_half(void **state)
{
    size_t used;
    (void)state;
    assert_int_equal(fifomatch_init(&m, "ab*c"), 0);
    for (size_t before = 0; before < FIFOMATCH_MAX; before += 16001) {
        flood(before, 'x');
        assert_int_equal(feed("a", &used), 0);
        flood(FIFOMATCH_MAX / 2 - 2, 'b');
        assert_int_equal(feed("c", &used), 'c');
    }
    fifomatch_end(&m);
}

static void fifomatch_is_bounded(void **state)
{
    size_t used;
    (void)state;
    assert_int_equal(fifomatch_init(&m, "^a|^x*c"), 0);
    flood(3 * FIFOMATCH_MAX, 'x');
    assert_int_equal(feed("ac", &used), 0); /* the beginning is long gone */
    fifomatch_end(&m);
}

static void fifomatch_with_dollar_remembers_less(void **state)
{
    size_t used;
    (void)state;
    assert_int_equal(fifomatch_init(&m, "ab*c$"), 0);
    flood(2 * FIFOMATCH_MAX_DOLLAR, 'x');
    assert_int_equal(feed("a", &used), 0);
    flood(FIFOMATCH_MAX_DOLLAR / 2 - 2, 'b');
    assert_int_equal(feed("c", &used), 'c');
    fifomatch_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifomatch_gives_the_byte_that_completes),
        cmocka_unit_test(fifomatch_of_nothing_takes_the_first_byte),
        cmocka_unit_test(fifomatch_knows_anchors),
        cmocka_unit_test(fifomatch_refuses_bad_expressions),
        cmocka_unit_test(fifomatch_goes_on_after_a_match),
        cmocka_unit_test(fifomatch_accumulates),
        cmocka_unit_test(fifomatch_passes_over_nul),
        cmocka_unit_test(fifomatch_remembers_half),
        cmocka_unit_test(fifomatch_is_bounded),
        cmocka_unit_test(fifomatch_with_dollar_remembers_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
