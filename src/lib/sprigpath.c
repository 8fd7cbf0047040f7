#include <cairn/gopath.h>
#include <cairn/sprigpath.h>

static int base(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = c->arg->n;
    char const *s = gopath_base(c->arg->u.s, &n);
    *result = tmplvalue_string(s, n);
    return 1;
}

static int written(struct tmplcall *c, size_t (*f)(char *, char const *, size_t),
                   struct tmplvalue *result)
{
    char *buf = pool_get(c->pool, c->arg->n + 2);
    if (!buf)
        return tmplcall_nomem(c);
    *result = tmplvalue_string(buf, f(buf, c->arg->u.s, c->arg->n));
    return 1;
}

static int clean(struct tmplcall *c, struct tmplvalue *result)
{
    return written(c, gopath_clean, result);
}

static int dir(struct tmplcall *c, struct tmplvalue *result)
{
    return written(c, gopath_dir, result);
}

/* From the last dot of the last element on. */
static int ext(struct tmplcall *c, struct tmplvalue *result)
{
    size_t i = c->arg->n;
    *result = tmplvalue_text("");
    while (i-- && c->arg->u.s[i] != '/')
        if (c->arg->u.s[i] == '.') {
            *result = tmplvalue_string(c->arg->u.s + i, c->arg->n - i);
            break;
        }
    return 1;
}

static int is_abs(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(c->arg->n && *c->arg->u.s == '/');
    return 1;
}

static struct tmplfunc const functions[] = {
    {"sprig_base", "s", base},      {"sprig_clean", "s", clean},  {"sprig_dir", "s", dir},
    {"sprig_ext", "s", ext},        {"sprig_isAbs", "s", is_abs}, {"sprig_osBase", "s", base},
    {"sprig_osClean", "s", clean},  {"sprig_osDir", "s", dir},    {"sprig_osExt", "s", ext},
    {"sprig_osIsAbs", "s", is_abs},
};

struct tmplfunc_table sprigpath_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
