/* Formats of one verb are the clearest way to say what struct tmplverb has, so printf reads them.
 */

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmplprint.h>
#include <cairn/tmplverb.h>

enum { MAX = 4096 };

struct row {
    char const *format;
    char const *want;
};

static void becomes(struct tmplvalue v, struct row const *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        stralloc sa = STRALLOC_ZERO;
        assert_true(tmplprint_printf(&sa, MAX, row[i].format, strlen(row[i].format), &v, 1));
        assert_true(stralloc_0(&sa));
        assert_string_equal(sa.s, row[i].want);
        stralloc_free(&sa);
    }
}
#define BECOMES(v, ...)                                                                            \
    do {                                                                                           \
        static struct row const rows[] = {__VA_ARGS__};                                            \
        becomes(v, rows, sizeof rows / sizeof *rows);                                              \
    } while (0)

static void tmplverb_of_integers(void **state)
{
    (void)state;
    BECOMES(tmplvalue_int(42), {"%v", "42"}, {"%d", "42"}, {"%+v", "42"}, {"%#v", "42"},
            {"%T", "int"}, {"%b", "101010"}, {"%o", "52"}, {"%O", "0o52"}, {"%x", "2a"},
            {"%X", "2A"}, {"%c", "*"}, {"%q", "'*'"}, {"%U", "U+002A"}, {"%#U", "U+002A '*'"},
            {"%s", "%!s(int=42)"}, {"%t", "%!t(int=42)"}, {"%f", "%!f(int=42)"},
            {"%z", "%!z(int=42)"}, {"%\u263a", "%!\u263a(int=42)"});
    BECOMES(tmplvalue_int(42), {"%5d", "   42"}, {"%-5d|", "42   |"}, {"%05d", "00042"},
            {"%+d", "+42"}, {"% d", " 42"}, {"%+ d", "+42"}, {"%+05d", "+0042"}, {"% 05d", " 0042"},
            {"%-05d|", "42   |"}, {"%0-5d|", "42   |"}, {"%.4d", "0042"}, {"%8.4d", "    0042"},
            {"%08.4d", "    0042"}, {"%-8.4d|", "0042    |"}, {"%1d", "42"});
    /* a prefix goes beyond the width of zeros, as in Go; the octal one is one of them */
    BECOMES(tmplvalue_int(42), {"%#x", "0x2a"}, {"%#X", "0X2A"}, {"%#b", "0b101010"},
            {"%#o", "052"}, {"%#O", "0o52"}, {"%#04x", "0x002a"}, {"%#8x", "    0x2a"},
            {"%#.4x", "0x002a"}, {"%#05o", "00052"}, {"%#.3o", "052"}, {"%#.2o", "052"},
            {"%+#x", "+0x2a"}, {"%+#06x", "+0x0002a"});
    BECOMES(tmplvalue_int(-7), {"%d", "-7"}, {"%05d", "-0007"}, {"%x", "-7"}, {"%+d", "-7"},
            {"%#o", "-07"}, {"%.3d", "-007"}, {"%5d", "   -7"}, {"%c", "\ufffd"},
            {"%q", "'\ufffd'"}, {"%U", "U+FFFFFFFFFFFFFFF9"}, {"%#U", "U+FFFFFFFFFFFFFFF9"});
    BECOMES(tmplvalue_int(0), {"%d", "0"}, {"%.0d", ""}, {"%.d", ""}, {"%4.0d", "    "},
            {"%04.0d", "    "}, {"%+.0d", ""}, {"%#x", "0x0"}, {"%#o", "0"}, {"%O", "0o0"},
            {"%q", "'\\x00'"});
    BECOMES(tmplvalue_int(INT64_MIN), {"%d", "-9223372036854775808"}, {"%x", "-8000000000000000"},
            {"%b", "-1000000000000000000000000000000000000000000000000000000000000000"});
    BECOMES(tmplvalue_int(0x2603), {"%c", "\u2603"}, {"%q", "'\u2603'"}, {"%+q", "'\\u2603'"},
            {"%U", "U+2603"}, {"%#U", "U+2603 '\u2603'"}, {"%.6U", "U+002603"},
            {"%3c|", "  \u2603|"}, {"%-3c|", "\u2603  |"}, {"%#12U", "  U+2603 '\u2603'"},
            {"%010U", "    U+2603"}, {"%05q", "00'\u2603'"});
    BECOMES(tmplvalue_int(10), {"%#U", "U+000A"}, {"%q", "'\\n'"});
    BECOMES(tmplvalue_int(0x110000), {"%c", "\ufffd"}, {"%U", "U+110000"}, {"%q", "'\ufffd'"});
}

