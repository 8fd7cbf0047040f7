#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cairn/yamlscalar.h>

#include "valuetext.h"

static char const *plain(char const *s)
{
    struct tmplvalue v;
    yamlscalar_plain(s, strlen(s), &v);
    return value_as_text(&v);
}

/* Each row as yaml.v2 2.4.0 was seen to have it. */
static void plain_scalars_are_what_yaml_v2_takes_them_for(void **state)
{
    (void)state;
    static char const *const rows[][2] = {
        {"", "nil"},
        {"~", "nil"},
        {"null", "nil"},
        {"Null", "nil"},
        {"NULL", "nil"},
        {"y", "true"},
        {"Y", "true"},
        {"yes", "true"},
        {"Yes", "true"},
        {"YES", "true"},
        {"true", "true"},
        {"True", "true"},
        {"TRUE", "true"},
        {"on", "true"},
        {"On", "true"},
        {"ON", "true"},
        {"n", "false"},
        {"N", "false"},
        {"no", "false"},
        {"No", "false"},
        {"NO", "false"},
        {"false", "false"},
        {"False", "false"},
        {"FALSE", "false"},
        {"off", "false"},
        {"Off", "false"},
        {"OFF", "false"},
        {"0", "0"},
        {"00", "0"},
        {"-0", "0"},
        {"1", "1"},
        {"-1", "-1"},
        {"+1", "1"},
        {"0x1F", "31"},
        {"0X1F", "31"},
        {"-0x10", "-16"},
        {"0x_1", "1"},
        {"0x1_", "1"},
        {"0b101", "5"},
        {"-0b101", "-5"},
        {"+0b1", "1"},
        {"0b1_0", "2"},
        {"0o17", "15"},
        {"0O17", "15"},
        {"-0o17", "-15"},
        {"017", "15"},
        {"-017", "-15"},
        {"0_7", "7"},
        {"1_000", "1000"},
        {"1__000", "1000"},
        {"1_", "1"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"-9223372036854775809", "-9.2233720368547758e+18"},
        {"18446744073709551616", "1.8446744073709552e+19"},
        {"99999999999999999999999", "9.9999999999999992e+22"},
        {"08", "8.0"},
        {"-08", "-8.0"},
        {"0.0", "0.0"},
        {"-0.0", "-0.0"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {".1_0", "0.10000000000000001"},
        {"5.", "5.0"},
        {"+.1_", "0.10000000000000001"},
        {"-._1", "-0.10000000000000001"},
        {"5._1", "5.0999999999999996"},
        {"-_1", "-1"},
        {"0_x1", "1"},
        {"1_e_3", "1000.0"},
        {"1e5", "100000.0"},
        {"1E5", "100000.0"},
        {"1e+5", "100000.0"},
        {"1.e3", "1000.0"},
        {"12e03", "12000.0"},
        {"1.5e-3", "0.0015"},
        {"1_0.5", "10.5"},
        {"1_e3", "1000.0"},
        {"1e1_0", "10000000000.0"},
        {"1e-400", "0.0"},
        {".inf", "inf"},
        {".Inf", "inf"},
        {".INF", "inf"},
        {"+.inf", "inf"},
        {"-.inf", "-inf"},
        {".nan", "nan"},
        {".NaN", "nan"},
        {".NAN", "nan"},
    };
    /* and what are strings */
    static char const *const strings[] = {
        "yEs", "nUll", "tRUE", "_", "_1", "+", "-", ".", "..", "1e", "e5", "1e400", "-1e400",
        "0x1p4", "0x1.8p1", "0x", "0b", "0b2", "0o8", "0x-1", "--1", "+-1", "1-2", "1+2", "1.2.3",
        "1,000", "._1", ".1__", ".1e_3", "._", "._1_2", "-_", "-.inf_", "-_.inf", "0x1_g", "1:30",
        "190:20:30", "1i", "3f", "inf", "+inf", "Infinity", "NaN", "nan", ".iNF", ".inf_", "+.nan",
        "0x1ffffffffffffffff", "<<", "=", "2026-11-26", "2026-11-26 10:00:00",
        "2026-11-26T10:00:00Z", "2026-11-26 release", "2026-1-2", "1 2",
        /* Go's uint64 */
        "9223372036854775808", "18446744073709551615", "0xffffffffffffffff"};
    char want[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(plain(rows[i][0]), rows[i][1]) != 0)
            print_error("the scalar %s\n", rows[i][0]);
        assert_string_equal(plain(rows[i][0]), rows[i][1]);
    }
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        snprintf(want, sizeof want, "'%s'", strings[i]);
        assert_string_equal(plain(strings[i]), want);
    }
}

