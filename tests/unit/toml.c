#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/toml.h>
#include <cairn/tomlscalar.h>
#include <cairn/conftext.h>

static struct pool pool;
static char out[8192];
static size_t out_n;

static void put(char const *s, size_t n)
{
    assert_true(out_n + n < sizeof out);
    memcpy(out + out_n, s, n);
    out_n += n;
    out[out_n] = 0;
}

static void put_text(char const *s)
{
    put(s, strlen(s));
}

/* {key: value, ...}, strings as they are in <>, floats with an f before them */
static void put_value(struct tmplvalue const *v)
{
    char buf[64] = "";
    switch (v->kind) {
    case TMPLVALUE_BOOL:
        put_text(v->u.b ? "true" : "false");
        break;
    case TMPLVALUE_INT:
        sprintf(buf, "%lld", (long long)v->u.i);
        break;
    case TMPLVALUE_FLOAT:
        sprintf(buf, "f%g", v->u.f);
        break;
    case TMPLVALUE_STRING:
        put_text("<");
        put(v->u.s, v->n);
        put_text(">");
        break;
    case TMPLVALUE_LIST:
        put_text("[");
        for (size_t i = 0; i < v->n; i++) {
            put_text(i ? ", " : "");
            put_value(v->u.item + i);
        }
        put_text("]");
        break;
    case TMPLVALUE_MAP:
        put_text("{");
        for (size_t i = 0; i < v->n; i++) {
            put_text(i ? ", " : "");
            put(v->u.entry[i].key, v->u.entry[i].n);
            put_text(": ");
            put_value(&v->u.entry[i].value);
        }
        put_text("}");
        break;
    default:
        fail();
    }
    put_text(buf);
}

/* The value, or LINE:COLUMN: and the reason. The text is gone when the value is looked at. */
static char const *read_bytes(char const *s, size_t n)
{
    struct tmplvalue v;
    unsigned int line = 0;
    unsigned int column = 0;
    char why[TOML_WHY];
    char *text = malloc(n + !n);
    assert_non_null(text);
    memcpy(text, s, n);
    int ok = toml_read(text, n, &pool, &v, &line, &column, why);
    free(text);
    out_n = 0;
    if (ok)
        put_value(&v);
    else
        sprintf(out, "%u:%u: %s", line, column, why);
    pool_free(&pool);
    return out;
}

static char const *read_text(char const *s)
{
    return read_bytes(s, strlen(s));
}

static int setup(void **state)
{
    (void)state;
    pool_init(&pool, 64 << 20);
    return 0;
}

static void toml_reads_a_resource_of_confd(void **state)
{
    (void)state;
    char const *const lines[] = {
        "# what nginx shows",
        "[template]",
        "src = \"nginx.conf.tmpl\"",
        "dest = '/etc/nginx/nginx.conf'",
        "mode = \"0644\" # octal",
        "uid=0",
        "keys = [",
        "  \"/nginx\", # all of it",
        "  \"/yourapp/upstream\",",
        "]",
        "check_cmd = \"/usr/sbin/nginx -t -c {{.src}}\"",
    };
    static char const want[] =
        "{template: {check_cmd: </usr/sbin/nginx -t -c {{.src}}>, dest: </etc/nginx/nginx.conf>, "
        "keys: [</nginx>, </yourapp/upstream>], mode: <0644>, src: <nginx.conf.tmpl>, uid: 0}}";
    char const *const ends[] = {"\n", "\r\n"};
    for (size_t e = 0; e < 2; e++)
        for (size_t bom = 0; bom < 2; bom++) {
            char text[1024] = "";
            if (bom)
                strcat(text, "\xef\xbb\xbf");
            for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
                sprintf(text + strlen(text), "%s%s", lines[i], ends[e]);
            assert_string_equal(read_text(text), want);
        }
}

struct row {
    char const *text;
    char const *want;
};

