/* sprigrows: rows of templates with sprig's functions, and what they give. */

#ifndef SPRIGROWS_H
#define SPRIGROWS_H

#include <stdio.h>
#include <string.h>

#include <cairn/sprig.h>
#include <cairn/tmplrun.h>

struct row {
    char const *text;
    char const *want; /* "error: " and a part of the reason */
};

/* Runs the template; returns its output, or what went wrong with "error: " before it. */
static char const *run(char const *text)
{
    static char buf[4096];
    struct tmplfunc_table table[SPRIG_TABLES];
    struct tmpl_options options = {.name = "t", .table = table, .tables = sprig_tables(table)};
    struct tmplerror e;
    struct tmplvalue dot = tmplvalue_nil();
    struct pool p;
    stralloc out = STRALLOC_ZERO;
    pool_init(&p, 1 << 20);
    struct tmpl const *t = tmplparse(&p, text, strlen(text), &options, &e);
    if (t && tmplrun(t, &dot, &p, &out, sizeof buf - 1, &e))
        snprintf(buf, sizeof buf, "%.*s", (int)out.len, out.len ? out.s : "");
    else
        snprintf(buf, sizeof buf, "error: %s", e.why);
    stralloc_free(&out);
    pool_free(&p);
    return buf;
}

static void check(struct row const *row, size_t n)
{
    for (; n--; row++) {
        char const *got = run(row->text);
        int good = strncmp(row->want, "error: ", 7)
                       ? !strcmp(got, row->want)
                       : !strncmp(got, "error: ", 7) && strstr(got + 7, row->want + 7);
        if (!good)
            fail_msg("%s gave '%s', not '%s'", row->text, got, row->want);
    }
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

#endif
