#include "scratch.h"

#include <cairn/svpolicy.h>

static int parses(struct svpolicy *p, enum svpolicy_file f, char const *text)
{
    return svpolicy_parse(p, f, text, strlen(text)) == 0;
}

static void svpolicy_parses(void **state)
{
    (void)state;
    struct svpolicy p = {.on_exit = SVPOLICY_RESTART};
    assert_true(parses(&p, SVPOLICY_ON_EXIT, "halt\n"));
    assert_int_equal(p.on_exit, SVPOLICY_HALT);
    assert_true(parses(&p, SVPOLICY_ON_EXIT, " nothing \n"));
    assert_int_equal(p.on_exit, SVPOLICY_NOTHING);
    assert_true(parses(&p, SVPOLICY_ON_EXIT, "restart"));
    assert_int_equal(p.on_exit, SVPOLICY_RESTART);
    assert_false(p.unless_finish);
    assert_true(parses(&p, SVPOLICY_ON_EXIT, "halt unless finish\n"));
    assert_true(p.on_exit == SVPOLICY_HALT && p.unless_finish);
    assert_true(parses(&p, SVPOLICY_ON_EXIT, " nothing \tunless  finish "));
    assert_true(p.on_exit == SVPOLICY_NOTHING && p.unless_finish);
    assert_true(parses(&p, SVPOLICY_ON_EXIT, "restart"));
    assert_false(p.unless_finish);
    assert_true(parses(&p, SVPOLICY_BACKOFF, "100 60000\n"));
    assert_int_equal(p.min, 100);
    assert_int_equal(p.max, 60000);
    assert_true(parses(&p, SVPOLICY_BACKOFF, "\t5  5 "));
    assert_int_equal(p.min, 5);
    assert_true(parses(&p, SVPOLICY_LIMIT, "0 1\n"));
    assert_int_equal(p.limit, 0);
    assert_int_equal(p.seconds, 1);
    assert_true(parses(&p, SVPOLICY_LIMIT, "4095 4294967295"));
    struct svpolicy const before = p;
    static char const *const bad_words[] = {"",
                                            "\n",
                                            "Halt",
                                            "halt now",
                                            "halt\n\n",
                                            "no",
                                            "halted",
                                            "halt unless",
                                            "halt unless ",
                                            "halt finish",
                                            "halt unlessfinish",
                                            "haltunless finish",
                                            "unless finish",
                                            "halt unless finish too",
                                            "halt unless finished"};
    for (size_t i = 0; i < sizeof bad_words / sizeof *bad_words; i++)
        assert_false(parses(&p, SVPOLICY_ON_EXIT, bad_words[i]));
    static char const *const bad_pairs[] = {"",      "5",    "5 ",          "a 5",          "5 a",
                                            "5 6 7", "-1 5", "5,6",         "4294967296 5", "5 6x",
                                            "0 0",   "5\n6", "5 4294967296"};
    for (size_t i = 0; i < sizeof bad_pairs / sizeof *bad_pairs; i++) {
        assert_false(parses(&p, SVPOLICY_BACKOFF, bad_pairs[i]));
        assert_false(parses(&p, SVPOLICY_LIMIT, bad_pairs[i]));
    }
    assert_false(parses(&p, SVPOLICY_BACKOFF, "6 5"));
    assert_false(parses(&p, SVPOLICY_BACKOFF, "0 5"));
    assert_false(parses(&p, SVPOLICY_LIMIT, "4096 5"));
    assert_memory_equal(&p, &before, sizeof p);
}

