#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmplbuiltin.h>
#include <cairn/tmplcompare.h>
#include <cairn/tmplerror.h>
#include <cairn/tmplparse.h>
#include <cairn/tmplrun.h>
#include <cairn/tmpltree.h>

/* What the vectors of Go's engine (tmplvectors) do not show: functions with typed arguments,
   objects with methods, bounds, and where and how faults are said. */

static struct pool pool;
static struct tmplerror e;
static stralloc out = STRALLOC_ZERO;
static enum tmplmissing missing;
static size_t output_max = 1 << 20;

static int types(struct tmplcall *c, struct tmplvalue *result)
{
    char text[128];
    int n = snprintf(text, sizeof text, "%zu", c->n);
    for (size_t i = 0; i < c->n; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, " %s", tmplvalue_type(c->arg + i));
    return tmplcall_string(c, result, text, (size_t)n);
}

static int failing(struct tmplcall *c, struct tmplvalue *result)
{
    (void)result;
    return tmplcall_fail(c, "this fails (%d)", *(int *)c->data);
}

static int count(struct tmplcall *c, struct tmplvalue *result)
{
    int *n = c->arg->u.object->data;
    *n += c->n > 1 ? (int)c->arg[1].u.i : 1;
    *result = tmplvalue_int(*n);
    return 1;
}

static int as_text(struct tmplobject const *o, struct pool *p, struct tmplvalue *result)
{
    (void)o, (void)p;
    *result = tmplvalue_text("a counter");
    return 1;
}

static struct tmplfunc const methods[] = {{"Count", ".?i", count}};
static char const *const fields[] = {"Name"};
static struct tmplclass const class = {"test.Counter", fields, 1, methods, 1, as_text};

static struct tmplfunc const functions[] = {
    {"typed", "sinblm", types}, {"many", "si*", types},   {"maybe", "s?si", types},
    {"one", "..*", types},      {"failing", "", failing}, {"len", "", types},
};

static int seven = 7;
static struct tmplfunc_table const table = {functions, sizeof functions / sizeof *functions,
                                            &seven};

/* The output of the template, or the fault: "line:column why". */
static char const *run(char const *text, struct tmplvalue dot)
{
    static char said[2048];
    struct tmpl_options options = {
        .name = "main", .missing = missing, .table = &table, .tables = 1};
    pool_free(&pool);
    pool_init(&pool, 16 << 20);
    out.len = 0;
    struct tmpl *t = tmplparse(&pool, text, strlen(text), &options, &e);
    if (!t || !tmplrun(t, &dot, &pool, &out, output_max, &e)) {
        assert_int_equal(out.len, 0);
        snprintf(said, sizeof said, "%u:%u %s", e.line, e.column, e.why);
        return said;
    }
    assert_true(stralloc_0(&out));
    return out.s;
}

static char const *render(char const *text)
{
    return run(text, tmplvalue_nil());
}

static void functions_get_what_their_types_say(void **state)
{
    (void)state;
    assert_string_equal(render("{{typed \"s\" 1 2.5 true nil nil}}"),
                        "6 string int float64 bool []interface {} map[string]interface {}");
    assert_string_equal(render("{{many \"s\"}} {{many \"s\" 1 2.0}}"), "1 string 3 string int int");
    assert_string_equal(render("{{maybe \"s\"}} {{maybe \"s\" \"t\" 1}}"),
                        "1 string 3 string string int");
    assert_string_equal(render("{{many 1}}"), "1:8 many wants a string here; this is of type int");
    assert_string_equal(render("{{many \"s\" 2.5}}"),
                        "1:12 many wants an integer here; this is of type float64");
    assert_string_equal(render("{{$f := 2.0}}{{many \"s\" $f}}"),
                        "1:25 many wants an integer here; this is of type float64");
    assert_string_equal(render("{{1 | many \"s\" | many \"t\"}}"),
                        "1:18 many wants an integer here; this is of type string");
    assert_string_equal(render("{{typed \"s\" 1 \"2\" true nil nil}}"),
                        "1:15 typed wants a number here; this is of type string");
    assert_string_equal(render("{{typed \"s\" 1 2 1 nil nil}}"),
                        "1:17 typed wants true or false here; this is of type int");
    assert_string_equal(render("{{typed \"s\" 1 2 true 1 nil}}"),
                        "1:22 typed wants a list here; this is of type int");
    assert_string_equal(render("{{typed \"s\" 1 2 true nil 1}}"),
                        "1:26 typed wants a map here; this is of type int");
}

