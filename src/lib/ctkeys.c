#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/ctkeys.h>
#include <cairn/nearest.h>

/* ---- what there is in files */

/* A key in a block: its kind, and where its value is, from the block's base. */
struct key {
    char const *name;
    enum ctword_kind kind;
    size_t offset;
};

struct block;

/* A block in a block. */
struct inner {
    char const *name;
    struct block const *block;
    size_t offset; /* of its base */
};

struct block {
    char const *name;
    struct key const *key;
    size_t keys;
    struct inner const *inner;
    size_t inners;
};

#define BLOCK(name, keys, inners)                                                                  \
    {                                                                                              \
        name, keys, sizeof keys / sizeof *keys, inners, sizeof inners / sizeof *inners             \
    }
#define LEAF(name, keys)                                                                           \
    {                                                                                              \
        name, keys, sizeof keys / sizeof *keys, NULL, 0                                            \
    }

static struct key const wait_keys[] = {
    {"enabled", CTWORD_BOOL, offsetof(struct ctconf_wait, enabled)},
    {"min", CTWORD_DURATION, offsetof(struct ctconf_wait, min)},
    {"max", CTWORD_DURATION, offsetof(struct ctconf_wait, max)},
};
static struct block const wait_block = LEAF("wait", wait_keys);

static struct key const env_keys[] = {
    {"pristine", CTWORD_BOOL, offsetof(struct ctconf_exec, env_pristine)},
    {"custom", CTWORD_LIST, offsetof(struct ctconf_exec, env_custom)},
    {"allowlist", CTWORD_LIST, offsetof(struct ctconf_exec, env_allow)},
    {"whitelist", CTWORD_LIST, offsetof(struct ctconf_exec, env_allow)},
    {"denylist", CTWORD_LIST, offsetof(struct ctconf_exec, env_deny)},
    {"blacklist", CTWORD_LIST, offsetof(struct ctconf_exec, env_deny)},
};
static struct block const env_block = LEAF("env", env_keys);

static struct key const exec_keys[] = {
    {"command", CTWORD_STRING, offsetof(struct ctconf_exec, command)},
    {"enabled", CTWORD_BOOL, offsetof(struct ctconf_exec, enabled)},
    {"kill_signal", CTWORD_SIGNAL, offsetof(struct ctconf_exec, kill_signal)},
    {"kill_timeout", CTWORD_DURATION, offsetof(struct ctconf_exec, kill_timeout)},
    {"reload_signal", CTWORD_SIGNAL, offsetof(struct ctconf_exec, reload_signal)},
    {"splay", CTWORD_DURATION, offsetof(struct ctconf_exec, splay)},
    {"timeout", CTWORD_DURATION, offsetof(struct ctconf_exec, timeout)},
};
static struct inner const exec_inners[] = {{"env", &env_block, 0}};
static struct block const exec_block = BLOCK("exec", exec_keys, exec_inners);

static struct key const auth_keys[] = {
    {"username", CTWORD_STRING, offsetof(struct ctconf_consul, username)},
    {"password", CTWORD_STRING, offsetof(struct ctconf_consul, password)},
    {"enabled", CTWORD_BOOL, offsetof(struct ctconf_consul, auth)},
};
static struct block const auth_block = LEAF("auth", auth_keys);

static struct key const retry_keys[] = {
    {"enabled", CTWORD_BOOL, offsetof(struct ctconf_retry, enabled)},
    {"attempts", CTWORD_COUNT, offsetof(struct ctconf_retry, attempts)},
    {"backoff", CTWORD_DURATION, offsetof(struct ctconf_retry, backoff)},
    {"max_backoff", CTWORD_DURATION, offsetof(struct ctconf_retry, max_backoff)},
};
static struct block const retry_block = LEAF("retry", retry_keys);

static struct key const ssl_keys[] = {
    {"enabled", CTWORD_BOOL, offsetof(struct ctconf_consul, ssl)},
    {"verify", CTWORD_BOOL, offsetof(struct ctconf_consul, ssl_verify)},
    {"cert", CTWORD_STRING, offsetof(struct ctconf_consul, ssl_cert)},
    {"key", CTWORD_STRING, offsetof(struct ctconf_consul, ssl_key)},
    {"ca_cert", CTWORD_STRING, offsetof(struct ctconf_consul, ssl_ca_cert)},
    {"ca_path", CTWORD_STRING, offsetof(struct ctconf_consul, ssl_ca_path)},
    {"server_name", CTWORD_STRING, offsetof(struct ctconf_consul, ssl_server_name)},
};
static struct block const ssl_block = LEAF("ssl", ssl_keys);

