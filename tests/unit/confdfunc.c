/* confdfunc: each function as templates call it, with what the sheet tells of the real ones. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/confdfunc.h>
#include <cairn/tmplrun.h>

enum { MEMORY = 1 << 20 };

static struct pool pool;
static struct confdstore store;

static int setup(void **state)
{
    static char const *const pairs[][2] = {
        {"/app/name", "web"},
        {"/app/port", "80"},
        {"/apple", "red"},
        {"/empty", ""},
        {"/nest/east/app1", "e1"},
        {"/nest/east/app2", "e0"},
        {"/nest/west/app1", "e1"},
        {"/nest/west-", "w"},
        {"/nest/x", "leaf"},
        {"/nest/x/y", "below"},
        {"/js", "{\"Id\":\"x\",\"n\":[1,2,3],\"big\":1000000,\"o\":{\"p\":null}}"},
    };
    (void)state;
    pool_init(&pool, MEMORY);
    confdstore_init(&store, &pool);
    for (unsigned int i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!confdstore_set(&store, pairs[i][0], pairs[i][1]))
            return -1;
    confdstore_sort(&store);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

/* Runs the template; returns its output, or what went wrong with "error: " before it. */
static char const *run(char const *text, size_t len)
{
    static char buf[4096];
    struct tmplfunc_table table = confdfunc_table(&store);
    struct tmpl_options options = {.name = "t", .table = &table, .tables = 1};
    struct tmplerror e;
    struct tmplvalue dot = tmplvalue_nil();
    struct pool p;
    stralloc out = STRALLOC_ZERO;
    pool_init(&p, MEMORY);
    struct tmpl const *t = tmplparse(&p, text, len, &options, &e);
    if (t && tmplrun(t, &dot, &p, &out, sizeof buf - 1, &e))
        snprintf(buf, sizeof buf, "%.*s", (int)out.len, out.len ? out.s : "");
    else
        snprintf(buf, sizeof buf, "error: %s", e.why);
    stralloc_free(&out);
    pool_free(&p);
    return buf;
}

struct row {
    char const *text;
    char const *want; /* "error: " and a part of the reason */
};