static void tmplverb_of_floats(void **state)
{
    (void)state;
    BECOMES(tmplvalue_float(3.25), {"%v", "3.25"}, {"%+v", "3.25"}, {"%#v", "3.25"},
            {"%T", "float64"}, {"%g", "3.25"}, {"%f", "3.250000"}, {"%F", "3.250000"},
            {"%e", "3.250000e+00"}, {"%E", "3.250000E+00"}, {"%x", "0x1.ap+01"},
            {"%X", "0X1.AP+01"}, {"%b", "7318349394477056p-51"}, {"%d", "%!d(float64=3.25)"},
            {"%s", "%!s(float64=3.25)"}, {"%c", "%!c(float64=3.25)"}, {"%U", "%!U(float64=3.25)"});
    BECOMES(tmplvalue_float(3.25), {"%8.2f", "    3.25"}, {"%-8.2f|", "3.25    |"},
            {"%08.2f", "00003.25"}, {"%+08.2f", "+0003.25"}, {"% 08.2f", " 0003.25"},
            {"%+.1f", "+3.2"}, {"% f", " 3.250000"}, {"%.2v", "3.2"}, {"%6v", "  3.25"},
            {"%.0f", "3"}, {"%#.0f", "3."}, {"%#g", "3.25000"}, {"%2f", "3.250000"});
    BECOMES(tmplvalue_float(-1.5), {"%06.2f", "-01.50"}, {"%6.1f", "  -1.5"}, {"%+f", "-1.500000"},
            {"%-6.1f|", "-1.5  |"});
    BECOMES(tmplvalue_float(-0.0), {"%v", "-0"}, {"%.1f", "-0.0"}, {"%05g", "-0000"});
    BECOMES(tmplvalue_float(1e6), {"%v", "1e+06"}, {"%.0f", "1000000"}, {"%G", "1E+06"},
            {"%#v", "1e+06"});
    BECOMES(tmplvalue_float(123456789), {"%v", "1.23456789e+08"}, {"%.3g", "1.23e+08"});
    BECOMES(tmplvalue_float(INFINITY), {"%v", "+Inf"}, {"%+f", "+Inf"}, {"% f", " Inf"},
            {"%06f", "  +Inf"}, {"%-6f|", "+Inf  |"}, {"%#g", "+Inf"});
    BECOMES(tmplvalue_float(-INFINITY), {"%v", "-Inf"}, {"% 6f", "  -Inf"});
    BECOMES(tmplvalue_float(NAN), {"%v", "NaN"}, {"%+f", "+NaN"}, {"% f", " NaN"},
            {"%06f", "   NaN"});
    struct tmplvalue i = {.kind = TMPLVALUE_IMAGINARY, .u.f = 2};
    BECOMES(i, {"%v", "(0+2i)"}, {"%.1f", "(0.0+2.0i)"}, {"%5.1f", "(  0.0 +2.0i)"},
            {"%05.1f", "(000.0+02.0i)"}, {"%+g", "(+0+2i)"}, {"%T", "complex128"},
            {"%d", "%!d(complex128=(0+2i))"});
}

static void tmplverb_of_strings(void **state)
{
    (void)state;
    BECOMES(tmplvalue_text("hi"), {"%v", "hi"}, {"%s", "hi"}, {"%+v", "hi"}, {"%#v", "\"hi\""},
            {"%T", "string"}, {"%q", "\"hi\""}, {"%#q", "`hi`"}, {"%x", "6869"}, {"%X", "6869"},
            {"% x", "68 69"}, {"%#x", "0x6869"}, {"%# x", "0x68 0x69"}, {"%#X", "0X6869"},
            {"%.1x", "68"}, {"%6x", "  6869"}, {"%-6x|", "6869  |"}, {"%06x", "006869"},
            {"%d", "%!d(string=hi)"}, {"%t", "%!t(string=hi)"}, {"%f", "%!f(string=hi)"});
    BECOMES(tmplvalue_text("h\u00e9llo"), {"%8s", "   h\u00e9llo"}, {"%-8s|", "h\u00e9llo   |"},
            {"%08s", "000h\u00e9llo"}, {"%.2s", "h\u00e9"}, {"%.0s", ""}, {"%.9s", "h\u00e9llo"},
            {"%5.2s", "   h\u00e9"}, {"%.2q", "\"h\u00e9\""}, {"%+q", "\"h\\u00e9llo\""},
            {"%9q", "  \"h\u00e9llo\""}, {"%#.1v", "\"h\""}, {"%.3x", "68c3a9"},
            {"%X", "68C3A96C6C6F"});
    BECOMES(tmplvalue_text("has`tick"), {"%#q", "\"has`tick\""});
    BECOMES(tmplvalue_text("a\tb"), {"%#q", "`a\tb`"}, {"%q", "\"a\\tb\""}, {"%#+q", "`a\tb`"});
    BECOMES(tmplvalue_text(""), {"%s", ""}, {"%3s", "   "}, {"%q", "\"\""}, {"%x", ""}, {"%#x", ""},
            {"%3x", "   "}, {"%#v", "\"\""});
    BECOMES(tmplvalue_text("a\xff"), {"%s", "a\xff"}, {"%q", "\"a\\xff\""}, {"%4s", "  a\xff"},
            {"%.1s", "a"});
}

