#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include <cairn/dnsclient.h>
#include <cairn/dnsforward.h>

enum { USES = 512 }; /* queries that leave from one port, or some more */

enum best { NOTHING, FAILED, NXDOMAIN, NODATA }; /* the greater is told rather */

/* ---- small things */

static void random_bytes(struct dnsforward *f, void *p, size_t n)
{
    if (n > f->random_left) {
        /* at most 256 bytes come whole (getrandom(2)); without them: those of before, and the port
         */
        if (getrandom(f->random, sizeof f->random, 0) != (ssize_t)sizeof f->random)
            errno = 0;
        f->random_left = sizeof f->random;
    }
    memcpy(p, f->random + sizeof f->random - f->random_left, n);
    f->random_left -= (unsigned int)n;
}

static uint32_t number_of(struct dnsforward const *f, struct dnsforward_flight const *fl)
{
    return (uint32_t)(fl - f->flight);
}

static int is_in(unsigned char const *set, unsigned int server)
{
    return set[server / 8] >> server % 8 & 1;
}

static int is_tried(struct dnsforward_flight const *fl, unsigned int server)
{
    return is_in(fl->tried, server);
}

/* The name that the client asked for. */
static void first_name(struct dnsforward_flight const *fl, struct dnswire_name *name)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    /* it could be read when it came */
    if (dnswire_read(&r, fl->query, fl->len) && dnswire_next_question(&r, &q) == 1)
        *name = q.name;
}

static int family_index(struct netaddr const *a)
{
    return a->family == AF_INET6;
}

/* ---- sockets */

/* Opens the socket anew, on another port that the kernel picks at random. Where it cannot be had,
   the old one stays: without any, all that draw this number would fail. */
static int open_socket(struct dnsforward *f, int six, unsigned int i)
{
    int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /* bind to port 0: a random one now, not the first that is free when we send */
    struct netaddr any = {.family = six ? AF_INET6 : AF_INET};
    struct sockaddr_storage ss;
    struct epoll_event e = {
        .events = EPOLLIN, .data.u32 = DNSFORWARD_TAG + (unsigned int)six * DNSFORWARD_SOCKETS + i};
    socklen_t len = netaddr_sockaddr(&any, 0, &ss);
    if (bind(fd, (struct sockaddr *)&ss, len) < 0 ||
        epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
        close(fd);
        return -1;
    }
    if (f->sockets[six][i] >= 0)
        close(f->sockets[six][i]);
    f->sockets[six][i] = fd;
    f->uses[six][i] = 0;
    return 0;
}

static socklen_t address_of(struct resolvconf_server const *s, struct sockaddr_storage *ss)
{
    socklen_t len = netaddr_sockaddr(&s->addr, s->port, ss);
    if (s->scope) {
        struct sockaddr_in6 in6;
        memcpy(&in6, ss, sizeof in6);
        in6.sin6_scope_id = s->scope;
        memcpy(ss, &in6, sizeof in6);
    }
    return len;
}

static int is_from(struct sockaddr_storage const *from, struct resolvconf_server const *s)
{
    struct netaddr a = {.family = from->ss_family};
    uint16_t port;
    if (from->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        a.u.v4 = in.sin_addr;
        port = in.sin_port;
    } else {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof in6);
        a.u.v6 = in6.sin6_addr;
        port = in6.sin6_port;
    }
    return netaddr_is(&a, &s->addr) && port == htons(s->port);
}

/* ---- identical questions */

static uint32_t hash_of(struct dnsforward const *f, struct dnswire_question const *q)
{
    return dnswire_name_hash(&q->name, f->seed) ^ (uint32_t)q->type * 2654435761u ^ q->class;
}

static uint16_t *bucket_of(struct dnsforward *f, uint32_t hash)
{
    return f->bucket + hash % DNSFORWARD_FLIGHTS;
}

static void enter_bucket(struct dnsforward *f, struct dnsforward_flight *fl)
{
    uint16_t *bucket = bucket_of(f, fl->hash);
    fl->alike = *bucket;
    *bucket = (uint16_t)(number_of(f, fl) + 1);
    fl->is_open = 1;
}

static void leave_bucket(struct dnsforward *f, struct dnsforward_flight *fl)
{
    if (!fl->is_open)
        return;
    uint16_t *link = bucket_of(f, fl->hash);
    while (*link != number_of(f, fl) + 1)
        link = &f->flight[*link - 1].alike;
    *link = fl->alike;
    fl->is_open = 0;
}

/* The flight that asks this already, NULL: none does. The flags of the header are a part of the
   question: who does not want recursion, or checking, gets something else. */
static struct dnsforward_flight *find_alike(struct dnsforward *f, unsigned char const *query,
                                            struct dnswire_question const *q,
                                            struct dnsforward_client const *client, uint32_t hash)
{
    for (unsigned int i = *bucket_of(f, hash); i; i = f->flight[i - 1].alike) {
        struct dnsforward_flight *fl = f->flight + i - 1;
        struct dnswire_name name = {.len = 1};
        first_name(fl, &name);
        if (fl->hash == hash && fl->type == q->type && fl->class == q->class &&
            fl->client.stream == client->stream && fl->client.flags == client->flags &&
            !memcmp(fl->query + 2, query + 2, 2) && dnswire_name_is(&name, &q->name))
            return fl;
    }
    return NULL;
}

