/* hcl, hclscalar, conftext: HCL 1 and its JSON, after the table in the sheet dns-and-templates,
   section 5. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/conftext.h>
#include <cairn/hcl.h>
#include <cairn/hclscalar.h>

static struct pool pool;
static char shown[8192];
static char why[HCL_WHY];
static unsigned int line;
static unsigned int column;

static void show(char const *format, ...)
{
    size_t n = strlen(shown);
    va_list ap;
    va_start(ap, format);
    vsnprintf(shown + n, sizeof shown - n, format, ap);
    va_end(ap);
}

static void show_value(struct hclvalue const *v);

static void show_items(struct hclvalue const *v)
{
    for (struct hclitem const *i = v->u.item; i; i = i->next) {
        show("%s=", i->key);
        show_value(i->value);
        if (i->next)
            show(" ");
    }
}

static void show_value(struct hclvalue const *v)
{
    switch (v->kind) {
    case HCL_STRING:
        show("'%s'", v->u.string.s);
        return;
    case HCL_INT:
        show("%lld", (long long)v->u.i);
        return;
    case HCL_FLOAT:
        show("%g", v->u.f);
        return;
    case HCL_BOOL:
        show("%s", v->u.b ? "true" : "false");
        return;
    case HCL_LIST:
        show("[");
        for (struct hclvalue const *i = v->u.first; i; i = i->next) {
            show_value(i);
            if (i->next)
                show(",");
        }
        show("]");
        return;
    case HCL_OBJECT:
        show("{");
        show_items(v);
        show("}");
    }
}

static char const *read_text(char const *s)
{
    struct hclvalue *root = hcl_read(s, strlen(s), &pool, &line, &column, why);
    shown[0] = 0;
    if (!root)
        return NULL;
    show_items(root);
    return shown;
}

struct row {
    char const *text;
    char const *wanted; /* NULL: an error */
    unsigned int line, column;
};

static void check(struct row const *row, size_t n)
{
    unsigned int failed = 0;
    for (; n--; row++) {
        char const *got = read_text(row->text);
        int ok = row->wanted ? got && !strcmp(got, row->wanted)
                             : !got && line == row->line && column == row->column && *why;
        if (!ok) {
            print_error("%s\n    got %s at %u:%u\n    want %s\n", row->text, got ? got : why, line,
                        column, row->wanted ? row->wanted : "an error");
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void scalars(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"a = \"x\"", "a='x'", 0, 0},
        {"a=1 b=-2 c = 0600 d = 0x1F", "a=1 b=-2 c=384 d=31", 0, 0},
        {"a = 1.5\nb = 1e3\nc = -2.5E-1", "a=1.5 b=1000 c=-0.25", 0, 0},
        {"a = true, b = false", "a=true b=false", 0, 0},
        {"a = \"\\n\\t\\\\\\\"\\u00e9\\U0001F600\\x41\\101\"",
         "a='\n\t\\\"\xc3\xa9\xf0\x9f\x98\x80"
         "AA'",
         0, 0},
        {"a = \"{{ key \\\"x\\\" }} $HOME\"", "a='{{ key \"x\" }} $HOME'", 0, 0},
        {"a = \"${ f(\"}\") } b\"", "a='${ f(\"}\") } b'", 0, 0},
        {"a = 9223372036854775807", "a=9223372036854775807", 0, 0},
        {"a = 10k", NULL, 1, 5},
        {"a = yes", NULL, 1, 5},
        {"a = 08", NULL, 1, 5},
        {"a = 0x", NULL, 1, 5},
        {"a = 1.", NULL, 1, 5},
        {"a = 1.2.3", NULL, 1, 5},
        {"a = 9223372036854775808", NULL, 1, 5},
        {"a = \"x", NULL, 1, 5},
        {"a = \"x\ny\"", NULL, 1, 5},
        {"a = \"\\q\"", NULL, 1, 6},
        {"a = \"\\u12\"", NULL, 1, 6},
        {"a = \"\\x00\"", NULL, 1, 6},
        {"a = \"\\x+1\"", NULL, 1, 6},
        {"a = \"\\0-1\"", NULL, 1, 6},
        {"a = \"\\400\"", NULL, 1, 6},
        {"a = \"${x\"", NULL, 1, 6},
        {"a = \"\xff\"", NULL, 1, 6},
        {"a =", NULL, 1, 4},
        {"a = -", NULL, 1, 5},
    };
    CHECK(rows);
}

static void structure(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"", "", 0, 0},
        {"# c\n// d\n/* e\n f */ a = 1 # g", "a=1", 0, 0},
        {"a { b = 1, c = 2 }", "a={b=1 c=2}", 0, 0},
        {"a { b = 1 c = 2 }\na { b = 3 }", "a={b=1 c=2} a={b=3}", 0, 0},
        {"a = { b = 1 }", "a={b=1}", 0, 0},
        {"a \"x\" { b = 1 }", "a={x={b=1}}", 0, 0},
        {"a \"x\" \"y\" {}", "a={x={y={}}}", 0, 0},
        {"a = [1, \"b\", true, [2], {c = 3},]", "a=[1,'b',true,[2],{c=3}]", 0, 0},
        {"a = []", "a=[]", 0, 0},
        {"a = [\n 1, # one\n 2\n]\n\"k e y\" = 2", "a=[1,2] k e y=2", 0, 0},
        {"a-b.c_1 = 1", "a-b.c_1=1", 0, 0},
        {"\xef\xbb\xbf"
         "a = 1\r\nb = 2\r\n",
         "a=1 b=2", 0, 0},
        {"a = [1 2]", NULL, 1, 8},
        {"a = [1, 2", NULL, 1, 5},
        {"a {\n b = 1", NULL, 1, 4},
        {"a }", NULL, 1, 3},
        {"}", NULL, 1, 1},
        {"= 1", NULL, 1, 1},
        {"1 = 1", NULL, 1, 1},
        {"a 1", NULL, 1, 3},
        {"a", NULL, 1, 2},
        {"a \"x\" = 1", NULL, 1, 7},
        {"/* x", NULL, 1, 1},
        {"a = 1\n\n  b = ?", NULL, 3, 7},
    };
    CHECK(rows);
}

