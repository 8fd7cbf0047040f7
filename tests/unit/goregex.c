/* The rows of tests/vectors/goregex.jsonl, made with Go's package regexp: ours finds and replaces
   the same, and refuses for the same reason. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/goregex.h>
#include <cairn/goregexclass.h>
#include <cairn/goregexparse.h>
#include <cairn/goregexprog.h>
#include <cairn/goregexset.h>
#include <cairn/goregextext.h>
#include <cairn/tmpljson.h>

enum { MEMORY = 64 << 20, GROUPS = 64, ROWS = 600 };

static struct pool pool;
static char why[GOREGEX_WHY];

static struct tmplvalue const *field(struct tmplvalue const *row, char const *key)
{
    return tmplvalue_get(row, key, strlen(key));
}

static int is_same(struct tmplvalue const *want, stralloc const *out)
{
    size_t n = want ? want->n : 0;
    return out->len == n && (!n || !memcmp(out->s, want->u.s, n));
}

/* Both ways to replace. */
static int replaces(struct goregex const *re, struct tmplvalue const *row)
{
    static char const *const keys[] = {"replaced", "literal"};
    struct tmplvalue const *text = field(row, "text");
    struct tmplvalue const *with = field(row, "with");
    int ok = 1;
    for (int i = 0; i < 2; i++) {
        stralloc out = STRALLOC_ZERO;
        assert_true(goregex_replace(re, &pool, text->u.s, text->n, with->u.s, with->n, i, &out));
        if (!is_same(field(row, keys[i]), &out)) {
            print_error("    %s: %.*s\n", keys[i], (int)out.len, out.len ? out.s : "");
            ok = 0;
        }
        stralloc_free(&out);
    }
    return ok;
}

static int finds(struct goregex const *re, struct tmplvalue const *row)
{
    struct tmplvalue const *text = field(row, "text");
    struct tmplvalue const *places = field(row, "places");
    size_t place[GROUPS * 2];
    int found = goregex_find(re, &pool, text->u.s, text->n, 0, place, GROUPS);
    int ok = found == (places != NULL);
    if (ok && found)
        ok = places->n == goregex_groups(re) * 2;
    for (size_t i = 0; ok && places && i < places->n; i++)
        ok = places->u.item[i].u.i == (int64_t)place[i];
    if (!ok) {
        print_error("    found:");
        for (size_t i = 0; found > 0 && i < goregex_groups(re) * 2; i++)
            print_error(" %zd", (ssize_t)place[i]);
        print_error("\n");
    }
    return ok;
}

static int is_right(struct tmplvalue const *row)
{
    struct tmplvalue const *pattern = field(row, "pattern");
    struct tmplvalue const *error = field(row, "error");
    struct goregex *re = goregex_compile(&pool, pattern->u.s, pattern->n, why);
    if (error) {
        int ok = !re && !strncmp(why, error->u.s, 90);
        if (!ok)
            print_error("    %s\n", re ? "no error" : why);
        return ok;
    }
    if (!re) {
        print_error("    error: %s\n", why);
        return 0;
    }
    return finds(re, row) & replaces(re, row);
}

static void rows_are_as_go_has_them(void **state)
{
    (void)state;
    char path[4096];
    char *line = NULL;
    size_t size = 0;
    unsigned int rows = 0;
    unsigned int failed = 0;
    ssize_t n;
    snprintf(path, sizeof path, "%s/tests/vectors/goregex.jsonl", getenv("TOP"));
    FILE *f = fopen(getenv("GOREGEX_ROWS") ? getenv("GOREGEX_ROWS") : path, "r");
    assert_non_null(f);
    pool_init(&pool, MEMORY);
    while ((n = getline(&line, &size, f)) > 0) {
        struct tmplvalue row;
        char reason[TMPLJSON_WHY];
        assert_true(tmpljson_read(line, (size_t)n, 0, &pool, &row, reason));
        rows++;
        if (!is_right(&row)) {
            print_error("row %u: %s", rows, line);
            failed++;
        }
        pool_free(&pool);
    }
    free(line);
    fclose(f);
    assert_int_equal(failed, 0);
    assert_true(rows >= ROWS);
}

/* What the rows cannot have: bytes that are no UTF-8, a place to begin, bounds. */

static struct goregex *compile(char const *pattern)
{
    return goregex_compile(&pool, pattern, strlen(pattern), why);
}

static void refuses(char const *pattern, char const *reason)
{
    assert_null(compile(pattern));
    assert_string_equal(why, reason);
}

