#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/utf8.h>

static void utf8_reads_what_it_wrote(void **state)
{
    (void)state;
    /* the least and the greatest of each length, and what surrounds the surrogates */
    static struct {
        unsigned int rune;
        size_t n;
    } const rows[] = {
        {0, 1},      {0x7f, 1},   {0x80, 2},   {0x7ff, 2},   {0x800, 3},
        {0xd7ff, 3}, {0xe000, 3}, {0xffff, 3}, {0x10000, 4}, {0x10ffff, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buf[UTF8_MAX];
        unsigned int rune;
        int ok;
        assert_int_equal(utf8_put(buf, rows[i].rune), rows[i].n);
        assert_int_equal(utf8_get(buf, rows[i].n, &rune, &ok), rows[i].n);
        assert_true(ok);
        assert_int_equal(rune, rows[i].rune);
        if (rows[i].n == 1)
            continue;
        /* without its last byte it is none */
        assert_int_equal(utf8_get(buf, rows[i].n - 1, &rune, &ok), 1);
        assert_false(ok);
        assert_int_equal(rune, UTF8_NONE);
    }
}

static void utf8_of_no_character(void **state)
{
    (void)state;
    static char const *const rows[] = {
        "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff",
    };
    static unsigned int const none[] = {0xd800, 0xdfff, 0x110000, 0xffffffff};
    char buf[UTF8_MAX];
    unsigned int rune;
    int ok;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(utf8_get(rows[i], strlen(rows[i]), &rune, &ok), 1);
        assert_false(ok);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(utf8_put(buf, none[i]), 3);
        assert_memory_equal(buf, "\xef\xbf\xbd", 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_reads_what_it_wrote),
        cmocka_unit_test(utf8_of_no_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
