#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <skalibs/sig.h>
#include <skalibs/types.h>

#include <cairn/ctword.h>
#include <cairn/gobool.h>
#include <cairn/goduration.h>

enum { NS_PER_MS = 1000000 };

int ctword_fail(struct ctkeys *k, char const *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(k->conf->why, sizeof k->conf->why, format, ap);
    va_end(ap);
    return 0;
}

int ctword_no_memory(struct ctkeys *k)
{
    return ctword_fail(k, "%s",
                       errno == EDQUOT ? "the settings take more memory than is allowed"
                                       : "out of memory");
}

/* ---- values from words */

static int to_ms(int64_t ns, int64_t *ms)
{
    *ms = (ns / NS_PER_MS) + (ns % NS_PER_MS > 0);
    return ns >= 0;
}

int ctword_ms(char const *s, int64_t *ms)
{
    int64_t ns;
    return goduration_parse(s, strlen(s), &ns) && to_ms(ns, ms);
}

/* MIN or MIN:MAX. */
static int wait_of(char const *s, struct ctconf_wait *w)
{
    char min[64];
    size_t n = strcspn(s, ":");
    if (n >= sizeof min)
        return 0;
    memcpy(min, s, n);
    min[n] = 0;
    w->enabled = 1;
    w->max = -1;
    return ctword_ms(min, &w->min) && (!s[n] || ctword_ms(s + n + 1, &w->max));
}

int ctword_check_wait(struct ctkeys *k, char const *name, struct ctconf_wait *w)
{
    if (w->max < 0)
        w->max = 4 * w->min;
    if (w->min <= w->max)
        return 1;
    return ctword_fail(k, "%s: the minimum is more than the maximum", name);
}

static int signal_of(char const *s, int *sig)
{
    if (!*s || !strcasecmp(s, "nil") || !strcasecmp(s, "none")) {
        *sig = 0;
        return 1;
    }
    return sig0_scan(s, sig) && *sig > 0 && *sig < NSIG;
}

static int mode_of(char const *s, mode_t *mode)
{
    unsigned int m;
    if (!uint0_oscan(s, &m) || m > 07777)
        return 0;
    *mode = m;
    return 1;
}

/* Adds n bytes at s, without blanks around them, to the list. */
int ctword_add(struct ctkeys *k, char const *const **list, char const *s, size_t n)
{
    size_t have = 0;
    while (*list && (*list)[have])
        have++;
    while (n && strchr(" \t", *s)) {
        s++;
        n--;
    }
    while (n && strchr(" \t", s[n - 1]))
        n--;
    char const **more = pool_get(k->conf->pool, (have + 2) * sizeof *more);
    char *word = more ? pool_copy(k->conf->pool, s, n) : NULL;
    if (!word)
        return ctword_no_memory(k);
    if (have)
        memcpy(more, *list, have * sizeof *more);
    more[have] = word;
    more[have + 1] = NULL;
    *list = more;
    return 1;
}

/* Words with commas between. */
static int list_of(struct ctkeys *k, char const *s, char const *const **list)
{
    while (*s) {
        size_t n = strcspn(s, ",");
        if (n && !ctword_add(k, list, s, n))
            return 0;
        s += n + (s[n] != 0);
    }
    return 1;
}

static char const *const wants[] = {
    [CTWORD_STRING] = "a string",
    [CTWORD_BOOL] = "true or false",
    [CTWORD_COUNT] = "a number",
    [CTWORD_DURATION] = "a time such as 250ms, 2s or 1m30s",
    [CTWORD_SIGNAL] = "a signal such as SIGHUP",
    [CTWORD_LIST] = "words with commas between",
    [CTWORD_MODE] = "an octal mode such as 0644",
    [CTWORD_WAIT] = "times such as 2s or 2s:10s",
};

char const *ctword_wants(enum ctword_kind kind)
{
    return wants[kind];
}

int ctword_set(struct ctkeys *k, enum ctword_kind kind, void *to, char const *name,
               char const *word)
{
    int ok = 0;
    switch (kind) {
    case CTWORD_STRING:
        *(char const **)to = pool_copy(k->conf->pool, word, strlen(word));
        return *(char const **)to ? 1 : ctword_no_memory(k);
    case CTWORD_BOOL:
        ok = gobool_parse(word, strlen(word), to);
        break;
    case CTWORD_COUNT:
        ok = uint0_scan(word, to) > 0;
        break;
    case CTWORD_DURATION:
        ok = ctword_ms(word, to);
        break;
    case CTWORD_SIGNAL:
        ok = signal_of(word, to);
        break;
    case CTWORD_LIST:
        return list_of(k, word, to);
    case CTWORD_MODE:
        ok = mode_of(word, to);
        break;
    case CTWORD_WAIT:
        ok = wait_of(word, to);
        if (ok)
            return ctword_check_wait(k, name, to);
    }
    return ok || ctword_fail(k, "%s wants %s, not \"%.100s\"", name, wants[kind], word);
}
