#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/runecase.h>

static void is_text(char const *in, unsigned int (*change)(unsigned int), char const *want)
{
    size_t n = strlen(in);
    char *buf = malloc(n + 1);
    assert_non_null(buf);
    runecase_text(buf, in, n, change);
    buf[n] = 0;
    assert_string_equal(buf, want);
    free(buf);
}

/* Each the other's other form. */
static void pair(char const *capital, char const *small)
{
    is_text(small, runecase_upper, capital);
    is_text(capital, runecase_lower, small);
    is_text(capital, runecase_upper, capital);
    is_text(small, runecase_lower, small);
}

static void runecase_of_alphabets(void **state)
{
    (void)state;
    pair("", "");
    pair("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz");
    pair("@[`{0-9", "@[`{0-9");
    /* German, French, Danish, Icelandic, Spanish */
    pair("ÄÖÜ ÀÉÈÊÇŒŸ ÆØÅ ÞÐÝ Ñ", "äöü àéèêçœÿ æøå þðý ñ");
    /* Polish, Czech, Hungarian, Turkish but for i, Latvian, Romanian, Maltese */
    pair("ĄĆĘŁŃÓŚŹŻ ČĎĚŇŘŠŤŮŽ ŐŰ ĞŞ ĀĒĢĪĶĻŅŪ ȘȚ ĦĠ", "ąćęłńóśźż čďěňřšťůž őű ğş āēģīķļņū șț ħġ");
    /* Vietnamese, Welsh, Pinyin */
    pair("ƠƯẠẢẤỆỄỐỒỰỲỴỸ ẀẂẄ ǍǏǓǛ", "ơưạảấệễốồựỳỵỹ ẁẃẅ ǎǐǔǜ");
    pair("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫ ΆΈΉΊΌΎΏ", "αβγδεζηθικλμνξοπρστυφχψωϊϋ άέήίόύώ");
    is_text("Σς", runecase_upper, "ΣΣ");
    is_text("Σς", runecase_lower, "σς");
    pair("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя");
    /* Ukrainian, Serbian, Macedonian, Kazakh, Chuvash, Chechen */
    pair("ҐЄІЇ ЂЈЉЊЋЏ ЃЌЅ ӘҒҚҢӨҰҮҺ ӐӖҪӲ Ӏ", "ґєії ђјљњћџ ѓќѕ әғқңөұүһ ӑӗҫӳ ӏ");
}

static void runecase_leaves_the_rest(void **state)
{
    (void)state;
    pair("ß×÷ªº ĸŉ ΐΰ 日本 \U0001d400", "ß×÷ªº ĸŉ ΐΰ 日本 \U0001d400");
    /* whose other form has another length */
    pair("ıſİẞ", "ıſİẞ");
    /* no UTF-8 */
    is_text("a\377b\303", runecase_upper, "A\377B\303");
    is_text("a\355\240\200b\300\201", runecase_upper, "A\355\240\200B\300\201");
    assert_int_equal(runecase_upper(0), 0);
    assert_int_equal(runecase_lower(0), 0);
    assert_int_equal(runecase_upper(1), 1);
    assert_int_equal(runecase_upper(UINT32_MAX), UINT32_MAX);
    assert_int_equal(runecase_lower(UINT32_MAX), UINT32_MAX);
}

/* Whatever the table says: a letter that changes comes back, but for the second sigma. */
static void runecase_there_and_back(void **state)
{
    unsigned int letters = 0;
    (void)state;
    for (unsigned int rune = 0; rune < 0x110000; rune++) {
        unsigned int upper = runecase_upper(rune);
        unsigned int lower = runecase_lower(rune);
        assert_true(upper == rune || lower == rune);
        assert_true(upper == rune || runecase_lower(upper) == rune || rune == 0x3c2);
        assert_true(lower == rune || runecase_upper(lower) == rune);
        letters += lower != rune;
    }
    assert_in_range(letters, 400, 600);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(runecase_of_alphabets),
        cmocka_unit_test(runecase_leaves_the_rest),
        cmocka_unit_test(runecase_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