static void check_rows(struct row const *row, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(read_text(row[i].text), row[i].want);
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void toml_reads_tables(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"", "{}"},
        {" \t\n# only a comment", "{}"},
        {"a=1\n\n b\t=\t2 # c\nc=3", "{a: 1, b: 2, c: 3}"},
        {"1234 = 1\n-_- = 2\n\"\" = 3\n'q \"' = 4\n\"\\u00e9\" = 5",
         "{: 3, -_-: 2, 1234: 1, q \": 4, \xc3\xa9: 5}"},
        {"3.14 = 1", "{3: {14: 1}}"},
        {"a . 'b' . \"c\" = 1\na.d = 2", "{a: {b: {c: 1}, d: 2}}"},
        {"[ a . 'b' ]\nx=1\n[a]\ny=2", "{a: {b: {x: 1}, y: 2}}"},
        {"[a.b.c]\n[a]\n[a.b]\nx=1", "{a: {b: {c: {}, x: 1}}}"},
        {"[[a]]\nx=1\n[a.b]\ny=2\n[[a]]\n[a.b]\ny=3\n[[ a . c ]]",
         "{a: [{b: {y: 2}, x: 1}, {b: {y: 3}, c: [{}]}]}"},
        {"[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nx = 1",
         "{fruit: {apple: {color: 1, taste: {sweet: true}, texture: {x: 1}}}}"},
        {"[a.b.c]\nz=1\n[a]\nb.d=2", "{a: {b: {c: {z: 1}, d: 2}}}"},
        {"a = {}\nb = { x = 1 , y.z = 2, y.w = {q=[{}]} }",
         "{a: {}, b: {x: 1, y: {w: {q: [{}]}, z: 2}}}"},
        {"a = [ ]\nb = [ #c\n 1,\n\n [2,'x'] # d\n , {y=1}, ]",
         "{a: [], b: [1, [2, <x>], {y: 1}]}"},
    };
    CHECK(rows);
}

static void toml_reads_values(void **state)
{
    (void)state;
    static struct row const rows[] = {
        {"a=true\nb=false", "{a: true, b: false}"},
        {"a=[600, +1, -17, 0, -0, +0, 1_000, 5_3_4]", "{a: [600, 1, -17, 0, 0, 0, 1000, 534]}"},
        {"a=[0o600, 0xDEAD_beef, 0b1101, 0x0, 0o07]", "{a: [384, 3735928559, 13, 0, 7]}"},
        {"a=[9223372036854775807, -9223372036854775808, 0x7fffffffffffffff]",
         "{a: [9223372036854775807, -9223372036854775808, 9223372036854775807]}"},
        {"a=[1.0, +3.25, -0.01, 5e+22, 1E06, -2e-2, 6.5e-3, 9_2.5_0, 0e0, 0.0, 1e007]",
         "{a: [f1, f3.25, f-0.01, f5e+22, f1e+06, f-0.02, f0.0065, f92.5, f0, f0, f1e+07]}"},
        {"a=[inf, +inf, -inf]", "{a: [finf, finf, f-inf]}"},
        /* basic strings */
        {"a=\"\"", "{a: <>}"},
        {"a=\"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\\u0041\"",
         "{a: <\b\t\n\f\r\"\\\xc3\xa9\xf0\x9f\x98\x80"
         "A>}"},
        {"a=\"\xc3\xa9 # ' \t\"", "{a: <\xc3\xa9 # ' \t>}"},
        /* literal strings */
        {"a='C:\\Users\\n\"'", "{a: <C:\\Users\\n\">}"},
        {"a=''", "{a: <>}"},
        /* of several lines */
        {"a=\"\"\"\"\"\"\nb=''''''", "{a: <>, b: <>}"},
        {"a=\"\"\"\n\nx\r\ny\"\"\"", "{a: <\nx\ny>}"},
        {"a=\"\"\"\r\nx \\\n\n   y \\  \r\n\tz\\\n\"\"\"", "{a: <x y z>}"},
        {"a=\"\"\"x\"\"\"\"\"", "{a: <x\"\">}"},
        {"a=\"\"\"\"x\"\" \\\"\"\"\"", "{a: <\"x\"\" \">}"},
        {"a='''\nx\\\n'y''\r\n'''''", "{a: <x\\\n'y''\n''>}"},
    };
    CHECK(rows);
}

