/* ctanswer, ctbrain: what the agent says, as objects. The answers are cut from those of Consul 1.8.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/ctanswer.h>
#include <cairn/ctobject.h>
#include <cairn/ctbrain.h>
#include <cairn/tmplfunc.h>

static struct pool pool;
static struct tmplvalue value;
static int has;
static char why[CTANSWER_WHY];

static int answer(enum ctdep_kind kind, char const *word, unsigned int status, char const *body)
{
    struct ctdep d;
    assert_true(ctdep_read(&d, kind, &word, *word ? 1 : 0, &pool, why));
    return ctanswer_read(&d, status, body, strlen(body), &pool, &value, &has, why);
}

/* The text of field of member i of the list. */
static char const *field(size_t i, char const *name)
{
    static char text[256];
    assert_int_equal(value.kind, TMPLVALUE_LIST);
    assert_true(i < value.n);
    struct tmplvalue const *v = tmplvalue_field(value.u.item[i].u.object, name, strlen(name));
    assert_non_null(v);
    assert_int_equal(v->kind, TMPLVALUE_STRING);
    snprintf(text, sizeof text, "%.*s", (int)v->n, v->u.s);
    return text;
}

#define SERVICE(node, id, address, checks)                                                         \
    "{\"Node\":{\"ID\":\"u-" node "\",\"Node\":\"" node "\",\"Address\":\"10.0.0.1\","             \
    "\"Datacenter\":\"dc1\",\"TaggedAddresses\":{\"lan\":\"10.0.0.1\"},\"Meta\":null},"            \
    "\"Service\":{\"ID\":\"" id                                                                    \
    "\",\"Service\":\"web\",\"Tags\":[\"b\",\"a\"],\"Address\":\"" address                         \
    "\",\"Meta\":{\"v\":\"1\"},\"Port\":80,\"Weights\":{\"Passing\":1,\"Warning\":2}},"            \
    "\"Checks\":[" checks "]}"
#define CHECK(id, status) "{\"Node\":\"n\",\"CheckID\":\"" id "\",\"Status\":\"" status "\"}"

static char const four[] = "[" SERVICE("n2", "w2", "", CHECK("serfHealth", "passing")) "," SERVICE(
    "n1", "w9", "10.1.0.9",
    CHECK("a", "passing") "," CHECK(
        "b", "warning")) "," SERVICE("n1", "w1", "10.1.0.1",
                                     CHECK("a", "critical")) "," SERVICE("n3", "w3", "",
                                                                         CHECK("_node_maintenance",
                                                                               "critical")) "]";

static void instances_are_ordered_and_filtered(void **state)
{
    (void)state;
    assert_true(answer(CTDEP_SERVICE, "web|any", 200, four));
    assert_int_equal(value.n, 4);
    assert_string_equal(field(0, "ID"), "w1");
    assert_string_equal(field(0, "Status"), "critical");
    assert_string_equal(field(1, "Status"), "warning");
    assert_string_equal(field(2, "Address"), "10.0.0.1"); /* the node's */
    assert_string_equal(field(1, "Address"), "10.1.0.9");
    assert_string_equal(field(3, "Status"), "maintenance");
    struct tmplvalue const *tags = tmplvalue_field(value.u.item->u.object, "Tags", 4);
    assert_int_equal(tags->u.item[0].u.s[0], 'a');
    assert_true(answer(CTDEP_SERVICE, "web", 200, four));
    assert_int_equal(value.n, 1);
    assert_true(answer(CTDEP_SERVICE, "web|warning,passing", 200, four));
    assert_int_equal(value.n, 2);
    assert_true(answer(CTDEP_SERVICE, "web~n9|any", 200, four)); /* the agent's order */
    assert_string_equal(field(0, "ID"), "w2");
    assert_true(answer(CTDEP_SERVICE, "web", 200, "[]"));
    assert_int_equal(value.n, 0);
    assert_true(has);
}

