#include <stdio.h>
#include <string.h>

#include <cairn/ctenv.h>
#include <cairn/gopath.h>

static size_t count(char const *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* NAME=value; value may be in two parts. */
static char const *setting(struct pool *p, char const *name, char const *a, char const *b)
{
    size_t n = strlen(name) + strlen(a) + strlen(b) + 3;
    char *s = pool_get(p, n);
    if (s)
        snprintf(s, n, "%s=%s%s%s", name, a, *b ? ":" : "", b);
    return s;
}

char const *const *ctenv_added(struct ctconf_consul const *c, struct pool *p)
{
    char const **list = pool_get(p, 5 * sizeof *list);
    size_t n = 0;
    if (!list)
        return NULL;
    list[n++] = setting(p, "CONSUL_HTTP_ADDR", c->address, "");
    if (c->username)
        list[n++] = setting(p, "CONSUL_HTTP_AUTH", c->username, c->password ? c->password : "");
    list[n++] = setting(p, "CONSUL_HTTP_SSL", c->ssl ? "true" : "false", "");
    list[n++] = setting(p, "CONSUL_HTTP_SSL_VERIFY", c->ssl_verify ? "true" : "false", "");
    list[n] = NULL;
    for (size_t i = 0; i < n; i++)
        if (!list[i])
            return NULL;
    return list;
}

/* Does one of the patterns match the variable's name? */
static int is_among(char const *const *patterns, char const *variable)
{
    size_t n = strcspn(variable, "=");
    for (size_t i = 0; patterns && patterns[i]; i++) {
        char const *p = patterns[i];
        if (gopath_match(p, strlen(p), variable, n) == 1)
            return 1;
    }
    return 0;
}

static void put(char const **list, size_t *n, char const *variable)
{
    size_t name = strcspn(variable, "=") + 1;
    for (size_t i = 0; i < *n; i++)
        if (!strncmp(list[i], variable, name)) {
            list[i] = variable;
            return;
        }
    list[(*n)++] = variable;
}

char const *const *ctenv_make(struct ctconf_exec const *e, char const *const *base,
                              char const *const *added, struct pool *p)
{
    size_t n = 0;
    char const **list =
        pool_get(p, (count(base) + count(added) + count(e->env_custom) + 1) * sizeof *list);
    if (!list)
        return NULL;
    for (size_t i = 0; !e->env_pristine && base[i]; i++)
        if ((!count(e->env_allow) || is_among(e->env_allow, base[i])) &&
            !is_among(e->env_deny, base[i]))
            put(list, &n, base[i]);
    for (size_t i = 0; added[i]; i++)
        put(list, &n, added[i]);
    for (size_t i = 0; i < count(e->env_custom); i++)
        put(list, &n, e->env_custom[i]);
    list[n] = NULL;
    return list;
}
