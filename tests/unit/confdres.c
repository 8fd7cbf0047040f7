#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/confdres.h>

static struct pool pool;
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

static void numbers_and_strings_are_bounded(void **state)
{
    (void)state;
    assert_null(resource("[template]\nsrc = \"a\"\ndest = \"b\"\nuid = 4294967294\ngid = -1\n"));
    assert_true(res.uid == 4294967294U);
    assert_true(res.gid == (gid_t)-1);
    assert_non_null(strstr(resource("[template]\nuid = 4294967295"), "uid must be"));
    assert_non_null(strstr(resource("[template]\ngid = -2"), "gid must be"));
    assert_null(resource("[template]\nsrc = \"a\"\ndest = \"b\"\nkeys = []\nmode = \"\"\n"));
    assert_int_equal(res.keys, 0);
    assert_int_equal(res.has_mode, 0);
    /* what the system would cut at the 0 is no name */
    assert_non_null(strstr(resource("[template]\nsrc = \"a\\u0000b\"\ndest = \"b\""), "src"));
    assert_non_null(strstr(resource("[template]\nsrc = \"a\"\ndest = \"b\\u0000\""), "dest"));
}

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(a_resource_has_keys_in_any_case),
        cmocka_unit_test(modes_are_read_as_go_does),
        cmocka_unit_test(faults_of_resources_are_named),
        cmocka_unit_test(numbers_and_strings_are_bounded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
