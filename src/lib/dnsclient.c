#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cairn/dnsclient.h>

enum { EDNS_SIZE = 1232 }; /* what passes everywhere without fragments */

enum state { IDLE, WAITING, FAILED };

/* One question to one server. */
struct attempt {
    int fd;
    enum state state;
    uint16_t id;
    int has_edns; /* it was asked with EDNS */
};

struct query {
    uint16_t type;
    enum dnsclient_result result; /* above DNSCLIENT_FAILED: answered */
    int is_alias;                 /* the answer ends at another name: */
    struct dnswire_name alias;
    struct attempt attempt[RESOLVCONF_SERVERS];
};

/* All questions about one name. */
struct round {
    struct dnswire_name const *name;
    struct query *query;
    unsigned int n;
    int64_t deadline;
};

int64_t dnsclient_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

char const *dnsclient_reason(enum dnsclient_result r)
{
    switch (r) {
    case DNSCLIENT_WOKEN:
        return "the lookup was interrupted";
    case DNSCLIENT_TIMEOUT:
        return "no DNS server answers";
    case DNSCLIENT_FAILED:
        return "the DNS servers fail or refuse to answer";
    case DNSCLIENT_NXDOMAIN:
        return "DNS knows no such name";
    case DNSCLIENT_NODATA:
        return "the name has no such record in DNS";
    default:
        return NULL;
    }
}

static int is_answered(struct query const *q)
{
    return q->result > DNSCLIENT_FAILED;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- what a reply says */

static int is_reply_to(struct dnsclient const *c, size_t len, struct round const *r,
                       struct query const *q, uint16_t id)
{
    return dnsreply_is_to(c->buf, len, id, r->name, q->type);
}

/* Takes what the reply has. Returns 0 if it has nothing that could be used. */
static int read_reply(struct dnsclient const *c, size_t len, struct round const *r, struct query *q)
{
    static enum dnsclient_result const results[] = {
        [DNSREPLY_USELESS] = DNSCLIENT_FAILED, [DNSREPLY_NXDOMAIN] = DNSCLIENT_NXDOMAIN,
        [DNSREPLY_NODATA] = DNSCLIENT_NODATA,  [DNSREPLY_ALIAS] = DNSCLIENT_NODATA,
        [DNSREPLY_FOUND] = DNSCLIENT_FOUND,
    };
    enum dnsreply_result e =
        dnsreply_read(c->buf, len, r->name, q->type, c->take, c->data, &q->alias);
    if (e == DNSREPLY_USELESS)
        return 0;
    q->result = results[e];
    q->is_alias = e == DNSREPLY_ALIAS;
    return 1;
}

/* ---- sockets */

static int open_socket(struct resolvconf_server const *s, int type)
{
    struct sockaddr_storage ss;
    socklen_t len = netaddr_sockaddr(&s->addr, s->port, &ss);
    if (s->addr.family == AF_INET6 && s->scope) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &ss, sizeof in6);
        in6.sin6_scope_id = s->scope;
        memcpy(&ss, &in6, sizeof in6);
    }
    int fd = socket(s->addr.family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void drop(struct attempt *a)
{
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
    a->state = FAILED;
}

/* Waits for fd. Returns whether it is ready before the limit. */
static int is_ready(int fd, short events, int64_t limit)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = limit - dnsclient_now();
        int r = poll(&p, 1, left > 0 ? (int)left : 0);
        if (r > 0)
            return 1;
        if ((!r && left <= 0) || (r < 0 && errno != EINTR))
            return 0;
    }
}

/* Sends or receives all len bytes before the limit. */
static int transfer(int fd, unsigned char *b, size_t len, short events, int64_t limit)
{
    while (len) {
        if (!is_ready(fd, events, limit))
            return 0;
        ssize_t n = events == POLLIN ? recv(fd, b, len, 0) : send(fd, b, len, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n <= 0)
            return 0;
        b += n;
        len -= (size_t)n;
    }
    return 1;
}

/* Asks by TCP and leaves the reply at buf. RFC 1035 4.2.2, RFC 7766 8: length before message.
   Returns its length, 0 if there is none. */
static size_t ask_by_tcp(struct dnsclient *c, struct resolvconf_server const *s,
                         struct round const *r, struct query const *q, uint16_t id)
{
    unsigned char b[2 + DNSWIRE_QUERY];
    size_t len =
        dnswire_query(b + 2, sizeof b - 2, id, r->name, q->type, c->conf.edns0 ? EDNS_SIZE : 0);
    int64_t limit = earlier(r->deadline, dnsclient_now() + 1000 * (int64_t)c->conf.timeout);
    int fd = open_socket(s, SOCK_STREAM);
    if (fd < 0)
        return 0;
    b[0] = (unsigned char)(len >> 8);
    b[1] = (unsigned char)len;
    size_t got = 0;
    if (transfer(fd, b, len + 2, POLLOUT, limit) && transfer(fd, b, 2, POLLIN, limit)) {
        got = dnswire_u16(b);
        if (!transfer(fd, c->buf, got, POLLIN, limit))
            got = 0;
    }
    close(fd);
    return got && is_reply_to(c, got, r, q, id) ? got : 0;
}

