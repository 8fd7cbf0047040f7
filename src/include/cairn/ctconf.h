/* ctconf: the settings of consul-template (the sheet dns-and-templates, sections 3.1 and 3.2): its
   flags, the environment, its configuration files. Files are merged in the order of their flags, a
   flag wins over them, they win over the environment. */

#ifndef CAIRN_CTCONF_H
#define CAIRN_CTCONF_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cairn/pool.h>

/* Times are milliseconds; -1: not set. Strings are NULL where not set, unless said otherwise. */

struct ctconf_wait {
    int enabled; /* 0 where neither is set, or by wait { enabled = false } */
    int64_t min;
    int64_t max; /* 4 * min where not set */
};

struct ctconf_retry {
    int enabled;
    unsigned int attempts; /* 0, the default: for ever */
    int64_t backoff;       /* 250 */
    int64_t max_backoff;   /* 60000; 0: no bound */
};

struct ctconf_consul {
    char const *address; /* as CONSUL_HTTP_ADDR has it: [http://|https://]host[:port], unix://path;
                            "127.0.0.1:8500" by default */
    char const *token;
    char const *token_file;
    char const *namespace;
    int auth;             /* are there a name and a password? */
    char const *username; /* basic authentication; NULL: none */
    char const *password;
    struct ctconf_retry retry;
    int ssl;        /* https even where the address does not say so */
    int ssl_verify; /* 1 by default */
    char const *ssl_ca_cert;
    char const *ssl_ca_path;
    char const *ssl_cert;
    char const *ssl_key;
    char const *ssl_server_name;
    int64_t dial_timeout;
    int64_t dial_keep_alive;
    int64_t tls_handshake_timeout;
    int disable_keep_alives;
    unsigned int max_idle_conns_per_host;
};

struct ctconf_exec {
    char const *command; /* NULL: no exec mode */
    int enabled;
    int env_pristine;
    char const *const *env_custom; /* NAME=value, NULL at the end; never NULL */
    char const *const *env_allow;  /* patterns with *, as above; whitelist, allowlist */
    char const *const *env_deny;
    int kill_signal;      /* SIGINT by default */
    int reload_signal;    /* 0: none */
    int64_t kill_timeout; /* 30000 */
    int64_t splay;        /* 0 */
    int64_t timeout;      /* 0: none */
};

/* One template block or -template flag. */
struct ctconf_template {
    char const *source; /* exactly one of source and contents */
    char const *contents;
    size_t contents_len;
    char const *destination; /* NULL: standard output, with -dry only */
    char const *command;     /* a shell line, NULL or "": none */
    char const *const *argv; /* command given as a list: run without a shell; NULL: none */
    int64_t command_timeout; /* 30000 */
    struct ctconf_exec exec; /* of the template: command as above, run when it has changed */
    struct ctconf_wait wait; /* the global one where the block has none */
    char const *left_delimiter;
    char const *right_delimiter;
    mode_t perms;  /* 0644 */
    int has_perms; /* set by the user: else an existing file's stay */
    int backup;
    int create_dest_dirs; /* 1 by default */
    int error_on_missing_key;
    int error_fatal;           /* 1 by default */
    char const *const *denied; /* function_denylist, NULL at the end; never NULL */
    char const *sandbox_path;
    char const *user; /* names or numbers */
    char const *group;
    char const *where; /* FILE:LINE or -template, for messages; never NULL */
};

enum { CTCONF_WHY = 1024 };

struct ctconf {
    struct pool *pool; /* all of it lives there */
    struct ctconf_consul consul;
    struct ctconf_exec exec;
    struct ctconf_wait wait;
    struct ctconf_template *tmpl; /* in order */
    size_t templates;
    int64_t max_stale;        /* 2000 */
    int64_t block_query_wait; /* 60000 */
    int kill_signal;          /* SIGINT; 0: none */
    int reload_signal;        /* SIGHUP; 0: none */
    char const *log_level;    /* "warn", lower-cased, one of trace debug info warn err */
    char const *log_file;
    char const *pid_file;
    int syslog;
    char const *syslog_facility; /* "LOCAL0" */
    char const *syslog_name;     /* "consul-template" */
    int err_on_failed_lookup;
    char const *left_delimiter; /* of templates that have none */
    char const *right_delimiter;
    int error_fatal; /* of templates that do not say; 1 */
    int once;
    int dry;
    int parse_only;
    /* Something odd that is no error: one line, NULL at the end; never NULL. */
    char const *const *warnings;
    char why[CTCONF_WHY];
};

enum ctconf_result {
    CTCONF_OK,
    CTCONF_HELP,    /* -h, -help: why is empty */
    CTCONF_VERSION, /* -v, -version */
    CTCONF_USAGE,   /* exit 13 */
    CTCONF_FAILED,  /* a configuration file: exit 15 */
};

/* Reads all: the command line, then the files that it names, then puts defaults and environment
   (CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN, CONSUL_TOKEN, CONSUL_HTTP_AUTH, CONSUL_HTTP_SSL,
   CONSUL_HTTP_SSL_VERIFY, CONSUL_CACERT, CONSUL_CAPATH, CONSUL_CLIENT_CERT, CONSUL_CLIENT_KEY,
   CONSUL_TLS_SERVER_NAME, CONSUL_TEMPLATE_LOG, CT_LOG) where nothing was set. To be called once
   more, with a fresh pool, for a reload. Anything but CTCONF_OK comes with why: one line that names
   the file, line, key, and the remedy. */
extern enum ctconf_result ctconf_read(struct ctconf *c, struct pool *p, char const *const *argv);

#endif
