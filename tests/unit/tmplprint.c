#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmplprint.h>

enum { MAX = 4096 };

static void is(stralloc *sa, char const *want)
{
    assert_true(stralloc_0(sa));
    assert_string_equal(sa->s, want);
    sa->len = 0;
}

static void formats(char const *format, char const *want, struct tmplvalue const *v, size_t n)
{
    stralloc sa = STRALLOC_ZERO;
    assert_true(tmplprint_printf(&sa, MAX, format, strlen(format), v, n));
    is(&sa, want);
    stralloc_free(&sa);
}
#define FORMATS(format, want, ...)                                                                 \
    formats(format, want, (struct tmplvalue const[]){__VA_ARGS__},                                 \
            sizeof((struct tmplvalue const[]){__VA_ARGS__}) / sizeof(struct tmplvalue))
#define I(n) tmplvalue_int(n)
#define S(s) tmplvalue_text(s)
#define F(f) tmplvalue_float(f)

static void tmplprint_of_actions(void **state)
{
    (void)state;
    struct tmplvalue const v[] = {tmplvalue_none(), tmplvalue_nil(), S("x"), F(1e6)};
    struct tmplvalue list = tmplvalue_list(v, 2);
    static char const *const want[] = {"<no value>", "<no value>", "x", "1e+06"};
    stralloc sa = STRALLOC_ZERO;
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        assert_true(tmplprint_action(&sa, MAX, v + i));
        is(&sa, want[i]);
    }
    assert_true(tmplprint_action(&sa, MAX, &list));
    is(&sa, "[<nil> <nil>]");
    assert_true(tmplprint_value(&sa, MAX, v));
    is(&sa, "<nil>");
    stralloc_free(&sa);
}

static void tmplprint_of_operands(void **state)
{
    (void)state;
    struct tmplvalue const v[] = {I(1),  S("a"), I(2),  I(3), tmplvalue_nil(), tmplvalue_bool(1),
                                  S(""), S("b"), F(1.5)};
    stralloc sa = STRALLOC_ZERO;
    assert_true(tmplprint_print(&sa, MAX, v, 9));
    is(&sa, "1a2 3 <nil> trueb1.5");
    assert_true(tmplprint_println(&sa, MAX, v, 9));
    is(&sa, "1 a 2 3 <nil> true  b 1.5\n");
    assert_true(tmplprint_print(&sa, MAX, NULL, 0));
    is(&sa, "");
    assert_true(tmplprint_println(&sa, MAX, NULL, 0));
    is(&sa, "\n");
    stralloc_free(&sa);
}

static void tmplprint_of_formats(void **state)
{
    (void)state;
    formats("", "", NULL, 0);
    formats("100%%", "100%", NULL, 0);
    FORMATS("%d%%|%5%|%s", "7%|%|x", I(7), S("x"));
    FORMATS("%s-%s", "a-hello", S("a"), S("hello"));
    FORMATS("%T %T %T %T", "int float64 string <nil>", I(1), F(1), S(""), tmplvalue_nil());
    FORMATS("%5d|%-5d|%05d|%+d|% d", "   42|42   |00042|+42| 42", I(42), I(42), I(42), I(42),
            I(42));
    FORMATS("%e %E %g %G", "1.234568e+05 1.234568E+05 123456.789 1E-10", F(123456.789),
            F(123456.789), F(123456.789), F(1e-10));
}

static void tmplprint_of_stars(void **state)
{
    (void)state;
    FORMATS("%*d", "   42", I(5), I(42));
    FORMATS("%*d|", "42   |", I(-5), I(42));
    FORMATS("%0*d|", "42   |", I(-5), I(42));
    FORMATS("%.*f", "3.14", I(2), F(3.14159));
    FORMATS("%*.*f", "    3.14", I(8), I(2), F(3.14159));
    FORMATS("%[3]*.[2]*[1]f", "    3.14", F(3.14159), I(2), I(8));
    FORMATS("%*s", "%!(BADWIDTH)hi", F(4.5), S("hi"));
    FORMATS("%.*s", "%!(BADPREC)hi", F(4.5), S("hi"));
    FORMATS("%.*d", "%!(BADPREC)42", I(-1), I(42));
    FORMATS("%*d", "%!(BADWIDTH)42", I(1000001), I(42));
    FORMATS("%*d", "%!(BADWIDTH)42", I(-1000001), I(42));
    FORMATS("%*d", "%!(BADWIDTH)42", I(INT64_MIN), I(42));
    FORMATS("%.*d", "%!(BADPREC)42", I(10000000), I(42));
    FORMATS("%*d", "%!d(MISSING)", I(5));
    formats("%*d", "%!(BADWIDTH)%!d(MISSING)", NULL, 0);
    FORMATS("%*", "%!(NOVERB)", I(4));
    FORMATS("%*% %d", "% 5", I(20), I(5));
}