static void by_tcp(struct dnsclient *c, unsigned int server, struct round const *r, struct query *q)
{
    struct attempt *a = q->attempt + server;
    size_t len = ask_by_tcp(c, c->conf.server + server, r, q, a->id);
    if (!len || !read_reply(c, len, r, q))
        drop(a);
}

static void send_query(struct dnsclient *c, unsigned int server, struct round const *r,
                       struct query *q)
{
    unsigned char b[DNSWIRE_QUERY];
    struct attempt *a = q->attempt + server;
    if (a->fd < 0) {
        a->fd = open_socket(c->conf.server + server, SOCK_DGRAM);
        if (a->fd < 0 || getrandom(&a->id, sizeof a->id, 0) != sizeof a->id) {
            drop(a);
            return;
        }
    }
    a->state = WAITING;
    if (c->conf.use_tcp) {
        by_tcp(c, server, r, q);
        return;
    }
    a->has_edns = c->conf.edns0;
    size_t len = dnswire_query(b, sizeof b, a->id, r->name, q->type, a->has_edns ? EDNS_SIZE : 0);
    if (send(a->fd, b, len, MSG_NOSIGNAL) < 0 && errno != EAGAIN && errno != EINTR)
        drop(a);
}

static void receive(struct dnsclient *c, unsigned int server, struct round const *r,
                    struct query *q)
{
    struct attempt *a = q->attempt + server;
    ssize_t len = recv(a->fd, c->buf, sizeof c->buf, 0);
    if (len < 0) {
        if (errno != EAGAIN && errno != EINTR)
            drop(a); /* nobody listens there */
        return;
    }
    if (!is_reply_to(c, (size_t)len, r, q, a->id))
        return;
    uint16_t flags = dnswire_u16(c->buf + 2);
    unsigned int rcode = flags & DNSWIRE_RCODE;
    if (a->has_edns && (rcode == DNSWIRE_FORMERR || rcode == DNSWIRE_NOTIMP)) {
        c->conf.edns0 = 0; /* RFC 6891 7: it does not know EDNS */
        send_query(c, server, r, q);
    } else if (flags & DNSWIRE_TC)
        by_tcp(c, server, r, q);
    else if (!read_reply(c, (size_t)len, r, q))
        drop(a);
}

/* ---- the wait */

enum waited { ANSWERED, NOBODY_LEFT, LIMIT, WOKEN };

/* Handles replies until all queries are answered, nobody is left who could, or the limit. */
static enum waited wait_for_replies(struct dnsclient *c, struct round *r, int64_t limit)
{
    struct pollfd p[DNSCLIENT_TYPES * RESOLVCONF_SERVERS + 1];
    struct query *of[DNSCLIENT_TYPES * RESOLVCONF_SERVERS];
    unsigned int server[DNSCLIENT_TYPES * RESOLVCONF_SERVERS];
    for (;;) {
        unsigned int n = 0;
        int answered = 1;
        int found = 0;
        for (struct query *q = r->query; q < r->query + r->n; q++) {
            found |= q->result == DNSCLIENT_FOUND;
            if (is_answered(q))
                continue;
            answered = 0;
            for (unsigned int i = 0; i < c->conf.servers; i++)
                if (q->attempt[i].state == WAITING) {
                    p[n] = (struct pollfd){.fd = q->attempt[i].fd, .events = POLLIN};
                    server[n] = i;
                    of[n++] = q;
                }
        }
        if (answered)
            return ANSWERED;
        if (!n)
            return NOBODY_LEFT;
        if (found) /* servers that never say anything about AAAA are not rare */
            r->deadline = earlier(r->deadline, dnsclient_now() + DNSCLIENT_GRACE);
        p[n] = (struct pollfd){.fd = c->wake_fd, .events = POLLIN};
        int64_t left = earlier(limit, r->deadline) - dnsclient_now();
        int got = poll(p, n + 1, left > 0 ? (int)left : 0);
        if (got < 0 && errno != EINTR)
            return NOBODY_LEFT;
        if (got <= 0) {
            if (left <= 0)
                return LIMIT;
            continue;
        }
        if (p[n].revents)
            return WOKEN;
        for (unsigned int i = 0; i < n; i++)
            if (p[i].revents && !is_answered(of[i]))
                receive(c, server[i], r, of[i]);
    }
}

