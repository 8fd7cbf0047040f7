/* Lines as the variables that a container is started with (NAME=VALUE) and as a resolver's options
   or confd's: what is understood lies within its bounds, what is not is told. */

#include <stdlib.h>

#include <cairn/bootset.h>
#include <cairn/confdconf.h>
#include <cairn/logprefix.h>
#include <cairn/netaddr.h>
#include <cairn/resolveropt.h>
#include <cairn/setnames.h>
#include <cairn/setting.h>

#include "fuzz.h"

enum { WORDS = 12 };

static char *words[WORDS + 2];
static size_t n_words;
static char *names[WORDS];
static size_t n_names;

static void line(char *s)
{
    char *eq = strchr(s, '=');
    if (n_words < WORDS && !strstr(s, "file") && !strstr(s, "confdir")) {
        words[1 + n_words] = strdup(s);
        n_words++;
    }
    if (!eq || eq == s || n_names == WORDS ||
        (strncmp(s, "S6_", 3) != 0 && strncmp(s, "UMASK=", 6) != 0 &&
         strncmp(s, "DNSMASQ_", 8) != 0))
        return;
    *eq = 0;
    names[n_names] = strdup(s);
    HOLDS(names[n_names] && !setenv(names[n_names], eq + 1, 1));
    n_names++;
}

static void warn(char const *name, char const *why)
{
    HOLDS(*name && *why);
}

static void check_value(char const *s)
{
    unsigned int n = 5;
    enum logprefix how;
    struct netaddr a, b;
    struct netaddr_net net;
    uint16_t port = 53;
    char text[NETADDR_FMT];
    int r = setting_parse_uint(s, &n, 100);
    HOLDS(r == 1 ? n <= 100 : n == 5);
    n = 5;
    r = setting_parse_bool(s, &n);
    HOLDS(r == 1 || n == 5);
    HOLDS(logprefix_parse(s, &how) < 0 || how <= LOGPREFIX_JSON);
    if (netaddr_parse(s, &a))
        HOLDS(netaddr_parse(netaddr_fmt(text, &a), &b) && netaddr_is(&a, &b) &&
              (a.family == AF_INET6 || netaddr_port_parse(s, &b, &port)));
    if (netaddr_net_parse(s, &net))
        HOLDS(net.bits <= 128 && netaddr_is_in(&net.addr, &net));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static struct resolveropt o;
    struct bootset set;
    struct confdconf conf;
    struct pool pool;
    char unknown[128];
    n_words = n_names = 0;
    fuzz_lines(data, size, line);
    words[0] = "prog";
    words[n_words + 1] = NULL;
    for (size_t i = 0; i < n_words; i++) {
        check_value(words[1 + i]);
        char const *value = strchr(words[1 + i], '=');
        if (value)
            check_value(value + 1);
    }
    bootset_read(&set, warn);
    HOLDS(set.umask >= -1 && set.umask <= 0777 && set.keep_env <= 1);
    extern char **environ;
    unsigned int n = setnames_unknown(unknown, sizeof unknown, (char const *const *)environ);
    HOLDS(memchr(unknown, 0, sizeof unknown) && n <= n_names);
    memset(&o, 0, sizeof o);
    char const *bad = resolveropt_read(&o, (char const *const *)words + 1);
    if (!bad) {
        HOLDS(o.port && o.cache <= RESOLVEROPT_CACHE && o.stale <= RESOLVEROPT_STALE);
        HOLDS(o.conf.servers <= RESOLVCONF_SERVERS && o.zones.zones <= STUBZONES_ZONES);
    }
    unsigned int i = 0;
    for (unsigned int turns = 0; resolveropt_word(&o, &i); turns++)
        HOLDS(turns < 64);
    pool_init(&pool, 1 << 20);
    memset(&conf, 0, sizeof conf);
    conf.pool = &pool;
    enum confdconf_result r = confdconf_flags(&conf, (char const *const *)words);
    HOLDS((r != CONFDCONF_USAGE && r != CONFDCONF_FAILED) || *conf.why);
    pool_free(&pool);
    while (n_words)
        free(words[n_words--]);
    while (n_names) {
        unsetenv(names[--n_names]);
        free(names[n_names]);
    }
    return 0;
}
