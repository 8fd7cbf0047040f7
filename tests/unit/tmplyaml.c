#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <cairn/tmplyaml.h>

#include "config.h"

static struct pool pool;
static char why[TMPLYAML_WHY];

#if CAIRN_YAML

#include "valuetext.h"

enum { TEXT_MAX = 1 << 17 };

static struct tmplvalue value;

/* The text is gone when the value is looked at: nothing of it may be needed. */
static int read_bytes(char const *s, size_t n)
{
    char *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy, s, n);
    copy[n] = '1'; /* which must not be read */
    pool_free(&pool);
    pool_init(&pool, 1 << 26);
    *why = 0;
    int ok = tmplyaml_read(copy, n, &pool, &value, why);
    memset(copy, 'x', n + 1);
    free(copy);
    return ok;
}

static char const *read_text(char const *s)
{
    return read_bytes(s, strlen(s)) ? value_as_text(&value) : "failed";
}

struct row {
    char const *text;
    char const *want;
};

static void check(struct row const *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char const *got = read_text(rows[i].text);
        if (strcmp(got, rows[i].want) != 0)
            print_error("of %s came %s %s\n", rows[i].text, got, why);
        assert_string_equal(got, rows[i].want);
    }
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void documents(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"", "nil"},
        {"# nothing\n", "nil"},
        {"---\n", "nil"},
        {"--- a\n--- b\n", "'a'"},
        {"a\n...\n[", "'a'"},
        {"%YAML 1.1\n--- 1", "1"},
        {"a: 1\nb:\n- x\n- y: ~\n  z: [1.5, yes]\n", "{a:1,b:['x',{y:nil,z:[1.5,true]}]}"},
        {"b: 1\na: 2\nA: 3\n", "{A:3,a:2,b:1}"},
        {"a: 1\na: 2\n", "{a:2}"},
        {"{\"json\": [1, \"2\", null, true, 1e3]}", "{json:[1,'2',nil,true,1000.0]}"},
        {"[]", "[]"},
        {"{}", "{}"},
        {"- \n- ''\n", "[nil,'']"},
        {"{a}", "{a:nil}"},
        {"a: |\n  1\n  2\nb: >-\n  3\n  4\n", "{a:'1\n2\n',b:'3 4'}"},
        {"\xef\xbb\xbf\x61: 1", "{a:1}"},
        {"[2026-11-26, '2026-11-26', 2026-11-26 10:00:00]",
         "['2026-11-26','2026-11-26','2026-11-26 10:00:00']"},
    };
    CHECK(rows);
    assert_true(read_bytes("\xff\xfe"
                           "a\0:\0 \0\xe4\0",
                           10));
    assert_string_equal(value_as_text(&value), "{a:'\xc3\xa4'}");
}

static void quotes_and_tags(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"['1', \"yes\", '', \"~\", \"\\0\", '<<']", "['1','yes','','~','0','<<']"},
        {"[!!str 1, !!int \"5\", !!float 5, !foo 12, ! 12]", "['1',5,5.0,'12','12']"},
        {"!!map {a: !!seq [1]}", "{a:[1]}"},
        {"!foo {a: !!set {b, c}}", "{a:{b:nil,c:nil}}"},
        {"%TAG !y! tag:yaml.org,2002:\n--- !y!int '5'", "5"},
    };
    CHECK(rows);
    assert_string_equal(read_text("a: 1\nb: !!int x"), "failed");
    assert_string_equal(why,
                        "line 2, column 4: its tag says that it is an integer, which it is not");
    assert_string_equal(read_text("!!binary aGVsbG8="), "failed");
    assert_string_equal(read_text("!!int \"5\\0\""), "failed");
}

static void keys(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"?\n: f", "{:'f'}"},
        {"{1: a, y: b, ~: c, 1.50: d, 0x10: e}", "{0x10:'e',1:'a',1.50:'d',y:'b',~:'c'}"},
        {"{'a b': 1, \"\\n\": 2}", "{\n:2,a b:1}"},
        {"? a\n: 1\n? b\n", "{a:1,b:nil}"},
        {"{&k a: *k}", "{a:'a'}"},
        {"x: &k a\n*k : 2", "{a:2,x:'a'}"},
        {"[a]: 1", "failed"},
        {"? {a: 1}\n: 2", "failed"},
        {"x: &k [a]\n*k : 2", "failed"},
        {"x: &k 1\n*k : 2", "failed"},
        {"*k : 2", "failed"},
    };
    CHECK(rows);
    assert_string_equal(read_text("a: 1\n[a]: 1"), "failed");
    assert_string_equal(why, "line 2, column 1: a key must be a string");
}

