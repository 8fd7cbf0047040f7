#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cairn/tmplfunc.h>

int tmplcall_fail(struct tmplcall *c, char const *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(c->why, sizeof c->why, format, ap);
    va_end(ap);
    return 0;
}

int tmplcall_nomem(struct tmplcall *c)
{
    return tmplcall_fail(
        c, "%s", errno == EDQUOT ? "more memory or output than is allowed" : "out of memory");
}

int tmplcall_string(struct tmplcall *c, struct tmplvalue *result, char const *s, size_t n)
{
    char *copy = pool_copy(c->pool, s, n);
    if (!copy)
        return tmplcall_nomem(c);
    *result = tmplvalue_string(copy, n);
    return 1;
}

char const *tmplcall_cstring(struct tmplcall *c, struct tmplvalue const *v)
{
    char const *copy = pool_copy(c->pool, v->u.s, v->n);
    if (!copy)
        return tmplcall_nomem(c), NULL;
    if (strlen(copy) != v->n)
        return tmplcall_fail(c, "there is a byte 0 in the argument"), NULL;
    return copy;
}

/* n things of that size, zeroed; NULL with the reason. */
static void *things(struct tmplcall *c, size_t n, size_t size)
{
    if (n > SIZE_MAX / size) {
        errno = EDQUOT;
        return tmplcall_nomem(c), NULL;
    }
    void *p = pool_get(c->pool, n * size);
    if (!p)
        return tmplcall_nomem(c), NULL;
    return memset(p, 0, n * size);
}

struct tmplvalue *tmplcall_items(struct tmplcall *c, size_t n)
{
    return things(c, n, sizeof(struct tmplvalue));
}

struct tmplentry *tmplcall_entries(struct tmplcall *c, size_t n)
{
    return things(c, n, sizeof(struct tmplentry));
}
