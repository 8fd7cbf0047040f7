#include <errno.h>

#include "scratch.h"

#include <cairn/confdconf.h>

static struct pool pool;
static struct confdconf conf;

/* Reads the settings; returns why it failed, or NULL. */
static char const *settings(char const *toml, char const *const *words)
{
    char const *argv[16] = {"confd", "-config-file", in("confd.toml")};
    for (int i = 0; words[i]; i++)
        argv[3 + i] = words[i];
    pool_free(&pool);
    pool_init(&pool, 1 << 20);
    conf = (struct confdconf){.pool = &pool};
    put("confd.toml", toml, 0600);
    if (confdconf_flags(&conf, argv) != CONFDCONF_OK)
        return conf.why;
    return confdconf_rest(&conf) ? NULL : conf.why;
}

#define SETTINGS(toml, ...) settings(toml, (char const *const[]){__VA_ARGS__, NULL})

static void a_flag_wins_over_a_variable_over_the_file(void **state)
{
    (void)state;
    setenv("CONFD_CLIENT_CERT", "/from/env", 1);
    assert_null(SETTINGS("backend = \"file\"\nprefix = \"/p\"\nclient_cert = \"/toml\"\n"
                         "INTERVAL = 5\nnoop = true\nfile = [\"a\", \"b\"]\nunknown = 1\n",
                         "-prefix=/flag", "-file", "c"));
    assert_string_equal(confdconf_string(&conf, CONFDCONF_BACKEND, "env"), "file");
    assert_string_equal(confdconf_string(&conf, CONFDCONF_PREFIX, "/"), "/flag");
    assert_string_equal(confdconf_string(&conf, CONFDCONF_CLIENT_CERT, ""), "/from/env");
    assert_int_equal(confdconf_int(&conf, CONFDCONF_INTERVAL, 600), 5);
    assert_int_equal(confdconf_bool(&conf, CONFDCONF_NOOP), 1);
    assert_int_equal(confdconf_bool(&conf, CONFDCONF_WATCH), 0);
    assert_int_equal(conf.value[CONFDCONF_FILE].n, 1);
    assert_string_equal(conf.value[CONFDCONF_FILE].word[0], "c");
    unsetenv("CONFD_CLIENT_CERT");
    assert_null(SETTINGS("file = [\"a\", \"b\"]\nclient_cert = \"/toml\"\nfilter = \"*.yml\"\n",
                         "-v"
                         "ersion"));
    assert_int_equal(conf.value[CONFDCONF_FILE].n, 2);
    assert_string_equal(confdconf_string(&conf, CONFDCONF_CLIENT_CERT, ""), "/toml");
    assert_null(SETTINGS("file = \"one\"", "-onetime", "-onetime=false"));
    assert_string_equal(conf.value[CONFDCONF_FILE].word[0], "one");
    assert_int_equal(confdconf_bool(&conf, CONFDCONF_ONETIME), 0);
}

static void faults_of_settings_are_named(void **state)
{
    (void)state;
    assert_string_equal(SETTINGS("", "-intervall", "3"),
                        "flag provided but not defined: -intervall (is -interval meant?)");
    assert_string_equal(SETTINGS("", "-interval", "soon"),
                        "invalid value \"soon\" for flag -interval: not a number");
    assert_non_null(strstr(SETTINGS("interval = \"5\"", "-watch"), "interval must be a number"));
    assert_non_null(strstr(SETTINGS("noop = 1", "-watch"), "noop must be true or false"));
    assert_non_null(strstr(SETTINGS("backend = 1", "-watch"), "backend must be a string"));
    assert_non_null(strstr(SETTINGS("file = [1]", "-watch"), "file must be a list of strings"));
    assert_non_null(strstr(SETTINGS("\n\nbackend = ", "-watch"), "confd.toml:3:"));
    assert_non_null(strstr(SETTINGS("", "-config-file", "/nosuch/confd.toml"),
                           "/nosuch/confd.toml: No such file or directory"));
    assert_string_equal(confdconf_name(CONFDCONF_SYNC_ONLY), "sync-only");
    assert_int_equal(confdconf_means(CONFDCONF_TABLE, "consul"), 0);
    assert_int_equal(confdconf_means(CONFDCONF_NOOP, "env"), 1);
    assert_int_equal(confdconf_means(CONFDCONF_NODE, "env"), 0);
    assert_int_equal(confdconf_means(CONFDCONF_NODE, "consul"), 1);
}

static int teardown(void **state)
{
    pool_free(&pool);
    return scratch_teardown(state);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(a_flag_wins_over_a_variable_over_the_file),
        cmocka_unit_test(faults_of_settings_are_named),
    };
    return cmocka_run_group_tests(tests, scratch_setup, teardown);
}
