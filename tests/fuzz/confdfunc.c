/* The first line is the name of a function of confd's templates, each further one an argument: as
   it is, a number, or parts between commas, whatever the function takes. What asks the network is
   left out. */

#include <stdlib.h>

#include <cairn/confdfunc.h>

#include "fuzz.h"

enum { ARGS = 8, ITEMS = 16, MEMORY = 1 << 20 };

static struct pool pool;
static struct confdstore store;
static struct tmplfunc const *func;
static struct tmplvalue arg[ARGS];
static size_t n_args;
static size_t lines;
static size_t bytes;

static struct tmplvalue list_of(char const *s)
{
    struct tmplvalue *item = pool_get(&pool, ITEMS * sizeof *item);
    size_t n = 0;
    HOLDS(item);
    while (n < ITEMS && *s) {
        size_t k = strcspn(s, ",");
        char const *part = pool_copy(&pool, s, k);
        HOLDS(part);
        item[n++] = tmplvalue_string(part, k);
        s += k + (s[k] == ',');
    }
    struct tmplvalue v = tmplvalue_list(item, n);
    v.flags = n % 2 ? TMPLVALUE_OF_STRINGS : 0;
    return v;
}

/* The letter of argument i, 0: there is none. */
static char type_of(char const *types, size_t i)
{
    char type = 0;
    for (; *types; types++) {
        if (*types == '*')
            return type;
        if (*types == '?')
            continue;
        type = *types;
        if (!i--)
            return type;
    }
    return 0;
}

static void line(char *s)
{
    struct tmplfunc_table table = confdfunc_table(&store);
    if (!lines++) {
        for (size_t i = 0; i < table.n; i++)
            if (!strcmp(table.func[i].name, s) && strncmp(s, "lookup", 6) != 0)
                func = table.func + i;
        return;
    }
    if (!func || n_args == ARGS)
        return;
    char type = type_of(func->args, n_args);
    if (!type)
        return;
    if (type == 'i') {
        arg[n_args++] = tmplvalue_int(strtoll(s, NULL, 0));
    } else if (type == 'l') {
        arg[n_args++] = list_of(s);
    } else {
        char const *copy = pool_copy(&pool, s, strlen(s));
        HOLDS(copy);
        arg[n_args++] = tmplvalue_string(copy, strlen(s));
    }
}

static void look(struct tmplvalue const *v, unsigned int depth)
{
    HOLDS(depth < 3000);
    if (v->kind == TMPLVALUE_STRING)
        for (size_t i = 0; i < v->n; i++)
            bytes += (unsigned char)v->u.s[i];
    else if (v->kind == TMPLVALUE_LIST)
        for (size_t i = 0; i < v->n; i++) {
            look(v->u.item + i, depth + 1);
            HOLDS(!(v->flags & TMPLVALUE_OF_STRINGS) || v->u.item[i].kind == TMPLVALUE_STRING);
        }
    else if (v->kind == TMPLVALUE_MAP)
        for (size_t i = 0; i < v->n; i++) {
            struct tmplentry const *e = v->u.entry + i;
            HOLDS(!i || tmplvalue_cmp(e[-1].key, e[-1].n, e->key, e->n) < 0);
            look(&e->value, depth + 1);
        }
    else if (v->kind == TMPLVALUE_OBJECT)
        for (size_t i = 0; i < v->u.object->class->fields; i++)
            look(v->u.object->field + i, depth + 1);
}

static size_t required(char const *types)
{
    size_t n = 0;
    for (; *types && *types != '?'; types++)
        n += *types == '*' ? (size_t)-1 : 1;
    return n;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static char const *const keys[] = {"a", "a/b", "a/c/d", "a-", "e", "b/c"};
    struct tmplcall call = {.pool = &pool, .arg = arg, .data = &store};
    struct tmplvalue result = tmplvalue_none();
    func = NULL;
    n_args = 0;
    lines = 0;
    pool_init(&pool, MEMORY);
    confdstore_init(&store, &pool);
    for (unsigned int i = 0; i < sizeof keys / sizeof *keys; i++)
        HOLDS(confdstore_set(&store, keys[i], keys[5 - i]));
    confdstore_sort(&store);
    fuzz_lines(data, size, line);
    call.n = n_args;
    if (func && n_args >= required(func->args)) {
        if (func->run(&call, &result))
            look(&result, 0);
        else
            HOLDS(*call.why && memchr(call.why, 0, sizeof call.why));
    }
    pool_free(&pool);
    return 0;
}