static void later_fields_are_methods(void **state)
{
    (void)state;
    assert_true(answer(CTDEP_SERVICE, "web", 200, four));
    struct tmplvalue result;
    struct tmplcall c = {.pool = &pool, .arg = value.u.item, .n = 1};
    struct tmplclass const *class = value.u.item->u.object->class;
    assert_string_equal(class->method[0].name, "Weights");
    assert_true(class->method[0].run(&c, &result));
    assert_int_equal(tmplvalue_get(&result, "Warning", 7)->u.i, 2);
    assert_true(class->method[1].run(&c, &result));
    assert_int_equal(result.kind, TMPLVALUE_NIL);
}

static void keys_have_bytes(void **state)
{
    (void)state;
    assert_true(answer(CTDEP_BLOCK, "k", 200, "[{\"Key\":\"k\",\"Value\":\"AP8=\"}]"));
    assert_true(has);
    assert_int_equal(value.n, 2);
    assert_memory_equal(value.u.s, "\0\xff", 2);
    assert_true(answer(CTDEP_BLOCK, "k", 200, "[{\"Key\":\"k\",\"Value\":null}]"));
    assert_true(has);
    assert_int_equal(value.n, 0);
    assert_true(answer(CTDEP_BLOCK, "k", 404, ""));
    assert_false(has);
    assert_true(answer(CTDEP_GET, "k", 404, ""));
    assert_true(has);
    assert_int_equal(value.kind, TMPLVALUE_NIL);
    assert_false(answer(CTDEP_GET, "k", 200, "[{\"Key\":\"k\",\"Value\":\"!\"}]"));
}

static void lists_of_keys(void **state)
{
    (void)state;
    assert_true(answer(CTDEP_LIST, "app", 200,
                       "[{\"Key\":\"app/a\",\"Value\":\"MQ==\",\"Flags\":7,\"LockIndex\":0},"
                       "{\"Key\":\"app/d/\",\"Value\":null},{\"Key\":\"app2\",\"Value\":\"\"}]"));
    assert_int_equal(value.n, 3);
    assert_string_equal(field(0, "Path"), "app/a");
    assert_string_equal(field(0, "Key"), "a");
    assert_string_equal(field(0, "Value"), "1");
    assert_int_equal(tmplvalue_field(value.u.item->u.object, "Flags", 5)->u.i, 7);
    assert_string_equal(field(1, "Key"), "d/");
    assert_string_equal(field(2, "Key"), "2");
    assert_true(answer(CTDEP_LIST, "app", 404, ""));
    assert_int_equal(value.n, 0);
    /* as "consul lock -n 2" sets them: not all that is Go's uint64 is our integer */
    assert_true(answer(CTDEP_LIST, "app", 200,
                       "[{\"Key\":\"app/a\",\"Value\":\"MQ==\",\"Flags\":16210313421097356768},"
                       "{\"Key\":\"app/b\",\"Value\":\"Mg==\",\"Flags\":7}]"));
    assert_int_equal(value.n, 2);
    assert_string_equal(field(0, "Value"), "1");
    struct tmplvalue const *flags = tmplvalue_field(value.u.item->u.object, "Flags", 5);
    assert_int_equal(flags->kind, TMPLVALUE_FLOAT);
    assert_true(flags->u.f == 16210313421097356768.0);
    flags = tmplvalue_field(value.u.item[1].u.object, "Flags", 5);
    assert_int_equal(flags->kind, TMPLVALUE_INT);
    assert_int_equal(flags->u.i, 7);
}

