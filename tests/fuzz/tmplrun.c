/* Any bytes as a template, run on a small value: it ends, within its bounds, and a fault has its
   place within the text. What was rendered once is rendered the same again. */

#include <stdint.h>

#include <cairn/tmplrun.h>

#include "fuzz.h"

enum { MEMORY = 4 << 20, OUTPUT = 1 << 16, STEPS = 20000 };

static struct tmplvalue dot;

static void make_dot(void)
{
    static struct tmplvalue item[3];
    static struct tmplentry inner[2];
    static struct tmplentry outer[6];
    item[0] = tmplvalue_int(-3);
    item[1] = tmplvalue_text("b<\xff>");
    item[2] = tmplvalue_nil();
    inner[0] = (struct tmplentry){.key = "k", .n = 1, .value = tmplvalue_float(1.5)};
    inner[1] = (struct tmplentry){.key = "l", .n = 1, .value = tmplvalue_list(item, 3)};
    outer[0] = (struct tmplentry){.key = "b", .n = 1, .value = tmplvalue_bool(1)};
    outer[1] = (struct tmplentry){.key = "i", .n = 1, .value = tmplvalue_int(INT64_MAX)};
    outer[2] = (struct tmplentry){.key = "l", .n = 1, .value = tmplvalue_list(item, 3)};
    outer[3] = (struct tmplentry){.key = "m", .n = 1, .value = tmplvalue_map(inner, 2)};
    outer[4] = (struct tmplentry){.key = "n", .n = 1, .value = tmplvalue_nil()};
    outer[5] = (struct tmplentry){.key = "s", .n = 1, .value = tmplvalue_text("text")};
    dot = tmplvalue_map(outer, 6);
}

static void check_place(struct tmplerror const *e, char const *text, size_t size)
{
    stralloc sa = STRALLOC_ZERO;
    HOLDS(e->why[0] && e->line >= 1 && e->column >= 1);
    HOLDS(e->text >= text && e->text + e->n <= text + size);
    HOLDS(e->column <= e->n + 1);
    HOLDS(tmplerror_text(e, "t", &sa) && sa.len);
    stralloc_free(&sa);
}

/* Returns whether it could be parsed and run. */
static int run(struct tmpl const *t, struct tmplerror *e, stralloc *out)
{
    struct pool pool;
    pool_init(&pool, MEMORY);
    int ok = tmplrun(t, &dot, &pool, out, OUTPUT, e);
    HOLDS(out->len <= OUTPUT && (ok || !out->len));
    pool_free(&pool);
    return ok;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct pool pool;
    struct tmplerror e;
    struct tmpl_options options = {.name = "t", .steps = STEPS};
    stralloc out = STRALLOC_ZERO;
    stralloc again = STRALLOC_ZERO;
    make_dot();
    char *text = malloc(size + 1);
    HOLDS(text);
    memcpy(text, data, size);
    pool_init(&pool, MEMORY);
    struct tmpl *t = tmplparse(&pool, text, size, &options, &e);
    int ok = t && run(t, &e, &out);
    if (!ok)
        check_place(&e, text, size);
    else
        HOLDS(run(t, &e, &again) && again.len == out.len &&
              !memcmp(again.s ? again.s : "", out.s ? out.s : "", out.len));
    stralloc_free(&out);
    stralloc_free(&again);
    pool_free(&pool);
    free(text);
    return 0;
}
