/* sprigrand: what chance makes has the form it must have. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn/sprigrand.h>

#include "sprigrows.h"

static char const alphanumeric[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

/* The output has n bytes, all of them of that set, and is another the next time. */
static void has_form(char const *text, size_t n, char const *of)
{
    char first[256];
    char const *got = run(text);
    if (strlen(got) != n || strspn(got, of) != n)
        fail_msg("%s gave '%s'", text, got);
    snprintf(first, sizeof first, "%s", got);
    assert_string_not_equal(first, run(text));
}

static void sprigrand_text(void **state)
{
    (void)state;
    has_form("{{sprig_randAlpha 40}}", 40, alphanumeric);
    has_form("{{sprig_randAlphaNum 40}}", 40, alphanumeric);
    has_form("{{sprig_randNumeric 40}}", 40, "0123456789");
    has_form("{{sprig_randBytes 30}}", 40, alphanumeric);
    has_form("{{sprig_uuidv4}}", 36, "0123456789abcdef-");
    assert_int_equal(strlen(run("{{sprig_randAscii 40}}")), 40);
    assert_string_equal(run("{{sprig_randAlpha 0}}"), "");
    assert_int_equal(run("{{sprig_uuidv4}}")[14], '4');
}

static void sprigrand_rows(void **state)
{
    static struct row const rows[] = {
        {"{{sprig_randAlpha -1}}", "error: length"},
        {"{{sprig_shuffle \"abc\" | sprig_splitList \"\" | sprig_sortAlpha}}", "[a b c]"},
        {"{{sprig_shuffle \"\"}}|{{len (sprig_shuffle \"\xc3\xa4\xc3\xb6\")}}", "|4"},
    };
    (void)state;
    CHECK(rows);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(sprigrand_text),
        cmocka_unit_test(sprigrand_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
