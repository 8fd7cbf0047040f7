#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <cairn/logline.h>

enum { SIZE = 256 };
static char memory[SIZE + LOGLINE_SLACK(SIZE, 4) + 64];
static struct logline l;

static void begin(size_t limit)
{
    memset(memory, '?', sizeof memory);
    l = (struct logline){.buf = memory, .size = SIZE, .limit = limit};
}

static void add(char const *s, size_t n)
{
    memcpy(l.buf + l.end, s, n);
    logline_add(&l, n);
}

static void has(char const *want, size_t complete)
{
    assert_int_equal(l.end - l.start, strlen(want));
    assert_memory_equal(l.buf + l.start, want, strlen(want));
    assert_int_equal(l.complete - l.start, complete);
}

static void completes_lines(void **state)
{
    (void)state;
    begin(0);
    add("", 0);
    has("", 0);
    add("a", 1);
    has("a", 0);
    add("b\nc", 3);
    has("ab\nc", 3);
    add("\0\0d", 3);
    has("ab\nc\n\nd", 6);
    l.start = 3;
    logline_compact(&l);
    assert_int_equal(l.start, 0);
    has("c\n\nd", 3);
    logline_finish(&l);
    has("c\n\nd\n", 5);
    logline_finish(&l);
    has("c\n\nd\n", 5);
}

static void cuts_long_lines(void **state)
{
    (void)state;
    begin(4);
    add("1234", 4);
    has("1234", 0);
    add("\n12345", 6);
    has("1234\n1234\n5", 10);
    add("678\n", 4);
    has("1234\n1234\n5678\n", 15);
    begin(4);
    add("123456789ab\n\ncdefg", 18);
    has("1234\n5678\n9ab\n\ncdef\ng", 20);
}

static void finds_newlines(void **state)
{
    (void)state;
    for (size_t from = 0; from < 40; from++)
        for (size_t at = from; at < 100; at++) {
            memset(memory, 'x', sizeof memory);
            memory[at] = '\n';
            memory[at + 1] = '\n';
            assert_ptr_equal(logline_newline(memory + from), memory + at);
        }
}

static void finds_nuls_anywhere(void **state)
{
    (void)state;
    for (size_t n = 1; n < 200; n++)
        for (size_t at = 0; at < n; at++) {
            begin(0);
            memset(memory, 'x', n);
            memory[at] = 0;
            logline_add(&l, n);
            assert_int_equal(l.complete, at + 1);
            assert_int_equal(memory[at], '\n');
        }
}

/* What fit says, against what is said in the header. */
static void fits(void **state)
{
    (void)state;
    char text[400];
    unsigned int seed = 1;
    for (int round = 0; round < 20000; round++) {
        size_t n = 1 + (size_t)rand_r(&seed) % sizeof text;
        uint64_t max = 20 + (uint64_t)rand_r(&seed) % 200;
        uint64_t threshold = max - (uint64_t)rand_r(&seed) % (max / 2);
        uint64_t size = rand_r(&seed) % 3 ? (uint64_t)rand_r(&seed) % threshold : 0;
        int density = 2 + rand_r(&seed) % 100;
        for (size_t i = 0; i < n; i++)
            text[i] = rand_r(&seed) % density ? 'x' : '\n';
        text[n - 1] = '\n';
        /* line by line */
        size_t want = 0;
        while (want < n && size + want < threshold) {
            size_t end = (size_t)((char *)memchr(text + want, '\n', n - want) - text) + 1;
            if (size + end > max) {
                if (!(size + want))
                    want = end;
                break;
            }
            want = end;
        }
        assert_int_equal(logline_fit(text, n, size, threshold, max), want);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(completes_lines),
        cmocka_unit_test(cuts_long_lines),
        cmocka_unit_test(finds_newlines),
        cmocka_unit_test(finds_nuls_anywhere),
        cmocka_unit_test(fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