static enum waited ask_all(struct dnsclient *c, struct round *r, unsigned int first)
{
    enum waited w = NOBODY_LEFT;
    for (unsigned int i = 0; i < c->conf.attempts; i++) {
        int sent = 0;
        for (unsigned int j = 0; j < c->conf.servers; j++) {
            unsigned int server = (first + j) % c->conf.servers;
            for (struct query *q = r->query; q < r->query + r->n; q++)
                if (!is_answered(q) && q->attempt[server].state != FAILED) {
                    send_query(c, server, r, q);
                    sent = 1;
                }
            int64_t patience = DNSCLIENT_PATIENCE;
            if (j + 1 == c->conf.servers) { /* all have been asked: the first waits are short */
                patience = 1000 * (int64_t)c->conf.timeout;
                if (i + 1 < c->conf.attempts)
                    patience = earlier(patience, (int64_t)1000 << i);
            }
            w = wait_for_replies(c, r, dnsclient_now() + patience);
            if (w == ANSWERED || w == WOKEN || dnsclient_now() >= r->deadline)
                return w;
        }
        if (!sent)
            break;
    }
    return w;
}

/* Whoever was not answered: timed out if somebody still might, else failed. */
static void close_attempts(struct query *q)
{
    for (int i = 0; i < RESOLVCONF_SERVERS; i++) {
        if (q->attempt[i].state == WAITING && !is_answered(q))
            q->result = DNSCLIENT_TIMEOUT;
        drop(q->attempt + i);
    }
    if (q->result < DNSCLIENT_TIMEOUT)
        q->result = DNSCLIENT_FAILED;
}

/* The best result counts, but "no AAAA" says nothing of an A that could not be had. */
static enum dnsclient_result worth(struct query const *query, unsigned int n)
{
    enum dnsclient_result best = DNSCLIENT_WOKEN;
    int failed = 0;
    for (struct query const *q = query; q < query + n; q++) {
        if (q->result > best)
            best = q->result;
        failed |= q->result == DNSCLIENT_FAILED;
    }
    return failed && best != DNSCLIENT_FOUND ? DNSCLIENT_FAILED : best;
}

/* Asks about one name, and about the name that it is an alias of. */
static enum dnsclient_result ask(struct dnsclient *c, struct dnswire_name const *name,
                                 uint16_t const *types, unsigned int n, unsigned int depth)
{
    struct query query[DNSCLIENT_TYPES] = {{.type = 0}};
    struct round r = {.name = name, .query = query, .n = n, .deadline = c->deadline};
    unsigned int first = 0;
    if (c->conf.rotate && getrandom(&first, sizeof first, 0) == sizeof first)
        first %= c->conf.servers;
    for (unsigned int i = 0; i < n; i++) {
        query[i].type = types[i];
        for (int j = 0; j < RESOLVCONF_SERVERS; j++)
            query[i].attempt[j].fd = -1;
    }
    enum waited w = ask_all(c, &r, first);
    for (struct query *q = query; q < query + n; q++)
        close_attempts(q);
    if (w == WOKEN)
        return DNSCLIENT_WOKEN;
    for (struct query *q = query; q < query + n; q++)
        if (q->is_alias && depth < DNSCLIENT_CHAIN) {
            struct dnswire_name alias = q->alias;
            q->result = ask(c, &alias, &q->type, 1, depth + 1);
            if (q->result == DNSCLIENT_WOKEN)
                return DNSCLIENT_WOKEN;
        }
    return worth(query, n);
}

/* ---- search */

static int is_complete(char const *name, size_t len)
{
    if (!len || name[len - 1] != '.')
        return 0;
    size_t slashes = 0;
    while (slashes + 1 < len && name[len - 2 - slashes] == '\\')
        slashes++;
    return !(slashes & 1); /* an escaped dot is part of a label */
}

enum dnsclient_result dnsclient_lookup(struct dnsclient *c, char const *name, uint16_t const *types,
                                       unsigned int n)
{
    struct dnswire_name given;
    size_t len = strlen(name);
    if (!dnswire_name_parse(&given, name, len) || n > DNSCLIENT_TYPES)
        return DNSCLIENT_NXDOMAIN;
    if (!c->conf.servers) { /* resolv.conf(5) */
        c->conf.server[0] = (struct resolvconf_server){.port = DNSWIRE_PORT};
        netaddr_parse("127.0.0.1", &c->conf.server[0].addr);
        c->conf.servers = 1;
    }
    int is_whole = is_complete(name, len);
    int is_dotted = given.labels > c->conf.ndots;
    enum dnsclient_result best = DNSCLIENT_TIMEOUT;
    enum dnsclient_result r = DNSCLIENT_FAILED;
    /* as it is before the search domains, or behind them */
    for (unsigned int i = 0; i < c->conf.searches + 2; i++) {
        struct dnswire_name full = given;
        if (i == 0 || i == c->conf.searches + 1) {
            if ((i == 0) != (is_whole || is_dotted))
                continue;
        } else if (is_whole || !dnswire_name_append(&full, c->conf.search + i - 1))
            continue;
        r = ask(c, &full, types, n, 0);
        /* who does not answer one question will not answer the next */
        if (r == DNSCLIENT_FOUND || r == DNSCLIENT_WOKEN)
            return r;
        if (r > best)
            best = r;
        if (r == DNSCLIENT_TIMEOUT)
            break;
    }
    return best;
}