static struct key const transport_keys[] = {
    {"dial_keep_alive", CTWORD_DURATION, offsetof(struct ctconf_consul, dial_keep_alive)},
    {"dial_timeout", CTWORD_DURATION, offsetof(struct ctconf_consul, dial_timeout)},
    {"disable_keep_alives", CTWORD_BOOL, offsetof(struct ctconf_consul, disable_keep_alives)},
    {"max_idle_conns_per_host", CTWORD_COUNT,
     offsetof(struct ctconf_consul, max_idle_conns_per_host)},
    {"tls_handshake_timeout", CTWORD_DURATION,
     offsetof(struct ctconf_consul, tls_handshake_timeout)},
};
static struct block const transport_block = LEAF("transport", transport_keys);

static struct key const consul_keys[] = {
    {"address", CTWORD_STRING, offsetof(struct ctconf_consul, address)},
    {"token", CTWORD_STRING, offsetof(struct ctconf_consul, token)},
    {"token_file", CTWORD_STRING, offsetof(struct ctconf_consul, token_file)},
    {"namespace", CTWORD_STRING, offsetof(struct ctconf_consul, namespace)},
};
static struct inner const consul_inners[] = {
    {"auth", &auth_block, 0},
    {"retry", &retry_block, offsetof(struct ctconf_consul, retry)},
    {"ssl", &ssl_block, 0},
    {"transport", &transport_block, 0},
};
static struct block const consul_block = BLOCK("consul", consul_keys, consul_inners);

static struct key const syslog_keys[] = {
    {"enabled", CTWORD_BOOL, offsetof(struct ctconf, syslog)},
    {"facility", CTWORD_STRING, offsetof(struct ctconf, syslog_facility)},
    {"name", CTWORD_STRING, offsetof(struct ctconf, syslog_name)},
};
static struct block const syslog_block = LEAF("syslog", syslog_keys);

static struct key const delimiter_keys[] = {
    {"left", CTWORD_STRING, offsetof(struct ctconf, left_delimiter)},
    {"right", CTWORD_STRING, offsetof(struct ctconf, right_delimiter)},
};
static struct block const delimiter_block = LEAF("default_delimiters", delimiter_keys);

static struct key const log_keys[] = {{"path", CTWORD_STRING, offsetof(struct ctconf, log_file)}};
static struct block const log_block = LEAF("log_file", log_keys);

static struct key const template_keys[] = {
    {"source", CTWORD_STRING, offsetof(struct ctconf_template, source)},
    {"contents", CTWORD_STRING, offsetof(struct ctconf_template, contents)},
    {"destination", CTWORD_STRING, offsetof(struct ctconf_template, destination)},
    {"command", CTWORD_STRING, offsetof(struct ctconf_template, command)},
    {"command_timeout", CTWORD_DURATION, offsetof(struct ctconf_template, command_timeout)},
    {"backup", CTWORD_BOOL, offsetof(struct ctconf_template, backup)},
    {"perms", CTWORD_MODE, offsetof(struct ctconf_template, perms)},
    {"wait", CTWORD_WAIT, offsetof(struct ctconf_template, wait)},
    {"left_delimiter", CTWORD_STRING, offsetof(struct ctconf_template, left_delimiter)},
    {"right_delimiter", CTWORD_STRING, offsetof(struct ctconf_template, right_delimiter)},
    {"error_on_missing_key", CTWORD_BOOL, offsetof(struct ctconf_template, error_on_missing_key)},
    {"create_dest_dirs", CTWORD_BOOL, offsetof(struct ctconf_template, create_dest_dirs)},
    {"error_fatal", CTWORD_BOOL, offsetof(struct ctconf_template, error_fatal)},
    {"function_denylist", CTWORD_LIST, offsetof(struct ctconf_template, denied)},
    {"function_blacklist", CTWORD_LIST, offsetof(struct ctconf_template, denied)},
    {"sandbox_path", CTWORD_STRING, offsetof(struct ctconf_template, sandbox_path)},
    {"user", CTWORD_STRING, offsetof(struct ctconf_template, user)},
    {"group", CTWORD_STRING, offsetof(struct ctconf_template, group)},
    {"uid", CTWORD_STRING, offsetof(struct ctconf_template, user)},
    {"gid", CTWORD_STRING, offsetof(struct ctconf_template, group)},
};
static struct inner const template_inners[] = {
    {"exec", &exec_block, offsetof(struct ctconf_template, exec)},
    {"wait", &wait_block, offsetof(struct ctconf_template, wait)},
};
static struct block const template_block = BLOCK("template", template_keys, template_inners);