static void the_catalogue(void **state)
{
    (void)state;
    assert_true(answer(CTDEP_SERVICES, "", 200, "{\"web\":[\"b\",\"a\"],\"consul\":[]}"));
    assert_string_equal(field(0, "Name"), "consul");
    assert_string_equal(field(1, "Name"), "web");
    assert_true(answer(CTDEP_NODES, "", 200,
                       "[{\"Node\":\"b\",\"Address\":\"2\"},{\"Node\":\"a\",\"Address\":\"1\"}]"));
    assert_string_equal(field(0, "Node"), "a");
    assert_true(answer(CTDEP_NODE, "n", 200, "null"));
    assert_int_equal(value.kind, TMPLVALUE_NIL);
    assert_true(
        answer(CTDEP_NODE, "n", 200,
               "{\"Node\":{\"Node\":\"n\"},\"Services\":{\"y\":{\"ID\":\"y\",\"Service\":\"s\"},"
               "\"x\":{\"ID\":\"x\",\"Service\":\"s\",\"Tags\":null}}}"));
    assert_int_equal(value.kind, TMPLVALUE_OBJECT);
    value = *tmplvalue_field(value.u.object, "Services", 8);
    assert_string_equal(field(0, "ID"), "x");
    assert_true(answer(CTDEP_DATACENTERS, "", 200, "[\"b\",\"a\"]"));
    assert_int_equal(value.u.item[0].u.s[0], 'a');
    assert_true(answer(CTDEP_SELF, "", 200, "{\"Config\":{\"NodeName\":\"me\"}}"));
    assert_int_equal(value.n, 2);
    assert_true(answer(CTDEP_ROOTS, "", 200, "{\"Roots\":[{\"ID\":\"r\",\"RootCert\":\"pem\"}]}"));
    assert_string_equal(field(0, "RootCert"), "pem");
    assert_true(answer(CTDEP_LEAF, "web", 200, "{\"CertPEM\":\"pem\"}"));
    assert_string_equal(value.u.object->class->name, "*api.LeafCert");
}

static void junk_is_told(void **state)
{
    (void)state;
    assert_false(answer(CTDEP_SERVICES, "", 200, "{"));
    assert_non_null(strstr(why, "no JSON"));
    assert_false(answer(CTDEP_SERVICES, "", 200, "[1]"));
    assert_false(answer(CTDEP_SERVICE, "web", 200, "{\"a\":1}"));
    assert_true(answer(CTDEP_SERVICE, "web|any", 200, "[1,null,{\"Node\":3}]")); /* all zero */
    assert_int_equal(value.n, 3);
    assert_string_equal(field(0, "Node"), "");
}

static void a_brain_remembers(void **state)
{
    (void)state;
    struct ctbrain b = CTBRAIN_ZERO;
    struct ctentry *e[40];
    char word[16];
    for (int i = 0; i < 40; i++) {
        struct ctdep d;
        char const *w = word;
        snprintf(word, sizeof word, "k%d", i * 7 % 40);
        assert_true(ctdep_read(&d, CTDEP_GET, &w, 1, &pool, why));
        e[i] = ctbrain_get(&b, &d);
        assert_non_null(e[i]);
        assert_ptr_equal(ctbrain_get(&b, &d), e[i]);
        assert_ptr_equal(ctbrain_of(&b, e[i]->id), e[i]);
    }
    for (size_t i = 1; i < b.n; i++)
        assert_true(strcmp(b.entry[i - 1]->dep.name, b.entry[i]->dep.name) < 0);
    struct pool p;
    pool_init(&p, 4096);
    struct tmplvalue v = tmplvalue_text(pool_copy(&p, "x", 1));
    ctbrain_set(e[3], &v, &p);
    assert_true(e[3]->has);
    assert_null(p.block);
    uint64_t id = e[3]->id;
    ctbrain_drop(&b, e[3]);
    assert_null(ctbrain_of(&b, id));
    assert_int_equal(b.n, 39);
    ctbrain_free(&b);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(instances_are_ordered_and_filtered),
        cmocka_unit_test(later_fields_are_methods),
        cmocka_unit_test(keys_have_bytes),
        cmocka_unit_test(lists_of_keys),
        cmocka_unit_test(the_catalogue),
        cmocka_unit_test(junk_is_told),
        cmocka_unit_test(a_brain_remembers),
    };
    pool_init(&pool, 4 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
