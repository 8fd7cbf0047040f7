#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/confdres.h>
#include <cairn/toml.h>

struct reader {
    char const *path;
    char *why;
    struct pool *pool;
    struct tmplvalue const *table;
};

__attribute__((format(printf, 2, 3))) static int fail(struct reader *r, char const *format, ...)
{
    int n = snprintf(r->why, CONFDRES_WHY, "%.200s: ", r->path);
    va_list ap;
    va_start(ap, format);
    vsnprintf(r->why + n, (size_t)(CONFDRES_WHY - n), format, ap);
    va_end(ap);
    return 0;
}

/* The value of the key, in whatever case it is written; NULL: it is not there. */
static struct tmplvalue const *find(struct tmplvalue const *map, char const *key)
{
    for (size_t i = 0; i < map->n; i++)
        if (strlen(key) == map->u.entry[i].n && !strncasecmp(key, map->u.entry[i].key, strlen(key)))
            return &map->u.entry[i].value;
    return NULL;
}

static int string(struct reader *r, char const *key, struct tmplvalue const *v, char const **to)
{
    if (v->kind != TMPLVALUE_STRING)
        return fail(r, "%s must be a string in quotes", key);
    if (v->n && memchr(v->u.s, 0, v->n))
        return fail(r, "%s has a byte 0 in it", key);
    *to = pool_copy(r->pool, v->u.s, v->n);
    return *to ? 1 : fail(r, "out of memory");
}

/* A string that need not be there. */
static int optional(struct reader *r, char const *key, char const **to)
{
    struct tmplvalue const *v = find(r->table, key);
    *to = "";
    return !v || string(r, key, v, to);
}

static int id(struct reader *r, char const *key, unsigned int *to)
{
    struct tmplvalue const *v = find(r->table, key);
    *to = (unsigned int)-1;
    if (!v)
        return 1;
    if (v->kind != TMPLVALUE_INT || v->u.i < -1 || v->u.i > 0xfffffffe)
        return fail(r, "%s must be a number", key);
    *to = (unsigned int)v->u.i;
    return 1;
}

/* "0644", and what else Go's ParseUint takes: without the 0 it is decimal, to many a surprise. */
static int mode(struct reader *r, struct confdres *res)
{
    char const *s;
    char *end;
    if (!optional(r, "mode", &s))
        return 0;
    if (!*s)
        return 1;
    errno = 0;
    int is_octal = s[0] == '0' && (s[1] | 32) == 'o';
    unsigned long value = strtoul(is_octal ? s + 2 : s, &end, is_octal ? 8 : 0);
    if (!strchr("0123456789", *s) || *end || errno || value > 0xffffffff)
        return fail(r, "mode must be octal digits with a leading 0, such as \"0644\", not \"%s\"",
                    s);
    res->has_mode = 1;
    res->mode = (mode_t)value & 0777;
    res->is_decimal = *s != '0';
    return 1;
}

static int keys(struct reader *r, struct confdres *res)
{
    struct tmplvalue const *v = find(r->table, "keys");
    if (!v)
        return 1;
    if (v->kind != TMPLVALUE_LIST)
        return fail(r, "keys must be a list of strings: keys = [\"/app\"]");
    res->key = pool_get(r->pool, v->n * sizeof *res->key);
    if (!res->key)
        return fail(r, "out of memory");
    for (size_t i = 0; i < v->n; i++)
        if (!string(r, "each of keys", v->u.item + i, res->key + i))
            return 0;
    res->keys = v->n;
    return 1;
}

int confdres_read(struct confdres *res, char const *path, char const *text, size_t n,
                  struct pool *p, char why[CONFDRES_WHY])
{
    struct tmplvalue all;
    struct reader r = {path, why, p, NULL};
    char reason[TOML_WHY];
    unsigned int line;
    unsigned int column;
    *res = (struct confdres){.src = ""};
    if (!toml_read(text, n, p, &all, &line, &column, reason)) {
        snprintf(why, CONFDRES_WHY, "%.200s:%u:%u: %s", path, line, column, reason);
        return 0;
    }
    r.table = find(&all, "template");
    if (!r.table || r.table->kind != TMPLVALUE_MAP)
        return fail(&r, "there is no table [template]");
    if (!optional(&r, "src", &res->src) || !optional(&r, "dest", &res->dest) ||
        !optional(&r, "prefix", &res->prefix) || !optional(&r, "check_cmd", &res->check_cmd) ||
        !optional(&r, "reload_cmd", &res->reload_cmd) || !keys(&r, res) || !mode(&r, res) ||
        !id(&r, "uid", &res->uid) || !id(&r, "gid", &res->gid))
        return 0;
    if (!*res->src)
        return fail(&r, "src is empty: name the template, such as src = \"app.conf.tmpl\"");
    if (!*res->dest)
        return fail(&r, "dest is empty: name the file to write, such as dest = \"/etc/app.conf\"");
    return 1;
}