static void svpolicy_reads(void **state)
{
    (void)state;
    struct svpolicy p;
    dir("sd");
    int fd = open(in("sd"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(svpolicy_read(fd, &p), 0);
    assert_true(p.on_exit == SVPOLICY_RESTART && !p.max && !p.seconds);
    put("sd/on-exit", "halt\n", 0644);
    put("sd/restart-backoff", "x\n", 0644);
    put("sd/restart-limit", "3 60\n", 0644);
    assert_int_equal(svpolicy_read(fd, &p), 1u << SVPOLICY_BACKOFF);
    assert_true(p.on_exit == SVPOLICY_HALT && !p.max && p.limit == 3 && p.seconds == 60);
    put("sd/on-exit", "halt unless finish\n", 0644);
    assert_int_equal(svpolicy_read(fd, &p), 1u << SVPOLICY_BACKOFF);
    assert_int_equal(p.on_exit, SVPOLICY_HALT);
    put("sd/finish", "", 0644);
    assert_int_equal(svpolicy_read(fd, &p), 1u << SVPOLICY_BACKOFF);
    assert_true(p.on_exit == SVPOLICY_RESTART && p.limit == 3);
    put("sd/on-exit", "halt\n", 0644);
    assert_int_equal(svpolicy_read(fd, &p), 1u << SVPOLICY_BACKOFF);
    assert_int_equal(p.on_exit, SVPOLICY_HALT);
    char longest[65];
    memset(longest, ' ', sizeof longest);
    longest[64] = 0;
    put("sd/on-exit", longest, 0644);
    assert_int_equal(svpolicy_read(fd, &p), 1u << SVPOLICY_BACKOFF | 1u << SVPOLICY_ON_EXIT);
    assert_true(p.on_exit == SVPOLICY_RESTART && p.seconds == 60);
    assert_int_equal(unlink(in("sd/restart-limit")), 0);
    dir("sd/restart-limit");
    assert_int_equal(svpolicy_read(fd, &p), (1u << SVPOLICY_FILES) - 1);
    close(fd);
}

/* deaths at these times, in milliseconds */
static size_t deaths(struct svdeath *d, unsigned int const *ms, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] = (struct svdeath){.stamp = {{1000 + ms[i] / 1000}, ms[i] % 1000 * 1000000}};
    return n;
}

static void svpolicy_backs_off(void **state)
{
    (void)state;
    struct svpolicy p = {.min = 100, .max = 1000};
    struct svdeath d[8];
    /* each dies at once: 100, 200, 400, 800, 1000, 1000 */
    unsigned int const at_once[] = {0, 100, 300, 700, 1500, 2500, 3500};
    uint32_t const wanted[] = {100, 200, 400, 800, 1000, 1000, 1000};
    for (size_t n = 1; n <= 7; n++)
        assert_int_equal(svpolicy_delay(&p, d, deaths(d, at_once, n)), wanted[n - 1]);
    assert_int_equal(svpolicy_delay(&p, d, 0), 100);
    /* up for exactly max, then longer: from the beginning, and on */
    unsigned int const long_life[] = {0, 1100, 2300, 3500};
    uint32_t const then[] = {100, 200, 400, 800};
    for (size_t n = 1; n <= 4; n++)
        assert_int_equal(svpolicy_delay(&p, d, deaths(d, long_life, n)), then[n - 1]);
    unsigned int const longer[] = {0, 100, 1301, 1401};
    uint32_t const anew[] = {100, 200, 100, 200};
    for (size_t n = 1; n <= 4; n++)
        assert_int_equal(svpolicy_delay(&p, d, deaths(d, longer, n)), anew[n - 1]);
    /* a clock that was set back, and no overflow */
    unsigned int const back[] = {5000, 0, 1, 2};
    assert_int_equal(svpolicy_delay(&p, d, deaths(d, back, 4)), 800);
    struct svdeath many[100];
    memset(many, 0, sizeof many);
    p.min = 3;
    p.max = UINT32_MAX;
    assert_int_equal(svpolicy_delay(&p, many, 100), UINT32_MAX);
}

static void svpolicy_limits(void **state)
{
    (void)state;
    struct svpolicy p = {.limit = 2, .seconds = 10};
    struct svdeath d[4];
    unsigned int const ms[] = {0, 100, 10000, 11000};
    assert_int_equal(svpolicy_is_too_much(&p, d, deaths(d, ms, 2)), 0);
    assert_int_equal(svpolicy_is_too_much(&p, d, deaths(d, ms, 3)), 1); /* 10 s, no more */
    assert_int_equal(svpolicy_is_too_much(&p, d, deaths(d, ms, 4)), 0);
    p.limit = 0;
    assert_int_equal(svpolicy_is_too_much(&p, d, deaths(d, ms, 1)), 1);
    assert_int_equal(svpolicy_is_too_much(&p, d, 0), 0);
    p.seconds = 0;
    assert_int_equal(svpolicy_is_too_much(&p, d, deaths(d, ms, 4)), 0);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(svpolicy_parses),
        cmocka_unit_test(svpolicy_reads),
        cmocka_unit_test(svpolicy_backs_off),
        cmocka_unit_test(svpolicy_limits),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
