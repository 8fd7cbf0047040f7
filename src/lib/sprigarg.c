#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/sprigarg.h>
#include <cairn/tmplprint.h>
#include <cairn/tmpltext.h>

enum { NUMBER_MAX = 400 };

/* The text v with a 0 behind it in buf, or 0: it is no number. */
static int number_text(char buf[NUMBER_MAX], struct tmplvalue const *v)
{
    if (v->kind != TMPLVALUE_STRING || !v->n || v->n >= NUMBER_MAX || memchr(v->u.s, 0, v->n) ||
        isspace((unsigned char)*v->u.s))
        return 0;
    memcpy(buf, v->u.s, v->n);
    buf[v->n] = 0;
    return 1;
}

static int64_t of_float(double f)
{
    return f >= -9223372036854775808.0 && f < 9223372036854775808.0 ? (int64_t)f : INT64_MIN;
}

static int64_t int_of_text(struct tmplvalue const *v)
{
    char buf[NUMBER_MAX];
    char *end;
    if (!number_text(buf, v))
        return 0;
    char *dot = strchr(buf, '.'); /* 1.00 is an integer, too */
    if (dot && dot > buf && !dot[1 + strspn(dot + 1, "0")])
        *dot = 0;
    char *digits = buf + (*buf == '-' || *buf == '+');
    int base = 0;
    if (digits[0] == '0' && (digits[1] | 0x20) == 'b')
        base = 2;
    if (digits[0] == '0' && (digits[1] | 0x20) == 'o')
        base = 8;
    if (base)
        memmove(digits, digits + 2, strlen(digits + 2) + 1);
    errno = 0;
    long long i = strtoll(buf, &end, base);
    return !isalnum((unsigned char)*digits) || *end || errno ? 0 : i;
}

int64_t sprigarg_int(struct tmplvalue const *v)
{
    switch (v->kind) {
    case TMPLVALUE_BOOL:
        return v->u.b;
    case TMPLVALUE_INT:
        return v->u.i;
    case TMPLVALUE_FLOAT:
        return of_float(v->u.f);
    default:
        return int_of_text(v);
    }
}

double sprigarg_float(struct tmplvalue const *v)
{
    char buf[NUMBER_MAX];
    char *end;
    switch (v->kind) {
    case TMPLVALUE_BOOL:
        return v->u.b;
    case TMPLVALUE_INT:
        return (double)v->u.i;
    case TMPLVALUE_FLOAT:
        return v->u.f;
    default:
        if (!number_text(buf, v))
            return 0;
        double f = strtod(buf, &end);
        return *end ? 0 : f;
    }
}

int sprigarg_text(struct tmplcall *c, struct tmplvalue const *v, struct tmplvalue *text)
{
    stralloc sa = STRALLOC_ZERO;
    if (v->kind == TMPLVALUE_STRING) {
        *text = *v;
        return 1;
    }
    return tmpltext_finish(c, tmplprint_value(&sa, SPRIGARG_MAX, v), &sa, text);
}

int sprigarg_is_list(struct tmplcall *c, struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_LIST ||
           tmplcall_fail(c, "this takes a list, and has a value of type %s", tmplvalue_type(v));
}

int sprigarg_is_map(struct tmplcall *c, struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_MAP ||
           tmplcall_fail(c, "this takes a dict, and has a value of type %s", tmplvalue_type(v));
}

int sprigarg_is_empty(struct tmplvalue const *v)
{
    return v->kind != TMPLVALUE_OBJECT && !tmplvalue_truth(v);
}