static void anchors_and_aliases(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"a: &x 1\nb: *x", "{a:1,b:1}"},
        {"a: &x {b: [1]}\nc: [*x, *x]", "{a:{b:[1]},c:[{b:[1]},{b:[1]}]}"},
        {"[&x a, *x, &x b, *x]", "['a','a','b','b']"},
        {"[&x !!str 1, *x, &y , *y]", "['1','1',nil,nil]"},
        {"- &x\n  - &y 1\n- *y\n- *x", "[[1],1,[1]]"},
        {"&a [*a]", "failed"},
        {"[*z]", "failed"},
        {"[&x 1]\n--- [*x]", "[1]"},
    };
    CHECK(rows);
    assert_string_equal(read_text("[*z]"), "failed");
    assert_string_equal(why, "line 1, column 2: there is no anchor of this name before this alias");
}

static void merges(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"{<<: {a: 1}, a: 2}", "{a:2}"},
        {"{a: 2, <<: {a: 1, b: 3}}", "{a:2,b:3}"},
        {"{<<: [{a: 1}, {a: 2, b: 3}]}", "{a:1,b:3}"},
        {"{<<: []}", "{}"},
        {"{\"<<\": {a: 1}}", "{<<:{a:1}}"},
        {"base: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  y: 3\n", "{base:{x:1,y:2},mine:{x:1,y:3}}"},
        {"{<<: 1}", "failed"},
        {"{<<: ~}", "failed"},
        {"{<<: [1]}", "failed"},
        {"{<<: [[{a: 1}]]}", "failed"},
    };
    CHECK(rows);
    assert_string_equal(read_text("a:\n  <<: x"), "failed");
    assert_string_equal(why, "line 2, column 7: << wants a map or a list of maps");
}

static void mistakes_have_a_place(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"a: 1\n}", "line 2, column 1: "},
        {"a: 'x", "line 1, column 6: "},
        {"a: b\n\tc: d", "line 2, column 1: "},
        {"a: b: c", "line 1, column 5: "},
        {"a: @", "line 1, column 4: "},
        {"%YAML 1.2\n--- 1", ""}, /* libyaml 0.2.5 takes it, Go's does not */
        {"%YAML 2.0\n--- 1", "line 1, column 1: "},
        {"a: \x01", "line 1, column 4: control characters are not allowed"},
        {"b: 2\na: \xc3\xa4\xff", "line 2, column 5: invalid leading UTF-8 octet"},
        {"b: 2\n\"\xc3\"", "line 2, column 3: "},
        {"\"\xed\xa0\x80\"", "line 1, column 2: "}, /* half of a surrogate */
        {"\"\xc0\xaf\"", "line 1, column 2: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char const *got = read_text(rows[i].text);
        if (!*rows[i].want) {
            assert_string_not_equal(got, "failed");
            continue;
        }
        if (strncmp(why, rows[i].want, strlen(rows[i].want)) != 0)
            print_error("%s: %s\n", rows[i].text, why);
        assert_string_equal(got, "failed");
        assert_memory_equal(why, rows[i].want, strlen(rows[i].want));
    }
}

static void messages_do_not_quote(void **state)
{
    (void)state;
    assert_string_equal(read_text("!!int \"\\e[2J\""), "failed");
    assert_null(strchr(why, 27));
    assert_string_equal(read_text("!<tag:yaml.org,2002:int> \"\\u0085\""), "failed");
    for (char const *s = why; *s; s++)
        assert_in_range(*s, ' ', '~');
}

static char big[TEXT_MAX];

static void add(char const *s)
{
    size_t len = strlen(big);
    assert_true(len + strlen(s) < TEXT_MAX);
    memcpy(big + len, s, strlen(s) + 1);
}

static char const *nested(char const *open, char const *inner, char const *close, size_t n)
{
    *big = 0;
    for (size_t i = 0; i < n; i++)
        add(open);
    add(inner);
    for (size_t i = 0; i < n; i++)
        add(close);
    return read_bytes(big, strlen(big)) ? "read" : "failed";
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    assert_string_equal(nested("[", "1", "]", TMPLYAML_DEPTH_MAX), "read");
    assert_string_equal(nested("[", "1", "]", TMPLYAML_DEPTH_MAX + 1), "failed");
    assert_non_null(strstr(why, "nested deeper than 200"));
    assert_string_equal(nested("{a: ", "1", "}", TMPLYAML_DEPTH_MAX), "read");
    assert_string_equal(nested("{a: ", "1", "}", TMPLYAML_DEPTH_MAX + 1), "failed");
    assert_string_equal(nested("- ", "1", "", TMPLYAML_DEPTH_MAX + 1), "failed");
    assert_string_equal(nested("[", "", "", 30000), "failed");
    assert_string_equal(nested("? ", "", "", 30000), "failed");
}

