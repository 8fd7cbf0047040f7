#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/gofloat.h>

enum { MAX = 4096 };

static void becomes(double f, char form, int precision, int is_sharp, char const *want)
{
    stralloc sa = STRALLOC_ZERO;
    struct gofloat how = {form, is_sharp, precision};
    assert_true(gofloat_put(&sa, MAX, &how, f));
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, want);
    stralloc_free(&sa);
}

static void gofloat_shortest_form(void **state)
{
    (void)state;
    static struct {
        double f;
        char const *want;
    } const rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {1e-4, "0.0001"},
        {9.9e-5, "9.9e-05"},
        {1e-5, "1e-05"},
        {100000, "100000"},
        {999999.5, "999999.5"},
        {1e6, "1e+06"},
        {1234567, "1.234567e+06"},
        {123456.789, "123456.789"},
        {123456789, "1.23456789e+08"},
        {1e100, "1e+100"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {0.1 + 0.2, "0.30000000000000004"},
        {5e-324, "5e-324"},
        {2.2250738585072011e-308, "2.225073858507201e-308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_MAX, "1.7976931348623157e+308"},
        /* powers of two whose nearest 16 digits do not read back, but others do */
        {0x1p-44, "5.684341886080802e-14"},
        {0x1p-1017, "7.120236347223045e-307"},
        {0x1p-808, "5.858190679279809e-244"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        becomes(rows[i].f, 'g', -1, 0, rows[i].want);
    becomes(1e21, 'f', -1, 0, "1000000000000000000000");
    becomes(1.25e-7, 'f', -1, 0, "0.000000125");
    becomes(123.5, 'e', -1, 0, "1.235e+02");
    becomes(1e-10, 'G', -1, 0, "1E-10");
}

/* Every power of two, and its neighbours. */
static void gofloat_shortest_reads_back(void **state)
{
    (void)state;
    for (int e = -1074; e < 1024; e++)
        for (int side = -1; side <= 1; side++) {
            char digit[GOFLOAT_DIGITS];
            char text[64];
            int exponent;
            double f = ldexp(1, e);
            uint64_t bits;
            memcpy(&bits, &f, sizeof bits);
            bits += (uint64_t)side;
            memcpy(&f, &bits, sizeof f);
            if (!bits)
                continue;
            size_t n = gofloat_shortest(digit, &exponent, f);
            snprintf(text, sizeof text, "%.*se%d", (int)n, digit, exponent - (int)n + 1);
            assert_true(strtod(text, NULL) == f);
            /* no digits of the precision before do, as far as C can tell */
            if (n > 1) {
                snprintf(text, sizeof text, "%.*e", (int)n - 2, f);
                assert_true(strtod(text, NULL) != f);
            }
        }
}

static void gofloat_with_precision(void **state)
{
    (void)state;
    becomes(3.25, 'f', 6, 0, "3.250000");
    becomes(2.5, 'f', 0, 0, "2");
    becomes(3.5, 'f', 0, 0, "4");
    becomes(-1.005, 'f', 2, 0, "-1.00");
    becomes(123456.789, 'e', 6, 0, "1.234568e+05");
    becomes(123456.789, 'E', 0, 0, "1E+05");
    becomes(1e-300, 'e', 2, 0, "1.00e-300");
    becomes(1234.5678, 'g', 3, 0, "1.23e+03");
    becomes(100, 'g', 3, 0, "100");
    becomes(1e8, 'g', 10, 0, "100000000");
    becomes(0.1, 'g', 20, 0, "0.10000000000000000555");
    becomes(12, 'g', 0, 0, "1e+01");
    becomes(1.5, 'g', 1000000, 0, "1.5");
}

/* The decimals of a double end somewhere; zeros follow. */
static void gofloat_with_zeros_without_end(void **state)
{
    (void)state;
    char want[3001];
    char got[3001];
    static double const rows[] = {1.5, 5e-324, DBL_MAX, 0.1, 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int form = 'e'; form <= 'g'; form++) {
            char format[] = {'%', '#', '.', '*', (char)form, 0};
            stralloc sa = STRALLOC_ZERO;
            struct gofloat how = {(char)form, 1, 2000};
            int n = snprintf(want, sizeof want, format, 2000, rows[i]);
            assert_true(gofloat_put(&sa, MAX, &how, rows[i]));
            assert_int_equal(sa.len, n);
            memcpy(got, sa.s, sa.len);
            assert_memory_equal(got, want, sa.len);
            stralloc_free(&sa);
        }
}

static void gofloat_sharp(void **state)
{
    (void)state;
    becomes(1, 'g', -1, 1, "1.00000");
    becomes(0, 'g', -1, 1, "0.00000");
    becomes(100000, 'g', -1, 1, "100000.");
    becomes(1e6, 'g', -1, 1, "1.00000e+06");
    becomes(123456789, 'g', -1, 1, "1.23456789e+08");
    becomes(0.25, 'G', -1, 1, "0.250000");
    becomes(1, 'g', 3, 1, "1.00");
    becomes(1e10, 'g', 3, 1, "1.00e+10");
    becomes(1, 'f', 0, 1, "1.");
    becomes(1, 'e', 0, 1, "1.e+00");
}

static void gofloat_hexadecimal_and_binary(void **state)
{
    (void)state;
    becomes(1, 'x', -1, 0, "0x1p+00");
    becomes(0, 'x', -1, 0, "0x0p+00");
    becomes(-0.1, 'x', -1, 0, "-0x1.999999999999ap-04");
    becomes(255.5, 'X', -1, 0, "0X1.FFP+07");
    becomes(1e300, 'x', 3, 0, "0x1.7e4p+996");
    becomes(1, 'x', 3, 0, "0x1.000p+00");
    becomes(1, 'x', 15, 0, "0x1.000000000000000p+00");
    becomes(0, 'x', 2, 0, "0x0.00p+00");
    /* half goes to the even neighbour; 2 becomes 1 with the next power */
    becomes(0x1.08p0, 'x', 1, 0, "0x1.0p+00");
    becomes(0x1.18p0, 'x', 1, 0, "0x1.2p+00");
    becomes(0x1.ffp0, 'x', 1, 0, "0x1.0p+01");
    becomes(0x1.8p0, 'x', 0, 0, "0x1p+01");
    /* numbers too small to be normal, too */
    becomes(5e-324, 'x', -1, 0, "0x1p-1074");
    becomes(0x0.cp-1022, 'x', -1, 0, "0x1.8p-1023");
    becomes(1, 'b', -1, 0, "4503599627370496p-52");
    becomes(-3.25, 'b', -1, 0, "-7318349394477056p-51");
    becomes(DBL_MAX, 'b', -1, 0, "9007199254740991p+971");
    becomes(0, 'b', -1, 0, "0p-1074");
    becomes(5e-324, 'b', -1, 0, "1p-1074");
}

static void gofloat_not_finite(void **state)
{
    (void)state;
    for (char const *form = "efgxb"; *form; form++) {
        becomes(NAN, *form, -1, 0, "NaN");
        becomes(INFINITY, *form, 2, 0, "+Inf");
        becomes(-INFINITY, *form, 2, 1, "-Inf");
    }
}

static void gofloat_is_bounded(void **state)
{
    (void)state;
    for (char const *form = "efgxb"; *form; form++) {
        stralloc sa = STRALLOC_ZERO;
        struct gofloat how = {*form, 1, 1000000};
        errno = 0;
        assert_false(gofloat_put(&sa, 5, &how, -1e200));
        assert_int_equal(errno, EDQUOT);
        assert_true(sa.len <= 5);
        stralloc_free(&sa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gofloat_shortest_form),  cmocka_unit_test(gofloat_shortest_reads_back),
        cmocka_unit_test(gofloat_with_precision), cmocka_unit_test(gofloat_with_zeros_without_end),
        cmocka_unit_test(gofloat_sharp),          cmocka_unit_test(gofloat_hexadecimal_and_binary),
        cmocka_unit_test(gofloat_not_finite),     cmocka_unit_test(gofloat_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