static void toml_reads_what_is_no_number(void **state)
{
    (void)state;
    char const text[] = "a = nan\nb = -nan";
    struct tmplvalue v;
    unsigned int line;
    unsigned int column;
    char why[TOML_WHY];
    assert_int_equal(toml_read(text, sizeof text - 1, &pool, &v, &line, &column, why), 1);
    assert_int_equal(v.n, 2);
    assert_true(isnan(v.u.entry[0].value.u.f) && isnan(v.u.entry[1].value.u.f));
    pool_free(&pool);
}

/* Also with a 0 in them: escapes may say so. */
static void toml_keys_are_bytes(void **state)
{
    (void)state;
    static char const want[] = "{: 5, \0: 4, a: 2, a\0: 7, a\0"
                               "b: 9, aa: 3, aaa: 1, ab: 6, \xc3\xa9: 8}";
    read_text("aaa=1\na=2\naa=3\n\"\\u0000\"=4\n\"\"=5\nab=6\n\"a\\u0000\"=7\n\"\xc3\xa9\"=8\n"
              "\"a\\u0000b\"=9");
    assert_int_equal(out_n, sizeof want - 1);
    assert_memory_equal(out, want, sizeof want);
}

#define NO_KEY "key missing: it is letters, digits, _ and -, or in quotes"
#define NO_EQUAL                                                                                   \
    "= missing behind the key (a key of more than letters, digits, _ and - needs quotes)"
#define NO_BRACKET                                                                                 \
    " missing behind the name of the table (a name of more than letters, digits, _ and - needs "   \
    "quotes)"
#define HAS_VALUE(line) " has a value already, given in line " line ": remove one"
#define IS_TABLE(line)  " is a table already, begun in line " line ": put its keys together there"
#define IS_TABLES(line) " is an array of tables since line " line ": add to it by [[...]]"
#define NO_VALUE        "value missing: write \"\" for an empty string"
#define NO_WORD         " is no value: text needs quotes, and true and false are lower case"
#define NO_LINE                                                                                    \
    "nothing but a comment (#) goes behind it in its line: begin a new line, or quote all of the " \
    "text"
#define NO_BRACE "} missing: a table in braces is of one line; use [NAME] for one of several"
#define TOO_BIG  "number beyond 64 bits: put it in quotes, or write 1.0e20"
#define NO_NUMBER                                                                                  \
    " is no number: text needs quotes, a float digits on both sides of its point, and _ stands "   \
    "between digits"
#define NO_DATE "dates and times are not supported: put it in quotes"
#define NO_QUOTE                                                                                   \
    "quote missing: the string is not closed in its line (three quotes begin and end one of "      \
    "several lines)"
#define NO_ESCAPE    "no such escape: a backslash is written \\\\, or put the string in single quotes"
#define NO_HEX(n, c) n " hexadecimal digits belong behind \\" c "; a backslash is written \\\\"
#define LONG_KEY     "'a123456789b123456789c123456789d123456789e123456789f12345678"

