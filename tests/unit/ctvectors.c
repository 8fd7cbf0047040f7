/* ctfunc, ctplain: the rows of tests/vectors/consul-template.jsonl, outputs of consul-template 0.20
   for what consul-template-brain.json knows: ours writes the same bytes, asks for the same, and
   fails where it fails. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/ctobject.h>
#include <cairn/ctfunc.h>
#include <cairn/ctplain.h>
#include <cairn/slurp.h>
#include <cairn/sprig.h>
#include <cairn/tmpljson.h>
#include <cairn/tmplrun.h>

enum { MEMORY = 64 << 20 };

static struct pool pool;  /* of a row */
static struct pool known; /* of the brain's file */
static struct tmplvalue brain_file;

static struct tmplvalue const *get(struct tmplvalue const *map, char const *key)
{
    return tmplvalue_get(map, key, strlen(key));
}

static char const *text_of(struct tmplvalue const *row, char const *key)
{
    struct tmplvalue const *v = get(row, key);
    return v && v->kind == TMPLVALUE_STRING ? pool_copy(&pool, v->u.s, v->n) : NULL;
}

/* ---- the brain's file, whose values are as the functions give them */

static struct tmplclass const *class_of(char const *name)
{
    static struct {
        char const *begin;
        struct tmplclass const *class;
    } const classes[] = {
        {"health.", &ctobject_service},
        {"kv.list", &ctobject_pair},
        {"catalog.services", &ctobject_snippet},
        {"catalog.nodes", &ctobject_node},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (!strncmp(name, classes[i].begin, strlen(classes[i].begin)))
            return classes[i].class;
    return NULL;
}

static struct tmplvalue value_of(char const *name, struct tmplvalue const *from, struct pool *p)
{
    struct tmplclass const *class = class_of(name);
    if (from->kind != TMPLVALUE_LIST || !class)
        return *from;
    struct tmplvalue *item = pool_get(p, (from->n + 1) * sizeof *item);
    assert_non_null(item);
    for (size_t i = 0; i < from->n; i++)
        assert_true(ctobject_of(class, from->u.item + i, p, item + i));
    return tmplvalue_list(item, from->n);
}

static void learn(struct ctbrain *b)
{
    for (size_t i = 0; i < brain_file.n; i++) {
        struct tmplentry const *e = brain_file.u.entry + i;
        struct pool p;
        char *name = pool_copy(&pool, e->key, e->n);
        struct ctdep d = {.kind = CTDEP_FILE, .name = name, .path = "", .prefix = ""};
        struct ctentry *entry = ctbrain_get(b, &d);
        assert_non_null(entry);
        pool_init(&p, MEMORY);
        struct tmplvalue v = value_of(name, &e->value, &p);
        ctbrain_set(entry, &v, &p);
    }
}

/* ---- one row */

/* Are the names of the used ones, or of those of them without a value, those of the row's list? */
static int are_named(struct ctrun const *r, struct tmplvalue const *list, int only_missing)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (only_missing && r->used[i]->has)
            continue;
        if (n == list->n || strlen(r->used[i]->dep.name) != list->u.item[n].n ||
            memcmp(r->used[i]->dep.name, list->u.item[n].u.s, list->u.item[n].n) != 0)
            return 0;
        n++;
    }
    return n == list->n;
}

/* Compares the place with theirs: "template: :LINE:COLUMN:", the column from 0. */
static int is_there(struct tmplerror const *e, char const *message)
{
    unsigned int line;
    unsigned int column;
    char const *at = strstr(message, "template: :");
    return at && sscanf(at, "template: :%u:%u", &line, &column) == 2 && e->line == line &&
           e->column == column + 1;
}

static int check(struct tmplvalue const *row)
{
    struct ctbrain brain = CTBRAIN_ZERO;
    struct ctrun run = {.brain = &brain};
    struct ctplain plain = {.now = get(row, "now_unix")->u.i};
    struct tmplfunc_table table[1 + CTPLAIN_TABLES + SPRIG_TABLES];
    struct tmplvalue const *text = get(row, "template");
    struct tmplvalue const *expected = get(row, "expected");
    struct tmplvalue const nil = tmplvalue_nil();
    struct tmplerror e;
    stralloc out = STRALLOC_ZERO;
    size_t n = 1;
    table[0] = ctfunc_table(&run);
    n += ctplain_tables(&plain, table + n);
    n += sprig_tables(table + n);
    struct tmpl_options const options = {.name = "", .table = table, .tables = n};
    learn(&brain);
    ctrun_begin(&run);
    struct tmpl *t = tmplparse(&pool, text->u.s, text->n, &options, &e);
    plain.tmpl = t;
    int ran = t && tmplrun(t, &nil, &pool, &out, MEMORY, &e);
    int ok;
    if (get(row, "ok")->u.b)
        ok = ran && out.len == expected->n &&
             !memcmp(out.len ? out.s : "", expected->u.s, out.len) &&
             are_named(&run, get(row, "used"), 0) && are_named(&run, get(row, "missing"), 1);
    else
        ok = !ran && is_there(&e, text_of(row, "error"));
    if (!ok)
        print_error("%s\n    got:  %.*s\n    want: %s\n", text_of(row, "template"),
                    ran ? (int)out.len : TMPLERROR_WHY, ran ? (out.len ? out.s : "") : e.why,
                    expected ? text_of(row, "expected") : text_of(row, "error"));
    if (!ok && !ran)
        print_error("    at %u:%u\n", e.line, e.column);
    stralloc_free(&out);
    ctrun_free(&run);
    ctbrain_free(&brain);
    return ok;
}

static void templates_become_what_theirs_do(void **state)
{
    (void)state;
    char path[4096];
    char why[TMPLJSON_WHY];
    char *line = NULL;
    size_t size = 0;
    unsigned int failed = 0;
    unsigned int rows = 0;
    ssize_t n;
    stralloc text = STRALLOC_ZERO;
    pool_init(&pool, MEMORY);
    pool_init(&known, MEMORY);
    setenv("FOO", "bar", 1);
    setenv("EMPTY", "", 1);
    unsetenv("NOPE");
    snprintf(path, sizeof path, "%s/tests/vectors/consul-template-brain.json", getenv("TOP"));
    assert_true(slurp_file(&text, path, MEMORY));
    assert_true(tmpljson_read(text.s, text.len, 0, &known, &brain_file, why));
    snprintf(path, sizeof path, "%s/tests/vectors/consul-template.jsonl", getenv("TOP"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while ((n = getline(&line, &size, f)) > 0) {
        struct tmplvalue row;
        rows++;
        assert_true(tmpljson_read(line, (size_t)n, 0, &pool, &row, why));
        failed += !check(&row);
        pool_free(&pool);
    }
    free(line);
    fclose(f);
    stralloc_free(&text);
    pool_free(&known);
    assert_int_equal(failed, 0);
    assert_int_equal(rows, 94);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(templates_become_what_theirs_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