static struct key const top_keys[] = {
    {"kill_signal", CTWORD_SIGNAL, offsetof(struct ctconf, kill_signal)},
    {"log_level", CTWORD_STRING, offsetof(struct ctconf, log_level)},
    {"max_stale", CTWORD_DURATION, offsetof(struct ctconf, max_stale)},
    {"block_query_wait", CTWORD_DURATION, offsetof(struct ctconf, block_query_wait)},
    {"pid_file", CTWORD_STRING, offsetof(struct ctconf, pid_file)},
    {"reload_signal", CTWORD_SIGNAL, offsetof(struct ctconf, reload_signal)},
    {"err_on_failed_lookup", CTWORD_BOOL, offsetof(struct ctconf, err_on_failed_lookup)},
    {"template_error_fatal", CTWORD_BOOL, offsetof(struct ctconf, error_fatal)},
    {"wait", CTWORD_WAIT, offsetof(struct ctconf, wait)},
};
static struct inner const top_inners[] = {
    {"consul", &consul_block, offsetof(struct ctconf, consul)},
    {"default_delimiters", &delimiter_block, 0},
    {"exec", &exec_block, offsetof(struct ctconf, exec)},
    {"log_file", &log_block, 0},
    {"syslog", &syslog_block, 0},
    {"wait", &wait_block, offsetof(struct ctconf, wait)},
};
static struct block const top_block = BLOCK("the file", top_keys, top_inners);

/* ---- from a file's tree */

static int fail_at(struct ctkeys *k, struct hclitem const *i, char const *what, char const *more)
{
    if (i->line)
        return ctword_fail(k, "%s:%u: %s: %s%s", k->file, i->line, i->key, what, more);
    return ctword_fail(k, "%s: %s: %s%s", k->file, i->key, what, more);
}

static int is_key(struct hclitem const *i, char const *name)
{
    return !strcmp(i->key, name);
}

/* What the tree has as a word: what is a number or a boolean there. */
static char const *word_of(struct hclvalue const *v, enum ctword_kind kind, char buf[64])
{
    switch (v->kind) {
    case HCL_STRING:
        return v->u.string.s;
    case HCL_BOOL:
        return v->u.b ? "true" : "false";
    case HCL_INT:
        if (kind == CTWORD_MODE)
            snprintf(buf, 64, "%llo", (unsigned long long)v->u.i);
        else if (kind == CTWORD_DURATION && v->u.i)
            snprintf(buf, 64, "%lldns", (long long)v->u.i);
        else
            snprintf(buf, 64, "%lld", (long long)v->u.i);
        return buf;
    default:
        return NULL;
    }
}

static int set_list(struct ctkeys *k, struct hclitem const *i, void *to)
{
    char buf[64];
    char const *const **list = to;
    *list = NULL;
    for (struct hclvalue const *v = i->value->u.first; v; v = v->next) {
        char const *word = word_of(v, CTWORD_STRING, buf);
        if (!word)
            return fail_at(k, i, "a list of strings is wanted", "");
        if (!ctword_add(k, list, word, strlen(word)))
            return 0;
    }
    static char const *const none[] = {NULL};
    if (!*list)
        *list = none;
    return 1;
}

