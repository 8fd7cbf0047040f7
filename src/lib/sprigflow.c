#include <stdlib.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/confdlookup.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigflow.h>
#include <cairn/sprigsame.h>
#include <cairn/tmpltext.h>

/* ---- choices */

static int default_(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->n < 2 || sprigarg_is_empty(c->arg + 1) ? c->arg[0] : c->arg[1];
    return 1;
}

static int empty(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(sprigarg_is_empty(c->arg));
    return 1;
}

static int coalesce(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_nil();
    for (size_t i = 0; i < c->n; i++)
        if (!sprigarg_is_empty(c->arg + i)) {
            *result = c->arg[i];
            break;
        }
    return 1;
}

/* Is one of them empty, or not empty? */
static int some(struct tmplcall const *c, int is_empty)
{
    for (size_t i = 0; i < c->n; i++)
        if (sprigarg_is_empty(c->arg + i) == is_empty)
            return 1;
    return 0;
}

static int all(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(!some(c, 1));
    return 1;
}

static int any(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(some(c, 0));
    return 1;
}

static int ternary(struct tmplcall *c, struct tmplvalue *result)
{
    *result = c->arg[2].u.b ? c->arg[0] : c->arg[1];
    return 1;
}

static int fail(struct tmplcall *c, struct tmplvalue *result)
{
    (void)result;
    return tmplcall_fail(c, "%.*s", c->arg->n > 400 ? 400 : (int)c->arg->n, c->arg->u.s);
}

static int hello(struct tmplcall *c, struct tmplvalue *result)
{
    (void)c;
    *result = tmplvalue_text("Hello!");
    return 1;
}

/* ---- what a value is */

static char const *kind_name(struct tmplvalue const *v)
{
    static char const *const names[] = {
        [TMPLVALUE_NONE] = "invalid",  [TMPLVALUE_NIL] = "invalid",
        [TMPLVALUE_BOOL] = "bool",     [TMPLVALUE_INT] = "int",
        [TMPLVALUE_FLOAT] = "float64", [TMPLVALUE_IMAGINARY] = "complex128",
        [TMPLVALUE_STRING] = "string", [TMPLVALUE_LIST] = "slice",
        [TMPLVALUE_MAP] = "map",       [TMPLVALUE_OBJECT] = "struct",
    };
    return names[v->kind];
}

static int is_text(struct tmplvalue const *v, char const *s)
{
    return v->n == strlen(s) && !memcmp(v->u.s, s, v->n);
}

static int kind_of(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_text(kind_name(c->arg));
    return 1;
}

static int kind_is(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(is_text(c->arg, kind_name(c->arg + 1)));
    return 1;
}

static int type_of(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_text(tmplvalue_type(c->arg));
    return 1;
}

static int type_is(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(is_text(c->arg, tmplvalue_type(c->arg + 1)));
    return 1;
}

static int deep_equal(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(sprigsame(c->arg, c->arg + 1));
    return 1;
}

/* ---- the system */

static int env(struct tmplcall *c, struct tmplvalue *result)
{
    char const *name = tmplcall_cstring(c, c->arg);
    char const *value = name ? getenv(name) : NULL;
    *result = tmplvalue_text(value ? value : "");
    return !!name;
}

static int is_name(char c, int is_first)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!is_first && c >= '0' && c <= '9');
}

/* The name of the variable behind the dollar at s: sets where it begins and its length, and returns
   how many bytes it takes with its braces; 0 if there is none. */
static size_t variable(char const *s, size_t n, char const **name, size_t *len)
{
    if (n && *s == '{') {
        char const *end = memchr(s, '}', n);
        *name = s + 1;
        *len = end ? (size_t)(end - s) - 1 : 0;
        return *len + (end ? 2 : 1);
    }
    *name = s;
    *len = 0;
    if (n && (strchr("*#$@!?-", *s) || (*s >= '0' && *s <= '9')))
        *len = *s != 0;
    else
        while (*len < n && is_name(s[*len], !*len))
            ++*len;
    return *len;
}

static int put_variable(struct tmplcall *c, stralloc *sa, char const *name, size_t len)
{
    char const *copy = pool_copy(c->pool, name, len);
    char const *value = copy ? getenv(copy) : NULL;
    return copy && (!value || catmax_text(sa, SPRIGARG_MAX, value));
}

static int expandenv(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct tmplvalue const *s = c->arg;
    int made = 1;
    for (size_t i = 0; made && i < s->n; i++) {
        char const *name;
        size_t len;
        if (s->u.s[i] != '$') {
            made = catmax(&sa, SPRIGARG_MAX, s->u.s + i, 1);
            continue;
        }
        size_t taken = variable(s->u.s + i + 1, s->n - i - 1, &name, &len);
        if (!taken)
            made = catmax(&sa, SPRIGARG_MAX, "$", 1);
        else if (len)
            made = put_variable(c, &sa, name, len);
        i += taken;
    }
    return tmpltext_finish(c, made, &sa, result);
}

static int host_by_name(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue list;
    if (!confdlookup_ip(c, &list))
        return 0;
    *result = list.n ? *list.u.item : tmplvalue_text("");
    return 1;
}

/* ---- what this has not */

static int no_crypto(struct tmplcall *c, struct tmplvalue *result)
{
    (void)result;
    return tmplcall_fail(c, "no keys, certificates or passwords are made here: let a program do "
                            "it, such as openssl or htpasswd, and call it by plugin, or read its "
                            "file by file");
}

static struct tmplfunc const functions[] = {
    {"sprig_all", ".*", all},
    {"sprig_any", ".*", any},
    {"sprig_bcrypt", ".*", no_crypto},
    {"sprig_buildCustomCert", ".*", no_crypto},
    {"sprig_coalesce", ".*", coalesce},
    {"sprig_decryptAES", ".*", no_crypto},
    {"sprig_deepEqual", "..", deep_equal},
    {"sprig_default", ".?.", default_},
    {"sprig_derivePassword", ".*", no_crypto},
    {"sprig_empty", ".", empty},
    {"sprig_encryptAES", ".*", no_crypto},
    {"sprig_env", "s", env},
    {"sprig_expandenv", "s", expandenv},
    {"sprig_fail", "s", fail},
    {"sprig_genCA", ".*", no_crypto},
    {"sprig_genCAWithKey", ".*", no_crypto},
    {"sprig_genPrivateKey", ".*", no_crypto},
    {"sprig_genSelfSignedCert", ".*", no_crypto},
    {"sprig_genSelfSignedCertWithKey", ".*", no_crypto},
    {"sprig_genSignedCert", ".*", no_crypto},
    {"sprig_genSignedCertWithKey", ".*", no_crypto},
    {"sprig_getHostByName", "s", host_by_name},
    {"sprig_hello", "", hello},
    {"sprig_htpasswd", ".*", no_crypto},
    {"sprig_kindIs", "s.", kind_is},
    {"sprig_kindOf", ".", kind_of},
    {"sprig_ternary", "..b", ternary},
    {"sprig_typeIs", "s.", type_is},
    {"sprig_typeIsLike", "s.", type_is},
    {"sprig_typeOf", ".", type_of},
};

struct tmplfunc_table sprigflow_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
