#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <cairn/logscript.h>

static struct logscript_item items[32];
static struct logscript_action actions[32];
static struct logscript s = {.items = items, .actions = actions};
static char const *bad;

#define PARSE(...) logscript_parse(&s, (char const *const[]){__VA_ARGS__, NULL}, &bad)

static void knows_the_defaults(void **state)
{
    (void)state;
    assert_int_equal(PARSE("1", "2", "=st", "./d", "/d"), LOGSCRIPT_OK);
    assert_int_equal(s.n, 5);
    assert_int_equal(s.nactions, 5);
    static enum logscript_kind const kinds[] = {LOGSCRIPT_OUT, LOGSCRIPT_ALERT, LOGSCRIPT_STATUS,
                                                LOGSCRIPT_DIR, LOGSCRIPT_DIR};
    for (int i = 0; i < 5; i++) {
        struct logscript_action const *a = actions + i;
        assert_int_equal(items[i].op, LOGSCRIPT_ACT);
        assert_int_equal(items[i].action, i);
        assert_int_equal(a->kind, kinds[i]);
        assert_int_equal(a->archives, 10);
        assert_int_equal(a->size, 99999);
        assert_int_equal(a->total, 0);
        assert_int_equal(a->tolerance, 2000);
        assert_int_equal(a->retry, 2000);
        assert_int_equal(a->period, 0);
        assert_int_equal(a->alert, 200);
        assert_int_equal(a->status, 1001);
        assert_null(a->prefix);
        assert_null(a->processor);
        assert_false(a->tai64n || a->human);
    }
    assert_string_equal(actions[2].path, "st");
    assert_string_equal(actions[3].path, "./d");
}

static void keeps_what_is_set(void **state)
{
    (void)state;
    assert_int_equal(PARSE("n3", "s5000", "S70", "l20", "r5", "R7", "E9", "^11", "pX", "?cmd", "t",
                           "T", "1", "p", "!c", "2", "!", "./d"),
                     LOGSCRIPT_OK);
    for (int i = 0; i < 3; i++) {
        struct logscript_action const *a = actions + i;
        assert_int_equal(a->archives, 3);
        assert_int_equal(a->size, 5000);
        assert_int_equal(a->total, 70);
        assert_int_equal(a->tolerance, 20);
        assert_int_equal(a->retry, 5);
        assert_int_equal(a->period, 7);
        assert_int_equal(a->alert, 9);
        assert_int_equal(a->status, 11);
        assert_int_equal(a->tai64n, !i);
        assert_int_equal(a->human, !i);
    }
    assert_string_equal(actions[0].prefix, "X");
    assert_string_equal(actions[0].processor, "cmd");
    assert_true(actions[0].shell);
    assert_null(actions[1].prefix);
    assert_string_equal(actions[1].processor, "c");
    assert_false(actions[1].shell);
    assert_null(actions[2].processor);
}

static void keeps_sizes_in_bounds(void **state)
{
    (void)state;
    assert_int_equal(PARSE("s1", "1", "s4294967295", "2", "l40000", "s4096", "./d"), LOGSCRIPT_OK);
    assert_int_equal(actions[0].size, LOGSCRIPT_MINSIZE);
    assert_int_equal(actions[1].size, LOGSCRIPT_MAXSIZE);
    assert_int_equal(actions[2].tolerance, 2048);
    assert_int_equal(PARSE("l49999", "1"), LOGSCRIPT_OK);
    assert_int_equal(PARSE("l50000", "1"), LOGSCRIPT_CONFLICT);
}

static void knows_selectors(void **state)
{
    (void)state;
    assert_int_equal(PARSE("+", "-a+", "f", "1"), LOGSCRIPT_OK);
    assert_int_equal(items[0].op, LOGSCRIPT_SELECT);
    assert_true(items[0].all);
    assert_int_equal(items[1].op, LOGSCRIPT_DESELECT);
    assert_false(items[1].all);
    assert_int_equal(regexec(&items[1].re, "baa", 0, NULL, 0), 0);
    assert_int_equal(regexec(&items[1].re, "b", 0, NULL, 0), REG_NOMATCH);
    regfree(&items[1].re);
    assert_int_equal(items[2].op, LOGSCRIPT_REST);
    assert_null(s.ignored);
    assert_int_equal(PARSE("1", "+", "f", "t"), LOGSCRIPT_OK);
    assert_string_equal(s.ignored, "f");
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    static char const *const unknown[] = {"",    "x",  "n",  "n1x", "n-1",        "S",  "Sx",
                                          "s+1", "tt", "11", "ff",  "E",          "^x", "R",
                                          "r",   "l",  "22", "Tx",  "n4294967296"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_int_equal(PARSE("1", unknown[i], "2"), LOGSCRIPT_UNKNOWN);
        assert_string_equal(bad, unknown[i]);
    }
    assert_int_equal(PARSE("1", "="), LOGSCRIPT_SYNTAX);
    assert_int_equal(PARSE("1", "+("), LOGSCRIPT_REGEX);
    assert_int_equal(PARSE("n3", "+"), LOGSCRIPT_NOACTION);
    assert_int_equal(logscript_parse(&s, (char const *const[]){NULL}, &bad), LOGSCRIPT_NOACTION);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(knows_the_defaults),    cmocka_unit_test(keeps_what_is_set),
        cmocka_unit_test(keeps_sizes_in_bounds), cmocka_unit_test(knows_selectors),
        cmocka_unit_test(names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
