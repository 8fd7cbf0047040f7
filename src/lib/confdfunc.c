#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/stralloc.h>

#include <cairn/base64.h>
#include <cairn/catmax.h>
#include <cairn/confdfunc.h>
#include <cairn/confdlookup.h>
#include <cairn/gobool.h>
#include <cairn/godatetime.h>
#include <cairn/gopath.h>
#include <cairn/runecase.h>
#include <cairn/tmpljson.h>
#include <cairn/tmpltext.h>
#include <cairn/utf8.h>

enum { TEXT_MAX = 64 << 20 }; /* bytes that one call can make */

static char const *const pair_fields[] = {"Key", "Value"};

static struct tmplclass const pair_class = {
    .name = "memkv.KVPair", .field = pair_fields, .fields = 2};

static struct confdstore const *store_of(struct tmplcall const *c)
{
    return c->data;
}

/* ---- the store */

static int exists(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_bool(!!confdstore_get(store_of(c), c->arg->u.s, c->arg->n));
    return 1;
}

static int no_key(struct tmplcall *c)
{
    return tmplcall_fail(c, "key does not exist: %.*s", c->arg->n > 200 ? 200 : (int)c->arg->n,
                         c->arg->u.s);
}

static int make_pair(struct tmplcall *c, struct confdpair const *pair, struct tmplvalue *v)
{
    struct tmplvalue *field = tmplcall_items(c, 2);
    struct tmplobject *o = field ? pool_get(c->pool, sizeof *o) : NULL;
    if (!o)
        return tmplcall_nomem(c);
    field[0] = tmplvalue_text(pair->key);
    field[1] = tmplvalue_text(pair->value);
    *o = (struct tmplobject){.class = &pair_class, .field = field};
    *v = tmplvalue_object(o);
    return 1;
}

static int get(struct tmplcall *c, struct tmplvalue *result)
{
    struct confdpair const *pair = confdstore_get(store_of(c), c->arg->u.s, c->arg->n);
    return pair ? make_pair(c, pair, result) : no_key(c);
}

static int getv(struct tmplcall *c, struct tmplvalue *result)
{
    struct confdpair const *pair = confdstore_get(store_of(c), c->arg->u.s, c->arg->n);
    if (!pair && c->n < 2)
        return no_key(c);
    *result = pair ? tmplvalue_text(pair->value) : c->arg[1];
    return 1;
}

/* The pairs whose keys match the pattern, in the order of their keys, or NULL having failed. */
static struct confdpair const **matching(struct tmplcall *c, size_t *n)
{
    struct confdstore const *s = store_of(c);
    struct confdpair const **pair = pool_get(c->pool, s->n * sizeof *pair);
    *n = 0;
    if (!pair) {
        tmplcall_nomem(c);
        return NULL;
    }
    if (gopath_match(c->arg->u.s, c->arg->n, "", 0) < 0) {
        tmplcall_fail(c, "malformed pattern: %.*s", c->arg->n > 200 ? 200 : (int)c->arg->n,
                      c->arg->u.s);
        return NULL;
    }
    for (size_t i = 0; i < s->n; i++)
        if (gopath_match(c->arg->u.s, c->arg->n, s->pair[i].key, strlen(s->pair[i].key)) > 0)
            pair[(*n)++] = s->pair + i;
    return pair;
}

static int gets_(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n;
    struct confdpair const **pair = matching(c, &n);
    struct tmplvalue *item = pair ? tmplcall_items(c, n) : NULL;
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!make_pair(c, pair[i], item + i))
            return 0;
    *result = tmplvalue_list(item, n);
    return 1;
}

static int getvs(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n;
    struct confdpair const **pair = matching(c, &n);
    struct tmplvalue *item = pair ? tmplcall_items(c, n) : NULL;
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        item[i] = tmplvalue_text(pair[i]->value);
    qsort(item, n, sizeof *item, tmplvalue_cmp_strings);
    *result = tmpltext_strings(item, n);
    return 1;
}

/* The next parts of the keys below a directory, each once; with parents only those that have
   something below themselves. Keys are in order, and so are the parts: but "a" and "a/b" may have
   "a-" between them, so that they are sorted again. */