static void functions_count_their_arguments(void **state)
{
    (void)state;
    assert_string_equal(render("{{maybe}}"), "1:3 maybe wants at least 1 argument, and has 0");
    assert_string_equal(render("{{maybe \"1\" \"2\" 3 4}}"),
                        "1:3 maybe wants at most 3 arguments, and has 4");
    assert_string_equal(render("{{one}}"), "1:3 one wants at least 1 argument, and has 0");
    assert_string_equal(render("{{1 | failing}}"), "1:7 failing wants 0 arguments, and has 1");
    assert_string_equal(render("{{one 1 2 3 4 5 6 7 8 9}}"),
                        "9 int int int int int int int int int");
}

static void functions_fail_with_their_reason(void **state)
{
    (void)state;
    assert_string_equal(render("a\n b{{failing}}"), "2:5 failing: this fails (7)");
    assert_string_equal(render("{{nosuch}}"), "1:3 function nosuch is not defined");
    assert_string_equal(render("{{printt 1}}"),
                        "1:3 function printt is not defined: is print meant?");
    assert_string_equal(render("{{len}}"), "0");
}

static void objects_have_fields_and_methods(void **state)
{
    (void)state;
    int n = 0;
    struct tmplvalue field = tmplvalue_text("me");
    struct tmplobject o = {.class = &class, .field = &field, .data = &n};
    struct tmplvalue v = tmplvalue_object(&o);
    assert_string_equal(
        run("{{.}} {{.Name}} {{.Count}} {{.Count 5}} {{10 | .Count}} {{(.Count)}}", v),
        "a counter me 1 6 16 17");
    assert_string_equal(run("{{.Nosuch}}", v), "1:3 test.Counter has no field or method Nosuch");
    assert_string_equal(run("{{.Count 1 2}}", v), "1:3 Count wants at most 1 argument, and has 2");
    assert_string_equal(run("{{.Count \"x\"}}", v),
                        "1:10 Count wants an integer here; this is of type string");
    assert_string_equal(run("{{.Name 1}}", v), "1:3 Name is a field, which takes no arguments");
}

static void maps_of_strings_have_no_missing_key(void **state)
{
    (void)state;
    struct tmplentry entry = {.key = "a", .n = 1, .value = tmplvalue_text("A")};
    struct tmplvalue v = tmplvalue_map(&entry, 1);
    assert_string_equal(run("{{.a}}[{{.b}}]", v), "A[<no value>]");
    v.flags = TMPLVALUE_OF_STRINGS;
    assert_string_equal(run("{{.a}}[{{.b}}][{{index . \"c\"}}]", v), "A[][]");
    missing = TMPLMISSING_ERROR;
    assert_string_equal(run("{{.a}}[{{.b}}]", v), "1:10 the map has no key b");
    missing = TMPLMISSING_DEFAULT;
}

static void a_variable_is_set_from_the_one_before(void **state)
{
    (void)state;
    assert_string_equal(render("{{$x := 1}}{{if true}}{{$x := print $x 2}}{{$x}}{{end}}|{{$x}}"),
                        "1 2|1");
    assert_string_equal(render("{{$x := $x}}"), "1:9 undefined variable $x");
    assert_string_equal(render("{{$x = 1}}"),
                        "1:3 an undefined variable is assigned to: declare it by :=");
    assert_string_equal(render("{{($x := 1)}}{{$x}}"), "11");
}

static void templates_call_each_other_within_bounds(void **state)
{
    (void)state;
    assert_string_equal(
        render("{{define \"a\"}}{{if .}}{{template \"a\" slice . 1}}{{else}}end{{end}}"
               "{{end}}{{template \"a\" \"xxxxxxxx\"}}"),
        "end");
    assert_string_equal(render("{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}"),
                        "1:17 templates call each other deeper than 5000 levels");
    assert_string_equal(render("{{template \"main\"}}"),
                        "1:3 templates call each other deeper than 5000 levels");
    assert_string_equal(render("x{{template \"b\"}}"), "1:4 there is no template \"b\"");
    assert_string_equal(render("{{define \"main\"}}x{{end}}"),
                        "1:3 the template's own name \"main\" is defined again");
}