static int set_key(struct ctkeys *k, struct hclitem const *i, struct key const *key, void *to)
{
    char buf[64];
    if (key->kind == CTWORD_LIST && i->value->kind == HCL_LIST)
        return set_list(k, i, to);
    char const *word = word_of(i->value, key->kind, buf);
    if (!word)
        return fail_at(k, i, "it wants ", ctword_wants(key->kind));
    if (key->kind == CTWORD_LIST)
        *(char const *const **)to = NULL;
    if (ctword_set(k, key->kind, to, i->key, word))
        return 1;
    char why[CTCONF_WHY];
    snprintf(why, sizeof why, "%s", k->conf->why);
    if (i->line)
        return ctword_fail(k, "%s:%u: %.900s", k->file, i->line, why);
    return ctword_fail(k, "%s: %.900s", k->file, why);
}

static int unknown(struct ctkeys *k, struct hclitem const *i, struct block const *b)
{
    char more[128] = "";
    struct nearest near = NEAREST_ZERO(i->key);
    for (size_t n = 0; n < b->keys; n++)
        nearest_offer(&near, b->key[n].name);
    for (size_t n = 0; n < b->inners; n++)
        nearest_offer(&near, b->inner[n].name);
    if (b == &top_block)
        nearest_offer(&near, "template");
    if (near.best)
        snprintf(more, sizeof more, ": is \"%s\" meant?", near.best);
    char what[64];
    snprintf(what, sizeof what, "%s has no such key", b->name);
    return fail_at(k, i, what, more);
}

/* The last of the values that a key has as a block; JSON has a list of them. */
static struct hclvalue const *last_object(struct hclvalue const *v)
{
    if (v->kind == HCL_LIST && v->u.first) {
        v = v->u.first;
        while (v->next)
            v = v->next;
    }
    return v->kind == HCL_OBJECT ? v : NULL;
}

static int set_block(struct ctkeys *k, struct hclvalue const *object, struct block const *b,
                     char *base);

/* Marks what has to be known beside the value itself. */
static void mark(struct ctkeys *k, struct block const *b, struct hclvalue const *object, char *base)
{
    int is_enabled = 0;
    for (struct hclitem const *i = object->u.item; i; i = i->next)
        is_enabled |= is_key(i, "enabled");
    if (is_enabled)
        return;
    if (b == &ssl_block)
        k->conf->consul.ssl = object->u.item != NULL;
    else if (b == &auth_block)
        k->conf->consul.auth = 1;
    else if (b == &wait_block)
        ((struct ctconf_wait *)(void *)base)->enabled = 1;
    else if (b == &syslog_block)
        k->conf->syslog = 1;
}

static int set_inner(struct ctkeys *k, struct hclvalue const *object, struct block const *b,
                     char *base, struct hclitem const *i)
{
    if (b == &wait_block) {
        struct ctconf_wait *w = (struct ctconf_wait *)(void *)base;
        w->max = -1;
        mark(k, b, object, base);
        return set_block(k, object, b, base) &&
               (!w->enabled || (w->min >= 0 && ctword_check_wait(k, i->key, w)) ||
                (w->min < 0 && fail_at(k, i, "min is missing", "")));
    }
    mark(k, b, object, base);
    return set_block(k, object, b, base);
}

static int set_item(struct ctkeys *k, struct hclitem const *i, struct block const *b, char *base)
{
    struct hclvalue const *object = last_object(i->value);
    for (size_t n = 0; object && n < b->inners; n++)
        if (is_key(i, b->inner[n].name))
            return set_inner(k, object, b->inner[n].block, base + b->inner[n].offset, i);
    for (size_t n = 0; n < b->keys; n++)
        if (is_key(i, b->key[n].name))
            return set_key(k, i, b->key + n, base + b->key[n].offset);
    for (size_t n = 0; n < b->inners; n++)
        if (is_key(i, b->inner[n].name))
            return fail_at(k, i, "a block in braces is wanted", "");
    return unknown(k, i, b);
}

static int set_block(struct ctkeys *k, struct hclvalue const *object, struct block const *b,
                     char *base)
{
    for (struct hclitem const *i = object->u.item; i; i = i->next)
        if (!set_item(k, i, b, base))
            return 0;
    return 1;
}

/* ---- templates */