static int list_directory(struct tmplcall *c, struct tmplvalue *result, int parents)
{
    struct confdstore const *s = store_of(c);
    struct tmplvalue *item = tmplcall_items(c, s->n);
    char *dir = pool_get(c->pool, c->arg->n + 3);
    size_t n = 0;
    size_t kept = 0;
    if (!item || !dir)
        return tmplcall_nomem(c);
    size_t len = gopath_clean(dir, c->arg->u.s, c->arg->n);
    size_t under = strcmp(dir, "/") ? len : 0; /* where the slash before the part stands */
    for (size_t i = 0; i < s->n; i++) {
        char const *key = s->pair[i].key;
        if (!strcmp(key, dir) && !parents) {
            size_t k = strlen(key);
            char const *base = gopath_base(key, &k);
            item[n++] = tmplvalue_string(base, k);
        }
        if (strncmp(key, dir, under) != 0 || key[under] != '/' || !key[under + 1])
            continue;
        char const *part = key + under + 1;
        size_t k = strcspn(part, "/");
        if (!parents || part[k])
            item[n++] = tmplvalue_string(part, k);
    }
    qsort(item, n, sizeof *item, tmplvalue_cmp_strings);
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || tmplvalue_cmp_strings(item + i, item + i + 1) != 0)
            item[kept++] = item[i];
    *result = tmpltext_strings(item, kept);
    return 1;
}

static int ls(struct tmplcall *c, struct tmplvalue *result)
{
    return list_directory(c, result, 0);
}

static int lsdir(struct tmplcall *c, struct tmplvalue *result)
{
    return list_directory(c, result, 1);
}

/* ---- text */

static int base(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = c->arg->n;
    char const *s = gopath_base(c->arg->u.s, &n);
    *result = tmplvalue_string(s, n);
    return 1;
}

static int dir(struct tmplcall *c, struct tmplvalue *result)
{
    char *buf = pool_get(c->pool, c->arg->n + 3);
    if (!buf)
        return tmplcall_nomem(c);
    *result = tmplvalue_string(buf, gopath_dir(buf, c->arg->u.s, c->arg->n));
    return 1;
}

static int split(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_split(c, c->arg, c->arg + 1, TMPLTEXT_ALL, result);
}

static int join(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_join(c, c->arg, c->arg + 1, result);
}

static int replace(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_replace(c, c->arg, c->arg + 1, c->arg + 2, c->arg[3].u.i, result);
}

static int contains(struct tmplcall *c, struct tmplvalue *result)
{
    *result =
        tmplvalue_bool(!c->arg[1].n || memmem(c->arg->u.s, c->arg->n, c->arg[1].u.s, c->arg[1].n));
    return 1;
}

static int trim_suffix(struct tmplcall *c, struct tmplvalue *result)
{
    *result = *c->arg;
    if (tmpltext_ends(result, c->arg + 1))
        result->n -= c->arg[1].n;
    return 1;
}

static int to_upper(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_case(c, c->arg, runecase_upper, result);
}

static int to_lower(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_case(c, c->arg, runecase_lower, result);
}

static int encode64(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_encode64(c, c->arg, BASE64_STANDARD, result);
}

static int decode64(struct tmplcall *c, struct tmplvalue *result)
{
    return tmpltext_decode64(c, c->arg, BASE64_STANDARD, result);
}

static int parse_bool(struct tmplcall *c, struct tmplvalue *result)
{
    int b;
    if (!gobool_parse(c->arg->u.s, c->arg->n, &b))
        return tmplcall_fail(c, "neither true nor false: %.*s",
                             c->arg->n > 200 ? 200 : (int)c->arg->n, c->arg->u.s);
    *result = tmplvalue_bool(b);
    return 1;
}

/* ---- values */

static int read_json(struct tmplcall *c, struct tmplvalue *result, enum tmplvalue_kind kind)
{
    char why[TMPLJSON_WHY];
    if (!tmpljson_read(c->arg->u.s, c->arg->n, 1, c->pool, result, why))
        return tmplcall_fail(c, "%s", why);
    if (result->kind == TMPLVALUE_NIL)
        *result = kind == TMPLVALUE_MAP ? tmplvalue_map(NULL, 0) : tmplvalue_list(NULL, 0);
    if (result->kind != kind)
        return tmplcall_fail(c, "this JSON is no %s", kind == TMPLVALUE_MAP ? "object" : "array");
    return 1;
}

static int json(struct tmplcall *c, struct tmplvalue *result)
{
    return read_json(c, result, TMPLVALUE_MAP);
}

