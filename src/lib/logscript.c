#include <string.h>

#include <skalibs/types.h>

#include <cairn/logscript.h>

static struct logscript_action const defaults = {
    .archives = 10,
    .size = 99999,
    .tolerance = 2000,
    .retry = 2000,
    .alert = 200,
    .status = 1001,
};

static void clamp(uint32_t *n, uint32_t min, uint32_t max)
{
    if (*n < min)
        *n = min;
    if (*n > max)
        *n = max;
}

/* nN, sN, lN, rN, RN, EN, ^N: into now. */
static enum logscript_error number(struct logscript_action *now, char const *word)
{
    static char const letters[] = "nslrRE^";
    uint32_t *const places[] = {&now->archives, &now->size,  &now->tolerance, &now->retry,
                                &now->period,   &now->alert, &now->status};
    uint32_t n;
    if (!uint320_scan(word + 1, &n))
        return LOGSCRIPT_UNKNOWN;
    /* as s6-log: a conflict is looked for at l only, so that s may come after it */
    if (word[0] == 'l' && n > now->size / 2)
        return LOGSCRIPT_CONFLICT;
    *places[strchr(letters, word[0]) - letters] = n;
    clamp(&now->size, LOGSCRIPT_MINSIZE, LOGSCRIPT_MAXSIZE);
    return LOGSCRIPT_OK;
}

static enum logscript_error selector(struct logscript *s, char const *word)
{
    struct logscript_item *i = s->items + s->n;
    i->op = word[0] == '+'   ? LOGSCRIPT_SELECT
            : word[0] == '-' ? LOGSCRIPT_DESELECT
                             : LOGSCRIPT_REST;
    /* some libraries refuse an empty expression */
    i->all = !word[1] || !strcmp(word + 1, ".*");
    if (i->op == LOGSCRIPT_REST) {
        if (word[1])
            return LOGSCRIPT_UNKNOWN;
    } else if (!i->all && regcomp(&i->re, word + 1, REG_EXTENDED | REG_NOSUB) != 0) {
        return LOGSCRIPT_REGEX;
    }
    s->n++;
    s->ignored = word;
    return LOGSCRIPT_OK;
}

static void act(struct logscript *s, struct logscript_action *now, enum logscript_kind kind,
                char const *path)
{
    struct logscript_action *a = s->actions + s->nactions;
    *a = *now;
    a->kind = kind;
    a->path = path;
    /* s after l may have made it small: half of it is what a file needs to get anywhere */
    clamp(&a->tolerance, 0, a->size / 2);
    s->items[s->n].op = LOGSCRIPT_ACT;
    s->items[s->n++].action = (unsigned int)s->nactions++;
    s->ignored = NULL;
    now->tai64n = now->human = 0;
}

/* A word whose first letter says nearly all. */
static enum logscript_error directive(struct logscript *s, struct logscript_action *now,
                                      char const *word)
{
    char const *value = word[0] && word[1] ? word + 1 : NULL;
    switch (word[0]) {
    case '+':
    case '-':
    case 'f':
        return selector(s, word);
    case 'p':
        now->prefix = value;
        return LOGSCRIPT_OK;
    case '!':
    case '?':
        now->processor = value;
        now->shell = word[0] == '?';
        return LOGSCRIPT_OK;
    case 'n':
    case 's':
    case 'l':
    case 'r':
    case 'R':
    case 'E':
    case '^':
        return number(now, word);
    case 'S':
        return uint640_scan(word + 1, &now->total) ? LOGSCRIPT_OK : LOGSCRIPT_UNKNOWN;
    case '=':
        if (!value)
            return LOGSCRIPT_SYNTAX;
        act(s, now, LOGSCRIPT_STATUS, value);
        return LOGSCRIPT_OK;
    case '.':
    case '/':
        act(s, now, LOGSCRIPT_DIR, word);
        return LOGSCRIPT_OK;
    }
    if (value || !word[0])
        return LOGSCRIPT_UNKNOWN;
    switch (word[0]) {
    case 't':
        now->tai64n = 1;
        return LOGSCRIPT_OK;
    case 'T':
        now->human = 1;
        return LOGSCRIPT_OK;
    case '1':
    case '2':
        act(s, now, word[0] == '1' ? LOGSCRIPT_OUT : LOGSCRIPT_ALERT, NULL);
        return LOGSCRIPT_OK;
    }
    return LOGSCRIPT_UNKNOWN;
}

enum logscript_error logscript_parse(struct logscript *s, char const *const *argv, char const **bad)
{
    struct logscript_action now = defaults;
    s->n = s->nactions = 0;
    s->ignored = NULL;
    for (; *argv; argv++) {
        enum logscript_error e = directive(s, &now, *argv);
        *bad = *argv;
        if (e != LOGSCRIPT_OK)
            return e;
    }
    return s->nactions ? LOGSCRIPT_OK : LOGSCRIPT_NOACTION;
}
