#include <ctype.h>
#include <string.h>

#include <cairn/semver.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigurl.h>
#include <cairn/tmpltext.h>

/* ---- addresses (RFC 3986, appendix B) */

struct part {
    char const *s;
    size_t n;
};

enum { SCHEME, HOST, HOSTNAME, PATH, QUERY, OPAQUE, FRAGMENT, USERINFO, PARTS };

static char const *const names[PARTS] = {"scheme", "host",   "hostname", "path",
                                         "query",  "opaque", "fragment", "userinfo"};

/* Cuts what is behind the character off, to *part. */
static void cut(struct part *from, char at, struct part *part)
{
    char const *c = from->n ? memchr(from->s, at, from->n) : NULL;
    if (!c)
        return;
    *part = (struct part){c + 1, (size_t)(from->s + from->n - c - 1)};
    from->n = (size_t)(c - from->s);
}

static int take_scheme(struct part *from, struct part *scheme)
{
    size_t i = 0;
    while (i < from->n && (isalnum((unsigned char)from->s[i]) || (i && strchr("+-.", from->s[i]))))
        i++;
    if (!i || i == from->n || from->s[i] != ':' || isdigit((unsigned char)*from->s))
        return 0;
    *scheme = (struct part){from->s, i};
    from->s += i + 1;
    from->n -= i + 1;
    return 1;
}

static void take_authority(struct part *from, struct part p[PARTS])
{
    from->s += 2;
    from->n -= 2;
    char const *slash = memchr(from->s, '/', from->n);
    struct part host = {from->s, slash ? (size_t)(slash - from->s) : from->n};
    from->s += host.n;
    from->n -= host.n;
    char const *at = memrchr(host.s, '@', host.n);
    if (at) {
        p[USERINFO] = (struct part){host.s, (size_t)(at - host.s)};
        host = (struct part){at + 1, host.n - p[USERINFO].n - 1};
    }
    p[HOST] = p[HOSTNAME] = host;
    char const *close = host.n && *host.s == '[' ? memchr(host.s, ']', host.n) : NULL;
    if (close) {
        p[HOSTNAME] = (struct part){host.s + 1, (size_t)(close - host.s - 1)};
        return;
    }
    char const *colon = memrchr(host.s, ':', host.n);
    if (colon)
        p[HOSTNAME].n = (size_t)(colon - host.s);
}

static void split(struct tmplvalue const *url, struct part p[PARTS])
{
    struct part rest = {url->u.s, url->n};
    memset(p, 0, PARTS * sizeof *p);
    cut(&rest, '#', p + FRAGMENT);
    cut(&rest, '?', p + QUERY);
    int has_scheme = take_scheme(&rest, p + SCHEME);
    if (rest.n >= 2 && !memcmp(rest.s, "//", 2))
        take_authority(&rest, p);
    p[has_scheme && rest.n && *rest.s != '/' && !p[HOST].n ? OPAQUE : PATH] = rest;
}

static int url_parse(struct tmplcall *c, struct tmplvalue *result)
{
    struct part p[PARTS];
    struct tmplentry *e = tmplcall_entries(c, PARTS);
    if (!e)
        return 0;
    for (size_t i = 0; i < c->arg->n; i++)
        if ((unsigned char)c->arg->u.s[i] < ' ' || c->arg->u.s[i] == 0x7f)
            return tmplcall_fail(c, "an address has no control characters");
    split(c->arg, p);
    for (int i = 0; i < PARTS; i++)
        e[i] = (struct tmplentry){.key = names[i],
                                  .n = strlen(names[i]),
                                  .value = tmplvalue_string(p[i].n ? p[i].s : "", p[i].n)};
    *result = tmplvalue_map(e, PARTS);
    return 1;
}

/* Appends the part of that name, if there is one, between a and b. */
static int join_part(stralloc *sa, struct tmplvalue const *map, int part, char const *a,
                     char const *b)
{
    struct tmplvalue const *v = tmplvalue_get(map, names[part], strlen(names[part]));
    if (!v || v->kind != TMPLVALUE_STRING || !v->n)
        return 1;
    return stralloc_cats(sa, a) && stralloc_catb(sa, v->u.s, v->n) && stralloc_cats(sa, b);
}

