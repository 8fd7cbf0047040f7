#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/confdconf.h>
#include <cairn/gobool.h>
#include <cairn/goflag.h>
#include <cairn/slurp.h>
#include <cairn/toml.h>

enum kind { STRING, BOOL, INT, LIST };

enum { FILE_MAX = 1 << 20 };

#define ROW(id, flag, key, kind, means) {{flag, (kind) == BOOL}, key, kind, means},
static struct {
    struct goflag flag;
    char const *key;
    enum kind kind;
    int means;
} const settings[] = {CONFDCONF_SETTINGS(ROW)};
#undef ROW

/* Variables that confd reads; they mean something with the backend consul. */
static struct {
    char const *name;
    enum confdconf_setting setting;
} const variables[] = {
    {"CONFD_CLIENT_CAKEYS", CONFDCONF_CLIENT_CA_KEYS},
    {"CONFD_CLIENT_CERT", CONFDCONF_CLIENT_CERT},
    {"CONFD_CLIENT_KEY", CONFDCONF_CLIENT_KEY},
};

char const *confdconf_name(enum confdconf_setting s)
{
    return settings[s].flag.name;
}

int confdconf_means(enum confdconf_setting s, char const *backend)
{
    return settings[s].means == 1 || (settings[s].means == 2 && !strcmp(backend, "consul"));
}

__attribute__((format(printf, 2, 3))) static int fail(struct confdconf *c, char const *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(c->why, sizeof c->why, format, ap);
    va_end(ap);
    return 0;
}

static int is_int(char const *s)
{
    char *end;
    errno = 0;
    strtoll(s, &end, 0);
    return end != s && !*end && !errno && strchr("+-0123456789", *s);
}

/* Adds a word to a list; of other settings it becomes the value. Returns 1, or 0 with why. */
static int set(struct confdconf *c, enum confdconf_setting s, char const *word)
{
    struct confdconf_value *v = c->value + s;
    if (settings[s].kind != LIST && v->n) {
        v->word[0] = word;
        return 1;
    }
    char const **list = pool_get(c->pool, (v->n + 1) * sizeof *list);
    if (!list)
        return fail(c, "out of memory");
    if (v->n)
        memcpy(list, v->word, v->n * sizeof *list);
    list[v->n++] = word;
    v->word = list;
    return 1;
}

enum confdconf_result confdconf_flags(struct confdconf *c, char const *const *argv)
{
    struct goflag flags[CONFDCONF_N];
    struct goflag_parse p = {.argv = argv, .at = 1};
    char const *value;
    for (int i = 0; i < CONFDCONF_N; i++)
        flags[i] = settings[i].flag;
    for (int i; (i = goflag_next(&p, flags, CONFDCONF_N, &value)) != GOFLAG_END;) {
        if (i == GOFLAG_HELP)
            return CONFDCONF_HELP;
        if (i == GOFLAG_BAD) {
            fail(c, "%s", p.why);
            return CONFDCONF_USAGE;
        }
        if (settings[i].kind == INT && !is_int(value)) {
            fail(c, "invalid value \"%.100s\" for flag -%s: not a number", value, flags[i].name);
            return CONFDCONF_USAGE;
        }
        if (!set(c, (enum confdconf_setting)i, value))
            return CONFDCONF_FAILED;
    }
    c->extra = argv[p.at];
    return CONFDCONF_OK;
}

/* A value of confd.toml as a word. Returns it, or NULL with why. */
static char const *word_of(struct confdconf *c, enum confdconf_setting s, struct tmplvalue const *v,
                           char const *file)
{
    char number[24];
    enum kind kind = settings[s].kind;
    char const *word = NULL;
    if (v->kind == TMPLVALUE_STRING && v->n && memchr(v->u.s, 0, v->n)) {
        fail(c, "%s: %s has a byte 0 in it", file, settings[s].key);
        return NULL;
    }
    if (v->kind == TMPLVALUE_STRING && (kind == STRING || kind == LIST))
        word = pool_copy(c->pool, v->u.s, v->n);
    else if (v->kind == TMPLVALUE_BOOL && kind == BOOL)
        return v->u.b ? "true" : "false";
    else if (v->kind == TMPLVALUE_INT && kind == INT) {
        snprintf(number, sizeof number, "%lld", (long long)v->u.i);
        word = pool_copy(c->pool, number, strlen(number));
    } else {
        static char const *const wants[] = {"a string", "true or false", "a number",
                                            "a list of strings"};
        fail(c, "%s: %s must be %s", file, settings[s].key, wants[kind]);
        return NULL;
    }
    if (!word)
        fail(c, "out of memory");
    return word;
}

static int set_from_file(struct confdconf *c, enum confdconf_setting s, struct tmplvalue const *v,
                         char const *file)
{
    size_t n = v->kind == TMPLVALUE_LIST && settings[s].kind == LIST ? v->n : 1;
    c->value[s].n = 0;
    for (size_t i = 0; i < n; i++) {
        char const *word = word_of(c, s, v->kind == TMPLVALUE_LIST ? v->u.item + i : v, file);
        if (!word || !set(c, s, word))
            return 0;
    }
    return 1;
}

/* Returns 1, 0 with why, -1 with why where there is no such file. */
static int read_file(struct confdconf *c, char const *file, struct tmplvalue *v)
{
    stralloc text = STRALLOC_ZERO;
    char why[TOML_WHY];
    unsigned int line;
    unsigned int column;
    int result = 1;
    if (!slurp_file(&text, file, FILE_MAX)) {
        result = errno == ENOENT ? -1 : 0;
        fail(c, "unable to read %s: %s", file, strerror(errno));
    } else if (!toml_read(text.s, text.len, c->pool, v, &line, &column, why)) {
        result = fail(c, "%s:%u:%u: %s", file, line, column, why);
    }
    stralloc_free(&text);
    return result;
}

int confdconf_rest(struct confdconf *c)
{
    struct tmplvalue file;
    char const *path = confdconf_string(c, CONFDCONF_CONFIG_FILE, CONFDCONF_DEFAULT_FILE);
    int is_set[CONFDCONF_N];
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        char const *value = getenv(variables[i].name);
        if (value && *value && !c->value[variables[i].setting].n &&
            !set(c, variables[i].setting, value))
            return 0;
    }
    for (int i = 0; i < CONFDCONF_N; i++)
        is_set[i] = c->value[i].n > 0;
    int got = read_file(c, path, &file);
    if (got <= 0)
        return got < 0 && !c->value[CONFDCONF_CONFIG_FILE].n;
    for (int i = 0; i < CONFDCONF_N; i++)
        for (size_t k = 0; k < file.n; k++) {
            struct tmplentry const *e = file.u.entry + k;
            if (*settings[i].key && strlen(settings[i].key) == e->n &&
                !strncasecmp(settings[i].key, e->key, e->n) && !is_set[i] &&
                !set_from_file(c, (enum confdconf_setting)i, &e->value, path))
                return 0;
        }
    return 1;
}

char const *confdconf_string(struct confdconf const *c, enum confdconf_setting s,
                             char const *by_default)
{
    return c->value[s].n ? c->value[s].word[0] : by_default;
}

int confdconf_bool(struct confdconf const *c, enum confdconf_setting s)
{
    return c->value[s].n && *c->value[s].word[0] == 't';
}

int64_t confdconf_int(struct confdconf const *c, enum confdconf_setting s, int64_t by_default)
{
    return c->value[s].n ? strtoll(c->value[s].word[0], NULL, 0) : by_default;
}
