#include <errno.h>

#include "scratch.h"

#include <cairn/confdconf.h>
#include <cairn/confdres.h>

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
    assert_int_equal(confdconf_means(CONFDCONF_TABLE), 0);
    assert_int_equal(confdconf_means(CONFDCONF_NOOP), 1);
}

static struct confdres res;

static char const *resource(char const *text)
{
    static char why[CONFDRES_WHY];
    return confdres_read(&res, "r.toml", text, strlen(text), &pool, why) ? NULL : why;
}

static void a_resource_has_keys_in_any_case(void **state)
{
    (void)state;
    assert_null(
        resource("[Template]\nSrc = \"a.tmpl\"\nDEST = \"/etc/a\"\nkeys = [\"/x\", \"/y\"]\n"
                 "prefix = \"/p\"\nmode = \"0640\"\nuid = 5\ncheck_cmd = \"c\"\n"
                 "reload_cmd = \"r\"\nowner = \"nobody\"\n"));
    assert_string_equal(res.src, "a.tmpl");
    assert_string_equal(res.dest, "/etc/a");
    assert_int_equal(res.keys, 2);
    assert_string_equal(res.key[1], "/y");
    assert_string_equal(res.prefix, "/p");
    assert_string_equal(res.check_cmd, "c");
    assert_string_equal(res.reload_cmd, "r");
    assert_int_equal(res.mode, 0640);
    assert_int_equal(res.is_decimal, 0);
    assert_int_equal(res.uid, 5);
    assert_true(res.gid == (gid_t)-1);
    assert_null(resource("[template]\nsrc = \"a\"\ndest = \"b\"\n"));
    assert_int_equal(res.keys, 0);
    assert_int_equal(res.has_mode, 0);
    assert_string_equal(res.check_cmd, "");
}

static void modes_are_read_as_go_does(void **state)
{
    (void)state;
    static struct {
        char const *mode;
        unsigned int bits;
        int is_decimal;
    } const rows[] = {{"0644", 0644, 0},  {"600", 0130, 1},   {"0o600", 0600, 0},
                      {"0x1ff", 0777, 0}, {"04755", 0755, 0}, {"0", 0, 0}};
    static char const *const bad[] = {"rw", "0999", "-1", " 0644", "0644x", "99999999999"};
    char text[200];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sprintf(text, "[template]\nsrc = \"a\"\ndest = \"b\"\nmode = \"%s\"\n", rows[i].mode);
        assert_null(resource(text));
        assert_int_equal(res.mode, rows[i].bits);
        assert_int_equal(res.is_decimal, rows[i].is_decimal);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sprintf(text, "[template]\nsrc = \"a\"\ndest = \"b\"\nmode = \"%s\"\n", bad[i]);
        assert_non_null(strstr(resource(text), "mode must be octal"));
    }
}

static void faults_of_resources_are_named(void **state)
{
    (void)state;
    assert_string_equal(resource("x = 1"), "r.toml: there is no table [template]");
    assert_string_equal(resource("template = 1"), "r.toml: there is no table [template]");
    assert_non_null(strstr(resource("[template]\ndest = \"b\""), "src is empty"));
    assert_non_null(strstr(resource("[template]\nsrc = \"b\""), "dest is empty"));
    assert_non_null(strstr(resource("[template]\nsrc = 1"), "src must be a string in quotes"));
    assert_non_null(strstr(resource("[template]\nkeys = \"/\""), "keys must be a list"));
    assert_non_null(strstr(resource("[template]\nkeys = [1]"), "each of keys must be a string"));
    assert_non_null(strstr(resource("[template]\nmode = 644"), "mode must be a string"));
    assert_non_null(strstr(resource("[template]\nuid = \"root\""), "uid must be a number"));
    assert_non_null(strstr(resource("[template\n"), "r.toml:1:"));
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
        cmocka_unit_test(a_resource_has_keys_in_any_case),
        cmocka_unit_test(modes_are_read_as_go_does),
        cmocka_unit_test(faults_of_resources_are_named),
    };
    return cmocka_run_group_tests(tests, scratch_setup, teardown);
}
