#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/base64.h>
#include <cairn/confdconsul.h>
#include <cairn/tmpljson.h>
#include <cairn/urlescape.h>

enum {
    WAIT_ONCE = 10000, /* ms for an answer that nobody watches */
    WAIT = 60000,      /* ms of a blocking query */
    BACKOFF = 250,
    MAX_BACKOFF = 2000,
    PAUSE = 2000, /* ms before something is asked again that the agent has refused */
};

enum state { ASKED, HAS, FAILED };

struct confdconsul_list {
    struct confdconsul_list *next;
    uint64_t id;
    char *path;
    enum state state;
    int is_used;   /* a resource has been filled with it, or has failed for it */
    int is_over;   /* consul-fetch asks for it no more */
    stralloc text; /* HAS: the body; FAILED: why */
};

void confdconsul_init(struct confdconsul *c, struct confdconf const *conf, int is_watch,
                      void (*complain)(char const *why))
{
    struct ctconf_consul *to = &c->consul;
    *c = (struct confdconsul){.fetcher = CTFETCHER_ZERO, .complain = complain};
    if (conf->value[CONFDCONF_NODE].n)
        to->address = conf->value[CONFDCONF_NODE].word[0];
    to->token = confdconf_string(conf, CONFDCONF_AUTH_TOKEN, NULL);
    to->ssl = !strcmp(confdconf_string(conf, CONFDCONF_SCHEME, "http"), "https");
    to->ssl_verify = !confdconf_bool(conf, CONFDCONF_CLIENT_INSECURE);
    to->ssl_ca_cert = confdconf_string(conf, CONFDCONF_CLIENT_CA_KEYS, NULL);
    to->ssl_cert = confdconf_string(conf, CONFDCONF_CLIENT_CERT, NULL);
    to->ssl_key = confdconf_string(conf, CONFDCONF_CLIENT_KEY, NULL);
    if (confdconf_bool(conf, CONFDCONF_BASIC_AUTH)) {
        to->username = confdconf_string(conf, CONFDCONF_USERNAME, "");
        to->password = confdconf_string(conf, CONFDCONF_PASSWORD, "");
        to->auth = 1;
    }
    to->retry.enabled = is_watch;
    to->retry.backoff = BACKOFF;
    to->retry.max_backoff = MAX_BACKOFF;
    c->settings.consul = to;
    c->settings.wait = is_watch ? WAIT : WAIT_ONCE;
    c->settings.is_once = !is_watch;
}

/* ---- what is asked and answered */

char *confdconsul_path(struct pool *p, char const *key)
{
    static char const start[] = "/v1/kv/";
    static char const end[] = "?recurse=";
    key += *key == '/';
    size_t n = strlen(key);
    char *path = pool_get(p, sizeof start + (3 * n) + sizeof end);
    if (!path)
        return NULL;
    strcpy(path, start);
    size_t at = sizeof start - 1;
    at += urlescape(path + at, key, n);
    strcpy(path + at, end);
    return path;
}

/* One {"Key": ..., "Value": in base64, or null}. */
static int read_pair(struct confdstore *s, char const *prefix, struct tmplvalue const *pair)
{
    struct tmplvalue const *key =
        pair->kind == TMPLVALUE_MAP ? tmplvalue_get(pair, "Key", 3) : NULL;
    struct tmplvalue const *value = key ? tmplvalue_get(pair, "Value", 5) : NULL;
    if (!key || key->kind != TMPLVALUE_STRING ||
        (value && value->kind != TMPLVALUE_STRING && value->kind != TMPLVALUE_NIL)) {
        errno = EPROTO;
        return 0;
    }
    int is_empty = !value || value->kind == TMPLVALUE_NIL;
    size_t len = 0;
    char *text = pool_get(s->pool, is_empty ? 1 : value->n + 4);
    char *name = pool_copy(s->pool, key->u.s, key->n);
    char *rooted = name ? confdstore_join(s->pool, "", name) : NULL;
    if (!text || !rooted)
        return 0;
    if (!is_empty && !base64_decode(text, &len, value->u.s, value->n, BASE64_STANDARD)) {
        errno = EPROTO;
        return 0;
    }
    text[len] = 0;
    return strlen(text) < len || strlen(name) < key->n || confdstore_below(s, prefix, rooted, text);
}

int confdconsul_read(struct confdstore *s, char const *prefix, char const *body, size_t n,
                     char why[CONFDCONSUL_WHY])
{
    struct tmplvalue v;
    char reason[TMPLJSON_WHY];
    if (!n)
        return 1;
    /* no number counts, and flags have up to 64 bits: as floats none is too large */
    if (!tmpljson_read(body, n, 1, s->pool, &v, reason)) {
        snprintf(why, CONFDCONSUL_WHY, "%s", reason);
        return 0;
    }
    int ok = v.kind == TMPLVALUE_LIST;
    errno = EPROTO;
    for (size_t i = 0; ok && i < v.n; i++)
        ok = read_pair(s, prefix, v.u.item + i);
    if (!ok)
        snprintf(why, CONFDCONSUL_WHY, "%s",
                 errno == EPROTO ? "this is no list of keys and values" : strerror(errno));
    return ok;
}

