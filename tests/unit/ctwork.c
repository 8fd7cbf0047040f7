/* ctwork, ctfunc: what a template asks for, from run to run. */

#include "scratch.h"

#include <cairn/ctanswer.h>
#include <cairn/ctwork.h>

#include "config.h"

static struct ctbrain brain = CTBRAIN_ZERO;
static char const *const none[] = {NULL};
static stralloc out = STRALLOC_ZERO;

static struct ctentry *entry(char const *name)
{
    for (size_t i = 0; i < brain.n; i++)
        if (!strcmp(brain.entry[i]->dep.name, name))
            return brain.entry[i];
    return NULL;
}

static void set(char const *name, char const *text)
{
    struct ctentry *e = entry(name);
    struct pool p;
    assert_non_null(e);
    pool_init(&p, 4096);
    struct tmplvalue v = text ? tmplvalue_text(pool_copy(&p, text, strlen(text))) : tmplvalue_nil();
    ctbrain_set(e, &v, &p);
}

static struct ctconf_template const *template_of(char const *text)
{
    static struct ctconf_template t;
    t = (struct ctconf_template){
        .contents = text, .contents_len = strlen(text), .denied = none, .where = "test"};
    return &t;
}

static void a_template_waits_for_all(void **state)
{
    (void)state;
    struct ctwork w;
    assert_true(ctwork_load(
        &w, template_of("{{key \"a\"}}{{if keyExists \"b\"}}{{key \"c\"}}{{end}}"), &brain, none));
    assert_true(w.is_dirty);
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    assert_false(w.is_dirty);
    assert_int_equal(brain.n, 2);
    assert_true(ctwork_uses(&w, entry("kv.block(a)")));
    assert_int_equal(entry("kv.get(b)")->users, 1);
    set("kv.block(a)", "A");
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    set("kv.get(b)", NULL);
    assert_int_equal(ctwork_run(&w, &out), CTWORK_READY);
    assert_int_equal(out.len, 1);
    set("kv.get(b)", "yes"); /* now it asks for more */
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    set("kv.block(c)", "C");
    assert_int_equal(ctwork_run(&w, &out), CTWORK_READY);
    assert_memory_equal(out.s, "AC", 2);
    set("kv.get(b)", NULL); /* and for less */
    assert_int_equal(ctwork_run(&w, &out), CTWORK_READY);
    assert_int_equal(entry("kv.block(c)")->users, 0);
    ctwork_free(&w);
    assert_int_equal(entry("kv.block(a)")->users, 0);
    ctbrain_free(&brain);
}

static void errors_count_when_all_is_there(void **state)
{
    (void)state;
    struct ctwork w;
    assert_true(ctwork_load(&w, template_of("x\n{{index (ls \"a\") 0}}"), &brain, none));
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    set("kv.list(a)", NULL);
    assert_int_equal(ctwork_run(&w, &out), CTWORK_FAILED);
    assert_non_null(strstr(w.why, "test:2:3: index: "));
    ctwork_free(&w);
    ctbrain_free(&brain);
    assert_false(ctwork_load(&w, template_of("{{if}}"), &brain, none));
    assert_non_null(strstr(w.why, "test:1:"));
    ctwork_free(&w);
}

/* One run of a template; what it becomes, or why it fails. */
static char const *becomes(struct ctwork *w, char const *text)
{
    static char buf[1024];
    assert_true(ctwork_load(w, template_of(text), &brain, none));
    switch (ctwork_run(w, &out)) {
    case CTWORK_FAILED:
        return w->why;
    case CTWORK_MISSING:
        return "(missing)";
    default:
        snprintf(buf, sizeof buf, "%.*s", (int)out.len, out.s);
        return buf;
    }
}

static void no_name_asks_for_nothing(void **state)
{
    (void)state;
    struct ctwork w;
    assert_string_equal(
        becomes(&w, "{{key \"\"}}|{{keyExists \"\"}}|{{keyOrDefault \"\" \"d\"}}|{{ls \"\" | len}}|"
                    "{{service \"\" | len}}|{{connect \"\" | len}}|{{file \"\"}}"),
        "|false|d|0|0|0|");
    assert_int_equal(brain.n, 0);
    ctwork_free(&w);
}

