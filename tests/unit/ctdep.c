/* ctdep: words of templates to dependencies' names and the agent's paths. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/ctdep.h>

static struct pool pool;
static char why[CTDEP_WHY];

static int names_are_theirs(enum ctdep_kind kind, char const *a, char const *b, char const *name,
                            char const *path)
{
    char const *const word[] = {a, b};
    struct ctdep d;
    size_t n = !a ? 0 : !b ? 1 : 2;
    int ok = ctdep_read(&d, kind, word, n, &pool, why);
    if (!name)
        return !ok;
    if (ok && !strcmp(d.name, name) && (!path || !strcmp(d.path, path)))
        return 1;
    print_error("%s: got %s, %s\n", a ? a : "-", ok ? d.name : why, ok ? d.path : "");
    return 0;
}

static void services(void **state)
{
    (void)state;
    static struct {
        char const *word, *more, *name, *path;
    } const rows[] = {
        {"web", NULL, "health.service(web|passing)", "/v1/health/service/web?passing=1"},
        {"web|any", NULL, "health.service(web|any)", "/v1/health/service/web"},
        {"web", "any", "health.service(web|any)", "/v1/health/service/web"},
        {"web", "passing,warning", "health.service(web|passing,warning)", "/v1/health/service/web"},
        {"web", " warning , passing ", "health.service(web|passing,warning)", NULL},
        {"prod.web@dc1~n1", NULL, "health.service(prod.web@dc1~n1|passing)",
         "/v1/health/service/web?dc=dc1&near=n1&tag=prod&passing=1"},
        {"v1.2.web", NULL, "health.service(v1.2.web|passing)",
         "/v1/health/service/web?tag=v1.2&passing=1"},
        {"a:b=c.web", NULL, "health.service(a:b=c.web|passing)",
         "/v1/health/service/web?tag=a%3Ab%3Dc&passing=1"},
        {"web~_agent", NULL, "health.service(web~_agent|passing)", NULL},
        {"web|maintenance", NULL, "health.service(web|maintenance)", NULL},
        {"web|", NULL, "health.service(web|passing)", NULL},
        {"web|bogus", NULL, NULL, NULL},
        {"web", "bogus", NULL, NULL},
        {"web@", NULL, NULL, NULL},
        {"we b", NULL, NULL, NULL},
        {".web", NULL, NULL, NULL},
        {"tag.", NULL, NULL, NULL},
        {"web~n1@dc1", NULL, NULL, NULL},
        {"w:b", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(names_are_theirs(CTDEP_SERVICE, rows[i].word, rows[i].more, rows[i].name,
                                     rows[i].path));
    assert_true(names_are_theirs(CTDEP_CONNECT, "web", NULL, "health.connect(web|passing)",
                                 "/v1/health/connect/web?passing=1"));
}

static void keys(void **state)
{
    (void)state;
    assert_true(names_are_theirs(CTDEP_BLOCK, "a/b c", NULL, "kv.block(a/b c)", "/v1/kv/a/b%20c"));
    assert_true(names_are_theirs(CTDEP_BLOCK, "/k", NULL, "kv.block(k)", "/v1/kv/k"));
    assert_true(names_are_theirs(CTDEP_GET, "k@dc2", NULL, "kv.get(k@dc2)", "/v1/kv/k?dc=dc2"));
    assert_true(
        names_are_theirs(CTDEP_LIST, "app@x", NULL, "kv.list(app@x)", "/v1/kv/app?recurse=&dc=x"));
    assert_true(names_are_theirs(CTDEP_LIST, "/", NULL, "kv.list", "/v1/kv/?recurse="));
    assert_true(names_are_theirs(CTDEP_BLOCK, "a@b@c", NULL, NULL, NULL));
    assert_string_equal(why, "kv.get: invalid format: \"a@b@c\"");
    assert_true(names_are_theirs(CTDEP_BLOCK, "a@", NULL, NULL, NULL));
    assert_true(names_are_theirs(CTDEP_GET, "@dc", NULL, NULL, NULL));
    assert_true(names_are_theirs(CTDEP_GET, "h\xc3\xa9?&", NULL, "kv.get(h\xc3\xa9?&)",
                                 "/v1/kv/h%C3%A9%3F%26"));
}

static void places(void **state)
{
    (void)state;
    assert_true(names_are_theirs(CTDEP_NODES, NULL, NULL, "catalog.nodes", "/v1/catalog/nodes"));
    assert_true(names_are_theirs(CTDEP_NODES, "@a~b", NULL, "catalog.nodes(@a~b)",
                                 "/v1/catalog/nodes?dc=a&near=b"));
    assert_true(names_are_theirs(CTDEP_NODES, "n", NULL, NULL, NULL));
    assert_true(
        names_are_theirs(CTDEP_NODE, "n@d", NULL, "catalog.node(n@d)", "/v1/catalog/node/n?dc=d"));
    assert_true(names_are_theirs(CTDEP_NODE, "", NULL, NULL, NULL));
    assert_true(names_are_theirs(CTDEP_SERVICES, "@d", NULL, "catalog.services(@d)",
                                 "/v1/catalog/services?dc=d"));
    assert_true(names_are_theirs(CTDEP_SERVICES, "@d~x", NULL, NULL, NULL));
    assert_true(names_are_theirs(CTDEP_DATACENTERS, NULL, NULL, "catalog.datacenters",
                                 "/v1/catalog/datacenters"));
    assert_true(names_are_theirs(CTDEP_LEAF, "web", NULL, "connect.caleaf(web)",
                                 "/v1/agent/connect/ca/leaf/web"));
    assert_true(names_are_theirs(CTDEP_FILE, "/etc/a b", NULL, "file(/etc/a b)", "/etc/a b"));
}

static void long_words_are_refused(void **state)
{
    (void)state;
    static char word[5000];
    memset(word, 'a', sizeof word - 1);
    assert_true(names_are_theirs(CTDEP_BLOCK, word, NULL, NULL, NULL));
    memset(word, 0xff, 2048); /* the longest, each byte three in the path */
    word[2048] = 0;
    char const *const one = word;
    struct ctdep d;
    assert_true(ctdep_read(&d, CTDEP_BLOCK, &one, 1, &pool, why));
    assert_int_equal(strlen(d.path), 7 + (3 * 2048));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(services),
        cmocka_unit_test(keys),
        cmocka_unit_test(places),
        cmocka_unit_test(long_words_are_refused),
    };
    pool_init(&pool, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