/* Is it what this one has asked before, because it waits for long? */
static int is_again(struct dnsforward_flight const *fl, unsigned char const *query,
                    struct dnsforward_client const *client)
{
    return !client->stream && client->from_len && fl->client.from_len == client->from_len &&
           !memcmp(&fl->client.from, &client->from, client->from_len) &&
           !memcmp(fl->query, query, 2);
}

static int is_waiting(struct dnsforward const *f, struct dnsforward_flight const *fl,
                      unsigned char const *query, struct dnsforward_client const *client)
{
    for (;; fl = f->flight + fl->next - 1) {
        if (is_again(fl, query, client))
            return 1;
        if (!fl->next)
            return 0;
    }
}

/* ---- the end of a flight */

static void end_stream(struct dnsforward *f, struct dnsforward_flight *fl)
{
    if (!fl->stream)
        return;
    close(f->stream[fl->stream - 1].fd);
    f->stream[fl->stream - 1].fd = -1;
    fl->stream = 0;
}

static void enter_queue(struct dnsforward *f, struct dnsforward_flight *fl)
{
    uint16_t number = (uint16_t)(number_of(f, fl) + 1);
    fl->is_queued = 1;
    fl->before = f->queue_last;
    fl->behind = 0;
    *(fl->before ? &f->flight[fl->before - 1].behind : &f->queue_first) = number;
    f->queue_last = number;
}

static void leave_queue(struct dnsforward *f, struct dnsforward_flight *fl)
{
    if (!fl->is_queued)
        return;
    fl->is_queued = 0;
    *(fl->before ? &f->flight[fl->before - 1].behind : &f->queue_first) = fl->behind;
    *(fl->behind ? &f->flight[fl->behind - 1].before : &f->queue_last) = fl->before;
}

/* A socket that has had its uses gets no new ones, and another port when the last reply to it has
   come: one that came later would be lost, and waited for in vain by all who ask the same. Of half
   of them at a time, for some replies never come. */
static void take_socket(struct dnsforward *f, struct dnsforward_flight *fl)
{
    unsigned char i;
    random_bytes(f, &i, 1);
    for (i %= DNSFORWARD_SOCKETS; f->is_full[i];)
        i = (i + 1) % DNSFORWARD_SOCKETS;
    fl->socket = i;
    f->waiting[i]++;
    if (f->full < DNSFORWARD_SOCKETS / 2 && (f->uses[0][i] >= USES || f->uses[1][i] >= USES)) {
        f->is_full[i] = 1;
        f->full++;
    }
}

static void leave_socket(struct dnsforward *f, unsigned int i)
{
    if (--f->waiting[i] || !f->is_full[i])
        return;
    f->is_full[i] = 0;
    f->full--;
    for (int six = 0; six < 2; six++)
        if (f->uses[six][i] >= USES)
            open_socket(f, six, i);
}

static void forget_id(struct dnsforward *f, struct dnsforward_flight *fl)
{
    if (f->by_id[fl->id] != number_of(f, fl) + 1)
        return;
    f->by_id[fl->id] = 0;
    leave_socket(f, fl->socket);
}

static void release(struct dnsforward *f, struct dnsforward_flight *fl)
{
    fl->used = 0;
    f->free_list[f->free_flights++] = (uint16_t)number_of(f, fl);
}

static void land(struct dnsforward *f, struct dnsforward_flight *fl)
{
    end_stream(f, fl);
    leave_queue(f, fl);
    forget_id(f, fl);
    leave_bucket(f, fl);
    timerheap_set(&f->timers, number_of(f, fl), TIMERHEAP_NEVER);
    for (unsigned int next = fl->next; next; next = f->flight[next - 1].next)
        release(f, f->flight + next - 1);
    release(f, fl);
}

static void hand_over(struct dnsforward *f, struct dnsforward_flight const *fl, unsigned char *b,
                      size_t len)
{
    if (!len || fl->client.flags & DNSFORWARD_NOBODY)
        return;
    memcpy(b, fl->query, 2);
    f->answered += fl->is_counted;
    f->deliver(f->data, &fl->client, b, len);
}

/* No more than the question, the rcode and flags. */
static void give_error(struct dnsforward *f, struct dnsforward_flight const *fl, unsigned int rcode,
                       uint16_t flags)
{
    size_t len = dnswire_error(f->out, sizeof f->out, fl->query, fl->len, rcode);
    if (len)
        dnswire_set_flags(f->out, flags, flags);
    hand_over(f, fl, f->out, len);
}

static void give(struct dnsforward *f, struct dnsforward_flight const *fl, unsigned char *b,
                 size_t len, int is_search)
{
    struct dnswire_name asked = {.len = 1};
    first_name(fl, &asked);
    if (is_search)
        hand_over(f, fl, f->out,
                  dnswire_rename(f->out, fl->client.room, b, len, &asked, DNSFORWARD_CNAME_TTL));
    else if (len > fl->client.room) /* it comes again by TCP */
        give_error(f, fl, dnswire_u16(b + 2) & DNSWIRE_RCODE, DNSWIRE_TC);
    else {
        dnswire_recase(b, len, &asked);
        hand_over(f, fl, b, len);
    }
}