static void toml_tells_where_and_why(void **state)
{
    (void)state;
    static struct row const rows[] = {
        /* text */
        {"a=1\nb=\"\xe9\"", "2:4: byte 0xe9 is not UTF-8: save the file as UTF-8"},
        {"a=\"\xed\xa0\x80\"", "1:4: byte 0xed is not UTF-8: save the file as UTF-8"},
        {"a=\"\x01\"", "1:4: control character: write it as \"\\u0001\""},
        {"#\x7f", "1:2: control character: write it as \"\\u007f\""},
        {"a=1\rb=2", "1:4: carriage return without a line feed: end lines with one"},
        {"a=1\r", "1:4: carriage return without a line feed: end lines with one"},
        /* keys */
        {"= 1", "1:1: " NO_KEY},
        {"\xc3\xa9 = 1", "1:1: " NO_KEY},
        {"a. = 1", "1:4: " NO_KEY},
        {"a..b = 1", "1:3: " NO_KEY},
        {"[]", "1:2: " NO_KEY},
        {"a={,}", "1:4: " NO_KEY},
        {"src: x", "1:4: " NO_EQUAL},
        {"src", "1:4: " NO_EQUAL},
        {"src\n= 1", "1:4: " NO_EQUAL},
        {"\"\"\"a\"\"\" = 1", "1:1: a key has one quote on each side, not three"},
        {"'''a''' = 1", "1:1: a key has one quote on each side, not three"},
        {"[a", "1:3: ]" NO_BRACKET},
        {"[[a]", "1:4: ]]" NO_BRACKET},
        {"[a b]", "1:4: ]" NO_BRACKET},
        /* twice */
        {"a=1\n\n  a=2", "3:3: a" HAS_VALUE("1")},
        {"\xef\xbb\xbf\na=1\n\"a\"=2", "3:1: \"a\"" HAS_VALUE("2")},
        {"a=1\na.b=2", "2:1: a" HAS_VALUE("1")},
        {"a=1\n[a]", "2:2: a" HAS_VALUE("1")},
        {"a=[]\n[[a]]", "2:3: a" HAS_VALUE("1")},
        {"a={}\n[a.b]", "2:2: a" HAS_VALUE("1")},
        {"a={b=1}\na.c=1", "2:1: a" HAS_VALUE("1")},
        {"a={b=1,\tb=2}", "1:9: b" HAS_VALUE("1")},
        {"a={b={c=1}, b.d=2}", "1:13: b" HAS_VALUE("1")},
        {LONG_KEY "\xc3\xa9'=1\n" LONG_KEY "\xc3\xa9'=1", "2:1: " LONG_KEY HAS_VALUE("1")},
        {"[a]\n[b]\n[a]", "3:2: a" IS_TABLE("1")},
        {"[a]\n[[a]]", "2:3: a" IS_TABLE("1")},
        {"a.b=1\n[a]", "2:2: a" IS_TABLE("1")},
        {"a.b=1\na=1", "2:1: a" IS_TABLE("1")},
        {"[a.b]\n[a]\nb.c=1", "3:1: b" IS_TABLE("1")},
        {"[a.b]\n[[a]]", "2:3: a" IS_TABLE("1")},
        {"[[a]]\n[a]", "2:2: a" IS_TABLES("1")},
        {"[[a.b]]\n[a]\nb.c=1", "3:1: b" IS_TABLES("1")},
        /* values */
        {"a=", "1:3: " NO_VALUE},
        {"a= # x", "1:4: " NO_VALUE},
        {"a=\r\nb=1", "1:4: " NO_VALUE},
        {"a={b=}", "1:6: value missing before }"},
        {"a=[,]", "1:4: value missing before ,"},
        {"a=]", "1:3: value missing before ]"},
        {"a=/etc", "1:3: / begins no value: text needs quotes"},
        {"a=\xc3\xa9", "1:3: \xc3\xa9 begins no value: text needs quotes"},
        {"a=True", "1:3: True" NO_WORD},
        {"a=nginx.conf", "1:3: nginx.conf" NO_WORD},
        {"a=1 b=2", "1:5: " NO_LINE},
        {"[a] b=2", "1:5: " NO_LINE},
        {"a=[1 2]", "1:6: comma missing between two values of an array, or ] behind it"},
        {"a=1\nb=[1,\n2", "2:3: array without an end: ] missing"},
        {"a=[", "1:3: array without an end: ] missing"},
        {"a={b=1 c=2}", "1:8: comma missing between two keys of a table, or } behind it"},
        {"a={b=1,}", "1:8: no comma goes before }"},
        {"a={b=1,\nc=2}", "1:3: " NO_BRACE},
        {"a={ # x", "1:3: " NO_BRACE},
        {"a={b=1", "1:3: " NO_BRACE},
        /* numbers */
        {"mode=0644", "1:6: leading zero: leave it out, or write 0o644 for octal, or use quotes"},
        {"mode=-01", "1:6: leading zero: leave it out, or use quotes"},
        {"a=00.5", "1:3: leading zero: leave it out, or use quotes"},
        {"a=08", "1:3: leading zero: leave it out, or use quotes"},
        {"a=9223372036854775808", "1:3: " TOO_BIG},
        {"a=-9223372036854775809", "1:3: " TOO_BIG},
        {"a=0xffffffffffffffff", "1:3: " TOO_BIG},
        {"a=99999999999999999999999999", "1:3: " TOO_BIG},
        {"a=1e999", "1:3: number too big: no float reaches beyond 1.7e308"},
        {"a=-0x1", "1:3: no sign goes before 0x"},
        {"a=1__0", "1:3: 1__0" NO_NUMBER},
        {"a=1_", "1:3: 1_" NO_NUMBER},
        {"a=0x", "1:3: 0x" NO_NUMBER},
        {"a=0x_1", "1:3: 0x_1" NO_NUMBER},
        {"a=0b2", "1:3: 0b2" NO_NUMBER},
        {"a=0O7", "1:3: 0O7" NO_NUMBER},
        {"a=5.", "1:3: 5." NO_NUMBER},
        {"a=1.e5", "1:3: 1.e5" NO_NUMBER},
        {"a=1.5_", "1:3: 1.5_" NO_NUMBER},
        {"a=1e", "1:3: 1e" NO_NUMBER},
        {"a=1e5.0", "1:3: 1e5.0" NO_NUMBER},
        {"a=-", "1:3: -" NO_NUMBER},
        {"a=+a", "1:3: +a" NO_NUMBER},
        {"a=10.0.0.1:80", "1:3: 10.0.0.1:80" NO_NUMBER},
        {"a=30s", "1:3: 30s" NO_NUMBER},
        /* dates */
        {"a=1979-05-27", "1:3: " NO_DATE},
        {"a=1979-05-27T07:32:00Z", "1:3: " NO_DATE},
        {"a=1979-05-27 07:32:00", "1:3: " NO_DATE},
        {"a=[07:32:00]", "1:4: " NO_DATE},
        /* strings */
        {"a=\"x\nb=1", "1:3: " NO_QUOTE},
        {"a='x\nb=1'", "1:3: " NO_QUOTE},
        {"a=\"x\\\"", "1:3: " NO_QUOTE},
        {"a=\"x\\\n\"", "1:3: " NO_QUOTE},
        {"a=\"x\\", "1:3: " NO_QUOTE},
        {"\"a = 1", "1:1: " NO_QUOTE},
        {"a=1\nb=\"\"\"x\n\"\"", "2:3: string without an end: three quotes close it"},
        {"a='''x", "1:3: string without an end: three quotes close it"},
        {"a=\"\"\"\"\"\"\"\"\"", "1:11: " NO_LINE},
        {"a=\"C:\\Windows\"", "1:6: " NO_ESCAPE},
        {"a=\"\\ \"", "1:4: " NO_ESCAPE},
        {"a=\"\"\"\n\\ x\"\"\"", "2:1: " NO_ESCAPE},
        {"a=\"C:\\users\"", "1:6: " NO_HEX("4", "u")},
        {"a=\"\\u123\"", "1:4: " NO_HEX("4", "u")},
        {"a=\"\\U0001F60\"", "1:4: " NO_HEX("8", "U")},
        {"a=\"\\ud800\"", "1:4: U+D800 is no character"},
        {"a=\"\\U00110000\"", "1:4: U+110000 is no character"},
    };
    CHECK(rows);
    assert_string_equal(read_bytes("a\0b", 3), "1:2: control character: write it as \"\\u0000\"");
}

