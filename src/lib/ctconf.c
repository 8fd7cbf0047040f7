#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/stralloc.h>

#include <cairn/ctconf.h>
#include <cairn/ctkeys.h>
#include <cairn/ctlog.h>
#include <cairn/filetree.h>
#include <cairn/goflag.h>
#include <cairn/hcl.h>
#include <cairn/slurp.h>

enum { FILE_MAX = 16 << 20, AUTH_MAX = 1024 };

/* What a flag does, where it does not simply set something. */
enum act { SET, CONFIG, TEMPLATE, AUTH, VERSION, REFUSED };

struct flag {
    struct goflag flag;
    enum act act;
    enum ctword_kind kind;
    size_t offset; /* of what is set, in struct ctconf */
};

#define STRING(name, member)                                                                       \
    {                                                                                              \
        {name, 0}, SET, CTWORD_STRING, offsetof(struct ctconf, member)                             \
    }
#define BOOL(name, member)                                                                         \
    {                                                                                              \
        {name, 1}, SET, CTWORD_BOOL, offsetof(struct ctconf, member)                               \
    }
#define COUNT(name, member)                                                                        \
    {                                                                                              \
        {name, 0}, SET, CTWORD_COUNT, offsetof(struct ctconf, member)                              \
    }
#define DURATION(name, member)                                                                     \
    {                                                                                              \
        {name, 0}, SET, CTWORD_DURATION, offsetof(struct ctconf, member)                           \
    }
#define SIGNAL(name, member)                                                                       \
    {                                                                                              \
        {name, 0}, SET, CTWORD_SIGNAL, offsetof(struct ctconf, member)                             \
    }
#define LIST(name, member)                                                                         \
    {                                                                                              \
        {name, 0}, SET, CTWORD_LIST, offsetof(struct ctconf, member)                               \
    }
#define ACT(name, act)                                                                             \
    {                                                                                              \
        {name, 0}, act, CTWORD_STRING, 0                                                           \
    }
#define NONE(name, is_bool)                                                                        \
    {                                                                                              \
        {name, is_bool}, REFUSED, CTWORD_STRING, 0                                                 \
    }

/* clang-format off */
static struct flag const flags[] = {
    ACT("config", CONFIG),
    ACT("template", TEMPLATE),
    {{"wait", 0}, SET, CTWORD_WAIT, offsetof(struct ctconf, wait)},
    ACT("consul-auth", AUTH),
    {{"version", 1}, VERSION, CTWORD_BOOL, 0},
    {{"v", 1}, VERSION, CTWORD_BOOL, 0},
    STRING("consul-addr", consul.address),
    STRING("consul", consul.address),
    STRING("consul-token", consul.token),
    STRING("consul-token-file", consul.token_file),
    STRING("consul-namespace", consul.namespace),
    BOOL("consul-retry", consul.retry.enabled),
    COUNT("consul-retry-attempts", consul.retry.attempts),
    DURATION("consul-retry-backoff", consul.retry.backoff),
    DURATION("consul-retry-max-backoff", consul.retry.max_backoff),
    DURATION("retry", consul.retry.backoff),
    BOOL("consul-ssl", consul.ssl),
    BOOL("consul-ssl-verify", consul.ssl_verify),
    STRING("consul-ssl-ca-cert", consul.ssl_ca_cert),
    STRING("consul-ssl-ca-path", consul.ssl_ca_path),
    STRING("consul-ssl-cert", consul.ssl_cert),
    STRING("consul-ssl-key", consul.ssl_key),
    STRING("consul-ssl-server-name", consul.ssl_server_name),
    DURATION("consul-transport-dial-keep-alive", consul.dial_keep_alive),
    DURATION("consul-transport-dial-timeout", consul.dial_timeout),
    BOOL("consul-transport-disable-keep-alives", consul.disable_keep_alives),
    COUNT("consul-transport-max-idle-conns-per-host", consul.max_idle_conns_per_host),
    DURATION("consul-transport-tls-handshake-timeout", consul.tls_handshake_timeout),
    STRING("exec", exec.command),
    SIGNAL("exec-kill-signal", exec.kill_signal),
    DURATION("exec-kill-timeout", exec.kill_timeout),
    SIGNAL("exec-reload-signal", exec.reload_signal),
    DURATION("exec-splay", exec.splay),
    BOOL("exec-env-pristine", exec.env_pristine),
    LIST("exec-env-custom", exec.env_custom),
    LIST("exec-env-allowlist", exec.env_allow),
    LIST("exec-env-whitelist", exec.env_allow),
    LIST("exec-env-denylist", exec.env_deny),
    LIST("exec-env-blacklist", exec.env_deny),
    SIGNAL("kill-signal", kill_signal),
    SIGNAL("reload-signal", reload_signal),
    DURATION("max-stale", max_stale),
    DURATION("block-query-wait", block_query_wait),
    STRING("log-level", log_level),
    STRING("log-file", log_file),
    STRING("pid-file", pid_file),
    BOOL("syslog", syslog),
    STRING("syslog-facility", syslog_facility),
    STRING("syslog-name", syslog_name),
    BOOL("err-on-failed-lookup", err_on_failed_lookup),
    STRING("default-left-delimiter", left_delimiter),
    STRING("default-right-delimiter", right_delimiter),
    BOOL("template-error-fatal", error_fatal),
    BOOL("once", once),
    BOOL("dry", dry),
    BOOL("parse-only", parse_only),
    NONE("dedup", 1),
    NONE("log-rotate-bytes", 0),
    NONE("log-rotate-duration", 0),
    NONE("log-rotate-max-files", 0),
};
/* clang-format on */