static void check(struct row const *row, size_t n)
{
    for (; n--; row++) {
        char const *got = run(row->text, strlen(row->text));
        int good = strncmp(row->want, "error: ", 7)
                       ? !strcmp(got, row->want)
                       : !strncmp(got, "error: ", 7) && strstr(got + 7, row->want + 7);
        if (!good)
            fail_msg("%s gave '%s', not '%s'", row->text, got, row->want);
    }
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void confdfunc_get(void **state)
{
    static struct row const rows[] = {
        {"{{getv \"/app/name\"}}", "web"},
        {"{{getv \"/empty\"}}|", "|"},
        {"{{getv \"/empty\" \"d\"}}|", "|"},
        {"{{getv \"/nope\" \"d\"}}", "d"},
        {"{{getv \"/app/name\" \"d\"}}", "web"},
        {"{{\"d\" | getv \"/nope\"}}", "d"},
        {"{{getv \"/nope\"}}", "error: getv: key does not exist: /nope"},
        {"{{getv \"/app\"}}", "error: key does not exist: /app"},
        {"{{getv \"app/name\"}}", "error: key does not exist"},
        {"{{getv \"/app/name/\"}}", "error: key does not exist"},
        {"{{getv \"/app/*\"}}", "error: key does not exist"},
        {"{{getv}}", "error: "},
        {"{{getv 1}}", "error: string"},
        {"{{get \"/app/name\"}}", "{/app/name web}"},
        {"{{with get \"/app/name\"}}{{.Key}}={{.Value}}{{end}}", "/app/name=web"},
        {"{{(get \"/app/name\").Nope}}", "error: Nope"},
        {"{{get \"/nope\"}}", "error: get: key does not exist: /nope"},
        {"{{exists \"/app/name\"}} {{exists \"/empty\"}}", "true true"},
        {"{{exists \"/app\"}} {{exists \"/app/\"}} {{exists \"\"}}", "false false false"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_gets(void **state)
{
    static struct row const rows[] = {
        {"{{gets \"/app/*\"}}", "[{/app/name web} {/app/port 80}]"},
        {"{{range gets \"/app/*\"}}{{.Key}}={{.Value}};{{end}}", "/app/name=web;/app/port=80;"},
        {"{{range gets \"/nest/*/*\"}}{{.Key}};{{end}}",
         "/nest/east/app1;/nest/east/app2;/nest/west/app1;/nest/x/y;"},
        {"{{gets \"/nest/*\"}}", "[{/nest/west- w} {/nest/x leaf}]"},
        {"{{gets \"/app/[n]???\"}}", "[{/app/name web}]"},
        {"{{gets \"/app\"}} {{gets \"*\"}} {{gets \"\"}}", "[] [] []"},
        {"{{range gets \"/nope/*\"}}x{{else}}none{{end}}", "none"},
        {"{{gets \"/app/[\"}}", "error: malformed pattern: /app/["},
        {"{{gets \"\\\\\"}}", "error: malformed pattern"},
        /* by value, and all of them */
        {"{{getvs \"/nest/*/*\"}}", "[below e0 e1 e1]"},
        {"{{getvs \"/nope\"}}", "[]"},
        {"{{getvs \"[a-\"}}", "error: malformed pattern: [a-"},
        {"{{join (getvs \"/app/*\") \"-\"}}", "80-web"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_ls(void **state)
{
    static struct row const rows[] = {
        {"{{ls \"/\"}}", "[app apple empty js nest]"},
        {"{{ls \"//\"}}", "[app apple empty js nest]"},
        {"{{ls \"/app\"}} {{ls \"/app/\"}} {{ls \"/./app/x/..\"}}",
         "[name port] [name port] [name port]"},
        {"{{ls \"/nest\"}}", "[east west west- x]"},
        {"{{ls \"/nest/x\"}}", "[x y]"},
        {"{{ls \"/app/name\"}}", "[name]"},
        {"{{ls \"/ap\"}} {{ls \"/nope\"}} {{ls \"/app/name/x\"}}", "[] [] []"},
        {"{{ls \"app\"}} {{ls \"a\"}} {{ls \"\"}} {{ls \".\"}}", "[] [] [] []"},
        {"{{lsdir \"/\"}}", "[app nest]"},
        {"{{lsdir \"/nest\"}}", "[east west x]"},
        {"{{lsdir \"/nest/x\"}} {{lsdir \"/app\"}} {{lsdir \"/app/name\"}}", "[] [] []"},
        {"{{lsdir \"a\"}} {{lsdir \"\"}}", "[] []"},
        {"{{range lsdir \"/nest\"}}{{range gets (printf \"/nest/%s/*\" .)}}{{.Value}},{{end}};"
         "{{end}}",
         "e1,e0,;e1,;below,;"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_without_a_store(void **state)
{
    static struct row const rows[] = {
        {"{{exists \"/app/name\"}} {{gets \"*\"}} {{getvs \"*\"}} {{ls \"/\"}} {{lsdir \"/\"}}",
         "false [] [] [] []"},
        {"{{gets \"[\"}}", "error: malformed pattern"},
        {"{{getv \"/x\" \"d\"}}", "d"},
    };
    (void)state;
    confdstore_init(&store, &pool);
    confdstore_sort(&store);
    CHECK(rows);
}

static void confdfunc_paths(void **state)
{
    static struct row const rows[] = {
        {"{{base \"/a/b\"}} {{base \"a\"}} {{base \"/a/\"}} {{base \"/\"}} {{base \"\"}}",
         "b a a / ."},
        {"{{dir \"/a/b/c\"}} {{dir \"a\"}} {{dir \"/a/\"}} {{dir \"\"}} {{dir \"/\"}}",
         "/a/b . /a . /"},
        {"{{fileExists \"/\"}} {{fileExists \"/dev/null\"}} {{fileExists \"/nope\"}} "
         "{{fileExists \"/dev/null/x\"}} {{fileExists \"\"}}",
         "true true false false false"},
        {"{{fileExists \"/\\x00\"}}", "error: byte 0"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_pieces(void **state)
{
    static struct row const rows[] = {
        {"{{split \"a,b,c\" \",\"}}", "[a b c]"},
        {"{{len (split \"\" \",\")}} {{len (split \",\" \",\")}} {{len (split \",a,\" \",\")}}",
         "1 2 3"},
        {"{{printf \"%q\" (split \"a, b,\" \", \")}}", "[\"a\" \"b,\"]"},
        {"{{split \"abc\" \"abcd\"}} {{split \"aaa\" \"aa\"}}", "[abc] [ a]"},
        {"{{printf \"%q\" (split \"a\303\244\342\202\254\" \"\")}} {{split \"\" \"\"}}",
         "[\"a\" \"\303\244\" \"\342\202\254\"] []"},
        {"{{len (split \"\\xff\\xfe\" \"\")}}", "2"},
        {"{{printf \"%T\" (split \"a\" \",\")}}", "[]string"},
        {"{{index (split \"10.0.0.1:80\" \":\") 1}}", "80"},
        {"{{split \"a\"}}", "error: "},
        {"{{join (split \"c,a,b\" \",\") \" - \"}}", "c - a - b"},
        {"{{join (split \"a\" \",\") \"-\"}}|{{join (split \"\" \"\") \"-\"}}|", "a||"},
        {"{{join (jsonArray `[\"x\", \"\", \"y\"]`) \"/\"}}", "x//y"},
        {"{{join (jsonArray `[\"x\", 1]`) \"/\"}}", "error: float64"},
        {"{{join nil \"/\"}}|", "|"},
        {"{{join \"a\" \"/\"}}", "error: list"},
        {"{{reverse (split \"a,b,c\" \",\")}} {{reverse (split \"\" \"\")}}", "[c b a] []"},
        {"{{reverse (gets \"/app/*\")}}", "[{/app/name web} {/app/port 80}]"},
        {"{{reverse (getvs \"/app/*\")}}", "[web 80]"},
        {"{{reverse (jsonArray `[1, 2]`)}}", "[1 2]"},
        /* which leaves what is equal in its order, and the argument alone */
        {"{{$l := split \"ccc,a,bb,b,aaa,cc,,d\" \",\"}}{{sortByLength $l}} {{$l}}",
         "[ a b d bb cc ccc aaa] [ccc a bb b aaa cc  d]"},
        {"{{sortByLength (split \"\" \"\")}} {{sortByLength (split \"b\" \",\")}}", "[] [b]"},
        {"{{printf \"%T\" (sortByLength (split \"b\" \",\"))}}", "[]string"},
        {"{{sortByLength (gets \"/app/*\")}}", "error: memkv.KVPair"},
        {"{{range sortKVByLength (gets \"/*\")}}{{.Key}} {{end}}", "/js /apple /empty "},
        {"{{range sortKVByLength (gets \"/nest/*/*\")}}{{.Key}} {{end}}",
         "/nest/x/y /nest/east/app1 /nest/east/app2 /nest/west/app1 "},
        {"{{sortKVByLength (gets \"/nope\")}}", "[]"},
        {"{{sortKVByLength (split \"a,b\" \",\")}}", "error: string"},
        {"{{sortKVByLength (jsonArray `[null]`)}}", "error: <nil>"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_text(void **state)
{
    static struct row const rows[] = {
        {"{{toUpper \"web-1 \303\244\"}} {{toLower \"WEB-1 \303\204\"}}",
         "WEB-1 \303\204 web-1 \303\244"},
        {"{{toUpper \"\"}}|", "|"},
        {"{{contains \"abc\" \"bc\"}} {{contains \"abc\" \"cb\"}} {{contains \"abc\" \"\"}} "
         "{{contains \"\" \"\"}} {{contains \"\" \"a\"}} {{contains \"a\\x00b\" \"\\x00b\"}}",
         "true false true true false true"},
        {"{{replace \"aaa\" \"a\" \"b\" 2}}", "bba"},
        {"{{replace \"aaa\" \"a\" \"b\" -1}} {{replace \"aaa\" \"a\" \"b\" 0}}", "bbb aaa"},
        {"{{replace \"aaa\" \"a\" \"b\" -9223372036854775808}}", "bbb"},
        {"{{replace \"aaa\" \"a\" \"b\" 9223372036854775807}}", "bbb"},
        {"{{replace \"aaa\" \"aa\" \"b\" -1}} {{replace \"abab\" \"ab\" \"\" 1}}", "ba ab"},
        {"{{replace \"abc\" \"x\" \"y\" -1}} {{replace \"abc\" \"c\" \"d\" -1}}", "abc abd"},
        {"{{replace \"a\303\244b\" \"\" \".\" -1}} {{replace \"ab\" \"\" \".\" 2}} "
         "{{replace \"\" \"\" \".\" -1}} {{replace \"\" \"\" \".\" 0}}|",
         ".a.\303\244.b. .a.b . |"},
        {"{{replace \"ab\" \"\" \".\" -9223372036854775808}}", ".a.b."},
        {"{{replace \"\" \"a\" \"b\" -1}}|", "|"},
        {"{{replace \"a\" \"a\" \"b\"}}", "error: "},
        {"{{trimSuffix \"foo.conf\" \".conf\"}} {{trimSuffix \"foo\" \".conf\"}} "
         "{{trimSuffix \"foo\" \"\"}} {{trimSuffix \"foo\" \"foo\"}}| {{trimSuffix \"\" \"x\"}}|",
         "foo foo foo | |"},
        {"{{trimSuffix \"aaa\" \"a\"}}", "aa"},
        {"{{base64Encode \"user:pass\"}} {{base64Encode \"\"}}|", "dXNlcjpwYXNz |"},
        {"{{base64Decode \"dXNlcjpwYXNz\"}} {{base64Decode \"\"}}|", "user:pass |"},
        {"{{base64Decode (base64Encode \"\\x00\\xff\") | printf \"%x\"}}", "00ff"},
        {"{{base64Decode \"dXNlcg\"}}", "error: base64"},
        {"{{base64Decode \"-_-_\"}}", "error: base64"},
        {"{{parseBool \"true\"}} {{parseBool \"F\"}} {{parseBool \"1\"}}", "true false true"},
        {"{{if parseBool \"0\"}}yes{{else}}no{{end}}", "no"},
        {"{{parseBool \"yes\"}}", "error: yes"},
        {"{{parseBool \"\"}}", "error: "},
        {"{{parseBool true}}", "error: string"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_values(void **state)
{
    static struct row const rows[] = {
        {"{{$d := json (getv \"/js\")}}{{$d.Id}} {{$d.n}} {{$d.big}} {{$d.nope}} {{$d.o.p}}",
         "x [1 2 3] 1e+06 <no value> <no value>"},
        {"{{json `{\"b\":1,\"a\":[true,null,\"\"]}`}}", "map[a:[true <nil> ] b:1]"},
        {"{{printf \"%T\" (index (json `{\"a\":1}`) \"a\")}}", "float64"},
        {"{{json \"null\"}} {{jsonArray \"null\"}}", "map[] []"},
        {"{{json \"\"}}", "error: "},
        {"{{json \"{\"}}", "error: "},
        {"{{json \"{} x\"}}", "error: "},
        {"{{json \"[]\"}}", "error: no object"},
        {"{{json \"1\"}}", "error: no object"},
        {"{{jsonArray \"{}\"}}", "error: no array"},
        {"{{jsonArray \"[1\"}}", "error: "},
        {"{{range jsonArray `[\"z\",1,true,null]`}}[{{.}}]{{end}}", "[z][1][true][<no value>]"},
        {"{{map \"b\" 2 \"a\" \"x\"}} {{map}}", "map[a:x b:2] map[]"},
        {"{{$m := map \"k\" (split \"a,b\" \",\")}}{{$m.k}} {{$m.nope}}", "[a b] <no value>"},
        {"{{map \"a\" 1 \"a\" 2}}", "map[a:2]"},
        {"{{(map \"a\" (json \"{}\").x).a}}", "<no value>"},
        {"{{(map \"a\" (json \"{}\").x).a.b}}", "error: nil"},
        {"{{define \"x\"}}{{.who}}{{end}}{{template \"x\" map \"who\" \"me\"}}", "me"},
        {"{{map \"a\"}}", "error: turn"},
        {"{{map 1 2}}", "error: int"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_numbers(void **state)
{
    static struct row const rows[] = {
        {"{{add 2 3}} {{sub 2 3}} {{mul 2 3}} {{div 7 2}} {{mod 7 2}}", "5 -1 6 3 1"},
        {"{{div -7 2}} {{mod -7 2}} {{div 7 -2}} {{mod 7 -2}}", "-3 -1 -3 1"},
        {"{{add 3.0 1}}", "4"},
        {"{{add 9223372036854775807 1}}", "-9223372036854775808"},
        {"{{sub -9223372036854775808 1}}", "9223372036854775807"},
        {"{{mul 9223372036854775807 2}}", "-2"},
        {"{{mul -9223372036854775808 -1}}", "-9223372036854775808"},
        {"{{div -9223372036854775808 -1}}", "-9223372036854775808"},
        {"{{mod -9223372036854775808 -1}} {{mod 5 -1}} {{div 5 -1}}", "0 0 -5"},
        {"{{div 1 0}}", "error: division by zero"},
        {"{{mod 1 0}}", "error: division by zero"},
        {"{{add \"1\" 2}}", "error: integer"},
        {"{{add 1.5 2}}", "error: integer"},
        {"{{add (index (jsonArray \"[1]\") 0) 1}}", "error: float64"},
        {"{{add 1}}", "error: "},
        {"{{seq 1 5}} {{seq 5 1}} {{seq 3 3}} {{seq -1 1}}", "[1 2 3 4 5] [] [3] [-1 0 1]"},
        {"{{range seq 1 3}}{{.}},{{end}}", "1,2,3,"},
        {"{{seq 9223372036854775806 9223372036854775807}}",
         "[9223372036854775806 9223372036854775807]"},
        {"{{seq 9223372036854775807 -9223372036854775808}}", "[]"},
        {"{{seq -9223372036854775808 9223372036854775807}}", "error: long"},
        {"{{seq 0 9223372036854775807}}", "error: long"},
        {"{{seq 1 1000000}}", "error: memory"},
        {"{{atoi \"42\"}} {{atoi \"-7\"}} {{atoi \"+7\"}} {{atoi \"007\"}}", "42 -7 7 7"},
        {"{{atoi \"9223372036854775807\"}} {{atoi \"-9223372036854775808\"}}",
         "9223372036854775807 -9223372036854775808"},
        {"{{add (atoi \"2\") 1}}", "3"},
        {"{{atoi \"9223372036854775808\"}}", "error: large"},
        {"{{atoi \"-9223372036854775809\"}}", "error: large"},
        {"{{atoi \"x\"}}", "error: no integer: x"},
        {"{{atoi \"\"}}", "error: no integer"},
        {"{{atoi \"-\"}}", "error: no integer"},
        {"{{atoi \"+-1\"}}", "error: no integer"},
        {"{{atoi \" 1\"}}", "error: no integer"},
        {"{{atoi \"1 \"}}", "error: no integer"},
        {"{{atoi \"1.0\"}}", "error: no integer"},
        {"{{atoi \"0x10\"}}", "error: no integer"},
        {"{{atoi \"1\\x00\"}}", "error: byte 0"},
        {"{{atoi 1}}", "error: string"},
    };
    (void)state;
    CHECK(rows);
}

static void confdfunc_environment(void **state)
{
    static struct row const rows[] = {
        {"{{getenv \"CONFDFUNC_SET\"}}|{{getenv \"CONFDFUNC_NOPE\"}}|", "here||"},
        {"{{getenv \"CONFDFUNC_SET\" \"d\"}} {{getenv \"CONFDFUNC_NOPE\" \"d\"}} "
         "{{getenv \"CONFDFUNC_EMPTY\" \"d\"}}",
         "here d d"},
        {"{{if getenv \"CONFDFUNC_EMPTY\"}}yes{{else}}no{{end}}", "no"},
        {"{{getenv \"\"}}|", "|"},
        {"{{getenv \"CONFDFUNC_SET\\x00\"}}", "error: byte 0"},
        {"{{getenv \"A\" \"B\" \"C\"}}", "error: "},
        {"{{(datetime).Year | printf \"%d\" | len}}", "4"},
        {"{{len (datetime.Format \"2006-01-02\")}}", "10"},
        {"{{datetime 1}}", "error: "},
    };
    (void)state;
    setenv("CONFDFUNC_SET", "here", 1);
    setenv("CONFDFUNC_EMPTY", "", 1);
    unsetenv("CONFDFUNC_NOPE");
    CHECK(rows);
}

static void confdfunc_refuses_encrypted_values(void **state)
{
    static struct row const rows[] = {
        {"{{cget \"/a\"}}", "error: cget: encrypted values"},
        {"{{cgets \"/a/*\"}}", "error: cgets: encrypted values"},
        {"{{cgetv \"/a\"}}", "error: cgetv: encrypted values"},
        {"{{cgetvs \"/a/*\"}}", "error: cgetvs: encrypted values"},
        {"{{if false}}{{cgetv \"/a\"}}{{end}}ok", "ok"},
        {"{{nosuch \"/a\"}}", "error: nosuch"},
    };
    (void)state;
    CHECK(rows);
}

/* What is made on the way is bounded by the pool and by the call. */
static void confdfunc_is_bounded(void **state)
{
    static char big[600000];
    size_t n = (size_t)sprintf(big, "{{len (replace `");
    (void)state;
    memset(big + n, 'a', 500000);
    n += 500000;
    n += (size_t)sprintf(big + n, "` `a` `bbbb` -1)}}");
    assert_non_null(strstr(run(big, n), "error: replace: more memory"));
    n = (size_t)sprintf(big, "{{len (split `");
    memset(big + n, 'a', 500000);
    n += 500000;
    n += (size_t)sprintf(big + n, "` ``)}}");
    assert_non_null(strstr(run(big, n), "error: split: more memory"));
    n = (size_t)sprintf(big, "{{getv `/");
    memset(big + n, 'a', 500000);
    n += 500000;
    n += (size_t)sprintf(big + n, "`}}");
    assert_true(strlen(run(big, n)) < TMPLERROR_WHY);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    struct CMUnitTest const tests[] = {
        TEST(confdfunc_get),
        TEST(confdfunc_gets),
        TEST(confdfunc_ls),
        TEST(confdfunc_without_a_store),
        TEST(confdfunc_paths),
        TEST(confdfunc_pieces),
        TEST(confdfunc_text),
        TEST(confdfunc_values),
        TEST(confdfunc_numbers),
        TEST(confdfunc_environment),
        TEST(confdfunc_refuses_encrypted_values),
        TEST(confdfunc_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