static char *repeat(char const *before, char const *s, size_t n, char const *after)
{
    char *text = malloc(strlen(before) + n * strlen(s) + strlen(after) + 1);
    assert_non_null(text);
    strcpy(text, before);
    char *to = text + strlen(text);
    for (size_t i = 0; i < n; i++, to += strlen(s))
        strcpy(to, s);
    strcpy(to, after);
    return text;
}

static void toml_nests_so_deep(void **state)
{
    (void)state;
    static char const deep[] = "more than 64 tables and arrays in each other";
    static struct {
        char const *before;
        char const *s;
        size_t n; /* that fit */
        char const *after;
    } const rows[] = {
        {"a=", "[", 64, ""},
        {"a=", "{a=", 63, ""},
        {"", "a.", 63, "a=1"},
        {"[", "a.", 63, "a]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t more = 0; more < 2; more++) {
            char *text = repeat(rows[i].before, rows[i].s, rows[i].n + more, rows[i].after);
            char const *is = strstr(read_text(text), deep);
            assert_true(more ? is != NULL : is == NULL);
            free(text);
        }
}

static void toml_is_bounded(void **state)
{
    (void)state;
    char *text = repeat("a=[", "1,", 10000, "]");
    pool_init(&pool, 64 << 10);
    assert_non_null(strstr(read_text(text), ": too much for one file: "));
    free(text);
    text = repeat("#", "x", 16 << 20, "");
    assert_string_equal(read_text(text), "1:1: a file of more than 16777216 bytes");
    text[16 << 20] = 0;
    assert_string_equal(read_text(text), "{}");
    free(text);
}

static void toml_has_many_keys(void **state)
{
    (void)state;
    enum { KEYS = 100000, WIDTH = 24 };
    char *text = malloc((KEYS + 1) * WIDTH);
    assert_non_null(text);
    struct tmplvalue v;
    unsigned int line;
    unsigned int column;
    char why[TOML_WHY];
    size_t n = 0;
    for (unsigned int i = 0; i < KEYS; i++)
        n += (size_t)sprintf(text + n, "key%u = %u\n", i * 7919U % KEYS, i);
    assert_int_equal(toml_read(text, n, &pool, &v, &line, &column, why), 1);
    assert_int_equal(v.n, KEYS);
    for (unsigned int i = 0; i < KEYS; i++) {
        char key[WIDTH];
        sprintf(key, "key%u", i * 7919U % KEYS);
        struct tmplvalue const *found = tmplvalue_get(&v, key, strlen(key));
        assert_non_null(found);
        assert_int_equal(found->u.i, i);
    }
    n += (size_t)sprintf(text + n, "key4 = 0\n");
    assert_int_equal(toml_read(text, n, &pool, &v, &line, &column, why), 0);
    assert_int_equal(line, KEYS + 1);
    free(text);
    pool_free(&pool);
}

static void conftext_is_a_place(void **state)
{
    (void)state;
    static char const s[] = " \r\n# x\n\n y";
    struct conftext in = {.s = s, .p = s, .end = s + sizeof s - 1};
    conftext_blanks(&in);
    assert_int_equal(conftext_peek(&in), '\n');
    conftext_lines(&in);
    assert_true(conftext_is_at(&in, "y") && !conftext_is_at(&in, "yz"));
    assert_int_equal(conftext_line(&in, in.p), 4);
    in.p++;
    assert_int_equal(conftext_peek(&in), 0);
    assert_int_equal(conftext_shown("short", 5), 5);
}

static void tomlscalar_stops_behind(void **state)
{
    (void)state;
    static char const s[] = "'x'1]";
    struct conftext in = {.s = s, .p = s, .end = s + sizeof s - 1, .pool = &pool};
    struct tmplvalue v;
    assert_int_equal(tomlscalar_string(&in, &v), 1);
    assert_true(v.kind == TMPLVALUE_STRING && v.n == 1 && *v.u.s == 'x');
    assert_int_equal(tomlscalar_word(&in, &v), 1);
    assert_true(v.kind == TMPLVALUE_INT && v.u.i == 1);
    assert_int_equal(conftext_peek(&in), ']');
    pool_free(&pool);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(toml_reads_a_resource_of_confd),
        T(toml_reads_tables),
        T(toml_reads_values),
        T(toml_reads_what_is_no_number),
        T(toml_keys_are_bytes),
        T(toml_tells_where_and_why),
        T(toml_nests_so_deep),
        T(toml_is_bounded),
        T(toml_has_many_keys),
        T(conftext_is_a_place),
        T(tomlscalar_stops_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