/* Each list holds the one before: 100, and 100 more in an alias. */
static void nesting_by_aliases_is_bounded(void **state)
{
    (void)state;
    *big = 0;
    add("- &a ");
    for (size_t i = 0; i < 100; i++)
        add("[");
    for (size_t i = 0; i < 100; i++)
        add("]");
    add("\n- ");
    size_t head = strlen(big);
    for (size_t deep = 98; deep <= 101; deep++) {
        big[head] = 0;
        for (size_t i = 0; i < deep; i++)
            add("[");
        add("*a");
        for (size_t i = 0; i < deep; i++)
            add("]");
        /* the outermost list is not nested, and so lies at 0 */
        assert_int_equal(read_bytes(big, strlen(big)), 1 + deep + 99 <= TMPLYAML_DEPTH_MAX);
    }
    assert_non_null(strstr(why, "nested deeper than 200"));
    /* step by step */
    *big = 0;
    add("- &a0 [x]\n");
    for (size_t i = 1; i < 300; i++) {
        char line[64];
        snprintf(line, sizeof line, "- &a%zu [*a%zu]\n", i, i - 1);
        add(line);
    }
    assert_int_equal(read_bytes(big, strlen(big)), 0);
    assert_non_null(strstr(why, "line 200, "));
    assert_non_null(strstr(why, "nested deeper than 200"));
}

/* A billion laughs, of text and of nothing: of the latter no copy would ever be made. */
static void aliases_are_bounded(void **state)
{
    (void)state;
    static char const *const kinds[] = {"lol", "~"};
    for (size_t k = 0; k < 2; k++) {
        *big = 0;
        add("a0: &a0 [");
        add(kinds[k]);
        add("]\n");
        for (size_t i = 1; i < 12; i++) {
            char line[128];
            snprintf(line, sizeof line, "a%zu: &a%zu [", i, i);
            add(line);
            for (size_t j = 0; j < 9; j++) {
                snprintf(line, sizeof line, "*a%zu,", i - 1);
                add(line);
            }
            add("]\n");
        }
        assert_int_equal(read_bytes(big, strlen(big)), 0);
        assert_non_null(strstr(why, "with its aliases this is more than 1000000 values"));
    }
    /* merges of the same map are copies */
    *big = 0;
    add("a: &a {");
    for (size_t i = 0; i < 2000; i++) {
        char entry[32];
        snprintf(entry, sizeof entry, "k%zu, ", i);
        add(entry);
    }
    add("}\nb: {<<: [");
    for (size_t i = 0; i < 2000; i++)
        add("*a, ");
    add("]}\n");
    assert_int_equal(read_bytes(big, strlen(big)), 0);
    assert_non_null(strstr(why, "with its aliases this is more than 1000000 values"));
}

static void anchors_are_bounded(void **state)
{
    (void)state;
    *big = 0;
    for (size_t i = 0; i < TMPLYAML_ANCHORS_MAX; i++)
        add("- &a x\n");
    assert_int_equal(read_bytes(big, strlen(big)), 1);
    assert_int_equal(value.n, TMPLYAML_ANCHORS_MAX);
    add("- &a x\n");
    assert_int_equal(read_bytes(big, strlen(big)), 0);
    assert_string_equal(why, "line 1001, column 3: more than 1000 anchors");
}

static void memory_is_bounded(void **state)
{
    (void)state;
    static char const s[] = "a: &x [1, text]\nb: {<<: {c: *x}, d: ~}\n";
    int had = 0;
    for (size_t max = 0; max < 1 << 17; max += max < 4096 ? 16 : 4096) {
        pool_free(&pool);
        pool_init(&pool, max);
        *why = 0;
        if (tmplyaml_read(s, sizeof s - 1, &pool, &value, why)) {
            had = 1;
            assert_string_equal(value_as_text(&value), "{a:[1,'text'],b:{c:[1,'text'],d:nil}}");
        } else {
            assert_false(had);
            assert_string_equal(why, "more memory than is allowed");
        }
    }
    assert_true(had);
}

#else

static void without_the_library_it_says_so(void **state)
{
    (void)state;
    struct tmplvalue v;
    assert_int_equal(tmplyaml_read("1", 1, &pool, &v, why), 0);
    assert_string_equal(why, "this build has no YAML reader (libyaml)");
}

#endif

static int teardown(void **state)
{
    (void)state;
    pool_free(&pool);
    return 0;
}

int main(void)
{
    struct CMUnitTest const tests[] = {
#if CAIRN_YAML
        cmocka_unit_test(documents),
        cmocka_unit_test(quotes_and_tags),
        cmocka_unit_test(keys),
        cmocka_unit_test(anchors_and_aliases),
        cmocka_unit_test(merges),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(messages_do_not_quote),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(nesting_by_aliases_is_bounded),
        cmocka_unit_test(aliases_are_bounded),
        cmocka_unit_test(anchors_are_bounded),
        cmocka_unit_test(memory_is_bounded),
#else
        cmocka_unit_test(without_the_library_it_says_so),
#endif
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("tmplyaml", tests, NULL, teardown);
}