static void output_and_memory_are_bounded(void **state)
{
    (void)state;
    output_max = 10;
    assert_string_equal(render("12345{{print 67890}}"), "1234567890");
    assert_string_equal(render("12345{{print 678901}}"),
                        "1:8 more output or memory than is allowed");
    assert_string_equal(render("{{printf \"%999999d\" 1}}"),
                        "1:3 more output or memory than is allowed");
    output_max = 1 << 20;
    assert_string_equal(
        render("{{$s := \"xxxxxxxxxxxxxxxx\"}}{{define \"d\"}}{{template \"d\" print . .}}"
               "{{end}}{{template \"d\" $s}}"),
        "1:58 print: more memory or output than is allowed");
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    static char text[4096];
    char *p = text + sprintf(text, "{{");
    memset(p, '(', 300);
    sprintf(p + 300, "1");
    memset(p + 301, ')', 300);
    sprintf(p + 601, "}}");
    assert_string_equal(render(text), "1:204 nested deeper than 200");
    p = text;
    for (int i = 0; i < 250; i++)
        p += sprintf(p, "{{if 1}}");
    assert_string_equal(render(text), "1:1609 nested deeper than 200");
}

static void parse_faults_say_what_and_where(void **state)
{
    (void)state;
    assert_string_equal(render("{{if 1}}a"), "1:3 if without its end");
    assert_string_equal(render("{{range 1}}{{else}}"), "1:3 range without its end");
    assert_string_equal(render("a{{else}}"), "1:4 else without what it belongs to");
    assert_string_equal(render("{{if 1}}{{else}}{{else}}{{end}}"), "1:23 a second else");
    assert_string_equal(render("{{if}}{{end}}"), "1:5 a value is missing in if");
    assert_string_equal(render("{{}}"), "1:3 a value is missing in an action");
    assert_string_equal(render("{{if 1}}{{define \"x\"}}{{end}}{{end}}"),
                        "1:11 define stands outside of everything else only");
    assert_string_equal(render("{{define x}}{{end}}"), "1:10 define wants a name in quotes");
    assert_string_equal(render("{{break}}"), "1:3 break outside of a range");
    assert_string_equal(render("{{1 | 2}}"),
                        "1:7 this cannot take the value of the pipe before it");
    assert_string_equal(render("{{print 1"), "1:10 an action without its end");
    assert_string_equal(render("{{print 1 )}}"), "1:11 a ) without its (");
    assert_string_equal(render("{{end 1}}"), "1:3 end without what it belongs to");
    assert_string_equal(render("{{if 1}}{{end 1}}"), "1:15 unexpected 1 in end");
    assert_string_equal(render("{{range $a, 1 := 2}}{{end}}"),
                        "1:13 unexpected 1 in the variables of range");
}

static void messages_show_the_line_and_a_caret(void **state)
{
    (void)state;
    stralloc sa = STRALLOC_ZERO;
    render("one\ntwo\t\xc3\xa9 {{failing}}\nthree");
    assert_int_equal(tmplerror_text(&e, "a.tmpl", &sa), 1);
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, "a.tmpl:2:10: failing: this fails (7)\n"
                              "    two \xc3\xa9 {{failing}}\n"
                              "            ^");
    static char text[1000];
    memset(text, 'x', 500);
    strcpy(text + 500, "{{failing}}");
    memset(text + 511, 'y', 400);
    render(text);
    sa.len = 0;
    assert_int_equal(tmplerror_text(&e, "t", &sa), 1);
    assert_true(stralloc_0(&sa));
    char *line = strchr(sa.s, '\n') + 5;
    char *caret = strrchr(sa.s, '^');
    assert_int_equal(strcspn(line, "\n"), TMPLERROR_LINE);
    assert_memory_equal(line + (caret - (strrchr(sa.s, '\n') + 5)), "failing", 7);
    stralloc_free(&sa);
}