struct ctconf_template *ctkeys_new_template(struct ctkeys *k)
{
    static char const *const none[] = {NULL};
    struct ctconf *c = k->conf;
    if (c->templates == k->room) {
        size_t room = k->room ? 2 * k->room : 8;
        struct ctconf_template *more = pool_get(c->pool, room * sizeof *more);
        if (!more) {
            ctword_no_memory(k);
            return NULL;
        }
        if (c->templates)
            memcpy(more, c->tmpl, c->templates * sizeof *more);
        c->tmpl = more;
        k->room = room;
    }
    struct ctconf_template *t = c->tmpl + c->templates++;
    *t = (struct ctconf_template){
        .command_timeout = -1,
        .perms = CTKEYS_NO_MODE,
        .create_dest_dirs = 1,
        .error_fatal = -1,
        .denied = none,
        .wait = {.enabled = -1, .min = -1, .max = -1},
        .exec =
            {.enabled = 1, .timeout = -1, .env_custom = none, .env_allow = none, .env_deny = none},
    };
    return t;
}

/* command may be a list: a program and its arguments. */
static int set_template(struct ctkeys *k, struct hclitem const *at, struct hclvalue const *object)
{
    char where[512];
    struct ctconf_template *t = ctkeys_new_template(k);
    if (!t)
        return 0;
    snprintf(where, sizeof where, at->line ? "%s:%u" : "%s", k->file,
             object->line ? object->line : at->line);
    t->where = pool_copy(k->conf->pool, where, strlen(where));
    if (!t->where)
        return ctword_no_memory(k);
    for (struct hclitem const *i = object->u.item; i; i = i->next) {
        int ok = is_key(i, "command") && i->value->kind == HCL_LIST
                     ? set_list(k, i, &t->argv)
                     : set_item(k, i, &template_block, (char *)t);
        if (!ok)
            return 0;
    }
    if (t->argv && !*t->argv)
        t->argv = NULL;
    return 1;
}

static int set_templates(struct ctkeys *k, struct hclitem const *i)
{
    struct hclvalue const *v = i->value;
    if (v->kind == HCL_OBJECT)
        return set_template(k, i, v);
    if (v->kind != HCL_LIST)
        return fail_at(k, i, "a block in braces is wanted", "");
    for (v = v->u.first; v; v = v->next)
        if (v->kind != HCL_OBJECT)
            return fail_at(k, i, "a list of blocks is wanted", "");
        else if (!set_template(k, i, v))
            return 0;
    return 1;
}

/* ---- the top of a file */

static int warn_of_address(struct ctkeys *k, unsigned int line)
{
    char text[512];
    snprintf(text, sizeof text,
             "%s:%u: consul = \"address\" is old: write consul { address = ... }", k->file, line);
    return ctword_add(k, &k->conf->warnings, text, strlen(text));
}

/* What there is not here is refused, unless it asks for nothing. */
static int is_refused(struct ctkeys *k, struct hclitem const *i)
{
    struct hclvalue const *v = last_object(i->value);
    for (struct hclitem const *in = v ? v->u.item : NULL; in; in = in->next)
        if (is_key(in, "enabled") && in->value->kind == HCL_BOOL && !in->value->u.b)
            return 0;
    if (v && !v->u.item)
        return 0;
    fail_at(k, i, "is not supported: this program speaks to Consul only",
            is_key(i, "deduplicate") ? ", and each instance renders by itself" : "");
    return 1;
}

static int is_later(struct hclitem const *i)
{
    for (struct hclitem const *n = i->next; n; n = n->next)
        if (!strcmp(n->key, i->key))
            return 1;
    return 0;
}

int ctkeys_set_tree(struct ctkeys *k, struct hclvalue const *root)
{
    static struct key const address = {"consul", CTWORD_STRING, 0};
    for (struct hclitem const *i = root->u.item; i; i = i->next) {
        int ok = 1;
        if (is_key(i, "template"))
            ok = set_templates(k, i);
        else if (is_key(i, "vault") || is_key(i, "nomad") || is_key(i, "deduplicate"))
            ok = !is_refused(k, i);
        else if (is_later(i))
            continue; /* of a block that repeats the last one counts */
        else if (is_key(i, "consul") && i->value->kind == HCL_STRING)
            ok = set_key(k, i, &address, &k->conf->consul.address) && warn_of_address(k, i->line);
        else
            ok = set_item(k, i, &top_block, (char *)k->conf);
        if (!ok)
            return 0;
    }
    return 1;
}
