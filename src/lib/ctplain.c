#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cairn/capture.h>
#include <cairn/ctaddr.h>
#include <cairn/ctgroup.h>
#include <cairn/cthash.h>
#include <cairn/ctmath.h>
#include <cairn/ctout.h>
#include <cairn/ctparse.h>
#include <cairn/ctplain.h>
#include <cairn/ctscratch.h>
#include <cairn/cttext.h>
#include <cairn/dnsclient.h>
#include <cairn/gotime.h>
#include <cairn/shellcmd.h>
#include <cairn/tmplrun.h>
#include <cairn/tmpltext.h>
#include <cairn/tmpltree.h>

enum {
    OUTPUT_MAX = 1 << 20, /* bytes that a plugin may print */
    PLUGIN_TIME = 30000,  /* ms that it may take */
    TEXT_MAX = 64 << 20,  /* bytes of a template in a template */
    DEPTH_MAX = 64,       /* of these in one another */
    SHOWN = 200,
};

static struct ctplain *plain_of(struct tmplcall const *c)
{
    return c->data;
}

/* ---- the environment */

/* The value of the variable: one of the additions, or of the process's own; or NULL. */
static char const *variable(struct tmplcall const *c, char const *name)
{
    size_t n = strlen(name);
    char const *const *env = plain_of(c)->env;
    for (size_t i = 0; env && env[i]; i++)
        if (!strncmp(env[i], name, n) && env[i][n] == '=')
            return env[i] + n + 1;
    return getenv(name);
}

static int look_up(struct tmplcall *c, char const **value)
{
    char const *name = tmplcall_cstring(c, c->arg);
    *value = name ? variable(c, name) : NULL;
    return name != NULL;
}

static int env(struct tmplcall *c, struct tmplvalue *result)
{
    char const *value;
    if (!look_up(c, &value))
        return 0;
    *result = tmplvalue_text(value ? value : "");
    return 1;
}

/* The default where the variable is not set; one that is set to nothing is nothing. */
static int env_or_default(struct tmplcall *c, struct tmplvalue *result)
{
    char const *value;
    if (!look_up(c, &value))
        return 0;
    *result = value ? tmplvalue_text(value) : c->arg[1];
    return 1;
}

static int must_env(struct tmplcall *c, struct tmplvalue *result)
{
    char const *value;
    if (!look_up(c, &value))
        return 0;
    if (!value)
        return tmplcall_fail(c, "the variable %.*s is not set",
                             c->arg->n > SHOWN ? SHOWN : (int)c->arg->n, c->arg->u.s);
    *result = tmplvalue_text(value);
    return 1;
}

/* ---- time */

/* timestamp [LAYOUT]: in UTC, RFC 3339 by default; "unix": seconds. */
static int timestamp(struct tmplcall *c, struct tmplvalue *result)
{
    static char const usual[] = GOTIME_RFC3339;
    struct gotime t;
    char const *layout = c->n ? c->arg->u.s : usual;
    size_t n = c->n ? c->arg->n : sizeof usual - 1;
    gotime_utc(&t, plain_of(c)->now, 0);
    if (n == 4 && !memcmp(layout, "unix", 4)) {
        char text[32];
        int len = snprintf(text, sizeof text, "%lld", (long long)plain_of(c)->now);
        return tmplcall_string(c, result, text, (size_t)len);
    }
    size_t len = gotime_format(NULL, 0, &t, layout, n);
    char *buf = pool_get(c->pool, len);
    if (!buf)
        return tmplcall_nomem(c);
    gotime_format(buf, len, &t, layout, n);
    *result = tmplvalue_string(buf, len);
    return 1;
}

/* ---- programs */

/* The words of the command: its arguments without the blanks around them; those of nothing are
   left out. Run by env, which finds it by PATH and adds what the environment has beside ours. */
static char const **plugin_words(struct tmplcall *c)
{
    char const *const *more = plain_of(c)->env;
    size_t n = 0;
    while (more && more[n])
        n++;
    char const **argv = pool_get(c->pool, (n + c->n + 2) * sizeof *argv);
    if (!argv) {
        tmplcall_nomem(c);
        return NULL;
    }
    argv[0] = "/usr/bin/env";
    if (n)
        memcpy(argv + 1, more, n * sizeof *argv);
    n++;
    for (size_t i = 0; i < c->n; i++) {
        struct tmplvalue const v = tmpltext_trimmed(c->arg + i);
        if (v.n && !(argv[n++] = tmplcall_cstring(c, &v)))
            return NULL;
    }
    argv[n] = NULL;
    return argv;
}