static void each_function_asks_for_its_own(void **state)
{
    (void)state;
    static struct {
        char const *text, *name;
    } const rows[] = {
        {"{{nodes \"@dc2\"}}", "catalog.nodes(@dc2)"},
        {"{{services}}", "catalog.services"},
        {"{{datacenters}}", "catalog.datacenters"},
        {"{{connect \"web\" \"any\"}}", "health.connect(web|any)"},
        {"{{service \"web\" \"passing\"}}", "health.service(web|passing)"},
        {"{{caRoots}}", "connect.caroots"},
        {"{{caLeaf \"web\"}}", "connect.caleaf(web)"},
        {"{{node \"n@dc2\"}}", "catalog.node(n@dc2)"},
        {"{{node}}", "agent.self"},
        {"{{safeTree \"a\"}}", "kv.list(a)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ctwork w;
        assert_string_equal(becomes(&w, rows[i].text), "(missing)");
        assert_int_equal(brain.n, 1);
        assert_string_equal(brain.entry[0]->dep.name, rows[i].name);
        ctwork_free(&w);
        ctbrain_free(&brain);
    }
}

static void what_is_no_name_is_refused(void **state)
{
    (void)state;
    struct ctwork w;
    assert_non_null(strstr(becomes(&w, "{{key \"a@b@c\"}}"), "kv.get: invalid format: \"a@b@c\""));
    ctwork_free(&w);
    assert_non_null(strstr(becomes(&w, "{{key \"a\\x00b\"}}"), "byte 0"));
    ctwork_free(&w);
    assert_non_null(strstr(
        becomes(&w, "{{service \"a\" \"1\" \"2\" \"3\" \"4\" \"5\" \"6\" \"7\" \"8\" \"9\" \"10\" "
                    "\"11\" \"12\" \"13\" \"14\" \"15\" \"16\"}}"),
        "more than 16 words"));
    ctwork_free(&w);
    assert_int_equal(brain.n, 0);
}

/* node without a name asks who the agent is, and then for that one. */
static void the_own_node_is_found_by_its_name(void **state)
{
    (void)state;
    struct ctwork w;
    assert_string_equal(becomes(&w, "{{node}}{{node \"@dc2\"}}"), "(missing)");
    set("agent.self", "web1");
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    assert_int_equal(brain.n, 3);
    assert_non_null(entry("catalog.node(web1)"));
    assert_non_null(entry("catalog.node(web1@dc2)"));
    ctwork_free(&w);
    ctbrain_free(&brain);
}

#if CAIRN_JANSSON
static void answer(char const *name, char const *body)
{
    struct ctentry *e = entry(name);
    struct pool p;
    struct tmplvalue v;
    char why[CTANSWER_WHY];
    int has;
    assert_non_null(e);
    pool_init(&p, 1 << 16);
    assert_true(ctanswer_read(&e->dep, 200, body, strlen(body), &p, &v, &has, why));
    ctbrain_set(e, &v, &p);
}

static void lists_are_of_keys_or_of_all_below(void **state)
{
    (void)state;
    static char const all[] =
        "[{\"Key\":\"a/\",\"Value\":null},{\"Key\":\"a/k\",\"Value\":\"djE=\"},"
        "{\"Key\":\"a/d/\",\"Value\":null},{\"Key\":\"a/d/k\",\"Value\":\"djI=\"}]";
    struct ctwork w;
    assert_string_equal(becomes(&w, "{{range ls \"a\"}}{{.Key}}={{.Value}} {{end}}|"
                                    "{{range tree \"a\"}}{{.Key}}={{.Value}} {{end}}"),
                        "(missing)");
    answer("kv.list(a)", all);
    assert_int_equal(ctwork_run(&w, &out), CTWORK_READY);
    assert_int_equal(out.len, strlen("k=v1 |k=v1 d/k=v2 "));
    assert_memory_equal(out.s, "k=v1 |k=v1 d/k=v2 ", out.len);
    ctwork_free(&w);
    /* the safe ones wait until there is something */
    assert_string_equal(becomes(&w, "{{range safeLs \"a\"}}{{.Key}}{{end}}|"
                                    "{{range safeTree \"a\"}}{{.Key}} {{end}}"),
                        "k|k d/k ");
    answer("kv.list(a)", "[]");
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    ctwork_free(&w);
    ctbrain_free(&brain);
}
#endif

static void files_are_those_of_the_sandbox(void **state)
{
    (void)state;
    static struct {
        char const *path;
        int ok;
    } const rows[] = {
        {"box/in", 1},         {"box/none", 1},    {"box/sub/../in", 1}, {"outside", 0},
        {"box/../outside", 0}, {"box/../none", 0}, {"box/link", 0},      {"box/sub/none/../x", 0},
        {"boxer", 0},          {"none", 0},
    };
    char box[512], text[600];
    dir("box");
    dir("box/sub");
    put("box/in", "", 0644);
    put("outside", "", 0644);
    put("boxer", "", 0644);
    assert_int_equal(symlink("../outside", in("box/link")), 0);
    for (int slash = 0; slash < 2; slash++) {
        snprintf(box, sizeof box, "%s%s", in("box"), slash ? "//" : "");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct ctwork w;
            snprintf(text, sizeof text, "{{file \"%s\"}}", in(rows[i].path));
            struct ctconf_template t = *template_of(text);
            t.sandbox_path = box;
            assert_true(ctwork_load(&w, &t, &brain, none));
            enum ctwork_result r = ctwork_run(&w, &out);
            if (r != (rows[i].ok ? CTWORK_MISSING : CTWORK_FAILED))
                fail_msg("%s: %d %s", text, r, w.why);
            if (!rows[i].ok)
                assert_non_null(strstr(w.why, "is outside of sandbox"));
            ctwork_free(&w);
            ctbrain_free(&brain);
        }
    }
    /* a sandbox that is not there has nothing in it; none at all has everything */
    struct ctwork w;
    snprintf(text, sizeof text, "{{file \"%s\"}}", in("outside"));
    struct ctconf_template t = *template_of(text);
    t.sandbox_path = "/nonexistent/box";
    assert_true(ctwork_load(&w, &t, &brain, none));
    assert_int_equal(ctwork_run(&w, &out), CTWORK_FAILED);
    ctwork_free(&w);
    t.sandbox_path = NULL;
    assert_true(ctwork_load(&w, &t, &brain, none));
    assert_int_equal(ctwork_run(&w, &out), CTWORK_MISSING);
    ctwork_free(&w);
    ctbrain_free(&brain);
}