enum { FLAGS = sizeof flags / sizeof *flags };

static struct {
    char const *name;
    enum ctword_kind kind;
    size_t offset;
} const variables[] = {
    /* of two for one setting the later wins */
    {"CT_LOG", CTWORD_STRING, offsetof(struct ctconf, log_level)},
    {"CONSUL_TEMPLATE_LOG", CTWORD_STRING, offsetof(struct ctconf, log_level)},
    {"CONSUL_HTTP_ADDR", CTWORD_STRING, offsetof(struct ctconf, consul.address)},
    {"CONSUL_HTTP_TOKEN", CTWORD_STRING, offsetof(struct ctconf, consul.token)},
    {"CONSUL_TOKEN", CTWORD_STRING, offsetof(struct ctconf, consul.token)},
    {"CONSUL_NAMESPACE", CTWORD_STRING, offsetof(struct ctconf, consul.namespace)},
    {"CONSUL_HTTP_SSL", CTWORD_BOOL, offsetof(struct ctconf, consul.ssl)},
    {"CONSUL_HTTP_SSL_VERIFY", CTWORD_BOOL, offsetof(struct ctconf, consul.ssl_verify)},
    {"CONSUL_CACERT", CTWORD_STRING, offsetof(struct ctconf, consul.ssl_ca_cert)},
    {"CONSUL_CAPATH", CTWORD_STRING, offsetof(struct ctconf, consul.ssl_ca_path)},
    {"CONSUL_CLIENT_CERT", CTWORD_STRING, offsetof(struct ctconf, consul.ssl_cert)},
    {"CONSUL_CLIENT_KEY", CTWORD_STRING, offsetof(struct ctconf, consul.ssl_key)},
    {"CONSUL_TLS_SERVER_NAME", CTWORD_STRING, offsetof(struct ctconf, consul.ssl_server_name)},
};

/* ---- what there is by default */

static void set_defaults(struct ctkeys *k, struct pool *p)
{
    static char const *const none[] = {NULL};
    struct ctconf *c = k->conf;
    *c = (struct ctconf){
        .pool = p,
        .consul = {.address = "127.0.0.1:8500",
                   .ssl_verify = 1,
                   .retry = {.enabled = 1, .backoff = 250, .max_backoff = 60000},
                   .dial_timeout = -1,
                   .dial_keep_alive = -1,
                   .tls_handshake_timeout = -1},
        .exec = {.enabled = 1,
                 .env_custom = none,
                 .env_allow = none,
                 .env_deny = none,
                 .kill_signal = SIGINT,
                 .kill_timeout = 30000},
        .wait = {.min = -1, .max = -1},
        .max_stale = 2000,
        .block_query_wait = 60000,
        .kill_signal = SIGINT,
        .reload_signal = SIGHUP,
        .log_level = "warn",
        .syslog_facility = "LOCAL0",
        .syslog_name = "consul-template",
        .error_fatal = 1,
        .warnings = none,
    };
    *k = (struct ctkeys){.conf = c};
}

