/* valuetext: a value as short text, in which kinds can be told apart: nil true 1 1.0 'a' [1,2]
   {a:1}. */

#ifndef VALUETEXT_H
#define VALUETEXT_H

#include <stdio.h>
#include <string.h>

#include <cairn/tmplvalue.h>

static char value_text[4096];

static void value_put(char const *s, size_t n)
{
    size_t len = strlen(value_text);
    if (n >= sizeof value_text - len)
        n = sizeof value_text - 1 - len;
    for (size_t i = 0; i < n; i++)
        value_text[len + i] = s[i] ? s[i] : '0';
    value_text[len + n] = 0;
}

static void value_add(struct tmplvalue const *v)
{
    char number[64];
    int n = 0;
    switch (v->kind) {
    case TMPLVALUE_NIL:
        value_put("nil", 3);
        break;
    case TMPLVALUE_BOOL:
        value_put(v->u.b ? "true" : "false", v->u.b ? 4 : 5);
        break;
    case TMPLVALUE_INT:
        n = snprintf(number, sizeof number, "%lld", (long long)v->u.i);
        value_put(number, (size_t)n);
        break;
    case TMPLVALUE_FLOAT:
        n = snprintf(number, sizeof number, "%.17g", v->u.f);
        value_put(number, (size_t)n);
        if (!number[strcspn(number, ".ein")])
            value_put(".0", 2);
        break;
    case TMPLVALUE_STRING:
        value_put("'", 1);
        value_put(v->u.s, v->n);
        value_put("'", 1);
        break;
    case TMPLVALUE_LIST:
        value_put("[", 1);
        for (size_t i = 0; i < v->n; i++) {
            value_put(",", !!i);
            value_add(v->u.item + i);
        }
        value_put("]", 1);
        break;
    case TMPLVALUE_MAP:
        value_put("{", 1);
        for (size_t i = 0; i < v->n; i++) {
            value_put(",", !!i);
            value_put(v->u.entry[i].key, v->u.entry[i].n);
            value_put(":", 1);
            value_add(&v->u.entry[i].value);
        }
        value_put("}", 1);
        break;
    default:
        value_put("?", 1);
    }
}

/* In a buffer of its own, until the next call. */
static char const *value_as_text(struct tmplvalue const *v)
{
    *value_text = 0;
    value_add(v);
    return value_text;
}

#endif