/* Hands the len bytes at b, which are not f->out, to all who wait. is_search: the name in them is a
   searched one. */
static void deliver(struct dnsforward *f, struct dnsforward_flight *fl, unsigned char *b,
                    size_t len, int is_search)
{
    give(f, fl, b, len, is_search);
    for (unsigned int next = fl->next; next; next = f->flight[next - 1].next)
        give(f, f->flight + next - 1, b, len, is_search);
    land(f, fl);
}

static void deliver_error(struct dnsforward *f, struct dnsforward_flight *fl, unsigned int rcode,
                          uint16_t flags)
{
    f->failed += rcode == DNSWIRE_SERVFAIL;
    give_error(f, fl, rcode, flags);
    for (unsigned int next = fl->next; next; next = f->flight[next - 1].next)
        give_error(f, f->flight + next - 1, rcode, flags);
    land(f, fl);
}

/* ---- steps: 0 as it is, 1 to searches with a domain, searches + 1 as it is. Of the first and the
   last one only happens. */

static int is_dotted(struct dnsforward const *f, struct dnswire_name const *given)
{
    return !f->searches || given->labels > f->ndots;
}

/* Makes the next step's name. Returns 0 when there are no more steps. */
static int next_step(struct dnsforward *f, struct dnsforward_flight *fl)
{
    struct dnswire_name given = {.len = 1};
    first_name(fl, &given);
    for (; fl->step <= f->searches + 1; fl->step++) {
        fl->name = given;
        fl->is_search = fl->step && fl->step <= f->searches;
        if (fl->is_search) {
            struct dnswire_name const *domain = f->search + fl->step - 1;
            /* a name that has the domain already is not searched there */
            if (dnswire_name_ends(&given, domain) || !dnswire_name_append(&fl->name, domain))
                continue;
            fl->step++;
            return 1;
        }
        /* fewer dots than are wanted */
        if ((f->forward_ndots && given.labels <= f->forward_ndots) ||
            (fl->step == 0) != is_dotted(f, &given))
            continue;
        fl->step++;
        return 1;
    }
    return 0;
}

static int serves(struct dnsforward const *f, struct dnsforward_flight const *fl,
                  unsigned int server)
{
    return f->server[server].zone == fl->zone;
}

/* The query for this step and server, at f->buf + 2. Returns its length. */
static size_t make_query(struct dnsforward *f, struct dnsforward_flight const *fl,
                         unsigned int server)
{
    struct dnswire_reader r;
    struct dnswire_writer w;
    struct dnswire_rr rr;
    struct dnswire_name name = fl->name;
    if (!f->server[server].is_plain)
        dnswire_name_mix(&name, fl->mix);
    if (!dnswire_read(&r, fl->query, fl->len) ||
        !dnswire_write(&w, f->buf + 2, DNSFORWARD_QUERY + DNSWIRE_NAME, fl->id, r.h.flags) ||
        !dnswire_put_question(&w, &name, fl->type, fl->class))
        return 0;
    while (dnswire_next(&r, &rr) > 0)
        if (rr.section == DNSWIRE_ADDITIONAL) {
            if (rr.type == DNSWIRE_OPT)
                dnswire_copy_opt(&w, &r, &rr);
            else
                dnswire_copy(&w, &r, &rr);
        }
    return w.len;
}

static int send_to(struct dnsforward *f, struct dnsforward_flight *fl, unsigned int server)
{
    struct dnsforward_server *s = f->server + server;
    struct sockaddr_storage ss;
    socklen_t ss_len = address_of(&s->s, &ss);
    int six = family_index(&s->s.addr);
    int fd = f->sockets[six][fl->socket];
    fl->tried[server / 8] |= (unsigned char)(1 << server % 8);
    fl->asked[server / 8] |= (unsigned char)(1 << server % 8);
    size_t len = make_query(f, fl, server);
    if (fd < 0 || !len)
        return 0;
    s->asked++;
    fl->out = (unsigned char)(fl->out + !s->bad_until);
    f->uses[six][fl->socket]++;
    return sendto(fd, f->buf + 2, len, MSG_NOSIGNAL, (struct sockaddr *)&ss, ss_len) >= 0 ||
           errno == EAGAIN || errno == EINTR;
}

/* The best server that was not asked, -1: all were. */
static int choose(struct dnsforward *f, struct dnsforward_flight *fl)
{
    int bad = -1;
    for (unsigned int i = 0; i < f->servers; i++) {
        if (!serves(f, fl, i) || is_tried(fl, i))
            continue;
        if (!f->server[i].bad_until)
            return (int)i;
        if (bad < 0)
            bad = (int)i;
    }
    return bad;
}

/* A bad server whose time is over is asked beside the good one. */
static void probe(struct dnsforward *f, struct dnsforward_flight *fl, int64_t now)
{
    for (unsigned int i = 0; i < f->servers; i++)
        if (serves(f, fl, i) && f->server[i].bad_until && f->server[i].bad_until <= now &&
            !is_tried(fl, i)) {
            f->server[i].bad_until = now + DNSFORWARD_PENALTY;
            send_to(f, fl, i);
            return;
        }
}