static void templates_are_files_and_may_be_denied_functions(void **state)
{
    (void)state;
    static char const *const denied[] = {"key", NULL};
    struct ctwork w;
    char path[512], wanted[1024];
    snprintf(path, sizeof path, "%s", in("template"));
    struct ctconf_template t = {.source = path, .denied = denied, .where = "test"};
    assert_false(ctwork_load(&w, &t, &brain, none));
    snprintf(wanted, sizeof wanted, "test: cannot read the template %s: No such file or directory",
             path);
    assert_string_equal(w.why, wanted);
    ctwork_free(&w);
    put("template", "{{key \"a\"}}", 0644);
    assert_true(ctwork_load(&w, &t, &brain, none));
    assert_int_equal(ctwork_run(&w, &out), CTWORK_FAILED);
    assert_non_null(strstr(w.why, "the function is disabled by function_denylist"));
    assert_memory_equal(w.why, path, strlen(path));
    assert_int_equal(brain.n, 0);
    assert_false(ctwork_uses(&w, NULL));
    ctwork_free(&w);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(a_template_waits_for_all),
        cmocka_unit_test(errors_count_when_all_is_there),
        cmocka_unit_test(no_name_asks_for_nothing),
        cmocka_unit_test(each_function_asks_for_its_own),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(the_own_node_is_found_by_its_name),
#if CAIRN_JANSSON
        cmocka_unit_test(lists_are_of_keys_or_of_all_below),
#endif
        cmocka_unit_test(files_are_those_of_the_sandbox),
        cmocka_unit_test(templates_are_files_and_may_be_denied_functions),
    };
    int failed = cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
    stralloc_free(&out);
    return failed;
}
