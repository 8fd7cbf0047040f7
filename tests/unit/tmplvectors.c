/* The rows of tests/vectors/go-template.jsonl, outputs of Go's engine: ours writes the same bytes,
   and fails where it fails. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/tmpljson.h>
#include <cairn/tmplrun.h>
#include <cairn/utf8.h>

enum { MEMORY = 64 << 20 };

/* The one row where we point to another column than Go on purpose: to the field that is not there,
   and not to what stands before it in parentheses. */
#define ELSEWHERE "field/(print .s).x"

static struct pool pool;
static unsigned int rows;

static char const *text_of(struct tmplvalue const *row, char const *key)
{
    struct tmplvalue const *v = tmplvalue_get(row, key, strlen(key));
    return v && v->kind == TMPLVALUE_STRING ? v->u.s : NULL;
}

static int is_true(struct tmplvalue const *row, char const *key)
{
    struct tmplvalue const *v = tmplvalue_get(row, key, strlen(key));
    return v && tmplvalue_truth(v);
}

static enum tmplmissing missing_of(char const *option)
{
    if (!option)
        return TMPLMISSING_DEFAULT;
    if (!strcmp(option, "missingkey=zero"))
        return TMPLMISSING_ZERO;
    return strcmp(option, "missingkey=error") ? TMPLMISSING_DEFAULT : TMPLMISSING_ERROR;
}

/* Compares the place with the one that Go's message has: NAME:LINE, with :COLUMN (from 0) in errors
   of running. */
static int is_there(struct tmplerror const *e, char const *message, char const *name)
{
    unsigned int line;
    unsigned int column;
    int n = sscanf(message, "template: t:%u:%u", &line, &column);
    if (n < 1 || e->line != line)
        return 0;
    return !e->is_exec || !strcmp(name, ELSEWHERE) || (n == 2 && e->column == column + 1);
}

/* Is the output what the row expects? What is no UTF-8 stands there as U+FFFD. */
static int is_same(stralloc const *out, struct tmplvalue const *expected)
{
    stralloc text = STRALLOC_ZERO;
    for (size_t i = 0, n; i < out->len; i += n) {
        unsigned int rune;
        char buf[UTF8_MAX];
        int ok;
        n = utf8_get(out->s + i, out->len - i, &rune, &ok);
        assert_true(stralloc_catb(&text, buf, utf8_put(buf, rune)));
    }
    int same = text.len == expected->n && !memcmp(text.len ? text.s : "", expected->u.s, text.len);
    stralloc_free(&text);
    return same;
}

/* Returns whether the row is as it should be. */
static int check(struct tmplvalue const *row, struct tmplvalue const *dot)
{
    char const *name = text_of(row, "name");
    char const *phase = text_of(row, "phase");
    struct tmplvalue const *text = tmplvalue_get(row, "template", 8);
    struct tmplvalue const *expected = tmplvalue_get(row, "expected", 8);
    struct tmpl_options options = {.name = "t",
                                   .left = text_of(row, "left_delim"),
                                   .right = text_of(row, "right_delim"),
                                   .missing = missing_of(text_of(row, "option"))};
    struct tmplerror e;
    stralloc out = STRALLOC_ZERO;
    int ok;
    struct tmpl *t = tmplparse(&pool, text->u.s, text->n, &options, &e);
    int ran = t && tmplrun(t, dot, &pool, &out, MEMORY, &e);
    if (is_true(row, "ok"))
        ok = ran && is_same(&out, expected);
    else
        ok = !ran && !out.len && e.is_exec == !strcmp(phase, "exec") &&
             is_there(&e, text_of(row, "error"), name);
    if (!ok)
        print_error("%s: %.*s\n    got: %.*s\n    want: %s\n", name, (int)text->n, text->u.s,
                    ran ? (int)out.len : TMPLERROR_WHY, ran ? (out.len ? out.s : "") : e.why,
                    expected && expected->kind == TMPLVALUE_STRING ? expected->u.s
                                                                   : text_of(row, "error"));
    if (!ok && !ran)
        print_error("    at %u:%u\n", e.line, e.column);
    stralloc_free(&out);
    return ok;
}

static int check_line(char const *line, size_t len)
{
    char why[TMPLJSON_WHY];
    struct tmplvalue row;
    struct tmplvalue floats;
    if (!tmpljson_read(line, len, 0, &pool, &row, why) ||
        !tmpljson_read(line, len, 1, &pool, &floats, why)) {
        print_error("row %u: %s\n", rows, why);
        return 0;
    }
    char const *numbers = text_of(&row, "numbers");
    struct tmplvalue const *dot = numbers && !strcmp(numbers, "float64") ? &floats : &row;
    dot = tmplvalue_get(dot, "data", 4);
    struct tmplvalue const nil = tmplvalue_nil();
    return check(&row, dot ? dot : &nil);
}

static void engine_writes_what_go_writes(void **state)
{
    (void)state;
    char path[4096];
    char *line = NULL;
    size_t size = 0;
    unsigned int failed = 0;
    ssize_t n;
    snprintf(path, sizeof path, "%s/tests/vectors/go-template.jsonl", getenv("TOP"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    pool_init(&pool, MEMORY);
    while ((n = getline(&line, &size, f)) > 0) {
        rows++;
        failed += !check_line(line, (size_t)n);
        pool_free(&pool);
    }
    free(line);
    fclose(f);
    assert_int_equal(failed, 0);
    assert_int_equal(rows, 364);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(engine_writes_what_go_writes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
