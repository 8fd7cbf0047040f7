#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/confdstore.h>
#include <cairn/tmpljson.h>

static struct pool pool;
static struct confdstore store;

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 1 << 20);
    confdstore_init(&store, &pool);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

/* All that there is, as "key=value key=value". */
static char const *all(void)
{
    static char buf[4096];
    size_t n = 0;
    confdstore_sort(&store);
    *buf = 0;
    for (size_t i = 0; i < store.n; i++)
        n += (size_t)snprintf(buf + n, sizeof buf - n, "%s%s=%s", i ? " " : "", store.pair[i].key,
                              store.pair[i].value);
    assert_true(n < sizeof buf);
    return buf;
}

static char const *value(char const *key)
{
    struct confdpair const *pair = confdstore_get(&store, key, strlen(key));
    return pair ? pair->value : NULL;
}

static void confdstore_finds_what_was_set(void **state)
{
    char key[32];
    char text[32];
    (void)state;
    confdstore_sort(&store);
    assert_null(value("/a"));
    assert_null(value(""));
    for (unsigned int i = 0; i < 300; i++) { /* and the keys and values are its own */
        sprintf(key, "k/%u", i * 7 % 300);
        sprintf(text, "v%u", i * 7 % 300);
        assert_true(confdstore_set(&store, key, text));
    }
    confdstore_sort(&store);
    assert_int_equal(store.n, 300);
    for (unsigned int i = 0; i < 300; i++) {
        sprintf(key, "/k/%u", i);
        sprintf(text, "v%u", i);
        assert_string_equal(value(key), text);
    }
    assert_null(value("/k"));
    assert_null(value("/k/"));
    assert_null(value("/k/300"));
    assert_null(value("k/1"));
    assert_null(value("/"));
    assert_null(value("/z"));
    assert_string_equal(confdstore_get(&store, "/k/77", 4)->value, "v7");
    assert_null(confdstore_get(&store, "/k/7\0", 5));
}

static void confdstore_cleans_keys(void **state)
{
    (void)state;
    assert_true(confdstore_set(&store, "a//b/", "1"));
    assert_true(confdstore_set(&store, "/../c/./d", "2"));
    assert_true(confdstore_set(&store, "", "3"));
    assert_true(confdstore_set(&store, "e f=", ""));
    assert_string_equal(all(), "/=3 /a/b=1 /c/d=2 /e f==");
}

static void confdstore_keeps_the_last(void **state)
{
    (void)state;
    for (char c = 'a'; c <= 'z'; c++) {
        char text[] = {c, 0};
        assert_true(confdstore_set(&store, "k", text));
        assert_true(confdstore_set(&store, c % 2 ? "j" : "l//", text));
    }
    assert_string_equal(all(), "/j=y /k=z /l=z");
    assert_true(confdstore_set(&store, "/k", "later"));
    assert_string_equal(all(), "/j=y /k=later /l=z");
    assert_string_equal(all(), "/j=y /k=later /l=z");
}

static void env(char const *prefix, char const *const *keys, size_t n, char const *want)
{
    static char const *const variables[] = {
        "APP_NAME=web", "APP_DB__HOST=h1", "APPLE=red",         "DB_HOST=a=b",
        "EMPTY=",       "LOWER_mixed=m",   "_LEAD=l",           "app_small=s",
        "NOEQUALS",     "APP=top",         "\303\204_X=umlaut", "=odd",
        NULL,
    };
    confdstore_init(&store, &pool);
    assert_true(confdstore_env(&store, prefix, keys, n, variables));
    assert_string_equal(all(), want);
}

#define ENV(prefix, want, ...)                                                                     \
    env(prefix, (char const *const[]){__VA_ARGS__},                                                \
        sizeof((char const *const[]){__VA_ARGS__}) / sizeof(char const *), want)

