#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include <cairn/servicedir.h>
#include <cairn/svpolicy.h>

enum { TEXT_BYTES = 64, SHIFT_MAX = 31 };

static char const *const names[] = {[SVPOLICY_ON_EXIT] = SERVICEDIR_ON_EXIT,
                                    [SVPOLICY_BACKOFF] = SERVICEDIR_RESTART_BACKOFF,
                                    [SVPOLICY_LIMIT] = SERVICEDIR_RESTART_LIMIT};
static char const *const allowed[] = {
    [SVPOLICY_ON_EXIT] = "restart, halt or nothing, and behind it unless finish",
    [SVPOLICY_BACKOFF] = "MIN MAX, milliseconds, MIN not 0 and not above MAX",
    [SVPOLICY_LIMIT] = "N SECONDS, N below 4096, SECONDS not 0"};

char const *svpolicy_name(enum svpolicy_file f)
{
    return names[f];
}

char const *svpolicy_allowed(enum svpolicy_file f)
{
    return allowed[f];
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A word and the blanks after it. Returns how many bytes, 0 if it is not the next one. */
static size_t skip_word(char const *s, size_t len, char const *word)
{
    size_t n = strlen(word);
    if (len < n || memcmp(s, word, n) || (len > n && !is_blank(s[n])))
        return 0;
    while (n < len && is_blank(s[n]))
        n++;
    return n;
}

static int parse_exit(struct svpolicy *p, char const *s, size_t len)
{
    static char const *const words[] = {
        [SVPOLICY_RESTART] = "restart", [SVPOLICY_HALT] = "halt", [SVPOLICY_NOTHING] = "nothing"};
    enum svpolicy_exit e = SVPOLICY_RESTART;
    size_t n;
    while (!(n = skip_word(s, len, words[e])))
        if (e++ == SVPOLICY_NOTHING)
            return -1;
    s += n;
    len -= n;
    if (len) {
        n = skip_word(s, len, "unless");
        if (!n || n == len || skip_word(s + n, len - n, SERVICEDIR_FINISH) != len - n)
            return -1;
    }
    p->on_exit = e;
    p->unless_finish = !!len;
    return 0;
}

/* A number and the blanks after it. Returns how many bytes, 0 for none. */
static size_t scan(char const *s, size_t len, uint32_t *value)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
        n = n * 10 + (uint64_t)(s[i] - '0');
        if (n > UINT32_MAX)
            return 0;
    }
    if (!i)
        return 0;
    *value = (uint32_t)n;
    while (i < len && is_blank(s[i]))
        i++;
    return i;
}

int svpolicy_parse(struct svpolicy *p, enum svpolicy_file f, char const *s, size_t len)
{
    uint32_t a, b;
    if (len && s[len - 1] == '\n')
        len--;
    while (len && is_blank(s[len - 1]))
        len--;
    for (; len && is_blank(*s); s++)
        len--;
    if (f == SVPOLICY_ON_EXIT)
        return parse_exit(p, s, len);
    size_t n = scan(s, len, &a);
    if (!n || !is_blank(s[n - 1]) || scan(s + n, len - n, &b) != len - n)
        return -1;
    if (f == SVPOLICY_BACKOFF) {
        if (!a || a > b)
            return -1;
        p->min = a;
        p->max = b;
    } else {
        if (a >= SVTALLY_MAX || !b)
            return -1;
        p->limit = a;
        p->seconds = b;
    }
    return 0;
}

/* Returns 1: it is bad. */
static unsigned int read_one(int dirfd, struct svpolicy *p, enum svpolicy_file f)
{
    char text[TEXT_BYTES];
    int fd = openat(dirfd, names[f], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno != ENOENT;
    ssize_t n = fd_read(fd, text, sizeof text);
    close(fd);
    return n < 0 || n == sizeof text || svpolicy_parse(p, f, text, (size_t)n) < 0;
}

unsigned int svpolicy_read(int dirfd, struct svpolicy *p)
{
    unsigned int bad = 0;
    memset(p, 0, sizeof *p);
    for (enum svpolicy_file f = SVPOLICY_ON_EXIT; f < SVPOLICY_FILES; f++)
        bad |= read_one(dirfd, p, f) << f;
    if (p->unless_finish && servicedir_exists(dirfd, SERVICEDIR_FINISH))
        p->on_exit = SVPOLICY_RESTART;
    return bad;
}

/* Milliseconds from a to b, none if the clock was set back. */
static uint64_t between(tain const *a, tain const *b)
{
    tain d = TAIN_ZERO;
    if (tain_less(a, b))
        tain_sub(&d, b, a);
    return d.sec.x * 1000 + d.nano / 1000000;
}

uint32_t svpolicy_delay(struct svpolicy const *p, struct svdeath const *d, size_t n)
{
    unsigned int shift = 0;
    uint64_t delay = p->min;
    for (size_t i = 1; i < n; i++) {
        /* how long it was up: less is what it takes to notice and to start */
        uint64_t gap = between(&d[i - 1].stamp, &d[i].stamp);
        if (gap > delay + p->max)
            shift = 0;
        else if (shift < SHIFT_MAX)
            shift++;
        delay = (uint64_t)p->min << shift;
        if (delay > p->max)
            delay = p->max;
    }
    return (uint32_t)delay;
}

int svpolicy_is_too_much(struct svpolicy const *p, struct svdeath const *d, size_t n)
{
    if (!p->seconds || n <= p->limit)
        return 0;
    return between(&d[n - 1 - p->limit].stamp, &d[n - 1].stamp) <= (uint64_t)p->seconds * 1000;
}
