#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <cairn/join.h>
#include <cairn/lines.h>
#include <cairn/servicedir.h>
#include <cairn/svswitch.h>

#define SEPARATORS ", \t\n"
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

enum { LINE_BYTES = 256 };

char const *svswitch_next(char const *list, size_t *at, size_t *len)
{
    *at += strspn(list + *at, SEPARATORS);
    char const *name = list + *at;
    *len = strcspn(name, SEPARATORS);
    *at += *len;
    return *len ? name : NULL;
}

static int is_listed(char const *list, char const *name)
{
    size_t at = 0;
    size_t len;
    size_t wanted = strlen(name);
    for (char const *s; list && (s = svswitch_next(list, &at, &len));)
        if (len == wanted && !memcmp(s, name, len))
            return 1;
    return 0;
}

enum svswitch_why svswitch_decide(char const *disable, char const *enable, char const *name,
                                  enum svswitch_condition condition, int down)
{
    if (is_listed(disable, name))
        return SVSWITCH_DISABLED;
    if (is_listed(enable, name))
        return SVSWITCH_ENABLED;
    if (condition == SVSWITCH_FAILS)
        return SVSWITCH_UNMET;
    return down ? SVSWITCH_DOWN : SVSWITCH_ON;
}

/* line is cut at its '='. */
static enum svswitch_condition check(struct svswitch_env const *env, char *line)
{
    size_t len = strspn(line, NAME_BYTES);
    int is_equal = line[len] == '=';
    if (!len || (line[len] && !is_equal))
        return SVSWITCH_BAD;
    line[len] = 0;
    char const *value = env->get(env->data, line);
    if (!value)
        return SVSWITCH_FAILS;
    return (is_equal ? !strcmp(value, line + len + 1) : !!*value) ? SVSWITCH_HOLDS : SVSWITCH_FAILS;
}

enum svswitch_condition svswitch_condition(struct svswitch_env const *env, int dirfd, char *line,
                                           size_t size)
{
    struct lines l;
    enum svswitch_condition r = SVSWITCH_HOLDS;
    int n = 0;
    line[0] = 0;
    int fd = openat(dirfd, SERVICEDIR_ENABLE_IF_ENV, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? SVSWITCH_NONE : SVSWITCH_ERROR;
    lines_init(&l, fd);
    for (char *s; r != SVSWITCH_BAD && (n = lines_next(&l, &s)) > 0;) {
        char shown[LINE_BYTES];
        if (!*s || *s == '#')
            continue;
        join(shown, sizeof shown, s);
        enum svswitch_condition c = check(env, s);
        if (c == SVSWITCH_HOLDS || (c == SVSWITCH_FAILS && r == c))
            continue;
        join(line, size, shown);
        r = c;
    }
    lines_close(&l);
    if (n < 0)
        r = SVSWITCH_ERROR;
    else if (l.skipped && r != SVSWITCH_BAD) {
        join(line, size, "a line is too long");
        r = SVSWITCH_BAD;
    }
    if (r == SVSWITCH_HOLDS || r == SVSWITCH_ERROR)
        line[0] = 0;
    return r;
}