static void a_string_is_the_bytes_themselves(void **state)
{
    (void)state;
    static char const s[] = "1\0002";
    struct tmplvalue v;
    yamlscalar_plain(s, 3, &v);
    assert_int_equal(v.kind, TMPLVALUE_STRING);
    assert_ptr_equal(v.u.s, s);
    assert_int_equal(v.n, 3);
}

static void long_numbers_are_bounded(void **state)
{
    (void)state;
    static char digits[600];
    struct tmplvalue v;
    for (size_t n = 1; n < sizeof digits; n++) {
        memset(digits, '1', n);
        digits[n] = 0;
        yamlscalar_plain(digits, n, &v);
        /* 309 digits are the last that a float can have */
        assert_int_equal(v.kind, n <= 18   ? TMPLVALUE_INT
                                 : n <= 19 ? TMPLVALUE_INT /* 1111111111111111111 */
                                 : n == 20 ? TMPLVALUE_STRING
                                 : n < 310 ? TMPLVALUE_FLOAT
                                           : TMPLVALUE_STRING);
        memset(digits, '_', n);
        digits[0] = '1';
        yamlscalar_plain(digits, n, &v);
        assert_int_equal(v.kind, TMPLVALUE_INT);
        memset(digits, '0', n);
        yamlscalar_plain(digits, n, &v);
        assert_int_equal(v.kind, n < 400 - 1 ? TMPLVALUE_INT : TMPLVALUE_STRING);
    }
}

/* what the tag makes of it, or "refused" */
static char const *tagged_bytes(char const *tag, char const *s, size_t n)
{
    struct tmplvalue v;
    char const *refusal = yamlscalar_tagged(tag, s, n, &v);
    assert_true(!refusal || *refusal);
    return refusal ? "refused" : value_as_text(&v);
}

static char const *tagged(char const *tag, char const *s)
{
    return tagged_bytes(tag, s, strlen(s));
}

static void tags_are_honoured_or_refused(void **state)
{
    (void)state;
    static char const yaml[] = "tag:yaml.org,2002:";
    static char const *const rows[][3] = {
        {"str", "12", "'12'"},
        {"str", "", "''"},
        {"str", "~", "'~'"},
        {"int", "5", "5"},
        {"int", "1_0", "10"},
        {"int", "abc", "refused"},
        {"int", "5.5", "refused"},
        {"int", "08", "refused"},
        {"int", "", "refused"},
        {"float", "5", "5.0"},
        {"float", "0x10", "16.0"},
        {"float", "1_0", "10.0"},
        {"float", ".inf", "inf"},
        {"float", "abc", "refused"},
        {"bool", "y", "true"},
        {"bool", "abc", "refused"},
        {"bool", "1", "refused"},
        {"null", "~", "nil"},
        {"null", "", "nil"},
        {"null", "x", "refused"},
        {"timestamp", "2026-11-26", "'2026-11-26'"},
        {"binary", "aGVsbG8=", "refused"},
        {"foo", "12", "'12'"},
        {"integer", "12", "'12'"},
        {"", "12", "'12'"},
    };
    char tag[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(tag, sizeof tag, "%s%s", yaml, rows[i][0]);
        assert_string_equal(tagged(tag, rows[i][1]), rows[i][2]);
    }
    assert_string_equal(tagged("!", "12"), "'12'");
    assert_string_equal(tagged("!foo", "12"), "'12'");
    assert_string_equal(tagged("tag:x,2000:int", "abc"), "'abc'");
    assert_string_equal(tagged("int", "abc"), "'abc'");
    assert_string_equal(tagged_bytes("tag:yaml.org,2002:int", "5\0", 2), "refused");
    assert_string_equal(tagged_bytes("tag:yaml.org,2002:str", "5\0x", 3), "'50x'");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(plain_scalars_are_what_yaml_v2_takes_them_for),
        cmocka_unit_test(a_string_is_the_bytes_themselves),
        cmocka_unit_test(long_numbers_are_bounded),
        cmocka_unit_test(tags_are_honoured_or_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("yamlscalar", tests, NULL, NULL);
}
