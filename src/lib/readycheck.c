#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/lines.h>
#include <cairn/readycheck.h>

enum { EVERY_DEFAULT = 1000, HTTP_PORT = 80, STATUS_LEAST = 100, STATUS_MOST = 599 };

#define WORDS                                                                                      \
    "wanted: tcp [HOST:]PORT, unix PATH, file PATH, http URL [STATUS], log FILE REGEX, cmd "       \
    "COMMAND, every MS, within MS or after MS"
#define BAD_TCP  "wanted: tcp [HOST:]PORT, HOST being an address or localhost"
#define BAD_HTTP "wanted: http http://HOST[:PORT]/PATH [STATUS], HOST being an address or localhost"

void readycheck_init(struct readycheck *r)
{
    memset(r, 0, sizeof *r);
    r->every = EVERY_DEFAULT;
}

static int refuse(char const **why, char const *text)
{
    *why = text;
    return -1;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts the first word off s. Returns what comes after it. */
static char *cut(char *s)
{
    s += strcspn(s, " \t");
    if (!*s)
        return s;
    *s++ = 0;
    return s + strspn(s, " \t");
}

/* Keeps s, of len bytes. Returns the copy, or NULL: there is no room. */
static char *keep(struct readycheck *r, char const *s, size_t len)
{
    if (len >= sizeof r->text - r->used)
        return NULL;
    char *copy = r->text + r->used;
    memcpy(copy, s, len);
    copy[len] = 0;
    r->used += len + 1;
    return copy;
}

/* [HOST:]PORT, or with has_default HOST[:PORT]. */
static int parse_address(struct readycheck_one *o, char *s, int has_default)
{
    static char const local[] = "localhost";
    char *colon = strrchr(s, ':');
    unsigned int port;
    o->addr.family = AF_INET;
    o->addr.u.v4.s_addr = htonl(INADDR_LOOPBACK);
    if (!strncmp(s, local, sizeof local - 1) && (!s[9] || s[9] == ':')) {
        if (!s[9])
            return has_default;
        s += 10;
        colon = NULL;
        has_default = 0;
    }
    if (!colon && !has_default) {
        if (!uint0_scan(s, &port) || !port || port > 65535)
            return 0;
        o->port = (uint16_t)port;
        return 1;
    }
    uint16_t given = o->port;
    if (!netaddr_port_parse(s, &o->addr, &given) || !given)
        return 0;
    o->port = given;
    return 1;
}

static int parse_status(struct readycheck_one *o, char const *s)
{
    size_t n = uint_scan(s, &o->least);
    if (!n)
        return 0;
    o->most = o->least;
    if (s[n] == '-' && !uint0_scan(s + n + 1, &o->most))
        return 0;
    if (s[n] && s[n] != '-')
        return 0;
    return o->least >= STATUS_LEAST && o->least <= o->most && o->most <= STATUS_MOST;
}

static int parse_http(struct readycheck *r, struct readycheck_one *o, char *url, char const **why)
{
    static char const scheme[] = "http://";
    char *status = cut(url);
    if (!strncmp(url, "https:", 6))
        return refuse(why, "https is not spoken here: use cmd with a program that does");
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return refuse(why, BAD_HTTP);
    url += sizeof scheme - 1;
    size_t len = strcspn(url, "/?#");
    char *host = keep(r, url, len);
    char *given = keep(r, url, len);
    if (!host || !given)
        return refuse(why, "too much text");
    o->host = host;
    o->operand = url[len] == '/' ? url + len : "/";
    o->port = HTTP_PORT;
    o->least = 200;
    o->most = 399;
    if (!parse_address(o, given, 1) || (*status && !parse_status(o, status)))
        return refuse(why, BAD_HTTP);
    return 0;
}

static int parse_log(struct readycheck_one *o, char *s, char const **why)
{
    char *regex = cut(s);
    if (!*regex)
        return refuse(why, "wanted: log FILE REGEX");
    o->operand = s;
    o->regex = regex;
    return 0;
}

static int parse_number(unsigned int *n, char const *s, char const **why)
{
    return uint0_scan(s, n) ? 0 : refuse(why, "wanted: a number of milliseconds");
}

static int parse_check(struct readycheck *r, struct readycheck_one *o, char const *word, char *rest,
                       char const **why)
{
    static char const *const words[] = {
        [READYCHECK_TCP] = "tcp",   [READYCHECK_UNIX] = "unix", [READYCHECK_FILE] = "file",
        [READYCHECK_HTTP] = "http", [READYCHECK_LOG] = "log",   [READYCHECK_CMD] = "cmd"};
    enum readycheck_kind k = READYCHECK_TCP;
    while (k <= READYCHECK_CMD && strcmp(words[k], word) != 0)
        k++;
    if (k > READYCHECK_CMD || !*rest)
        return refuse(why, WORDS);
    o->kind = k;
    o->operand = rest;
    switch (k) {
    case READYCHECK_TCP:
        return parse_address(o, rest, 0) ? 0 : refuse(why, BAD_TCP);
    case READYCHECK_HTTP:
        return parse_http(r, o, rest, why);
    case READYCHECK_LOG:
        return parse_log(o, rest, why);
    default:
        return 0;
    }
}

int readycheck_line(struct readycheck *r, char const *line, size_t len, char const **why)
{
    while (len && is_blank(line[len - 1]))
        len--;
    for (; len && is_blank(*line); line++)
        len--;
    if (!len || *line == '#')
        return 0;
    if (r->n == READYCHECK_MAX)
        return refuse(why, "too many checks: 16 are allowed");
    char *whole = keep(r, line, len);
    char *word = keep(r, line, len);
    if (!whole || !word)
        return refuse(why, "too much text");
    char *rest = cut(word);
    if (!strcmp(word, "every")) {
        if (parse_number(&r->every, rest, why) < 0)
            return -1;
        return r->every ? 0 : refuse(why, "wanted: every MS, at least 1: tries need a pause");
    }
    if (!strcmp(word, "within"))
        return parse_number(&r->within, rest, why);
    if (!strcmp(word, "after"))
        return parse_number(&r->after, rest, why);
    struct readycheck_one o = {.line = whole};
    if (parse_check(r, &o, word, rest, why) < 0)
        return -1;
    r->list[r->n++] = o;
    return 0;
}

int readycheck_file(struct readycheck *r, int dirfd, char const *path, unsigned int *number,
                    char const **why)
{
    struct lines l;
    char *line;
    int got;
    int result = 0;
    *number = 0;
    *why = NULL;
    int fd = openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    lines_init(&l, fd);
    while (!result && (got = lines_next(&l, &line)) > 0)
        if (readycheck_line(r, line, strlen(line), why) < 0) {
            *number = l.number;
            result = -1;
        }
    lines_close(&l);
    if (result || got < 0)
        return -1;
    if (l.skipped || !r->n)
        return refuse(why, l.skipped ? "a line is too long" : "there is no check in it; " WORDS);
    return 0;
}