static int plugin_failed(struct tmplcall *c, char const *name, char const *printed, int status)
{
    char words[SHELLCMD_WORDS];
    return tmplcall_fail(c, "exec \"%.100s\": %s%s%.200s", name,
                         WIFEXITED(status) && WEXITSTATUS(status) == 127
                             ? "there is no such program"
                             : shellcmd_words(words, status),
                         *printed ? ": " : "", printed);
}

/* plugin NAME ARGUMENT...: what the program prints. */
static int plugin(struct tmplcall *c, struct tmplvalue *result)
{
    int status = 0;
    char const *name = tmplcall_cstring(c, c->arg);
    if (!name)
        return 0;
    *result = tmplvalue_text("");
    if (!*name)
        return 1;
    char const **argv = plugin_words(c);
    char *buf = argv ? malloc(OUTPUT_MAX) : NULL;
    if (!buf)
        return argv ? tmplcall_nomem(c) : 0;
    int wake_fd = plain_of(c)->wake_fd;
    ssize_t n = capture(argv, buf, OUTPUT_MAX, 1, wake_fd ? wake_fd : -1,
                        dnsclient_now() + PLUGIN_TIME, &status);
    int ok = 0;
    if (n < 0)
        tmplcall_fail(c, "exec \"%.100s\": %s", name,
                      errno == ETIMEDOUT   ? "it did not end within 30 s"
                      : errno == ECANCELED ? "it was killed, for we are to end"
                      : errno == E2BIG     ? "it printed more than 1 MiB"
                                           : strerror(errno));
    else if (status)
        plugin_failed(c, name, buf, status);
    else {
        struct tmplvalue printed = tmplvalue_string(buf, (size_t)n);
        printed = tmpltext_trimmed(&printed);
        ok = tmplcall_string(c, result, printed.u.s, printed.n);
    }
    free(buf);
    return ok;
}

/* ---- templates in templates */

/* executeTemplate NAME [DOT]: what the template becomes, as text. */
static int execute_template(struct tmplcall *c, struct tmplvalue *result)
{
    struct ctplain *plain = plain_of(c);
    struct tmplvalue const nil = tmplvalue_nil();
    stralloc sa = STRALLOC_ZERO;
    struct tmplerror e;
    struct tmplbody *body = plain->tmpl ? tmpltree_body(plain->tmpl, c->arg->u.s, c->arg->n) : NULL;
    if (!body)
        return tmplcall_fail(c, "there is no template \"%.*s\"",
                             c->arg->n > SHOWN ? SHOWN : (int)c->arg->n, c->arg->u.s);
    if (plain->depth == DEPTH_MAX)
        return tmplcall_fail(c, "more than %d templates in one another", DEPTH_MAX);
    plain->depth++;
    int ok =
        tmplrun_body(plain->tmpl, body, c->n > 1 ? c->arg + 1 : &nil, c->pool, &sa, TEXT_MAX, &e);
    plain->depth--;
    if (ok)
        return tmpltext_finish(c, 1, &sa, result);
    stralloc_free(&sa);
    return tmplcall_fail(c, "%u:%u: %.400s", e.line, e.column, e.why);
}

static struct tmplfunc const functions[] = {
    {"env", "s", env},
    {"envOrDefault", "ss", env_or_default},
    {"executeTemplate", "s?.", execute_template},
    {"mustEnv", "s", must_env},
    {"plugin", "ss*", plugin},
    {"scratch", "", ctscratch},
    {"timestamp", "?s", timestamp},
};

size_t ctplain_tables(struct ctplain *c, struct tmplfunc_table *t)
{
    size_t n = 0;
    t[n++] = (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, c};
    t[n++] = cthash_table();
    t[n++] = ctaddr_table();
    t[n++] = ctgroup_table();
    t[n++] = ctmath_table();
    t[n++] = ctout_table(c);
    t[n++] = ctparse_table();
    t[n++] = cttext_table();
    return n;
}