static void bodies_are_found_by_name(void **state)
{
    (void)state;
    static char const text[] = "{{define \"a\"}}1{{end}}{{define \"ab\"}}{{end}}";
    struct tmpl_options options = {.name = "main"};
    pool_free(&pool);
    struct tmpl *t = tmplparse(&pool, text, strlen(text), &options, &e);
    assert_non_null(t);
    assert_non_null(tmpltree_body(t, "a", 1)->node);
    assert_non_null(tmpltree_body(t, "ab", 2));
    assert_null(tmpltree_body(t, "b", 1));
    assert_ptr_equal(tmpltree_body(t, "main", 4), t->body);
}

static void what_may_be_compared(void **state)
{
    (void)state;
    struct tmplvalue const v[] = {
        tmplvalue_nil(),     tmplvalue_bool(1),       tmplvalue_int(1),      tmplvalue_float(1),
        tmplvalue_text("1"), tmplvalue_list(NULL, 0), tmplvalue_map(NULL, 0)};
    enum { N = sizeof v / sizeof *v };
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            int r = 7;
            char const *why = tmplcompare_equal(v + i, v + k, &r);
            int nothing = !i || !k;
            assert_int_equal(!why, nothing || (i == k && i < 5));
            if (!why)
                assert_int_equal(r, i == k);
            why = tmplcompare_order(v + i, v + k, &r);
            assert_int_equal(!why, i == k && i >= 2 && i < 5);
        }
    assert_true(tmplbuiltin_is_and(tmplbuiltin_table().func));
    assert_false(tmplbuiltin_is_or(tmplbuiltin_table().func));
}

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 16 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    stralloc_free(&out);
    return 0;
}

/* Of a long line the part around the place is shown, in whole characters. */
static void messages_show_a_part_of_a_long_line(void **state)
{
    (void)state;
    char text[601];
    stralloc sa = STRALLOC_ZERO;
    for (size_t i = 0; i < 600; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    for (unsigned int column = 290; column < 293; column++) {
        e = (struct tmplerror){.line = 2, .column = column, .why = "no", .text = text, .n = 600};
        sa.len = 0;
        assert_int_equal(tmplerror_text(&e, "t", &sa), 1);
        assert_true(stralloc_0(&sa));
        char *line = strchr(sa.s, '\n') + 5;
        char *caret = strchr(line, '\n') + 5;
        size_t shown = (size_t)(caret - 5 - line);
        assert_true(shown >= TMPLERROR_LINE && shown < TMPLERROR_LINE + 6);
        assert_int_equal(shown % 3, 0);
        assert_memory_equal(line, "\xe2\x82\xac", 3);
        /* the caret stands under the character in which the place is */
        size_t columns = strlen(caret) - 1;
        assert_true(columns >= 26 && columns <= 28);
    }
    /* without a line there is the reason alone; a place behind the end is at the end */
    struct tmplerror none = {.line = 1, .column = 5, .why = "no"};
    sa.len = 0;
    assert_int_equal(tmplerror_text(&none, "t", &sa), 1);
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, "t:1:5: no");
    none.text = "a\tb";
    none.n = 3;
    sa.len = 0;
    assert_int_equal(tmplerror_text(&none, "t", &sa), 1);
    assert_true(stralloc_0(&sa));
    assert_string_equal(sa.s, "t:1:5: no\n    a b\n       ^");
    stralloc_free(&sa);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(functions_get_what_their_types_say),
        cmocka_unit_test(functions_count_their_arguments),
        cmocka_unit_test(functions_fail_with_their_reason),
        cmocka_unit_test(objects_have_fields_and_methods),
        cmocka_unit_test(maps_of_strings_have_no_missing_key),
        cmocka_unit_test(a_variable_is_set_from_the_one_before),
        cmocka_unit_test(templates_call_each_other_within_bounds),
        cmocka_unit_test(output_and_memory_are_bounded),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(parse_faults_say_what_and_where),
        cmocka_unit_test(messages_show_the_line_and_a_caret),
        cmocka_unit_test(bodies_are_found_by_name),
        cmocka_unit_test(what_may_be_compared),
        cmocka_unit_test(messages_show_a_part_of_a_long_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
