#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cairn/tmpljson.h>

#include "config.h"

static struct pool pool;
static char why[TMPLJSON_WHY];

#if CAIRN_JANSSON

#include "valuetext.h"

/* The text is gone when the value is looked at: nothing of it may be needed. */
static char const *read_bytes(char const *s, size_t n, int all_floats)
{
    struct tmplvalue v;
    char *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy, s, n);
    copy[n] = '1'; /* which must not be read */
    pool_free(&pool);
    pool_init(&pool, 1 << 20);
    *why = 0;
    int ok = tmpljson_read(copy, n, all_floats, &pool, &v, why);
    memset(copy, 'x', n + 1);
    free(copy);
    return ok ? value_as_text(&v) : "failed";
}

static char const *read_text(char const *s)
{
    return read_bytes(s, strlen(s), 0);
}

static void values_of_all_kinds(void **state)
{
    (void)state;
    assert_string_equal(read_text("null"), "nil");
    assert_string_equal(read_text(" true\n"), "true");
    assert_string_equal(read_text("false"), "false");
    assert_string_equal(read_text("\"\""), "''");
    assert_string_equal(read_text("\"a\\u00e4\\n\\ud83d\\ude00\""),
                        "'a\xc3\xa4\n\xf0\x9f\x98\x80'");
    assert_string_equal(read_text("[]"), "[]");
    assert_string_equal(read_text("{}"), "{}");
    assert_string_equal(read_text("[1,[2,{\"a\":[]}],\"x\"]"), "[1,[2,{a:[]}],'x']");
    assert_string_equal(read_text("\"a\\u0000b\""), "'a0b'");
}

static void maps_are_in_order_and_the_last_key_stays(void **state)
{
    (void)state;
    assert_string_equal(read_text("{\"b\":1,\"\":2,\"a\":3,\"B\":4,\"ab\":5}"),
                        "{:2,B:4,a:3,ab:5,b:1}");
    assert_string_equal(read_text("{\"a\":1,\"b\":2,\"a\":{\"c\":3}}"), "{a:{c:3},b:2}");
}

static void integers_stay_integers(void **state)
{
    (void)state;
    assert_string_equal(read_text("[0,-1,1000000,1.0,1e3,-0.5]"), "[0,-1,1000000,1.0,1000.0,-0.5]");
    assert_string_equal(read_text("[9223372036854775807,-9223372036854775808]"),
                        "[9223372036854775807,-9223372036854775808]");
    assert_string_equal(read_text("9223372036854775808"), "failed");
    assert_string_equal(why, "line 1, column 19: too big integer near '9223372036854775808'");
}

static void all_numbers_can_be_floats(void **state)
{
    (void)state;
    static char const s[] = "[0,-1,1000000,9223372036854775808,-0,{\"a\":7},1.5]";
    assert_string_equal(read_bytes(s, sizeof s - 1, 1),
                        "[0.0,-1.0,1000000.0,9.2233720368547758e+18,-0.0,{a:7.0},1.5]");
    assert_string_equal(read_bytes("1e400", 5, 1), "failed");
}

static void mistakes_have_a_place(void **state)
{
    (void)state;
    static struct {
        char const *text;
        char const *place;
    } const rows[] = {
        {"", "line 1, column 0: "},
        {" \n ", "line 2, column 1: "},
        {"{", "line 1, column 1: "},
        {"[1,]", "line 1, column 4: "},
        {"{\n \"a\": 1\n \"b\": 2\n}", "line 3, column 4: "},
        {"[1] 2", "line 1, column 5: "},
        {"{a: 1}", "line 1, column 2: "},
        {"'a'", "line 1, column 1: "},
        {"01", "line 1, column 1: "},
        {"\"a", "line 1, column 2: "},
        {"\"\xff\"", "line 1, column 1: "},
        {"\"\\ud800\"", "line 1, column 8: "},
        {"\"\t\"", "line 1, column 1: "},
        {"{\"a\\u0000\":1}", "line 1, column 10: "},
        {"\xef\xbb\xbf{}", "line 1, column 1: "},
        {"nul", "line 1, column 3: "},
        {"NaN", "line 1, column 3: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(read_text(rows[i].text), "failed");
        if (strncmp(why, rows[i].place, strlen(rows[i].place)) != 0)
            print_error("%s: %s\n", rows[i].text, why);
        assert_memory_equal(why, rows[i].place, strlen(rows[i].place));
    }
    assert_string_equal(read_bytes("[1]\0", 4, 0), "failed");
}

static void messages_cannot_command_a_terminal(void **state)
{
    (void)state;
    static char text[] = "[1, x]";
    for (int c = 1; c < 256; c++) {
        text[4] = (char)c;
        if (!strcmp(read_text(text), "failed"))
            for (char const *s = why; *s; s++)
                assert_in_range(*s, ' ', '~');
    }
}

/* [[[...]]], n of them */
static char const *nested(size_t n)
{
    static char text[8192];
    memset(text, '[', n);
    memset(text + n, ']', n);
    return read_bytes(text, 2 * n, 0);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    assert_memory_equal(nested(100), "[[[", 3);
    assert_string_not_equal(nested(2000), "failed");
    assert_string_equal(nested(2100), "failed");
    assert_non_null(strstr(why, "depth"));
}

static void memory_is_bounded(void **state)
{
    (void)state;
    static char const s[] = "{\"a\": [1, 2, \"text\"], \"b\": {\"c\": null}}";
    struct tmplvalue v;
    int had = 0;
    for (size_t max = 0; max < 4096; max += 8) {
        pool_free(&pool);
        pool_init(&pool, max);
        *why = 0;
        if (tmpljson_read(s, sizeof s - 1, 0, &pool, &v, why)) {
            had = 1;
            assert_string_equal(value_as_text(&v), "{a:[1,2,'text'],b:{c:nil}}");
        } else {
            assert_false(had);
            assert_string_equal(why, "more memory than is allowed");
        }
    }
    assert_true(had);
}

#else

static void without_the_library_it_says_so(void **state)
{
    (void)state;
    struct tmplvalue v;
    assert_int_equal(tmpljson_read("1", 1, 0, &pool, &v, why), 0);
    assert_string_equal(why, "this build has no JSON reader (jansson)");
}

#endif

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

int main(void)
{
    struct CMUnitTest const tests[] = {
#if CAIRN_JANSSON
        cmocka_unit_test(values_of_all_kinds),
        cmocka_unit_test(maps_are_in_order_and_the_last_key_stays),
        cmocka_unit_test(integers_stay_integers),
        cmocka_unit_test(all_numbers_can_be_floats),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(messages_cannot_command_a_terminal),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(memory_is_bounded),
#else
        cmocka_unit_test(without_the_library_it_says_so),
#endif
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tmpljson", tests, NULL, teardown);
}
