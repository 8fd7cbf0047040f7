#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/lines.h>

/* writes s to a pipe and leaves l ready to read it */
static void start(struct lines *l, char const *s, size_t len)
{
    int p[2];
    assert_int_equal(pipe(p), 0);
    assert_int_equal(write(p[1], s, len), (ssize_t)len);
    close(p[1]);
    lines_init(l, p[0]);
}

static void lines_counts_an_unterminated_line(void **state)
{
    (void)state;
    struct lines l;
    char *line;
    start(&l, "a\n\nb", 4);
    assert_int_equal(lines_next(&l, &line), 1);
    assert_string_equal(line, "a");
    assert_int_equal(lines_next(&l, &line), 1);
    assert_string_equal(line, "");
    assert_int_equal(lines_next(&l, &line), 1);
    assert_string_equal(line, "b");
    assert_int_equal(l.number, 3);
    assert_int_equal(lines_next(&l, &line), 0);
    assert_int_equal(lines_next(&l, &line), 0);
    lines_close(&l);
    start(&l, "", 0);
    assert_int_equal(lines_next(&l, &line), 0);
    lines_close(&l);
}

static void lines_never_cuts(void **state)
{
    (void)state;
    static char text[3 * LINES_MAX];
    struct lines l;
    char *line;
    for (size_t len = LINES_MAX - 2; len < LINES_MAX + 4; len++)
        for (int newline = 0; newline < 2; newline++) {
            memset(text, 'x', len);
            text[len] = '\n';
            memcpy(text + len + 1, "next", 4);
            start(&l, text, newline ? len + 5 : len);
            int fits = len <= LINES_MAX;
            if (fits) {
                assert_int_equal(lines_next(&l, &line), 1);
                assert_int_equal(strlen(line), len);
            }
            if (newline) {
                assert_int_equal(lines_next(&l, &line), 1);
                assert_string_equal(line, "next");
                assert_int_equal(l.number, 2);
            }
            assert_int_equal(lines_next(&l, &line), 0);
            assert_int_equal(l.skipped, !fits);
            lines_close(&l);
        }
}

static void lines_reports_errors(void **state)
{
    (void)state;
    struct lines l;
    char *line;
    assert_int_equal(lines_open(&l, "/nonexistent"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(lines_open(&l, "/"), 0);
    assert_int_equal(lines_next(&l, &line), -1);
    assert_int_equal(errno, EISDIR);
    lines_close(&l);
}

static void lines_word_cuts(void **state)
{
    (void)state;
    char text[] = "  a\tbc \r";
    char *s = text;
    assert_string_equal(lines_word(&s), "a");
    assert_string_equal(lines_word(&s), "bc");
    assert_null(lines_word(&s));
    assert_null(lines_word(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_counts_an_unterminated_line),
        cmocka_unit_test(lines_never_cuts),
        cmocka_unit_test(lines_reports_errors),
        cmocka_unit_test(lines_word_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
