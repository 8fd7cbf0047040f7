#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/gobool.h>
#include <cairn/goflag.h>

static struct goflag const table[] = {{"onetime", 1}, {"backend", 0}, {"interval", 0}, {"v", 1}};

/* The flags of a command line: "NAME=VALUE ..." and what ends them. */
static char const *flags(char const *const *argv)
{
    static char text[1024];
    struct goflag_parse p = {.argv = argv, .at = 1};
    char const *value;
    size_t n = 0;
    int i;
    text[0] = 0;
    while ((i = goflag_next(&p, table, sizeof table / sizeof *table, &value)) >= 0)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s=%s ", table[i].name, value);
    if (i == GOFLAG_HELP)
        snprintf(text + n, sizeof text - n, "help");
    else if (i == GOFLAG_BAD)
        snprintf(text + n, sizeof text - n, "bad: %s", p.why);
    else
        snprintf(text + n, sizeof text - n, "rest: %s", argv[p.at] ? argv[p.at] : "none");
    return text;
}

#define FLAGS(...) flags((char const *const[]){"confd", __VA_ARGS__, NULL})

static void flags_are_read_as_go_does(void **state)
{
    (void)state;
    assert_string_equal(FLAGS("-onetime", "-backend", "env"),
                        "onetime=true backend=env rest: none");
    assert_string_equal(FLAGS("--onetime=false", "--backend=file", "x", "-v"),
                        "onetime=false backend=file rest: x");
    assert_string_equal(FLAGS("-onetime", "false"), "onetime=true rest: false");
    assert_string_equal(FLAGS("-backend", "-v", "-v=T"), "backend=-v v=true rest: none");
    assert_string_equal(FLAGS("-backend=", "-interval=a=b"), "backend= interval=a=b rest: none");
    assert_string_equal(FLAGS("-v", "--", "-backend"), "v=true rest: -backend");
    assert_string_equal(FLAGS("-", "-v"), "rest: -");
    assert_string_equal(FLAGS(""), "rest: ");
    assert_string_equal(FLAGS("-h"), "help");
    assert_string_equal(FLAGS("--help"), "help");
}

static void faults_name_the_flag(void **state)
{
    (void)state;
    assert_string_equal(FLAGS("-nosuchthing"), "bad: flag provided but not defined: -nosuchthing");
    assert_string_equal(FLAGS("-backnd", "env"),
                        "bad: flag provided but not defined: -backnd (is -backend meant?)");
    assert_string_equal(FLAGS("-backend"), "bad: flag needs an argument: -backend");
    assert_string_equal(FLAGS("-v=maybe"), "bad: invalid boolean value \"maybe\" for -v");
    assert_string_equal(FLAGS("---v"), "bad: bad flag syntax: ---v");
    assert_string_equal(FLAGS("-=x"), "bad: bad flag syntax: -=x");
    char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '-';
    longest[sizeof longest - 1] = 0;
    assert_non_null(strstr(FLAGS(longest), "not defined"));
}

static void booleans_have_twelve_names(void **state)
{
    (void)state;
    static char const *const words[] = {"1", "t", "T", "TRUE",  "true",  "True",
                                        "0", "f", "F", "FALSE", "false", "False"};
    static char const *const none[] = {"", "yes", "no", "tRUE", "2", "on", "truee"};
    for (int i = 0; i < 12; i++) {
        int b = 7;
        assert_int_equal(gobool_parse(words[i], strlen(words[i]), &b), 1);
        assert_int_equal(b, i < 6);
    }
    for (int i = 0; i < 7; i++) {
        int b;
        assert_int_equal(gobool_parse(none[i], strlen(none[i]), &b), 0);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(flags_are_read_as_go_does),
        cmocka_unit_test(faults_name_the_flag),
        cmocka_unit_test(booleans_have_twelve_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