/* user:password */
static int set_auth(struct ctkeys *k, char const *name, char const *word)
{
    char user[AUTH_MAX];
    struct ctconf_consul *c = &k->conf->consul;
    size_t n = strcspn(word, ":");
    if (n >= sizeof user)
        return ctword_fail(k, "%s is too long", name);
    memcpy(user, word, n);
    user[n] = 0;
    c->auth = 1;
    return ctword_set(k, CTWORD_STRING, &c->username, name, user) &&
           (!word[n] || ctword_set(k, CTWORD_STRING, &c->password, name, word + n + 1));
}

static int set_environment(struct ctkeys *k)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        char const *word = getenv(variables[i].name);
        if (word && *word &&
            !ctword_set(k, variables[i].kind, (char *)k->conf + variables[i].offset,
                        variables[i].name, word))
            return 0;
    }
    char const *auth = getenv("CONSUL_HTTP_AUTH");
    return !auth || !*auth || set_auth(k, "CONSUL_HTTP_AUTH", auth);
}

/* ---- files */

static int read_file(struct ctkeys *k, char const *path)
{
    stralloc text = STRALLOC_ZERO;
    unsigned int line;
    unsigned int column;
    char why[HCL_WHY];
    int ok = 0;
    k->file = path;
    if (!slurp_file(&text, path, FILE_MAX)) {
        ctword_fail(k, "cannot read %s: %s", path, strerror(errno));
    } else {
        struct hclvalue *root =
            hcl_read(text.len ? text.s : "", text.len, k->conf->pool, &line, &column, why);
        if (root)
            ok = ctkeys_set_tree(k, root);
        else if (line)
            ctword_fail(k, "%s:%u:%u: %s", path, line, column, why);
        else
            ctword_fail(k, "%s: %s", path, why);
    }
    stralloc_free(&text);
    return ok;
}

