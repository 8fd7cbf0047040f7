#include <string.h>

#include <cairn/logact.h>
#include <cairn/logjson.h>

#define JSON_TIME    "{\"time\":\""
#define JSON_SERVICE "\",\"service\":\""
#define JSON_MSG     "\",\"msg\":\""

void logact_measure(struct logact *a)
{
    struct logscript const *s = a->script;
    size_t most = a->announce.name ? strlen(a->announce.name) * LOGJSON_WIDEST : 0;
    a->weight = 1;
    for (size_t i = 0; i < s->nactions; i++) {
        char const *prefix = s->actions[i].prefix;
        size_t n = 0;
        if (prefix && strlen(prefix) > most)
            most = strlen(prefix);
        for (size_t k = 0; k < s->nactions; k++)
            n += a->sink_of[k] == a->sink_of[i];
        if (n > a->weight)
            a->weight = n;
    }
    if (a->out)
        a->weight += LOGJSON_WIDEST;
    /* stamps and blanks, or the words of JSON, whichever; the dots of an alert; the newline */
    a->fixed = most + LOGSTAMP_TAI64N + LOGSTAMP_HUMAN + sizeof LOGACT_ALERT + 48;
}

static char *put(char *p, char const *s, size_t n)
{
    memcpy(p, s, n);
    return p + n;
}

static void announce(struct logact *a, char const *line, size_t len)
{
    struct logact_announce const *n = &a->announce;
    char *p = a->out->buf + a->out->end;
    if (n->json) {
        p = put(p, JSON_TIME, sizeof JSON_TIME - 1);
        p = put(p, logstamp_rfc3339(&a->stamp), LOGSTAMP_RFC3339);
        if (n->name) {
            p = put(p, JSON_SERVICE, sizeof JSON_SERVICE - 1);
            p = put(p, n->json_name, strlen(n->json_name));
        }
        p = put(p, JSON_MSG, sizeof JSON_MSG - 1);
        p = logjson_put(p, line, len);
        p = put(p, "\"}", 2);
    } else {
        p = put(p, n->name, strlen(n->name));
        p = put(p, ": ", 2);
        p = put(p, line, len);
    }
    *p++ = '\n';
    a->out->end = (size_t)(p - a->out->buf);
}

static void act(struct logact *a, unsigned int i, char const *line, size_t len)
{
    struct logsink *s = a->sinks + a->sink_of[i];
    struct logscript_action const *x = a->script->actions + i;
    /* of a status file only the last line counts */
    char *p = x->kind == LOGSCRIPT_STATUS ? s->buf : s->buf + s->end;
    if (x->kind == LOGSCRIPT_ALERT)
        p = put(p, LOGACT_ALERT, sizeof LOGACT_ALERT - 1);
    if (x->tai64n) {
        p = put(p, logstamp_tai64n(&a->stamp), LOGSTAMP_TAI64N);
        *p++ = ' ';
    }
    if (x->human) {
        p = put(p, logstamp_human(&a->stamp), LOGSTAMP_HUMAN);
        p = put(p, "  ", 2);
    }
    if (x->prefix) {
        p = put(p, x->prefix, strlen(x->prefix));
        *p++ = ' ';
    }
    if (x->kind == LOGSCRIPT_ALERT && x->alert && len > x->alert + (size_t)3) {
        p = put(p, line, x->alert);
        p = put(p, "...", 3);
    } else {
        p = put(p, line, len);
    }
    *p++ = '\n';
    s->end = (size_t)(p - s->buf);
}

static int matches(struct logscript_item const *i, char *line, size_t len)
{
    if (i->all)
        return 1;
    line[len] = 0;
    int r = regexec(&i->re, line, 0, NULL, 0);
    line[len] = '\n';
    return !r;
}

void logact_line(struct logact *a, char *line, size_t len)
{
    int selected = 1, acted = 0;
    logstamp_next(&a->stamp);
    if (a->out)
        announce(a, line, len);
    for (size_t k = 0; k < a->script->n; k++) {
        struct logscript_item const *i = a->script->items + k;
        switch (i->op) {
        case LOGSCRIPT_SELECT:
            selected = selected || matches(i, line, len);
            break;
        case LOGSCRIPT_DESELECT:
            selected = selected && !matches(i, line, len);
            break;
        case LOGSCRIPT_REST:
            selected = !acted;
            break;
        case LOGSCRIPT_ACT:
            if (selected) {
                act(a, i->action, line, len);
                acted = 1;
            }
        }
    }
}
