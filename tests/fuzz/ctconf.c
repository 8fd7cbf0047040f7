/* Any bytes as a configuration file of consul-template, then of confd: settings, or a reason that
   names the file. The words of the lines that begin with - are flags. */

#include <cairn/confdconf.h>
#include <cairn/confdconsul.h>
#include <cairn/confdstore.h>
#include <cairn/ctconf.h>
#include <cairn/ctenv.h>

#include "fuzzfile.h"

enum { FLAGS = 8, MEMORY = 4 << 20 };

static char const *argv[FLAGS + 5];
static char *flag[FLAGS];
static size_t n_flags;

static void line(char *s)
{
    /* no other files, and nothing that is looked at in the file system */
    if (*s == '-' && n_flags < FLAGS && !strstr(s, "config"))
        flag[n_flags++] = strdup(s);
}

static void check(struct ctconf const *c, char const *text)
{
    (void)text;
    HOLDS(c->log_level && c->exec.env_custom && c->exec.env_allow && c->warnings);
    for (size_t i = 0; i < c->templates; i++) {
        struct ctconf_template const *t = c->tmpl + i;
        HOLDS(!t->source != !t->contents && t->where && t->denied);
        HOLDS(t->perms <= 07777 && t->command_timeout >= 0);
    }
    for (char const *const *w = c->warnings; *w; w++)
        HOLDS(**w);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    char path[300];
    char toml[320];
    struct pool pool;
    struct ctconf c;
    struct confdconf d;
    struct confdstore store;
    char why[CONFDCONSUL_WHY] = "";
    size_t n = 0;
    n_flags = 0;
    fuzz_put("conf", data, size);
    snprintf(path, sizeof path, "%s/conf", fuzz_path);
    snprintf(toml, sizeof toml, "-config-file=%s", path);
    fuzz_lines(data, size, line);
    pool_init(&pool, MEMORY);
    argv[n++] = "consul-template";
    argv[n++] = "-config";
    argv[n++] = path;
    for (size_t i = 0; i < n_flags; i++)
        argv[n++] = flag[i];
    argv[n] = NULL;
    enum ctconf_result r = ctconf_read(&c, &pool, argv);
    if (r == CTCONF_OK) {
        check(&c, NULL);
        char const *const *added = ctenv_added(&c.consul, &pool);
        HOLDS(added && ctenv_make(&c.exec, added, added, &pool));
    } else {
        HOLDS(memchr(c.why, 0, sizeof c.why) && (*c.why || r <= CTCONF_VERSION));
    }
    pool_free(&pool);
    memset(&d, 0, sizeof d);
    d.pool = &pool;
    argv[0] = "confd";
    argv[1] = toml;
    argv[2] = NULL;
    HOLDS(confdconf_flags(&d, argv) == CONFDCONF_OK);
    if (!confdconf_rest(&d))
        HOLDS(*d.why && memchr(d.why, 0, sizeof d.why));
    confdconf_string(&d, CONFDCONF_PREFIX, "/");
    confdconf_int(&d, CONFDCONF_INTERVAL, 600);
    confdconf_bool(&d, CONFDCONF_WATCH);
    pool_free(&pool);
    /* what the agent answers to confd */
    confdstore_init(&store, &pool);
    char *body = malloc(size + !size);
    HOLDS(body);
    if (size)
        memcpy(body, data, size);
    if (confdconsul_read(&store, "/a", body, size, why)) {
        confdstore_sort(&store);
        for (size_t i = 0; i < store.n; i++)
            HOLDS(*store.pair[i].key == '/' &&
                  confdstore_get(&store, store.pair[i].key, strlen(store.pair[i].key)));
    } else {
        HOLDS(*why);
    }
    free(body);
    pool_free(&pool);
    while (n_flags)
        free(flag[--n_flags]);
    return 0;
}