/* A file, or all files of a directory and of those below it. */
static int read_path(struct ctkeys *k, char const *path)
{
    stralloc names = STRALLOC_ZERO;
    struct stat st;
    int ok = 1;
    if (stat(path, &st) < 0)
        return ctword_fail(k, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return read_file(k, path);
    if (!filetree_list(path, NULL, &names, NULL))
        ok = ctword_fail(k, "cannot list %s: %s", path, strerror(errno));
    for (size_t at = 0; ok && at < names.len; at += strlen(names.s + at) + 1)
        ok = read_file(k, names.s + at);
    stralloc_free(&names);
    return ok;
}

/* ---- flags */

/* IN[:OUT[:COMMAND]] */
static int add_template(struct ctkeys *k, char const *word)
{
    struct ctconf_template *t = ctkeys_new_template(k);
    size_t in = strcspn(word, ":");
    char const *rest = word[in] ? word + in + 1 : "";
    size_t out = strcspn(rest, ":");
    if (!t)
        return 0;
    t->where = "-template";
    if (!in)
        return ctword_fail(k, "-template wants in, in:out or in:out:command, not \"%s\"", word);
    t->source = pool_copy(k->conf->pool, word, in);
    if (out)
        t->destination = pool_copy(k->conf->pool, rest, out);
    if (rest[out] && rest[out + 1])
        t->command = pool_copy(k->conf->pool, rest + out + 1, strlen(rest + out + 1));
    return t->source && (!out || t->destination) && (!rest[out] || !rest[out + 1] || t->command)
               ? 1
               : ctword_no_memory(k);
}

static int do_flag(struct ctkeys *k, struct flag const *f, char const *value)
{
    char name[80];
    snprintf(name, sizeof name, "-%s", f->flag.name);
    switch (f->act) {
    case SET:
        return ctword_set(k, f->kind, (char *)k->conf + f->offset, name, value);
    case TEMPLATE:
        return add_template(k, value);
    case AUTH:
        return set_auth(k, name, value);
    case CONFIG:
    case VERSION:
    case REFUSED:
        break;
    }
    return 1;
}

/* Is the word a flag of what there is not here? */
static int is_foreign(char const *word)
{
    while (*word == '-')
        word++;
    return !strncmp(word, "vault-", 6) || !strncmp(word, "nomad-", 6);
}

/* Reads the command line. First for what has to be known before the files: are_files; then for the
   rest, which wins over them. */
static enum ctconf_result read_flags(struct ctkeys *k, char const *const *argv, int are_files)
{
    struct goflag table[FLAGS];
    struct goflag_parse p = {.argv = argv, .at = 1};
    char const *value = NULL;
    int i;
    for (size_t n = 0; n < FLAGS; n++)
        table[n] = flags[n].flag;
    while ((i = goflag_next(&p, table, FLAGS, &value)) >= 0) {
        enum act act = flags[i].act;
        if (act == VERSION && !strcmp(value, "true"))
            return CTCONF_VERSION;
        if (act == REFUSED && strcmp(value, "false") != 0) {
            ctword_fail(k, "-%s is not supported here", table[i].name);
            return CTCONF_USAGE;
        }
        if (act == CONFIG && are_files && !read_path(k, value))
            return CTCONF_FAILED;
        if (!are_files && !do_flag(k, flags + i, value))
            return CTCONF_USAGE;
    }
    if (i == GOFLAG_HELP)
        return CTCONF_HELP;
    if (i == GOFLAG_BAD && is_foreign(argv[p.at - 1]))
        ctword_fail(k, "%s is not supported: this program speaks to Consul only", argv[p.at - 1]);
    else if (i == GOFLAG_BAD)
        ctword_fail(k, "%s", p.why);
    else if (argv[p.at])
        ctword_fail(k, "extra word on the command line: \"%s\"", argv[p.at]);
    else
        return CTCONF_OK;
    return CTCONF_USAGE;
}

/* ---- the end */

static int complete_template(struct ctkeys *k, struct ctconf_template *t)
{
    struct ctconf const *c = k->conf;
    if (!t->source == !t->contents)
        return ctword_fail(k, "%s: a template wants source or contents, and not both", t->where);
    if (t->contents)
        t->contents_len = strlen(t->contents);
    t->has_perms = t->perms != CTKEYS_NO_MODE;
    if (!t->has_perms)
        t->perms = 0644;
    if (t->error_fatal < 0)
        t->error_fatal = c->error_fatal;
    if (!t->command)
        t->command = t->exec.command;
    if (!t->exec.enabled) {
        t->command = NULL;
        t->argv = NULL;
    }
    if (t->command_timeout < 0)
        t->command_timeout = t->exec.timeout < 0 ? 30000 : t->exec.timeout;
    if (t->wait.enabled < 0)
        t->wait = c->wait;
    if (!t->left_delimiter)
        t->left_delimiter = c->left_delimiter;
    if (!t->right_delimiter)
        t->right_delimiter = c->right_delimiter;
    return 1;
}

static int complete(struct ctkeys *k)
{
    struct ctconf *c = k->conf;
    for (size_t i = 0; i < c->templates; i++)
        if (!complete_template(k, c->tmpl + i))
            return 0;
    if (!c->consul.auth)
        c->consul.username = c->consul.password = NULL;
    if (c->wait.enabled && c->wait.min < 0)
        c->wait.enabled = 0;
    if (ctlog_level_of(c->log_level) < 0)
        return ctword_fail(k, "log level \"%s\": there are trace, debug, info, warn and err",
                           c->log_level);
    return 1;
}

enum ctconf_result ctconf_read(struct ctconf *c, struct pool *p, char const *const *argv)
{
    struct ctkeys k = {.conf = c};
    set_defaults(&k, p);
    enum ctconf_result r = read_flags(&k, argv, 0); /* a mistake there is told before any file's */
    if (r != CTCONF_OK)
        return r;
    set_defaults(&k, p);
    if (!set_environment(&k))
        return CTCONF_FAILED;
    r = read_flags(&k, argv, 1);
    if (r == CTCONF_OK)
        r = read_flags(&k, argv, 0);
    if (r == CTCONF_OK && !complete(&k))
        r = CTCONF_FAILED;
    return r;
}