static void what_is_not_supported_is_named(void **state)
{
    (void)state;
    pool_init(&pool, MEMORY);
    refuses("a\\pL", "unknown or unsupported class of Unicode: `\\pL`");
    refuses("[a\\p{Greek}]", "unknown or unsupported class of Unicode: `\\p{Greek}`");
    refuses("a\xff", "invalid UTF-8: `a\xff`");
    refuses("(?:(?:.{1000}.{1000}){1}.{1000}){2}", "invalid repeat count: `{2}`");
    pool_free(&pool);
}

static void size_and_depth_are_bounded(void **state)
{
    (void)state;
    static char text[4096];
    pool_init(&pool, MEMORY);
    for (int i = 0; i < 140; i++)
        strcat(text, ".{1000}");
    refuses(text, "expression too large: more than 131072 steps");
    memset(text, '(', 1001);
    text[1001] = 0;
    assert_null(compile(text));
    assert_memory_equal(why, "expression nests too deeply: `(((", 32);
    assert_int_equal(strlen(why), GOREGEX_WHY - 1);
    pool_free(&pool);
    pool_init(&pool, 100);
    refuses("abcdefgh", "out of memory");
    pool_free(&pool);
}

static void search_begins_anywhere(void **state)
{
    (void)state;
    size_t place[4];
    pool_init(&pool, MEMORY);
    struct goregex *re = compile("\\bb|(?P<x>^b)");
    assert_non_null(re);
    assert_int_equal(goregex_groups(re), 2);
    assert_int_equal(goregex_group(re, "x", 1), 1);
    assert_int_equal(goregex_group(re, "y", 1), 0);
    assert_int_equal(goregex_find(re, &pool, "ab b", 4, 1, place, 2), 1);
    assert_int_equal(place[0], 3);
    assert_int_equal(place[1], 4);
    assert_true(place[2] == (size_t)-1 && place[3] == (size_t)-1);
    assert_int_equal(goregex_find(re, &pool, "ab b", 4, 4, NULL, 0), 0);
    assert_int_equal(goregex_find(re, &pool, "ab b", 4, 5, NULL, 0), 0);
    assert_int_equal(goregex_find(re, &pool, NULL, 0, 0, NULL, 0), 0);
    pool_free(&pool);
}

static void bytes_that_are_no_text_are_one_character_each(void **state)
{
    (void)state;
    stralloc out = STRALLOC_ZERO;
    pool_init(&pool, MEMORY);
    struct goregex *re = compile("[^a]|\\x{fffd}");
    assert_true(goregex_replace(re, &pool, "a\xff\xc3z", 4, "<$0>", 4, 0, &out));
    assert_int_equal(out.len, 10);
    assert_memory_equal(out.s, "a<\xff><\xc3><z>", 10);
    stralloc_free(&out);
    pool_free(&pool);
}

/* Another way to match would take longer than the test may. */
static void time_is_linear(void **state)
{
    (void)state;
    static char text[20000];
    memset(text, 'a', sizeof text);
    pool_init(&pool, MEMORY);
    struct goregex *re = compile("^((a*)*|(a|a)*)*b$");
    assert_int_equal(goregex_find(re, &pool, text, sizeof text, 0, NULL, 0), 0);
    pool_free(&pool);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    unsigned int refused = 0;
    unsigned int found = 0;
    for (size_t max = 0; max < 16384; max += 64) {
        size_t place[10];
        stralloc out = STRALLOC_ZERO;
        pool_init(&pool, max);
        struct goregex *re = compile("(.)(.)(.)([^d-f])");
        if (!re) {
            assert_string_equal(why, "out of memory");
            refused++;
        } else if (goregex_find(re, &pool, "abcz", 4, 0, place, 5) == 1 &&
                   goregex_replace(re, &pool, "abcz", 4, "$4", 2, 0, &out)) {
            assert_int_equal(place[8], 3);
            assert_int_equal(out.len, 1);
            assert_int_equal(*out.s, 'z');
            found++;
        }
        stralloc_free(&out);
        pool_free(&pool);
    }
    assert_true(refused && found);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(rows_are_as_go_has_them),
        cmocka_unit_test(what_is_not_supported_is_named),
        cmocka_unit_test(size_and_depth_are_bounded),
        cmocka_unit_test(search_begins_anywhere),
        cmocka_unit_test(bytes_that_are_no_text_are_one_character_each),
        cmocka_unit_test(time_is_linear),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