static int url_join(struct tmplcall *c, struct tmplvalue *result)
{
    stralloc sa = STRALLOC_ZERO;
    struct tmplvalue const *host = tmplvalue_get(c->arg, "host", 4);
    struct tmplvalue const *path = tmplvalue_get(c->arg, "path", 4);
    int has_host = host && host->kind == TMPLVALUE_STRING && host->n;
    int is_relative =
        path && path->kind == TMPLVALUE_STRING && path->n && *path->u.s != '/' && has_host;
    int ok = join_part(&sa, c->arg, SCHEME, "", ":") && join_part(&sa, c->arg, OPAQUE, "", "") &&
             (!has_host || stralloc_cats(&sa, "//")) && join_part(&sa, c->arg, USERINFO, "", "@") &&
             join_part(&sa, c->arg, HOST, "", "") &&
             join_part(&sa, c->arg, PATH, is_relative ? "/" : "", "") &&
             join_part(&sa, c->arg, QUERY, "?", "") && join_part(&sa, c->arg, FRAGMENT, "#", "");
    return tmpltext_finish(c, ok, &sa, result);
}

/* ---- versions */

static char const *const fields[] = {"Major",      "Minor",    "Patch",
                                     "Prerelease", "Metadata", "Original"};

enum { FIELDS = sizeof fields / sizeof *fields };

static struct semver const *version_of(struct tmplvalue const *v)
{
    return v->u.object->data;
}

static int parse(struct tmplcall *c, struct tmplvalue const *text, struct semver *v)
{
    return semver_parse(v, text->u.s, text->n) ||
           tmplcall_fail(c, "\"%.*s\" is no semantic version", SPRIGARG_SHOWN(text));
}

/* v.Compare OTHER: -1, 0, 1 */
static int compare(struct tmplcall *c, struct tmplvalue *result)
{
    struct tmplvalue const *other = c->arg + 1;
    if (other->kind != TMPLVALUE_OBJECT || other->u.object->class != c->arg->u.object->class)
        return tmplcall_fail(c, "it wants another version, not %s", tmplvalue_type(other));
    int order = semver_compare(version_of(c->arg), version_of(other));
    *result = tmplvalue_int(order < 0 ? -1 : order > 0);
    return 1;
}

static struct tmplfunc const methods[] = {{"Compare", "..", compare}};

static struct tmplclass const class = {
    .name = "*semver.Version",
    .field = fields,
    .fields = FIELDS,
    .method = methods,
    .methods = sizeof methods / sizeof *methods,
};

static int semver(struct tmplcall *c, struct tmplvalue *result)
{
    struct semver *v = pool_get(c->pool, sizeof *v);
    struct tmplvalue *f = v ? tmplcall_items(c, FIELDS) : NULL;
    struct tmplobject *o = f ? pool_get(c->pool, sizeof *o) : NULL;
    if (!o)
        return tmplcall_nomem(c);
    if (!parse(c, c->arg, v))
        return 0;
    for (int i = 0; i < 3; i++)
        f[i] = tmplvalue_int((int64_t)v->number[i]);
    f[3] = tmplvalue_string(v->pre_n ? v->pre : "", v->pre_n);
    f[4] = tmplvalue_string(v->meta_n ? v->meta : "", v->meta_n);
    f[5] = *c->arg;
    *o = (struct tmplobject){.class = &class, .field = f, .data = v};
    *result = tmplvalue_object(o);
    return 1;
}

/* semverCompare CONSTRAINT VERSION */
static int semver_compare_(struct tmplcall *c, struct tmplvalue *result)
{
    struct semver v;
    if (!parse(c, c->arg + 1, &v))
        return 0;
    int r = semver_check(c->arg->u.s, c->arg->n, &v);
    *result = tmplvalue_bool(r > 0);
    return r >= 0 ||
           tmplcall_fail(c, "\"%.*s\" is no constraint on versions", SPRIGARG_SHOWN(c->arg));
}

static struct tmplfunc const functions[] = {
    {"sprig_semver", "s", semver},
    {"sprig_semverCompare", "ss", semver_compare_},
    {"sprig_urlJoin", "m", url_join},
    {"sprig_urlParse", "s", url_parse},
};

struct tmplfunc_table sprigurl_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
