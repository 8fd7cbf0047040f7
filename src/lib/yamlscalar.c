#include <math.h>
#include <string.h>

#include <cairn/tmplconst.h>
#include <cairn/yamlscalar.h>

enum { NUMBER_MAX = 400 /* what is longer is a string; as tmplconst has it */ };

static char const *const nils[] = {"", "~", "null", "Null", "NULL", NULL};
static char const *const yes[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                  "True", "TRUE", "on",  "On",  "ON",  NULL};
static char const *const no[] = {"n",     "N",     "no",  "No",  "NO",  "false",
                                 "False", "FALSE", "off", "Off", "OFF", NULL};
static char const *const infinite[] = {".inf", ".Inf", ".INF", NULL};
static char const *const not_a_number[] = {".nan", ".NaN", ".NAN", NULL};

static int is_one_of(char const *s, char const *const *words)
{
    for (; *words; words++)
        if (!strcmp(s, *words))
            return 1;
    return 0;
}

/* Hexadecimal floats and imaginary numbers, which constants of Go may be, are none here. */
static int may_be_number(char const *s)
{
    s += *s == '-' || *s == '+';
    if (*s == '0' && s[1] && strchr("xXbBoO", s[1]))
        return !s[strcspn(s, ".pP")];
    return strchr("0123456789.", *s) && !s[strspn(s, "0123456789.eE+-_")];
}

static int read_number(char const *s, struct tmplvalue *v)
{
    char plain[NUMBER_MAX];
    size_t n = 0;
    /* yaml.v2 drops underscores anywhere, but where the text begins with a point they must stand
       between digits, as in Go */
    int is_strict = *s == '.';
    if (*s == '_')
        return 0;
    for (; *s; s++)
        if (*s != '_' || is_strict) {
            if (n + 2 >= sizeof plain)
                return 0;
            plain[n++] = *s;
        }
    plain[n] = 0;
    if (!n || !may_be_number(plain))
        return 0;
    if (!tmplconst_number(plain, n, v))
        return v->kind != TMPLVALUE_NONE;
    /* decimal digits that make no integer, 08 or too many, make a float */
    size_t sign = *plain == '-' || *plain == '+';
    if (!plain[sign] || plain[sign + strspn(plain + sign, "0123456789")])
        return 0;
    plain[n++] = '.';
    plain[n] = 0;
    return !tmplconst_number(plain, n, v);
}

void yamlscalar_plain(char const *s, size_t n, struct tmplvalue *v)
{
    int sign = *s == '-' || *s == '+';
    if (strlen(s) != n) /* a 0 among them: only a string can have one */
        *v = tmplvalue_string(s, n);
    else if (is_one_of(s, nils))
        *v = tmplvalue_nil();
    else if (is_one_of(s, yes))
        *v = tmplvalue_bool(1);
    else if (is_one_of(s, no))
        *v = tmplvalue_bool(0);
    else if (is_one_of(s + sign, infinite))
        *v = tmplvalue_float(*s == '-' ? -HUGE_VAL : HUGE_VAL);
    else if (is_one_of(s, not_a_number))
        *v = tmplvalue_float(NAN);
    else if (!read_number(s, v))
        *v = tmplvalue_string(s, n);
}

char const *yamlscalar_tagged(char const *tag, char const *s, size_t n, struct tmplvalue *v)
{
    static char const own[] = "tag:yaml.org,2002:";
    static struct {
        char const *name;
        enum tmplvalue_kind kind;
        char const *refusal;
    } const kinds[] = {
        {"null", TMPLVALUE_NIL, "its tag says that it is null, which it is not"},
        {"bool", TMPLVALUE_BOOL, "its tag says that it is a boolean, which it is not"},
        {"int", TMPLVALUE_INT, "its tag says that it is an integer, which it is not"},
        {"float", TMPLVALUE_FLOAT, "its tag says that it is a float, which it is not"},
    };
    int is_own = !strncmp(tag, own, sizeof own - 1);
    char const *name = tag + (is_own ? sizeof own - 1 : 0);
    for (size_t i = 0; is_own && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(name, kinds[i].name)) {
            yamlscalar_plain(s, n, v);
            if (kinds[i].kind == TMPLVALUE_FLOAT && v->kind == TMPLVALUE_INT)
                *v = tmplvalue_float((double)v->u.i);
            return v->kind == kinds[i].kind ? NULL : kinds[i].refusal;
        }
    if (is_own && !strcmp(name, "binary"))
        return "!!binary is not supported";
    *v = tmplvalue_string(s, n);
    return NULL;
}