static int json_array(struct tmplcall *c, struct tmplvalue *result)
{
    return read_json(c, result, TMPLVALUE_LIST);
}

static int map(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplentry *e = tmplcall_entries(c, c->n / 2);
    if (!e)
        return 0;
    if (c->n % 2)
        return tmplcall_fail(c, "map wants keys and values in turn, and has %zu arguments", c->n);
    for (size_t i = 0; i < c->n; i += 2) {
        if (c->arg[i].kind != TMPLVALUE_STRING)
            return tmplcall_fail(c, "a key must be a string; this is of type %s",
                                 tmplvalue_type(c->arg + i));
        e[i / 2] =
            (struct tmplentry){.key = c->arg[i].u.s, .n = c->arg[i].n, .value = c->arg[i + 1]};
        if (e[i / 2].value.kind == TMPLVALUE_NONE) /* the key is there, whatever its value */
            e[i / 2].value = tmplvalue_nil();
    }
    *result = tmplvalue_map(e, c->n / 2);
    return 1;
}

/* Only lists of strings: as in confd, what gets returns stays as it is. */
static int reverse(struct tmplcall *c, struct tmplvalue *result)
{
    *result = *c->arg;
    if (!(c->arg->flags & TMPLVALUE_OF_STRINGS))
        return 1;
    struct tmplvalue *item = tmplcall_items(c, c->arg->n);
    if (!item)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++)
        item[i] = c->arg->u.item[c->arg->n - 1 - i];
    *result = tmpltext_strings(item, c->arg->n);
    return 1;
}

/* What an item of a list is sorted by: itself, or the key of a pair. */
static struct tmplvalue const *sort_key(struct tmplvalue const *v)
{
    return v->kind == TMPLVALUE_OBJECT ? v->u.object->field : v;
}

/* A sort by length that leaves items of one length in their order (which qsort need not). */
static int sort_by_length(struct tmplcall *c, struct tmplvalue *result)
{
    size_t n = c->arg->n;
    struct tmplvalue *a = tmplcall_items(c, n);
    struct tmplvalue *b = a ? tmplcall_items(c, n) : NULL;
    if (!b)
        return 0;
    for (size_t i = 0; i < n; i++)
        a[i] = c->arg->u.item[i];
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t left = 0; left < n; left += 2 * width) {
            size_t middle = left + width < n ? left + width : n;
            size_t end = middle + width < n ? middle + width : n;
            size_t i = left;
            size_t j = middle;
            for (size_t k = left; k < end; k++)
                b[k] = j == end || (i < middle && sort_key(a + i)->n <= sort_key(a + j)->n)
                           ? a[i++]
                           : a[j++];
        }
        struct tmplvalue *swap = a;
        a = b;
        b = swap;
    }
    *result = *c->arg;
    result->u.item = a;
    return 1;
}

static int sort_strings(struct tmplcall *c, struct tmplvalue *result)
{
    for (size_t i = 0; i < c->arg->n; i++)
        if (!tmpltext_item(c, c->arg, i))
            return 0;
    return sort_by_length(c, result);
}

static int sort_pairs(struct tmplcall *c, struct tmplvalue *result)
{
    for (size_t i = 0; i < c->arg->n; i++) {
        struct tmplvalue const *v = c->arg->u.item + i;
        if (v->kind != TMPLVALUE_OBJECT || v->u.object->class != &pair_class)
            return tmplcall_fail(c, "the list has an item of type %s; all must be pairs, of gets",
                                 tmplvalue_type(v));
    }
    return sort_by_length(c, result);
}

/* ---- numbers, which wrap around as Go's do */

static int add(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int((int64_t)((uint64_t)c->arg[0].u.i + (uint64_t)c->arg[1].u.i));
    return 1;
}

static int sub(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int((int64_t)((uint64_t)c->arg[0].u.i - (uint64_t)c->arg[1].u.i));
    return 1;
}

static int mul(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int((int64_t)((uint64_t)c->arg[0].u.i * (uint64_t)c->arg[1].u.i));
    return 1;
}

static int by_zero(struct tmplcall *c)
{
    return tmplcall_fail(c, "division by zero");
}

static int div_(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t by = c->arg[1].u.i;
    if (!by)
        return by_zero(c);
    *result = tmplvalue_int(by == -1 ? (int64_t)(0 - (uint64_t)c->arg->u.i) : c->arg->u.i / by);
    return 1;
}

