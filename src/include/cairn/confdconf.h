/* confdconf: the settings of confd: its flags, the environment, confd.toml. A flag wins over a
   variable, a variable over the file, as in confd 0.11. */

#ifndef CAIRN_CONFDCONF_H
#define CAIRN_CONFDCONF_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/pool.h>

/* What can be set: name of the flag, key in confd.toml ("": not there), kind, where it means
   something: 0 nowhere (it is taken and said to be without meaning), 1 everywhere, 2 with the
   backend consul. */
/* clang-format off */
#define CONFDCONF_SETTINGS(x) \
    x(APP_ID,          "app-id",           "app_id",          STRING, 0) \
    x(AUTH_TOKEN,      "auth-token",       "auth_token",      STRING, 2) \
    x(AUTH_TYPE,       "auth-type",        "auth_type",       STRING, 0) \
    x(BACKEND,         "backend",          "backend",         STRING, 1) \
    x(BASIC_AUTH,      "basic-auth",       "basic_auth",      BOOL,   2) \
    x(CLIENT_CA_KEYS,  "client-ca-keys",   "client_cakeys",   STRING, 2) \
    x(CLIENT_CERT,     "client-cert",      "client_cert",     STRING, 2) \
    x(CLIENT_INSECURE, "client-insecure",  "client_insecure", BOOL,   2) \
    x(CLIENT_KEY,      "client-key",       "client_key",      STRING, 2) \
    x(CONFDIR,         "confdir",          "confdir",         STRING, 1) \
    x(CONFIG_FILE,     "config-file",      "",                STRING, 1) \
    x(FILE,            "file",             "file",            LIST,   1) \
    x(FILTER,          "filter",           "filter",          STRING, 1) \
    x(INTERVAL,        "interval",         "interval",        INT,    1) \
    x(KEEP_STAGE_FILE, "keep-stage-file",  "",                BOOL,   1) \
    x(LOG_LEVEL,       "log-level",        "log-level",       STRING, 1) \
    x(NODE,            "node",             "nodes",           LIST,   2) \
    x(NOOP,            "noop",             "noop",            BOOL,   1) \
    x(ONETIME,         "onetime",          "",                BOOL,   1) \
    x(PASSWORD,        "password",         "password",        STRING, 2) \
    x(PATH,            "path",             "path",            STRING, 0) \
    x(PREFIX,          "prefix",           "prefix",          STRING, 1) \
    x(ROLE_ID,         "role-id",          "role_id",         STRING, 0) \
    x(SCHEME,          "scheme",           "scheme",          STRING, 2) \
    x(SECRET_ID,       "secret-id",        "secret_id",       STRING, 0) \
    x(SECRET_KEYRING,  "secret-keyring",   "secret_keyring",  STRING, 0) \
    x(SEPARATOR,       "separator",        "separator",       STRING, 0) \
    x(SRV_DOMAIN,      "srv-domain",       "srv_domain",      STRING, 0) \
    x(SRV_RECORD,      "srv-record",       "srv_record",      STRING, 0) \
    x(SYNC_ONLY,       "sync-only",        "sync-only",       BOOL,   1) \
    x(TABLE,           "table",            "table",           STRING, 0) \
    x(USER_ID,         "user-id",          "user_id",         STRING, 0) \
    x(USERNAME,        "username",         "username",        STRING, 2) \
    x(VERSION,         "version",          "",                BOOL,   1) \
    x(WATCH,           "watch",            "watch",           BOOL,   1)
/* clang-format on */

#define CONFDCONF_ENUM(id, flag, key, kind, means) CONFDCONF_##id,
enum confdconf_setting { CONFDCONF_SETTINGS(CONFDCONF_ENUM) CONFDCONF_N };
#undef CONFDCONF_ENUM

enum { CONFDCONF_WHY = 512 };

#define CONFDCONF_DEFAULT_FILE "/etc/confd/confd.toml"

/* A value that has been set: a list has n of them, all others one; n is 0 by default. */
struct confdconf_value {
    char const **word;
    size_t n;
};

struct confdconf {
    struct pool *pool; /* what is read lives there */
    struct confdconf_value value[CONFDCONF_N];
    char const *extra; /* the first word that is no flag: it ends them, as in confd; NULL: none */
    char why[CONFDCONF_WHY];
};

enum confdconf_result { CONFDCONF_OK, CONFDCONF_USAGE, CONFDCONF_HELP, CONFDCONF_FAILED };

/* Reads the command line. CONFDCONF_USAGE and CONFDCONF_FAILED come with why. */
extern enum confdconf_result confdconf_flags(struct confdconf *c, char const *const *argv);

/* Then the environment, then the file that -config-file names, or the default one, which need not
   exist. Returns 1, or 0 with why. */
extern int confdconf_rest(struct confdconf *c);

/* The value of a setting, or what it is by default. */
extern char const *confdconf_string(struct confdconf const *c, enum confdconf_setting s,
                                    char const *by_default);
extern int confdconf_bool(struct confdconf const *c, enum confdconf_setting s);
extern int64_t confdconf_int(struct confdconf const *c, enum confdconf_setting s,
                             int64_t by_default);

/* The flag's name, and whether it means something with that backend. */
extern char const *confdconf_name(enum confdconf_setting s);
extern int confdconf_means(enum confdconf_setting s, char const *backend);

#endif