static void take_step(struct dnsforward *f, struct dnsforward_flight *fl);
static void step_done(struct dnsforward *f, struct dnsforward_flight *fl, unsigned char *b,
                      size_t len);

/* ---- the cache */

static struct dnscache *cache_of(struct dnsforward *f, struct dnsforward_flight const *fl)
{
    return fl->client.flags & DNSFORWARD_ALONE ? NULL : f->cache;
}

/* The reply to this step that is kept, at f->kept. Returns its length, 0 if there is none. */
static size_t find_kept(struct dnsforward *f, struct dnsforward_flight const *fl, int is_stale)
{
    struct dnswire_question q = {.name = fl->name, .type = fl->type, .class = fl->class};
    uint32_t now = (uint32_t)(dnsclient_now() / 1000);
    if (!cache_of(f, fl) || fl->client.flags & DNSFORWARD_NOBODY)
        return 0;
    return (is_stale ? dnscache_get_stale : dnscache_get)(f->cache, f->kept, sizeof f->kept, &q, 0,
                                                          fl->client.flags, now);
}

static void keep(struct dnsforward *f, struct dnsforward_flight *fl, unsigned char *b, size_t len)
{
    if (!cache_of(f, fl))
        return;
    dnswire_recase(b, len, &fl->name);
    dnscache_put(f->cache, b, len, fl->client.flags & ~(unsigned int)DNSFORWARD_NOBODY,
                 (uint32_t)(dnsclient_now() / 1000));
}

static int is_up(struct dnsforward const *f, struct dnsforward_flight const *fl)
{
    for (unsigned int i = 0; i < f->servers; i++)
        if (serves(f, fl, i) && !f->server[i].bad_until)
            return 1;
    return 0;
}

/* Asks what the client asked once more, for nobody. */
static void refresh(struct dnsforward *f, struct dnsforward_flight const *fl)
{
    struct dnswire_question q = {.type = fl->type, .class = fl->class};
    struct dnsforward_client client = {.flags =
                                           (unsigned char)(fl->client.flags | DNSFORWARD_NOBODY),
                                       .room = fl->client.room,
                                       .stream = fl->client.stream};
    int64_t now = dnsclient_now();
    if (now < f->next_refresh || !f->free_flights)
        return;
    f->next_refresh = now + DNSFORWARD_REFRESH;
    first_name(fl, &q.name);
    dnsforward_ask(f, fl->query, fl->len, &q, &client);
}

/* What is kept of this step is all that is needed: nobody is asked. Returns 1 if so. */
static int use_kept(struct dnsforward *f, struct dnsforward_flight *fl)
{
    size_t len = f->searches ? find_kept(f, fl, 0) : 0; /* else it was looked for before */
    if (!len && f->cache && f->cache->stale && !is_up(f, fl)) {
        len = find_kept(f, fl, 1);
        if (len)
            refresh(f, fl);
    }
    if (len)
        step_done(f, fl, f->kept, len);
    return len != 0;
}

/* No server of this step had an answer: what is kept is better than nothing. */
static int use_stale(struct dnsforward *f, struct dnsforward_flight *fl)
{
    size_t len = f->cache && f->cache->stale ? find_kept(f, fl, 1) : 0;
    if (len)
        step_done(f, fl, f->kept, len);
    return len != 0;
}

/* ---- steps again */

/* All servers of this step are through. */
static void step_failed(struct dnsforward *f, struct dnsforward_flight *fl)
{
    leave_queue(f, fl);
    if ((!fl->rcode || fl->rcode == DNSWIRE_SERVFAIL) && use_stale(f, fl))
        return;
    if (fl->best < FAILED)
        fl->best = FAILED;
    fl->negative_ttl = 0;
    /* there is such a name: other steps have nothing better */
    if (fl->is_cut) {
        if (fl->client.stream)
            deliver_error(f, fl, DNSWIRE_SERVFAIL, 0);
        else
            deliver_error(f, fl, DNSWIRE_NOERROR, DNSWIRE_TC);
        return;
    }
    /* who said something may say something else of another name; who said nothing will not */
    if (fl->rcode)
        take_step(f, fl);
    else
        deliver_error(f, fl, DNSWIRE_SERVFAIL, 0);
}

/* Asks the next server. */
static void ask_next(struct dnsforward *f, struct dnsforward_flight *fl)
{
    int64_t now = dnsclient_now();
    for (;;) {
        int server = choose(f, fl);
        if (server < 0) {
            if (fl->rcode || ++fl->turn >= DNSFORWARD_TURNS || fl->last < 0) {
                step_failed(f, fl);
                return;
            }
            memset(fl->tried, 0, sizeof fl->tried);
            fl->last = -1;
            fl->out = 0;
            continue;
        }
        if (!f->server[server].bad_until)
            probe(f, fl, now);
        if (!send_to(f, fl, (unsigned int)server)) {
            f->server[server].bad_until = now + DNSFORWARD_PENALTY;
            continue;
        }
        fl->last = server;
        timerheap_set(&f->timers, number_of(f, fl),
                      (uint64_t)(now + (choose(f, fl) < 0 ? DNSFORWARD_LAST << fl->turn
                                                          : DNSFORWARD_PATIENCE)));
        return;
    }
}