/* What a verb cannot show is shown with the flags and the width that it has. */
static void tmplverb_of_wrong_verbs(void **state)
{
    (void)state;
    BECOMES(tmplvalue_int(5), {"%02s", "%!s(int=05)"}, {"%+t", "%!t(int=+5)"},
            {"%-3s", "%!s(int=5  )"}, {"%.3s", "%!s(int=005)"});
    BECOMES(tmplvalue_text("abc"), {"%5d", "%!d(string=  abc)"}, {"%.1d", "%!d(string=a)"},
            {"%#d", "%!d(string=abc)"});
    BECOMES(tmplvalue_float(1.5), {"%.2d", "%!d(float64=1.5)"}, {"%#d", "%!d(float64=1.50000)"});
}

static void tmplverb_of_bool_and_nothing(void **state)
{
    (void)state;
    BECOMES(tmplvalue_bool(1), {"%v", "true"}, {"%t", "true"}, {"%#v", "true"}, {"%T", "bool"},
            {"%5t", " true"}, {"%-5t|", "true |"}, {"%05t", "0true"}, {"%d", "%!d(bool=true)"},
            {"%q", "%!q(bool=true)"}, {"%s", "%!s(bool=true)"});
    BECOMES(tmplvalue_bool(0), {"%v", "false"}, {"%6v", " false"});
    BECOMES(tmplvalue_nil(), {"%v", "<nil>"}, {"%+v", "<nil>"}, {"%#v", "<nil>"}, {"%T", "<nil>"},
            {"%7v", "  <nil>"}, {"%-7T|", "<nil>  |"}, {"%d", "%!d(<nil>)"}, {"%s", "%!s(<nil>)"},
            {"%5s", "%!s(<nil>)"});
    BECOMES(tmplvalue_none(), {"%v", "<nil>"}, {"%q", "%!q(<nil>)"});
}

static void tmplverb_of_lists_and_maps(void **state)
{
    (void)state;
    static char const b[] = "b";
    struct tmplvalue const numbers[] = {tmplvalue_int(3), tmplvalue_int(1), tmplvalue_int(2)};
    struct tmplvalue const mixed[] = {tmplvalue_int(1), tmplvalue_text("x"), tmplvalue_nil(),
                                      tmplvalue_bool(1), tmplvalue_list(numbers, 2)};
    struct tmplvalue strings = tmplvalue_list(mixed + 1, 1);
    struct tmplentry entry[] = {{.key = b, .n = 1, .value = tmplvalue_text("y")},
                                {.key = "a", .n = 1, .value = tmplvalue_int(1)}};
    strings.flags = TMPLVALUE_OF_STRINGS;
    BECOMES(tmplvalue_list(numbers, 3), {"%v", "[3 1 2]"}, {"%+v", "[3 1 2]"}, {"%d", "[3 1 2]"},
            {"%03d", "[003 001 002]"}, {"%-2d", "[3  1  2 ]"}, {"%x", "[3 1 2]"},
            {"%q", "['\\x03' '\\x01' '\\x02']"}, {"%T", "[]interface {}"}, {"%.3T", "[]i"},
            {"%s", "[%!s(int=3) %!s(int=1) %!s(int=2)]"}, {"%#v", "[]interface {}{3, 1, 2}"});
    BECOMES(tmplvalue_list(mixed, 5), {"%v", "[1 x <nil> true [3 1]]"},
            {"%2v", "[ 1  x <nil> true [ 3  1]]"},
            {"%d", "[1 %!d(string=x) <nil> %!d(bool=true) [3 1]]"},
            {"%#v", "[]interface {}{1, \"x\", interface {}(nil), true, []interface {}{3, 1}}"});
    BECOMES(tmplvalue_list(NULL, 0), {"%v", "[]"}, {"%d", "[]"}, {"%#v", "[]interface {}{}"});
    BECOMES(strings, {"%v", "[x]"}, {"%q", "[\"x\"]"}, {"%T", "[]string"},
            {"%#v", "[]string{\"x\"}"}, {"%x", "[78]"});
    BECOMES(tmplvalue_map(entry, 2), {"%v", "map[a:1 b:y]"}, {"%+v", "map[a:1 b:y]"},
            {"%2v", "map[ a: 1  b: y]"}, {"%d", "map[%!d(string=a):1 %!d(string=b):%!d(string=y)]"},
            {"%q", "map[\"a\":'\\x01' \"b\":\"y\"]"}, {"%x", "map[61:1 62:79]"},
            {"%T", "map[string]interface {}"},
            {"%#v", "map[string]interface {}{\"a\":1, \"b\":\"y\"}"});
    BECOMES(tmplvalue_map(NULL, 0), {"%v", "map[]"}, {"%s", "map[]"});
}