static void confdstore_of_the_environment(void **state)
{
    (void)state;
    env("/", NULL, 0, "");
    ENV("/", "/app/name=web", "/app/name");
    ENV("/", "/app/name=web", "/App/Name");
    ENV("", "/app/name=web", "app/name/");
    ENV("/", "/db/host=a=b /empty=", "/db", "/empty", "/nope");
    /* beginnings of names, not of paths; two underscores are two slashes, which are one */
    ENV("/", "/app=top /app/db/host=h1 /app/name=web /apple=red", "/app/", "/app/name");
    ENV("/", "/app=top /app/db/host=h1 /app/name=web /apple=red", "/ap");
    /* names are taken as they are, keys are all small */
    ENV("/", "/lower/mixed=m", "/lower");
    ENV("/",
        "/=odd /app=top /app/db/host=h1 /app/name=web /app/small=s /apple=red /db/host=a=b "
        "/empty= /lead=l /lower/mixed=m /\303\204/x=umlaut",
        "/");
    /* the prefix is part of the name, and goes away */
    ENV("/app", "/name=web", "/name");
    ENV("/app", "/=top /db/host=h1 /le=red /name=web", "/");
    ENV("/db/", "/host=a=b", "/");
    ENV("/db", "", "/app");
}

static void file(char const *json, char const *prefix, char const *key, char const *want)
{
    struct tmplvalue v;
    char why[TMPLJSON_WHY];
    char const *keys[] = {"/nope", key};
    confdstore_init(&store, &pool);
    assert_true(tmpljson_read(json, strlen(json), 0, &pool, &v, why));
    assert_true(confdstore_value(&store, prefix, keys, key ? 2 : 0, &v));
    assert_string_equal(all(), want);
}

static void confdstore_of_a_file(void **state)
{
    static char const json[] =
        "{\"app\": {\"name\": \"web\", \"port\": 80, \"on\": true, \"f\": 1.5,"
        " \"big\": 1e6, \"null\": null, \"none\": {}, \"no\": []},"
        " \"apple\": \"red\","
        " \"list\": [\"a\", {\"b\": \"c\"}, [\"d\"], null, \"\"]}";
    (void)state;
    file(json, "/", "/",
         "/app/big=1e+06 /app/f=1.5 /app/name=web /app/on=true /app/port=80 /apple=red "
         "/list/0=a /list/1/b=c /list/2/0=d /list/4=");
    file(json, "/", NULL, "");
    file(json, "/", "/app/name", "/app/name=web");
    file(json, "/", "/list/1", "/list/1/b=c");
    file(json, "/", "/appl", "/apple=red");
    file(json, "/app", "/name", "/name=web");
    file(json, "/app", "/p", "/port=80");
    file("{\"a/b\": {\"..\": \"x\", \"\": \"y\"}}", "/", "/", "/a=x /a/b=y");
    file("[1, 2]", "/", "/", "/0=1 /1=2");
    file("\"alone\"", "/", "/", "");
    /* C strings cannot hold these */
    file("{\"v\": \"a\\u0000b\", \"k\": \"good\"}", "/", "/", "/k=good");
}

static void confdstore_is_bounded(void **state)
{
    static char long_key[70001];
    struct tmplvalue v = tmplvalue_text("x");
    struct tmplvalue deep[600];
    struct tmplentry e = {.key = long_key, .n = 70000, .value = v};
    char const *keys[] = {"/"};
    (void)state;
    for (unsigned int i = 0; i < 600; i++)
        deep[i] = tmplvalue_list(i ? deep + i - 1 : &v, 1);
    assert_true(confdstore_value(&store, "/", keys, 1, deep + 400));
    assert_int_equal(store.n, 1);
    errno = 0;
    assert_false(confdstore_value(&store, "/", keys, 1, deep + 599));
    assert_int_equal(errno, EDQUOT);
    memset(long_key, 'k', 70000);
    v = tmplvalue_map(&e, 1);
    errno = 0;
    assert_false(confdstore_value(&store, "/", keys, 1, &v));
    assert_int_equal(errno, EDQUOT);
    errno = 0;
    for (unsigned int i = 0; i < 100; i++)
        if (!confdstore_set(&store, long_key, long_key)) {
            assert_int_equal(errno, EDQUOT);
            return;
        }
    fail();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    struct CMUnitTest const tests[] = {
        TEST(confdstore_finds_what_was_set), TEST(confdstore_cleans_keys),
        TEST(confdstore_keeps_the_last),     TEST(confdstore_of_the_environment),
        TEST(confdstore_of_a_file),          TEST(confdstore_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
