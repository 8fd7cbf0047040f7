#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmplfunc.h>
#include <cairn/tmplvalue.h>

static char const *const fields[] = {"Key", "Value"};
static struct tmplclass const class = {.name = "pair", .field = fields, .fields = 2};

static void map_is_in_order_and_the_last_of_equals_stays(void **state)
{
    (void)state;
    struct tmplentry e[] = {
        {"b", 1, 0, {0}}, {"a", 1, 0, {0}}, {"ab", 2, 0, {0}}, {"b", 1, 0, {0}}};
    for (int i = 0; i < 4; i++)
        e[i].value = tmplvalue_int(i);
    struct tmplvalue m = tmplvalue_map(e, 4);
    assert_int_equal(m.n, 3);
    assert_int_equal(tmplvalue_get(&m, "a", 1)->u.i, 1);
    assert_int_equal(tmplvalue_get(&m, "ab", 2)->u.i, 2);
    assert_int_equal(tmplvalue_get(&m, "b", 1)->u.i, 3);
    assert_null(tmplvalue_get(&m, "c", 1));
    assert_null(tmplvalue_get(&m, "", 0));
    assert_memory_equal(m.u.entry[1].key, "ab", 2);
    m = tmplvalue_map(NULL, 0);
    assert_null(tmplvalue_get(&m, "a", 1));
}

static void many_equal_keys_keep_the_last(void **state)
{
    (void)state;
    static struct tmplentry e[1000];
    for (int i = 0; i < 1000; i++)
        e[i] = (struct tmplentry){.key = i % 2 ? "x" : "y", .n = 1, .value = tmplvalue_int(i)};
    struct tmplvalue m = tmplvalue_map(e, 1000);
    assert_int_equal(m.n, 2);
    assert_int_equal(tmplvalue_get(&m, "x", 1)->u.i, 999);
    assert_int_equal(tmplvalue_get(&m, "y", 1)->u.i, 998);
}

static void strings_are_ordered_by_bytes(void **state)
{
    (void)state;
    assert_true(tmplvalue_cmp("a", 1, "b", 1) < 0);
    assert_true(tmplvalue_cmp("a", 1, "a", 1) == 0);
    assert_true(tmplvalue_cmp("ab", 2, "a", 1) > 0);
    assert_true(tmplvalue_cmp("\xff", 1, "a", 1) > 0);
    assert_true(tmplvalue_cmp(NULL, 0, "", 0) == 0);
}

static void truth_and_types(void **state)
{
    (void)state;
    struct tmplvalue field[2] = {tmplvalue_text("k"), tmplvalue_text("v")};
    struct tmplobject o = {.class = &class, .field = field};
    struct tmplvalue of_strings = tmplvalue_list(field, 2);
    of_strings.flags = TMPLVALUE_OF_STRINGS;
    struct {
        struct tmplvalue v;
        int truth;
        char const *type;
    } const rows[] = {
        {tmplvalue_none(), 0, "<nil>"},
        {tmplvalue_nil(), 0, "<nil>"},
        {tmplvalue_bool(0), 0, "bool"},
        {tmplvalue_bool(7), 1, "bool"},
        {tmplvalue_int(0), 0, "int"},
        {tmplvalue_int(-1), 1, "int"},
        {tmplvalue_float(0), 0, "float64"},
        {tmplvalue_float(0.1), 1, "float64"},
        {tmplvalue_text(""), 0, "string"},
        {tmplvalue_text("false"), 1, "string"},
        {tmplvalue_list(NULL, 0), 0, "[]interface {}"},
        {tmplvalue_list(field, 1), 1, "[]interface {}"},
        {of_strings, 1, "[]string"},
        {tmplvalue_map(NULL, 0), 0, "map[string]interface {}"},
        {tmplvalue_object(&o), 1, "pair"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(tmplvalue_truth(&rows[i].v), rows[i].truth);
        assert_string_equal(tmplvalue_type(&rows[i].v), rows[i].type);
    }
    assert_ptr_equal(tmplvalue_field(&o, "Value", 5), field + 1);
    assert_null(tmplvalue_field(&o, "Val", 3));
    assert_null(tmplvalue_field(&o, "value", 5));
}

static void calls_say_why_and_make_strings(void **state)
{
    (void)state;
    struct pool p;
    struct tmplcall c = {.pool = &p};
    struct tmplvalue v;
    pool_init(&p, 1 << 16);
    assert_int_equal(tmplcall_fail(&c, "no %s", "way"), 0);
    assert_string_equal(c.why, "no way");
    assert_int_equal(tmplcall_string(&c, &v, "abc", 2), 1);
    assert_int_equal(v.n, 2);
    assert_int_equal(tmplcall_items(&c, 3)[2].kind, TMPLVALUE_NONE);
    assert_null(tmplcall_items(&c, SIZE_MAX / 2));
    assert_string_equal(c.why, "more memory or output than is allowed");
    assert_null(tmplcall_entries(&c, 1 << 16));
    pool_free(&p);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(map_is_in_order_and_the_last_of_equals_stays),
        cmocka_unit_test(many_equal_keys_keep_the_last),
        cmocka_unit_test(strings_are_ordered_by_bytes),
        cmocka_unit_test(truth_and_types),
        cmocka_unit_test(calls_say_why_and_make_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