static void new_id(struct dnsforward *f, struct dnsforward_flight *fl)
{
    uint16_t id;
    forget_id(f, fl);
    do
        random_bytes(f, &id, sizeof id);
    while (f->by_id[id]); /* of 65536 at most 1024 are taken */
    fl->id = id;
    f->by_id[id] = (uint16_t)(number_of(f, fl) + 1);
    take_socket(f, fl);
    random_bytes(f, fl->mix, (fl->name.len + 7u) / 8);
}

static void take_step(struct dnsforward *f, struct dnsforward_flight *fl)
{
    static unsigned char const rcodes[] = {[NOTHING] = DNSWIRE_REFUSED,
                                           [FAILED] = DNSWIRE_SERVFAIL,
                                           [NXDOMAIN] = DNSWIRE_NXDOMAIN,
                                           [NODATA] = DNSWIRE_NOERROR};
    end_stream(f, fl);
    leave_queue(f, fl);
    fl->is_cut = 0;
    if (!next_step(f, fl)) {
        if (fl->best >= NXDOMAIN && fl->negative_len && fl->negative_ttl &&
            dnswire_clamp(f->negative[number_of(f, fl)], fl->negative_len, 0, fl->negative_ttl))
            deliver(f, fl, f->negative[number_of(f, fl)], fl->negative_len, 0);
        else
            deliver_error(f, fl, fl->best == FAILED && fl->rcode ? fl->rcode : rcodes[fl->best], 0);
        return;
    }
    fl->zone = f->zones ? stubzones_find(f->zones, &fl->name) : -1;
    fl->turn = 0;
    fl->last = -1;
    fl->rcode = 0;
    fl->out = 0;
    memset(fl->tried, 0, sizeof fl->tried);
    memset(fl->asked, 0, sizeof fl->asked);
    if (use_kept(f, fl))
        return;
    f->asked += !fl->is_counted;
    fl->is_counted = 1;
    new_id(f, fl);
    ask_next(f, fl);
}

/* ---- TCP to servers */

static void stream_failed(struct dnsforward *f, struct dnsforward_flight *fl)
{
    end_stream(f, fl);
    fl->rcode = DNSWIRE_SERVFAIL;
    ask_next(f, fl);
}

static unsigned int free_stream(struct dnsforward const *f)
{
    unsigned int i = 0;
    while (i < DNSFORWARD_STREAMS && f->stream[i].fd >= 0)
        i++;
    return i;
}