static int mod(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t by = c->arg[1].u.i;
    if (!by)
        return by_zero(c);
    *result = tmplvalue_int(by == -1 ? 0 : c->arg->u.i % by);
    return 1;
}

static int seq(struct tmplcall *c, struct tmplvalue *result)
{
    int64_t first = c->arg[0].u.i;
    int64_t last = c->arg[1].u.i;
    uint64_t n = last < first ? 0 : (uint64_t)last - (uint64_t)first + 1;
    if (last >= first && (!n || n > TEXT_MAX))
        return tmplcall_fail(c, "a sequence too long");
    struct tmplvalue *item = tmplcall_items(c, n);
    if (!item)
        return 0;
    for (size_t i = 0; i < n; i++)
        item[i] = tmplvalue_int(first + (int64_t)i);
    *result = tmplvalue_list(item, n);
    return 1;
}

static int atoi_(struct tmplcall *c, struct tmplvalue *result)
{
    char const *s = tmplcall_cstring(c, c->arg);
    char *end;
    if (!s)
        return 0;
    errno = 0;
    long long i = strtoll(s, &end, 10);
    if (!isdigit((unsigned char)s[*s == '-' || *s == '+']) || *end)
        return tmplcall_fail(c, "no integer: %.200s", s);
    if (errno)
        return tmplcall_fail(c, "an integer too large: %.200s", s);
    *result = tmplvalue_int(i);
    return 1;
}

/* ---- the world around */

static int get_variable(struct tmplcall *c, struct tmplvalue *result)
{
    char const *name = tmplcall_cstring(c, c->arg);
    if (!name)
        return 0;
    char const *value = getenv(name);
    if (value && *value)
        *result = tmplvalue_text(value);
    else
        *result = c->n > 1 ? c->arg[1] : tmplvalue_text("");
    return 1;
}

static int file_exists(struct tmplcall *c, struct tmplvalue *result)
{
    char const *path = tmplcall_cstring(c, c->arg);
    if (!path)
        return 0;
    *result = tmplvalue_bool(access(path, F_OK) == 0);
    return 1;
}

static int encrypted(struct tmplcall *c, struct tmplvalue *result)
{
    (void)result;
    return tmplcall_fail(c, "encrypted values (crypt) are not supported: use get, gets, getv, "
                            "getvs, and a secret as a file or NAME_FILE");
}

static struct tmplfunc const functions[] = {
    {"add", "ii", add},
    {"atoi", "s", atoi_},
    {"base", "s", base},
    {"base64Decode", "s", decode64},
    {"base64Encode", "s", encode64},
    {"cget", ".*", encrypted},
    {"cgets", ".*", encrypted},
    {"cgetv", ".*", encrypted},
    {"cgetvs", ".*", encrypted},
    {"contains", "ss", contains},
    {"datetime", "", godatetime_now},
    {"dir", "s", dir},
    {"div", "ii", div_},
    {"exists", "s", exists},
    {"fileExists", "s", file_exists},
    {"get", "s", get},
    {"getenv", "s?s", get_variable},
    {"gets", "s", gets_},
    {"getv", "s?s", getv},
    {"getvs", "s", getvs},
    {"join", "ls", join},
    {"json", "s", json},
    {"jsonArray", "s", json_array},
    {"lookupIP", "s", confdlookup_ip},
    {"lookupIPV4", "s", confdlookup_ip4},
    {"lookupIPV6", "s", confdlookup_ip6},
    {"lookupSRV", "sss", confdlookup_srv},
    {"ls", "s", ls},
    {"lsdir", "s", lsdir},
    {"map", ".*", map},
    {"mod", "ii", mod},
    {"mul", "ii", mul},
    {"parseBool", "s", parse_bool},
    {"replace", "sssi", replace},
    {"reverse", "l", reverse},
    {"seq", "ii", seq},
    {"sortByLength", "l", sort_strings},
    {"sortKVByLength", "l", sort_pairs},
    {"split", "ss", split},
    {"sub", "ii", sub},
    {"toLower", "s", to_lower},
    {"toUpper", "s", to_upper},
    {"trimSuffix", "ss", trim_suffix},
};

struct tmplfunc_table confdfunc_table(struct confdstore *s)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, s};
}