static void heredocs(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"a = <<EOH\n  x\ny\nEOH\nb = 1", "a='  x\ny\n' b=1", 0, 0},
        {"a = <<EOH\nEOH\n", "a=''", 0, 0},
        {"a = <<-EOH\n    x\n      y\n    EOH\n", "a='x\n  y\n'", 0, 0},
        /* as HCL 1.0.0 does it, bytes and all */
        {"a = <<-EOH\n    x\n\n    EOH\n", "a='    x\n\n'", 0, 0},
        {"a = <<-EOH\n\t\tx\n  EOH\n", "a='\t\tx\n'", 0, 0},
        {"a = <<EOH\nx\n  EOH\nb = 1", "a='x\n  ' b=1", 0, 0},
        {"a = <<-EOH\n  x\n    EOH\n", "a='  x\n'", 0, 0},
        {"a = <<E\nEE\nE", "a='EE\n'", 0, 0},
        {"a = <<E\n\"{{ x }}\" \\n\nE\n", "a='\"{{ x }}\" \\n\n'", 0, 0},
        {"a = <<E\r\nx\r\nE\r\n", "a='x\n'", 0, 0},
        {"t {\n a = <<E\nx\nE\n}", "t={a='x\n'}", 0, 0},
        {"a = <<EOH\nx\n", NULL, 1, 5},
        {"a = <<\nx\n", NULL, 1, 5},
        {"a = <<E x\nE\n", NULL, 1, 5},
    };
    CHECK(rows);
}

static void json(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {" {\"a\": [1, 2.5, true, \"x\"], \"b\": {\"c\": null, \"d\": {}}}",
         "a=[1,2.5,true,'x'] b={d={}}", 0, 0},
        {"{\"a\": 0600}", NULL, 0, 0},
        {"{\"a\": \"\\u0000\"}", NULL, 0, 0},
        {"{\"\\u0000\": 1}", NULL, 0, 0},
        {"{", NULL, 0, 0},
    };
    CHECK(rows);
}

static void lines_are_known(void **state)
{
    (void)state;
    char const text[] = "a = 1\nb {\n  c = 2\n}\n";
    struct hclvalue *root = hcl_read(text, strlen(text), &pool, &line, &column, why);
    struct hclitem *b = root->u.item->next;
    assert_int_equal(b->line, 2);
    assert_int_equal(b->value->u.item->line, 3);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    static char text[70000];
    strcpy(text, "a = ");
    memset(text + 4, '[', 65000);
    assert_null(read_text(text));
    assert_non_null(strstr(why, "64"));
    text[4] = 0;
    for (int i = 0; i < 60; i++)
        strcat(text, "[");
    for (int i = 0; i < 60; i++)
        strcat(text, "]");
    assert_non_null(read_text(text));
}

/* Lines are counted once: otherwise this takes longer than the test may. */
static void long_files_are_read_in_one_pass(void **state)
{
    (void)state;
    enum { ITEMS = 100000 };
    struct pool big;
    char *text = malloc(ITEMS * 6);
    assert_non_null(text);
    pool_init(&big, 64 << 20);
    for (size_t i = 0; i < ITEMS; i++)
        memcpy(text + i * 6, "a = 1\n", 6);
    struct hclvalue *root = hcl_read(text, ITEMS * 6, &big, &line, &column, why);
    assert_non_null(root);
    struct hclitem *last = root->u.item;
    while (last->next)
        last = last->next;
    assert_int_equal(last->line, ITEMS);
    pool_free(&big);
    free(text);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(structure),
        cmocka_unit_test(heredocs),
        cmocka_unit_test(json),
        cmocka_unit_test(lines_are_known),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(long_files_are_read_in_one_pass),
    };
    pool_init(&pool, 16 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