static void tmplprint_of_indexes(void **state)
{
    (void)state;
    FORMATS("%[2]d %[1]d", "2 1", I(1), I(2));
    FORMATS("%d %d %#[1]x %#x", "16 17 0x10 0x11", I(16), I(17));
    FORMATS("%[2]*[1]d", "    2", I(2), I(5));
    FORMATS("%6.2f|%[1]v", "  1.50|1.5", F(1.5));
    FORMATS("%[3]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[0]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[-1]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[x]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[ 1]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[99999999999999999999]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[]d", "%!d(BADINDEX)", I(1));
    FORMATS("%[1]2d", "%!d(BADINDEX)", I(1));
    FORMATS("%[1].2d", "%!d(BADINDEX)", I(1));
    FORMATS("%3.[2]d", "%!d(BADINDEX)", I(7));
    FORMATS("%.[2]d", "%!d(BADINDEX)", I(7));
    FORMATS("%*[2]d", "%!d(BADINDEX)", I(7));
    FORMATS("%[5]d %[2]d %d", "%!d(BADINDEX) 2 3", I(1), I(2), I(3));
    FORMATS("%d %[3]d %d", "1 %!d(BADINDEX) 2", I(1), I(2));
    FORMATS("%[2]d %d", "2 %!d(MISSING)", I(1), I(2));
    FORMATS("%[3]", "%!(NOVERB)", I(1));
    FORMATS("%[", "%!(NOVERB)", I(1));
    FORMATS("%[1", "%!(NOVERB)", I(1));
    FORMATS("%]", "%!](int=2)%!(EXTRA int=1)", I(2), I(1));
    formats("%.[]", "%!](BADINDEX)", NULL, 0);
    /* the second index is the verb */
    FORMATS("%[1][2]d", "%![(int=1)2]d", I(1), I(2));
}

static void tmplprint_of_faults(void **state)
{
    (void)state;
    FORMATS("%d", "%!d(string=hi)", S("hi"));
    FORMATS("%z", "%!z(int=1)", I(1));
    FORMATS("%d %d", "1 %!d(MISSING)", I(1));
    formats("hi%d", "hi%!d(MISSING)", NULL, 0);
    formats("%\u263a", "%!\u263a(MISSING)", NULL, 0);
    FORMATS("hi", "hi%!(EXTRA string=guys)", S("guys"));
    FORMATS("%5d", "    1%!(EXTRA int=2, <nil>, string=x)", I(1), I(2), tmplvalue_nil(), S("x"));
    formats("%", "%!(NOVERB)", NULL, 0);
    FORMATS("%-", "%!(NOVERB)%!(EXTRA int=1)", I(1));
    FORMATS("%5.", "%!(NOVERB)%!(EXTRA int=1)", I(1));
    FORMATS("%.-3d", "%!-(int=42)3d", I(42));
    FORMATS("%2147483648d", "%!(NOVERB)%!(EXTRA int=42)", I(42));
    FORMATS("%-2147483648d", "%!(NOVERB)%!(EXTRA int=42)", I(42));
    FORMATS("%.2147483648d", "%!(NOVERB)%!(EXTRA int=42)", I(42));
    FORMATS("%\xff", "%!\ufffd(int=1)", I(1));
}

static void tmplprint_is_bounded(void **state)
{
    (void)state;
    struct tmplvalue const v[] = {I(1), S("abcdef")};
    stralloc sa = STRALLOC_ZERO;
    for (size_t max = 0; max < 12; max++) {
        errno = 0;
        sa.len = 0;
        assert_false(tmplprint_printf(&sa, max, "%d %s %d", 8, v, 2));
        assert_int_equal(errno, EDQUOT);
        assert_true(sa.len <= max);
    }
    sa.len = 0;
    errno = 0;
    assert_false(tmplprint_println(&sa, 8, v, 2));
    assert_int_equal(errno, EDQUOT);
    sa.len = 0;
    assert_true(tmplprint_println(&sa, 9, v, 2));
    is(&sa, "1 abcdef\n");
    stralloc_free(&sa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tmplprint_of_actions), cmocka_unit_test(tmplprint_of_operands),
        cmocka_unit_test(tmplprint_of_formats), cmocka_unit_test(tmplprint_of_stars),
        cmocka_unit_test(tmplprint_of_indexes), cmocka_unit_test(tmplprint_of_faults),
        cmocka_unit_test(tmplprint_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