static int shout(struct tmplobject const *o, struct pool *p, struct tmplvalue *result)
{
    char *s = pool_copy(p, o->data, strlen(o->data));
    if (s)
        *result = tmplvalue_text(s);
    return s != NULL;
}

static void tmplverb_of_objects(void **state)
{
    (void)state;
    static char const *const fields[] = {"Key", "Value"};
    static struct tmplclass const pair = {"memkv.KVPair", fields, 2, NULL, 0, NULL};
    static struct tmplclass const tag = {"main.Tag", fields, 2, NULL, 0, shout};
    static char text[] = "hey";
    struct tmplvalue const values[] = {tmplvalue_text("/k"), tmplvalue_nil()};
    struct tmplobject p = {&pair, values, NULL};
    struct tmplobject t = {&tag, values, text};
    BECOMES(tmplvalue_object(&p), {"%v", "{/k <nil>}"}, {"%s", "{/k <nil>}"},
            {"%+v", "{Key:/k Value:<nil>}"}, {"%q", "{\"/k\" <nil>}"}, {"%T", "memkv.KVPair"},
            {"%#v", "memkv.KVPair{Key:\"/k\", Value:interface {}(nil)}"},
            {"%d", "{%!d(string=/k) <nil>}"});
    BECOMES(tmplvalue_object(&t), {"%v", "hey"}, {"%+v", "hey"}, {"%5s", "  hey"},
            {"%q", "\"hey\""}, {"%x", "686579"}, {"%d", "{%!d(string=/k) <nil>}"},
            {"%#v", "main.Tag{Key:\"/k\", Value:interface {}(nil)}"});
}

static void tmplverb_is_bounded(void **state)
{
    (void)state;
    static struct tmplvalue deep[2000];
    static char const *const formats[] = {"%1000000d",  "%01000000d", "%.1000000d", "%.1000000U",
                                          "%-1000000d", "%1000000c",  "%1000000q"};
    struct tmplvalue v = tmplvalue_int(7);
    stralloc sa = STRALLOC_ZERO;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        errno = 0;
        sa.len = 0;
        assert_false(tmplprint_printf(&sa, MAX, formats[i], strlen(formats[i]), &v, 1));
        assert_int_equal(errno, EDQUOT);
        assert_true(sa.len <= MAX);
    }
    deep[0] = tmplvalue_list(NULL, 0);
    for (size_t i = 1; i < sizeof deep / sizeof *deep; i++)
        deep[i] = tmplvalue_list(deep + i - 1, 1);
    struct tmplverb plain = {.rune = 'v', .utf8 = "v", .width = -1, .precision = -1};
    errno = 0;
    sa.len = 0;
    assert_true(tmplverb_put(&sa, MAX, &plain, deep + 900));
    assert_int_equal(sa.len, 2 * 901);
    assert_false(tmplverb_put(&sa, (size_t)1 << 20, &plain, deep + 1999));
    assert_int_equal(errno, EDQUOT);
    sa.len = 0;
    assert_true(tmplverb_put_typed(&sa, MAX, &v));
    assert_int_equal(sa.len, strlen("int=7"));
    assert_memory_equal(sa.s, "int=7", sa.len);
    stralloc_free(&sa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tmplverb_of_integers),
        cmocka_unit_test(tmplverb_of_floats),
        cmocka_unit_test(tmplverb_of_strings),
        cmocka_unit_test(tmplverb_of_wrong_verbs),
        cmocka_unit_test(tmplverb_of_bool_and_nothing),
        cmocka_unit_test(tmplverb_of_lists_and_maps),
        cmocka_unit_test(tmplverb_of_objects),
        cmocka_unit_test(tmplverb_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
