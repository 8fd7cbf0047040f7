#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/ctparse.h>
#include <cairn/gobool.h>
#include <cairn/tmpljson.h>
#include <cairn/tmplyaml.h>

_Static_assert(TMPLYAML_WHY == (int)TMPLJSON_WHY, "both say why in one buffer");

/* Says that the text is not what the function reads, as Go does. */
static int invalid(struct tmplcall *c, char const *function, int is_range)
{
    return tmplcall_fail(c, "strconv.%s: parsing \"%.*s\": %s", function,
                         c->arg->n > 200 ? 200 : (int)c->arg->n, c->arg->u.s,
                         is_range ? "value out of range" : "invalid syntax");
}

static int parse_bool(struct tmplcall *c, struct tmplvalue *result)
{
    int b = 0;
    if (c->arg->n && !gobool_parse(c->arg->u.s, c->arg->n, &b))
        return invalid(c, "ParseBool", 0);
    *result = tmplvalue_bool(b);
    return 1;
}

static int parse_float(struct tmplcall *c, struct tmplvalue *result)
{
    char const *s = tmplcall_cstring(c, c->arg);
    char *end;
    if (!s)
        return 0;
    errno = 0;
    double f = *s ? strtod(s, &end) : 0;
    if (*s && (*end || isspace((unsigned char)*s)))
        return invalid(c, "ParseFloat", 0);
    if (errno && (f > 1 || f < -1))
        return invalid(c, "ParseFloat", 1);
    *result = tmplvalue_float(f);
    return 1;
}

static int is_number(char const *s, int is_signed)
{
    if (is_signed && (*s == '-' || *s == '+'))
        s++;
    return *s && !s[strspn(s, "0123456789")];
}

static int parse_int(struct tmplcall *c, struct tmplvalue *result)
{
    char const *s = tmplcall_cstring(c, c->arg);
    if (!s)
        return 0;
    if (*s && !is_number(s, 1))
        return invalid(c, "ParseInt", 0);
    errno = 0;
    long long i = strtoll(s, NULL, 10);
    *result = tmplvalue_int(i);
    return !errno || invalid(c, "ParseInt", 1);
}

/* Up to what an integer of ours can be. */
static int parse_uint(struct tmplcall *c, struct tmplvalue *result)
{
    char const *s = tmplcall_cstring(c, c->arg);
    if (!s)
        return 0;
    if (*s && !is_number(s, 0))
        return invalid(c, "ParseUint", 0);
    errno = 0;
    long long i = strtoll(s, NULL, 10);
    *result = tmplvalue_int(i);
    return !errno || invalid(c, "ParseUint", 1);
}

/* Nothing is an empty map; numbers are floats. */
static int parse_json(struct tmplcall *c, struct tmplvalue *result)
{
    char why[TMPLJSON_WHY];
    *result = tmplvalue_map(NULL, 0);
    return !c->arg->n || tmpljson_read(c->arg->u.s, c->arg->n, 1, c->pool, result, why) ||
           tmplcall_fail(c, "%s", why);
}

static int parse_yaml(struct tmplcall *c, struct tmplvalue *result)
{
    char why[TMPLYAML_WHY];
    *result = tmplvalue_map(NULL, 0);
    return !c->arg->n || tmplyaml_read(c->arg->u.s, c->arg->n, c->pool, result, why) ||
           tmplcall_fail(c, "%s", why);
}

static struct tmplfunc const functions[] = {
    {"parseBool", "s", parse_bool}, {"parseFloat", "s", parse_float},
    {"parseInt", "s", parse_int},   {"parseJSON", "s", parse_json},
    {"parseUint", "s", parse_uint}, {"parseYAML", "s", parse_yaml},
};

struct tmplfunc_table ctparse_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