static void begin_stream(struct dnsforward *f, struct dnsforward_flight *fl, unsigned int server)
{
    unsigned int i = free_stream(f);
    struct sockaddr_storage ss;
    socklen_t len = address_of(&f->server[server].s, &ss);
    int64_t now = dnsclient_now();
    fl->last = (int)server;
    if (i == DNSFORWARD_STREAMS) {
        enter_queue(f, fl);
        timerheap_set(&f->timers, number_of(f, fl), (uint64_t)(fl->since + DNSFORWARD_DEADLINE));
        return;
    }
    struct dnsforward_stream *st = f->stream + i;
    st->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (st->fd < 0) {
        fl->rcode = DNSWIRE_SERVFAIL;
        step_failed(f, fl);
        return;
    }
    st->since = now;
    st->flight = number_of(f, fl);
    st->have = 0;
    st->want = 0;
    f->server[server].asked++;
    fl->stream = (int)i + 1;
    struct epoll_event e = {.events = EPOLLOUT,
                            .data.u32 = DNSFORWARD_TAG + 2 * DNSFORWARD_SOCKETS + i};
    if ((connect(st->fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS) ||
        epoll_ctl(f->epoll, EPOLL_CTL_ADD, st->fd, &e) < 0) {
        stream_failed(f, fl);
        return;
    }
    int64_t due = now + DNSFORWARD_STREAM;
    if (due > fl->since + DNSFORWARD_DEADLINE)
        due = fl->since + DNSFORWARD_DEADLINE;
    timerheap_set(&f->timers, number_of(f, fl), (uint64_t)due);
}

/* Streams have come free: who waited for one gets it. */
static void serve_queue(struct dnsforward *f)
{
    while (f->queue_first && free_stream(f) < DNSFORWARD_STREAMS) {
        struct dnsforward_flight *fl = f->flight + f->queue_first - 1;
        leave_queue(f, fl);
        begin_stream(f, fl, (unsigned int)fl->last);
    }
}

/* Is the whole reply of use to somebody, when a server has truncated it? */
static int is_worth_fetching(struct dnsforward *f, struct dnsforward_flight const *fl)
{
    return fl->client.stream || fl->room > DNSWIRE_UDP || cache_of(f, fl);
}

/* ---- replies */

static int is_reply_to(struct dnsforward_flight const *fl, unsigned char const *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    return dnswire_read(&r, b, len) && r.h.id == fl->id &&
           (r.h.flags & (DNSWIRE_QR | DNSWIRE_OPCODE)) == DNSWIRE_QR &&
           dnswire_next_question(&r, &q) == 1 && q.type == fl->type && q.class == fl->class &&
           dnswire_name_is(&q.name, &fl->name);
}

/* Is the question in the case that it was asked in? */
static int is_in_case(struct dnsforward_flight const *fl, unsigned char const *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_name name = fl->name;
    dnswire_name_mix(&name, fl->mix);
    return dnswire_read(&r, b, len) && dnswire_next_question(&r, &q) == 1 &&
           dnswire_name_is_exactly(&q.name, &name);
}

/* This server answered in another case: a reply that nobody has to believe. It is asked again as
   the client wrote it, with another id. */
static void ask_plainly(struct dnsforward *f, struct dnsforward_flight *fl, unsigned int server)
{
    f->server[server].is_plain = 1;
    memset(fl->asked, 0, sizeof fl->asked);
    fl->out = (unsigned char)(fl->out - (fl->out > 0));
    new_id(f, fl);
    if (!send_to(f, fl, server)) {
        ask_next(f, fl);
        return;
    }
    fl->last = (int)server;
    timerheap_set(&f->timers, number_of(f, fl), (uint64_t)(dnsclient_now() + DNSFORWARD_PATIENCE));
}

/* A step that found nothing. It is told for no longer than each of the steps' SOA allows, and so
   not kept by anybody when one has none (RFC 2308 5). */
static void keep_negative(struct dnsforward *f, struct dnsforward_flight *fl,
                          unsigned char const *b, size_t len, unsigned int rcode)
{
    unsigned char best = rcode == DNSWIRE_NOERROR    ? NODATA
                         : rcode == DNSWIRE_NXDOMAIN ? NXDOMAIN
                                                     : FAILED;
    uint32_t ttl;
    if (best == FAILED || !dnswire_negative_ttl(b, len, &ttl))
        ttl = 0;
    if (ttl < fl->negative_ttl)
        fl->negative_ttl = ttl;
    if (best < fl->best)
        return;
    fl->best = best;
    fl->negative_len = 0;
    if (!fl->negative_ttl)
        return;
    struct dnswire_name asked = {.len = 1};
    first_name(fl, &asked);
    unsigned char *kept = f->negative[number_of(f, fl)];
    size_t n = dnswire_rename(kept, DNSFORWARD_NEGATIVE, b, len, &asked, 0);
    if (n && !(dnswire_u16(kept + 2) & DNSWIRE_TC))
        fl->negative_len = (uint16_t)n;
}

/* Can a reply be taken apart and written anew? */
static int is_sound(unsigned char const *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    int got;
    if (!dnswire_read(&r, b, len))
        return 0;
    while ((got = dnswire_next(&r, &rr)) > 0)
        if (!dnswire_is_sound(&r, &rr))
            return 0;
    return !got;
}

/* What this step has found is at b. */
static void step_done(struct dnsforward *f, struct dnsforward_flight *fl, unsigned char *b,
                      size_t len)
{
    unsigned int rcode = dnswire_u16(b + 2) & DNSWIRE_RCODE;
    if (!fl->is_search) {
        int is_last = is_dotted(f, &fl->name) ? !f->searches : 1;
        if (rcode == DNSWIRE_NOERROR || (is_last && fl->best != NODATA)) {
            if (rcode != DNSWIRE_NOERROR && fl->negative_ttl != UINT32_MAX)
                dnswire_clamp(b, len, 0, fl->negative_ttl);
            deliver(f, fl, b, len, 0);
            return;
        }
    } else if (rcode == DNSWIRE_NOERROR && dnswire_u16(b + 6)) {
        dnswire_recase(b, len, &fl->name);
        if (is_sound(b, len)) {
            deliver(f, fl, b, len, 1);
            return;
        }
        rcode = DNSWIRE_SERVFAIL; /* malformed */
    }
    keep_negative(f, fl, b, len, rcode);
    take_step(f, fl);
}

/* A reply that is what it should be, at b. */
static void on_reply(struct dnsforward *f, struct dnsforward_flight *fl, unsigned int server,
                     unsigned char *b, size_t len)
{
    uint16_t flags = dnswire_u16(b + 2);
    unsigned int rcode = flags & DNSWIRE_RCODE;
    f->server[server].answered++;
    f->server[server].bad_until = 0;
    /* while it waits for the whole nothing less will do */
    if (fl->is_queued &&
        (flags & DNSWIRE_TC || (rcode != DNSWIRE_NOERROR && rcode != DNSWIRE_NXDOMAIN)))
        return;
    if (flags & DNSWIRE_TC && !fl->stream) {
        fl->is_cut = 1;
        if (is_worth_fetching(f, fl))
            begin_stream(f, fl, server);
        else if (fl->is_search)
            deliver_error(f, fl, DNSWIRE_NOERROR, DNSWIRE_TC);
        else
            deliver(f, fl, b, len, 0);
        return;
    }
    if (rcode != DNSWIRE_NOERROR && rcode != DNSWIRE_NXDOMAIN) {
        fl->rcode = (unsigned char)rcode;
        fl->out = (unsigned char)(fl->out - (fl->out > 0));
        if (choose(f, fl) >= 0) {
            end_stream(f, fl); /* else the next one's reply would not be heard */
            ask_next(f, fl);
            return;
        }
        if (fl->out && !fl->stream) /* another may still know */
            return;
    }
    if (rcode == DNSWIRE_SERVFAIL && use_stale(f, fl))
        return;
    keep(f, fl, b, len);
    step_done(f, fl, b, len);
}

/* A message of len bytes at b that came to this socket. */
static void on_message(struct dnsforward *f, unsigned int socket,
                       struct sockaddr_storage const *from, unsigned char *b, size_t len)
{
    if (len < DNSWIRE_HEADER || !f->by_id[dnswire_u16(b)])
        return;
    struct dnsforward_flight *fl = f->flight + f->by_id[dnswire_u16(b)] - 1;
    if (fl->socket != socket || fl->stream || !is_reply_to(fl, b, len))
        return;
    for (unsigned int s = 0; s < f->servers; s++)
        if (serves(f, fl, s) && is_in(fl->asked, s) && is_from(from, &f->server[s].s)) {
            if (f->server[s].is_plain || is_in_case(fl, b, len))
                on_reply(f, fl, s, b, len);
            else
                ask_plainly(f, fl, s);
            return;
        }
}

/* One batch: what is left waits for the next event, as others do. */
static void read_socket(struct dnsforward *f, int six, unsigned int i)
{
    int n = udpbatch_read(&f->in, f->sockets[six][i]);
    for (int m = 0; m < n; m++)
        on_message(f, i, f->in.addr + m, f->in.v[m].iov_base, f->in.m[m].msg_len);
}

static void write_stream(struct dnsforward *f, struct dnsforward_stream *st)
{
    struct dnsforward_flight *fl = f->flight + st->flight;
    struct epoll_event e = {.events = EPOLLIN,
                            .data.u32 = DNSFORWARD_TAG + 2 * DNSFORWARD_SOCKETS +
                                        (uint32_t)(st - f->stream)};
    size_t len = make_query(f, fl, (unsigned int)fl->last);
    f->buf[0] = (unsigned char)(len >> 8);
    f->buf[1] = (unsigned char)len;
    /* what is this small goes whole into an empty socket */
    if (!len || send(st->fd, f->buf, len + 2, MSG_NOSIGNAL) != (ssize_t)len + 2 ||
        epoll_ctl(f->epoll, EPOLL_CTL_MOD, st->fd, &e) < 0)
        stream_failed(f, fl);
    else
        st->want = 2;
}

static void read_stream(struct dnsforward *f, struct dnsforward_stream *st)
{
    struct dnsforward_flight *fl = f->flight + st->flight;
    unsigned char *buf = f->stream_bytes[st - f->stream];
    ssize_t r = recv(st->fd, buf + st->have, st->want - st->have, 0);
    if (r < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (r <= 0) {
        stream_failed(f, fl);
        return;
    }
    st->have += (size_t)r;
    if (st->have < st->want)
        return;
    if (st->want == 2) {
        st->want += dnswire_u16(buf);
        return;
    }
    if (is_reply_to(fl, buf + 2, st->have - 2))
        on_reply(f, fl, (unsigned int)fl->last, buf + 2, st->have - 2);
    else
        stream_failed(f, fl);
}

void dnsforward_event(struct dnsforward *f, uint32_t tag)
{
    unsigned int i = tag - DNSFORWARD_TAG;
    if (i < 2 * DNSFORWARD_SOCKETS) {
        read_socket(f, i >= DNSFORWARD_SOCKETS, i % DNSFORWARD_SOCKETS);
        return;
    }
    i -= 2 * DNSFORWARD_SOCKETS;
    if (i >= DNSFORWARD_STREAMS || f->stream[i].fd < 0)
        return; /* closed by an event before this one */
    if (f->stream[i].want)
        read_stream(f, f->stream + i);
    else
        write_stream(f, f->stream + i);
}

/* ---- from outside */

int dnsforward_init(struct dnsforward *f, int epoll)
{
    f->epoll = epoll;
    f->in.bytes = f->replies;
    f->in.size = sizeof f->replies;
    f->in.max = DNSFORWARD_BATCH;
    if (timerheap_size(DNSFORWARD_FLIGHTS) > sizeof f->timer_memory) {
        errno = ENOMEM;
        return -1;
    }
    timerheap_init(&f->timers, f->timer_memory, DNSFORWARD_FLIGHTS);
    random_bytes(f, &f->seed, sizeof f->seed);
    for (unsigned int i = 0; i < DNSFORWARD_FLIGHTS; i++)
        f->free_list[f->free_flights++] = (uint16_t)(DNSFORWARD_FLIGHTS - 1 - i);
    for (unsigned int i = 0; i < DNSFORWARD_STREAMS; i++)
        f->stream[i].fd = -1;
    for (unsigned int i = 0; i < DNSFORWARD_SOCKETS; i++) {
        f->sockets[0][i] = f->sockets[1][i] = -1;
        if (open_socket(f, 0, i) < 0)
            return -1;
        open_socket(f, 1, i); /* a kernel may have no IPv6 */
    }
    return 0;
}

/* What is known of a server stays known. */
static void remember(struct dnsforward_server *s, struct dnsforward_server const *old,
                     unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        if (old[i].s.port == s->s.port && netaddr_is(&old[i].s.addr, &s->s.addr)) {
            s->bad_until = old[i].bad_until;
            s->is_plain = old[i].is_plain;
            return;
        }
}

void dnsforward_configure(struct dnsforward *f, struct resolvconf const *c,
                          struct stubzones const *zones)
{
    static struct dnsforward_server old[DNSFORWARD_SERVERS];
    unsigned int n = f->servers;
    memcpy(old, f->server, n * sizeof *old);
    f->servers = 0;
    f->zones = zones;
    for (unsigned int i = 0; i < c->servers; i++)
        f->server[f->servers++] = (struct dnsforward_server){.s = c->server[i], .zone = -1};
    for (unsigned int i = 0; zones && i < zones->servers; i++)
        f->server[f->servers++] = (struct dnsforward_server){
            .s = {.addr = zones->server[i].addr, .port = zones->server[i].port},
            .zone = zones->server[i].zone};
    for (unsigned int i = 0; i < f->servers; i++)
        remember(f->server + i, old, n);
    f->searches = c->searches;
    memcpy(f->search, c->search, sizeof f->search);
    f->ndots = c->ndots;
    /* numbers of servers mean others now */
    for (unsigned int i = 0; i < DNSFORWARD_FLIGHTS; i++)
        if (f->flight[i].used) {
            memset(f->flight[i].tried, 0, sizeof f->flight[i].tried);
            memset(f->flight[i].asked, 0, sizeof f->flight[i].asked);
            f->flight[i].last = -1;
            if (!f->flight[i].stream && !f->flight[i].is_queued)
                continue;
            end_stream(f, f->flight + i);
            leave_queue(f, f->flight + i);
            timerheap_set(&f->timers, i, (uint64_t)dnsclient_now());
        }
}

void dnsforward_ask(struct dnsforward *f, unsigned char const *query, size_t len,
                    struct dnswire_question const *q, struct dnsforward_client const *client)
{
    uint32_t hash = hash_of(f, q);
    if (f->cache && !f->searches && !(client->flags & (DNSFORWARD_ALONE | DNSFORWARD_NOBODY))) {
        size_t n = dnscache_get(f->cache, f->out, client->room, q, dnswire_u16(query),
                                client->flags, (uint32_t)(dnsclient_now() / 1000));
        if (n) {
            f->deliver(f->data, client, f->out, n);
            return;
        }
    }
    struct dnsforward_flight *alike = client->flags & (DNSFORWARD_ALONE | DNSFORWARD_NOBODY)
                                          ? NULL
                                          : find_alike(f, query, q, client, hash);
    if (alike && is_waiting(f, alike, query, client))
        return;
    if (!f->free_flights || len > DNSFORWARD_QUERY) {
        f->asked++;
        f->refused_full++;
        size_t n = dnswire_error(f->out, sizeof f->out, query, len, DNSWIRE_SERVFAIL);
        if (n)
            f->deliver(f->data, client, f->out, n);
        return;
    }
    struct dnsforward_flight *fl = f->flight + f->free_list[--f->free_flights];
    fl->used = 1;
    fl->len = (uint16_t)len;
    fl->client = *client;
    memcpy(fl->query, query, len);
    fl->next = 0;
    fl->is_open = 0;
    fl->stream = 0;
    fl->is_queued = 0;
    if (alike) {
        fl->next = alike->next;
        alike->next = (uint16_t)(number_of(f, fl) + 1);
        if (alike->room < client->room)
            alike->room = client->room;
        fl->is_counted = 1;
        f->asked++;
        f->joined++;
        return;
    }
    fl->type = q->type;
    fl->class = q->class;
    fl->step = 0;
    fl->best = NOTHING;
    fl->rcode = 0;
    fl->room = client->room;
    fl->since = dnsclient_now();
    fl->negative_ttl = UINT32_MAX;
    fl->negative_len = 0;
    fl->hash = hash;
    fl->is_counted = 0;
    if (!(client->flags & (DNSFORWARD_ALONE | DNSFORWARD_NOBODY)))
        enter_bucket(f, fl);
    take_step(f, fl);
}

/* What it waited for has not come. */
static void on_time(struct dnsforward *f, struct dnsforward_flight *fl, int64_t now)
{
    int is_stream = fl->stream != 0;
    int is_brief = is_stream && now - f->stream[fl->stream - 1].since < DNSFORWARD_BRIEF;
    if (fl->last >= 0 && !fl->is_queued && !is_brief) {
        f->server[fl->last].silent++;
        f->server[fl->last].bad_until = now + DNSFORWARD_PENALTY;
    }
    end_stream(f, fl);
    if (fl->is_queued || (is_stream && now >= fl->since + DNSFORWARD_DEADLINE)) {
        fl->rcode = DNSWIRE_SERVFAIL;
        step_failed(f, fl);
    } else
        ask_next(f, fl);
}

int dnsforward_tick(struct dnsforward *f)
{
    uint32_t i;
    for (;;) {
        serve_queue(f);
        uint64_t due = timerheap_next(&f->timers, &i);
        if (due == TIMERHEAP_NEVER)
            return -1;
        int64_t now = dnsclient_now();
        if (due > (uint64_t)now)
            return (int)(due - (uint64_t)now);
        on_time(f, f->flight + i, now);
    }
}