/* ---- consul-fetch */

static void take(struct confdconsul *c, struct ctfetch_answer const *a)
{
    struct confdconsul_list *l = c->lists;
    while (l && l->id != a->id)
        l = l->next;
    if (!l)
        return;
    int is_data = a->kind == CTFETCH_DATA;
    l->is_over = a->kind == CTFETCH_FAILED;
    if (!is_data && l->is_used) {
        char why[CONFDCONSUL_WHY];
        snprintf(why, sizeof why, "%.*s", (int)(a->n < sizeof why ? a->n : sizeof why), a->body);
        c->complain(why);
    }
    if (!is_data && l->state == HAS)
        return; /* what was known stays */
    l->text.len = 0;
    if (!stralloc_catb(&l->text, a->body, a->n)) {
        l->state = FAILED;
        return;
    }
    l->state = is_data ? HAS : FAILED;
    if (is_data && l->is_used)
        c->is_changed = 1;
}

/* Sends and takes what there is to be sent and taken, for at most ms (-1: as long as it takes).
   Returns 0 if consul-fetch has ended. */
static int exchange(struct confdconsul *c, int ms)
{
    struct ctfetch_answer a;
    ctfetcher_send(&c->fetcher);
    struct pollfd p[] = {{.fd = c->fetcher.from, .events = POLLIN},
                         {.fd = c->fetcher.to, .events = POLLOUT}};
    if (poll(p, c->fetcher.out.len ? 2 : 1, ms) <= 0)
        return 1;
    int ok = ctfetcher_read(&c->fetcher);
    int got;
    while ((got = ctfetcher_next(&c->fetcher, &a)) > 0)
        take(c, &a);
    return ok && !got;
}

void confdconsul_stop(struct confdconsul *c)
{
    ctfetcher_stop(&c->fetcher);
    while (c->lists) {
        struct confdconsul_list *l = c->lists;
        c->lists = l->next;
        stralloc_free(&l->text);
        free(l->path);
        free(l);
    }
    c->is_changed = 0;
}

/* ---- lists */

static int watch(struct confdconsul *c, struct confdconsul_list *l)
{
    l->id = ++c->last_id;
    l->is_over = 0;
    if (l->state == FAILED)
        l->state = ASKED;
    return ctfetcher_watch(&c->fetcher, l->id, l->path);
}

/* The list of that path, which is asked for if it is not yet. NULL with errno. */
static struct confdconsul_list *list_of(struct confdconsul *c, char const *path)
{
    struct confdconsul_list *l = c->lists;
    while (l && strcmp(l->path, path) != 0)
        l = l->next;
    if (l)
        return !l->is_over || watch(c, l) ? l : NULL;
    l = calloc(1, sizeof *l);
    if (!l || !(l->path = strdup(path)) || !watch(c, l)) {
        if (l)
            free(l->path);
        free(l);
        return NULL;
    }
    l->next = c->lists;
    c->lists = l;
    return l;
}

static int fill_one(struct confdconsul *c, struct confdstore *s, char const *prefix,
                    char const *path, char why[CONFDCONSUL_WHY])
{
    struct confdconsul_list *l = list_of(c, path);
    if (!l) {
        snprintf(why, CONFDCONSUL_WHY, "%s", strerror(errno));
        return 0;
    }
    while (l->state == ASKED)
        if (!exchange(c, -1)) {
            snprintf(why, CONFDCONSUL_WHY, "consul-fetch has ended");
            return 0;
        }
    l->is_used = 1;
    if (l->state == HAS)
        return confdconsul_read(s, prefix, l->text.s, l->text.len, why);
    snprintf(why, CONFDCONSUL_WHY, "%.*s", (int)l->text.len, l->text.s);
    return 0;
}

int confdconsul_fill(struct confdconsul *c, struct confdstore *s, char const *prefix,
                     char const *const *keys, size_t n, char why[CONFDCONSUL_WHY])
{
    if (n && !c->fetcher.pid && !ctfetcher_start(&c->fetcher, &c->settings)) {
        snprintf(why, CONFDCONSUL_WHY, "cannot start consul-fetch: %s", strerror(errno));
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        char *key = confdstore_join(s->pool, prefix, keys[i]);
        char *path = key ? confdconsul_path(s->pool, key) : NULL;
        if (!path) {
            snprintf(why, CONFDCONSUL_WHY, "%s", strerror(errno));
            return 0;
        }
        if (!fill_one(c, s, prefix, path, why))
            return 0;
    }
    return 1;
}

static int is_any_over(struct confdconsul const *c)
{
    struct confdconsul_list const *l = c->lists;
    while (l && !l->is_over)
        l = l->next;
    return l != NULL;
}

int confdconsul_wait(struct confdconsul *c)
{
    while (c->fetcher.pid && !c->is_changed) {
        int is_over = is_any_over(c);
        if (!exchange(c, is_over ? PAUSE : -1))
            return 0;
        if (is_over)
            break;
    }
    c->is_changed = 0;
    return c->fetcher.pid != 0;
}
