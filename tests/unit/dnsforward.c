/* dnsforward with servers that are sockets of this test: it sees what they are asked, and answers
   or not. The time is the test's too, and passes in pump only: a busy machine changes nothing. Real
   servers are in tests/prog/resolver. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/dnsclient.h>
#include <cairn/dnsforward.h>

static struct dnsforward f;
static struct resolvconf conf;
static struct stubzones zones;
static int epoll = -1;
static int server[4] = {-1, -1, -1, -1};

enum { START = 1000000, LONG = 10 /* s of real time for what is certain to come */ };

static int64_t now;

/* in the place of the library's */
int64_t dnsclient_now(void)
{
    return now;
}

/* what came to the client last */
static unsigned char got[DNSWIRE_MESSAGE];
static size_t got_len;
static unsigned int deliveries;
static char told[1024 + DNSWIRE_TEXT]; /* who got what: "number:id:name:rcode:answers " of each */

static void deliver(void *data, struct dnsforward_client const *c, unsigned char *b, size_t len)
{
    (void)data;
    assert_true(len <= c->room);
    memcpy(got, b, len);
    got_len = len;
    deliveries++;
    struct dnswire_reader r;
    struct dnswire_question q;
    char name[DNSWIRE_TEXT];
    size_t n = strlen(told);
    assert_true(dnswire_read(&r, b, len) && dnswire_next_question(&r, &q) == 1);
    dnswire_name_fmt(name, &q.name);
    if (n < 1000)
        sprintf(told + n, "%u:%x:%s:%d:%d%s ", c->number, r.h.id, name, r.h.flags & DNSWIRE_RCODE,
                r.h.count[1], r.h.flags & DNSWIRE_TC ? " TC" : "");
}

static struct resolvconf_server open_server(int i)
{
    struct resolvconf_server s = {.port = 0};
    struct sockaddr_storage ss;
    struct sockaddr_in in;
    socklen_t len = sizeof in;
    struct timeval const patience = {.tv_sec = LONG};
    netaddr_parse("127.0.0.1", &s.addr);
    server[i] = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(setsockopt(server[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    netaddr_sockaddr(&s.addr, 0, &ss);
    assert_int_equal(bind(server[i], (struct sockaddr *)&ss, sizeof in), 0);
    assert_int_equal(getsockname(server[i], (struct sockaddr *)&in, &len), 0);
    s.port = ntohs(in.sin_port);
    return s;
}

/* names as text, in any case */
static int same(char const *a, char const *b)
{
    return !strcasecmp(a, b);
}

static int setup(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    memset(&zones, 0, sizeof zones);
    resolvconf_init(&conf);
    deliveries = 0;
    told[0] = 0;
    got_len = 0;
    now = START;
    f.deliver = deliver;
    epoll = epoll_create1(0);
    if (dnsforward_init(&f, epoll) < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        conf.server[conf.servers++] = open_server(i);
    dnsforward_configure(&f, &conf, &zones);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(epoll);
    for (int i = 0; i < 4; i++)
        if (server[i] >= 0) {
            close(server[i]);
            server[i] = -1;
        }
    for (int six = 0; six < 2; six++)
        for (int i = 0; i < DNSFORWARD_SOCKETS; i++)
            if (f.sockets[six][i] >= 0)
                close(f.sockets[six][i]);
    return 0;
}

static void search(char const *domain)
{
    assert_int_equal(dnswire_name_parse(conf.search + conf.searches++, domain, strlen(domain)), 1);
    dnsforward_configure(&f, &conf, &zones);
}

/* lets it work for that long at most, or until something is delivered; the time passes when there
   is nothing to do */
static void pump(int ms)
{
    int64_t end = now + ms;
    unsigned int before = deliveries;
    while (deliveries == before) {
        struct epoll_event e[16];
        int due = dnsforward_tick(&f);
        if (deliveries != before)
            return;
        int n = epoll_wait(epoll, e, 16, 0);
        for (int i = 0; i < n; i++)
            dnsforward_event(&f, e[i].data.u32);
        if (n > 0)
            continue;
        if (now >= end)
            return;
        now = due >= 0 && due < end - now ? now + due : end;
    }
}

/* what was sent to it is there */
static void arrive(void)
{
    struct epoll_event e;
    assert_int_equal(epoll_wait(epoll, &e, 1, LONG * 1000), 1);
}

static void ask(char const *name, uint16_t type)
{
    unsigned char b[DNSWIRE_QUERY];
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_name n;
    struct dnsforward_client c = {.room = DNSWIRE_UDP};
    assert_int_equal(dnswire_name_parse(&n, name, strlen(name)), 1);
    size_t len = dnswire_query(b, sizeof b, 0xcafe, &n, type, 0);
    assert_true(dnswire_read(&r, b, len) && dnswire_next_question(&r, &q) == 1);
    dnsforward_ask(&f, b, len, &q, &c);
}

/* one query to a server, as it came, to be answered */
static struct query {
    unsigned char b[600];
    size_t len;
    struct sockaddr_storage from;
    socklen_t from_len;
} query;

static char const *receive(int i, int flags)
{
    static char text[DNSWIRE_TEXT];
    struct dnswire_reader r;
    struct dnswire_question q;
    query.from_len = sizeof query.from;
    ssize_t n = recvfrom(server[i], query.b, sizeof query.b, flags, (struct sockaddr *)&query.from,
                         &query.from_len);
    if (n < 0)
        return "";
    query.len = (size_t)n;
    assert_true(dnswire_read(&r, query.b, query.len) && dnswire_next_question(&r, &q) == 1);
    dnswire_name_fmt(text, &q.name);
    return text;
}

/* the name that server i is asked for next */
static char const *asked(int i)
{
    return receive(i, 0);
}

/* the same, "" if it is not asked */
static char const *asked_by_now(int i)
{
    return receive(i, MSG_DONTWAIT);
}

/* answers what asked() got: with addresses, or none and an rcode */
static void answer_from(int i, unsigned int addresses, unsigned int rcode)
{
    unsigned char b[DNSWIRE_UDP];
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_writer w;
    assert_true(dnswire_read(&r, query.b, query.len) && dnswire_next_question(&r, &q) == 1);
    assert_true(dnswire_write(&w, b, sizeof b, r.h.id,
                              (uint16_t)(DNSWIRE_QR | DNSWIRE_RD | DNSWIRE_RA | rcode)));
    assert_true(dnswire_put_question(&w, &q.name, q.type, q.class));
    for (unsigned int n = 0; n < addresses; n++)
        assert_true(
            dnswire_put_rr(&w, DNSWIRE_ANSWER, &q.name, DNSWIRE_A, DNSWIRE_IN, 5, "\12\0\0\1", 4));
    sendto(server[i], b, w.len, 0, (struct sockaddr *)&query.from, query.from_len);
    arrive();
}

/* answers with no data or NXDOMAIN and the SOA of zone */
static void deny(int i, char const *zone, uint32_t ttl, unsigned int rcode)
{
    static unsigned char const data[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0,
                                         0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 44};
    unsigned char b[DNSWIRE_UDP];
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_writer w;
    struct dnswire_name owner;
    assert_true(dnswire_name_parse(&owner, zone, strlen(zone)));
    assert_true(dnswire_read(&r, query.b, query.len) && dnswire_next_question(&r, &q) == 1);
    assert_true(dnswire_write(&w, b, sizeof b, r.h.id, (uint16_t)(DNSWIRE_QR | rcode)));
    assert_true(dnswire_put_question(&w, &q.name, q.type, q.class));
    assert_true(dnswire_put_rr(&w, DNSWIRE_AUTHORITY, &owner, DNSWIRE_SOA, DNSWIRE_IN, ttl, data,
                               sizeof data));
    sendto(server[i], b, w.len, 0, (struct sockaddr *)&query.from, query.from_len);
    arrive();
    pump(50);
}

/* the seconds that the client may keep what it got, 0: not at all */
static uint32_t kept(void)
{
    uint32_t ttl;
    return dnswire_negative_ttl(got, got_len, &ttl) ? ttl : 0;
}

/* what the client got: "name rcode answers" */
static char const *result(void)
{
    static char text[DNSWIRE_TEXT + 64];
    char name[DNSWIRE_TEXT];
    struct dnswire_reader r;
    struct dnswire_question q;
    assert_int_equal(deliveries, 1);
    deliveries = 0;
    assert_true(dnswire_read(&r, got, got_len) && dnswire_next_question(&r, &q) == 1);
    assert_int_equal(r.h.id, 0xcafe);
    assert_true(r.h.flags & DNSWIRE_QR);
    dnswire_name_fmt(name, &q.name);
    sprintf(text, "%s%s %d %d", r.h.flags & DNSWIRE_TC ? "TC " : "", name,
            r.h.flags & DNSWIRE_RCODE, r.h.count[1]);
    assert_int_equal(f.free_flights, DNSFORWARD_FLIGHTS);
    return text;
}

static void dnsforward_passes_on(void **state)
{
    (void)state;
    ask("Web.Test", DNSWIRE_A);
    assert_true(same(asked(0), "Web.Test"));
    answer_from(0, 2, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "Web.Test 0 2");
    ask("nosuch.test", DNSWIRE_A);
    assert_true(same(asked(0), "nosuch.test"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(1000);
    assert_string_equal(result(), "nosuch.test 3 0");
    assert_string_equal(asked_by_now(1), "");
}

static void dnsforward_hears_nobody_else(void **state)
{
    (void)state;
    ask("web.test", DNSWIRE_A);
    assert_true(same(asked(0), "web.test"));
    struct query right = query;
    answer_from(1, 1, DNSWIRE_NOERROR); /* a server that was not asked */
    query.b[0] ^= 1;
    answer_from(0, 1, DNSWIRE_NOERROR); /* id */
    query = right;
    query.b[13] ^= 1;
    answer_from(0, 1, DNSWIRE_NOERROR); /* name */
    query = right;
    query.b[query.len - 3] ^= 1;
    answer_from(0, 1, DNSWIRE_NOERROR); /* type */
    sendto(server[0], "", 1, 0, (struct sockaddr *)&query.from, query.from_len);
    pump(100);
    assert_int_equal(deliveries, 0);
    query = right;
    answer_from(0, 3, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "web.test 0 3");
    answer_from(0, 3, DNSWIRE_NOERROR); /* once more: late, of nobody */
    pump(50);
    assert_int_equal(deliveries, 0);
}

static void dnsforward_remembers_the_silent(void **state)
{
    (void)state;
    ask("a.test", DNSWIRE_A);
    assert_string_equal(asked_by_now(1), "");
    pump(DNSFORWARD_PATIENCE + 50);
    assert_true(same(asked(0), "a.test"));
    assert_true(same(asked(1), "a.test"));
    answer_from(1, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "a.test 0 1");
    /* known to be dead: it is not asked before the other */
    ask("b.test", DNSWIRE_A);
    assert_string_equal(asked_by_now(0), "");
    assert_true(same(asked(1), "b.test"));
    answer_from(1, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "b.test 0 1");
    /* its time is over: it is tried beside the good one, and back when it answers */
    f.server[0].bad_until = 1;
    ask("c.test", DNSWIRE_A);
    assert_true(same(asked(1), "c.test"));
    assert_true(same(asked(0), "c.test"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "c.test 0 1");
    ask("d.test", DNSWIRE_A);
    assert_string_equal(asked_by_now(1), "");
    assert_true(same(asked(0), "d.test"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "d.test 0 1");
    /* a late answer of the first still counts */
    ask("e.test", DNSWIRE_A);
    assert_true(same(asked(0), "e.test"));
    struct query first = query;
    pump(DNSFORWARD_PATIENCE + 50);
    assert_true(same(asked(1), "e.test"));
    query = first;
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "e.test 0 1");
}

static void dnsforward_asks_another(void **state)
{
    (void)state;
    ask("a.test", DNSWIRE_A);
    assert_true(same(asked(0), "a.test"));
    answer_from(0, 0, DNSWIRE_SERVFAIL);
    pump(50);
    assert_true(same(asked(1), "a.test"));
    answer_from(1, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "a.test 0 1");
    ask("a.test", DNSWIRE_A);
    asked(0);
    answer_from(0, 0, DNSWIRE_SERVFAIL);
    pump(50);
    asked(1);
    answer_from(1, 0, DNSWIRE_REFUSED);
    pump(1000);
    assert_string_equal(result(), "a.test 5 0");
}

static void dnsforward_gives_up(void **state)
{
    (void)state;
    int64_t start = dnsclient_now();
    ask("a.test", DNSWIRE_A);
    pump(10000);
    int64_t took = dnsclient_now() - start;
    assert_string_equal(result(), "a.test 2 0");
    assert_true(took < (DNSFORWARD_LAST << DNSFORWARD_TURNS) +
                           DNSFORWARD_TURNS * DNSFORWARD_PATIENCE + 200);
    assert_true(took < 5000); /* else clients have given up before */
    conf.servers = 0;
    dnsforward_configure(&f, &conf, &zones);
    ask("a.test", DNSWIRE_A);
    assert_string_equal(result(), "a.test 2 0");
}

static void dnsforward_searches(void **state)
{
    (void)state;
    search("a.test");
    search("b.test");
    ask("WeB", DNSWIRE_A);
    assert_true(same(asked(0), "WeB.a.test"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(50);
    assert_true(same(asked(0), "WeB.b.test"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "WeB 0 2"); /* and the CNAME */
    /* nothing found: as it is, last */
    ask("web", DNSWIRE_A);
    for (int i = 0; i < 2; i++) {
        asked(0);
        answer_from(0, 0, DNSWIRE_NXDOMAIN);
        pump(50);
    }
    assert_true(same(asked(0), "web"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(1000);
    assert_string_equal(result(), "web 3 0");
    /* with dots: as it is, first */
    ask("web.c", DNSWIRE_A);
    assert_true(same(asked(0), "web.c"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(50);
    assert_true(same(asked(0), "web.c.a.test"));
    answer_from(0, 0, DNSWIRE_NOERROR); /* no data: remembered */
    pump(50);
    assert_true(same(asked(0), "web.c.b.test"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(1000);
    assert_string_equal(result(), "web.c 0 0");
    /* a domain that the name has already is not added */
    ask("x.A.test", DNSWIRE_A);
    assert_true(same(asked(0), "x.A.test"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(50);
    assert_true(same(asked(0), "x.A.test.b.test"));
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(1000);
    assert_string_equal(result(), "x.A.test 3 0");
    f.forward_ndots = 1;
    conf.searches = 0;
    dnsforward_configure(&f, &conf, &zones);
    ask("web", DNSWIRE_A);
    assert_string_equal(result(), "web 5 0");
}

static void dnsforward_stub_zones(void **state)
{
    (void)state;
    char spec[64];
    char const *at;
    size_t len;
    sprintf(spec, ".consul/127.0.0.1:%u", open_server(2).port);
    assert_null(stubzones_add(&zones, spec, &at, &len));
    dnsforward_configure(&f, &conf, &zones);
    ask("web.service.CONSUL", DNSWIRE_A);
    assert_string_equal(asked_by_now(0), "");
    assert_true(same(asked(2), "web.service.CONSUL"));
    answer_from(2, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "web.service.CONSUL 0 1");
    ask("consul", DNSWIRE_A);
    assert_string_equal(asked_by_now(2), "");
    assert_true(same(asked(0), "consul"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "consul 0 1");
    search("service.consul");
    ask("web", DNSWIRE_A);
    assert_true(same(asked(2), "web.service.consul"));
    answer_from(2, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "web 0 2");
}

static void dnsforward_truncates(void **state)
{
    (void)state;
    search("a.test");
    ask("web.test", DNSWIRE_A);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    pump(1000);
    assert_string_equal(result(), "TC web.test 0 0");
    ask("web", DNSWIRE_A);
    assert_true(same(asked(0), "web.a.test"));
    answer_from(0, 0, DNSWIRE_TC);
    pump(1000);
    assert_string_equal(result(), "TC web 0 0");
}

static void dnsforward_is_bounded(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i < DNSFORWARD_FLIGHTS; i++) {
        sprintf(name, "n%d.test", i / 2); /* half of them wait for the others' replies */
        ask(name, DNSWIRE_A);
    }
    assert_int_equal(f.joined, DNSFORWARD_FLIGHTS / 2);
    assert_int_equal(deliveries, 0);
    assert_int_equal(f.free_flights, 0);
    ask("b.test", DNSWIRE_A);
    assert_int_equal(deliveries, 1);
    assert_int_equal(got[3] & DNSWIRE_RCODE, DNSWIRE_SERVFAIL);
    for (int i = 0; i < 2 * DNSFORWARD_FLIGHTS && f.free_flights < DNSFORWARD_FLIGHTS; i++) {
        unsigned int before = deliveries;
        pump(10000);
        assert_true(deliveries > before);
    }
    assert_int_equal(deliveries, DNSFORWARD_FLIGHTS + 1);
}

static void dnsforward_mixes_case(void **state)
{
    static char const name[] = "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz";
    char mixed[sizeof name];
    (void)state;
    ask(name, DNSWIRE_A);
    strcpy(mixed, asked(0));
    assert_true(same(mixed, name));
    assert_string_not_equal(mixed, name); /* but for once in 2^52 */
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    assert_string_equal(result(), "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz 0 1");
    /* another case: asked again as it was written, with another id, and not believed before */
    ask(name, DNSWIRE_A);
    asked(0);
    uint16_t id = dnswire_u16(query.b);
    for (char *c = (char *)query.b + 12; c < (char *)query.b + 66; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(50);
    assert_int_equal(deliveries, 0);
    assert_string_equal(asked(0), name);
    assert_int_not_equal(dnswire_u16(query.b), id); /* but for once in 2^16 */
    answer_from(0, 2, DNSWIRE_NOERROR);
    pump(1000);
    result();
    /* which is remembered, also when servers are read again */
    dnsforward_configure(&f, &conf, &zones);
    ask(name, DNSWIRE_A);
    assert_string_equal(asked(0), name);
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    result();
    /* of that server only */
    f.server[0].bad_until = INT64_MAX;
    ask(name, DNSWIRE_A);
    assert_string_not_equal(asked(1), name);
    answer_from(1, 1, DNSWIRE_NOERROR);
    pump(1000);
    result();
}

static void dnsforward_denies_for_as_long_as_all(void **state)
{
    (void)state;
    search("a.test");
    search("b.test");
    /* all say no: the last one's SOA, the shortest time */
    ask("web", DNSWIRE_A);
    asked(0);
    deny(0, "a.test", 7, DNSWIRE_NXDOMAIN);
    asked(0);
    deny(0, "b.test", 9, DNSWIRE_NXDOMAIN);
    asked(0);
    deny(0, ".", 60, DNSWIRE_NXDOMAIN);
    assert_string_equal(result(), "web 3 0");
    assert_int_equal(kept(), 7);
    /* no data counts more than no such name: else A would be found, and AAAA deny the name */
    ask("web", DNSWIRE_AAAA);
    asked(0);
    deny(0, "a.test", 60, DNSWIRE_NOERROR);
    asked(0);
    deny(0, "b.test", 9, DNSWIRE_NXDOMAIN);
    asked(0);
    deny(0, ".", 60, DNSWIRE_NXDOMAIN);
    assert_string_equal(result(), "web 0 0");
    assert_int_equal(kept(), 9);
    /* one that could not say, or said nothing of times: nobody keeps it */
    ask("web", DNSWIRE_A);
    asked(0);
    deny(0, "a.test", 60, DNSWIRE_NXDOMAIN);
    asked(0);
    answer_from(0, 0, DNSWIRE_NXDOMAIN);
    pump(50);
    asked(0);
    deny(0, ".", 60, DNSWIRE_NXDOMAIN);
    assert_string_equal(result(), "web 3 0");
    assert_int_equal(kept(), 0);
    /* dotted names end with the search */
    ask("web.c", DNSWIRE_A);
    asked(0);
    deny(0, ".", 60, DNSWIRE_NXDOMAIN);
    asked(0);
    deny(0, "a.test", 50, DNSWIRE_NXDOMAIN);
    asked(0);
    deny(0, "b.test", 40, DNSWIRE_NXDOMAIN);
    assert_string_equal(result(), "web.c 3 0");
    assert_int_equal(kept(), 40);
}

/* asks as another: by its number, with an id of its own */
static void ask_as(uint32_t number, char const *name, uint16_t type, struct dnsforward_client c,
                   uint16_t flags)
{
    unsigned char b[DNSWIRE_QUERY];
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_name n;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number)};
    assert_int_equal(dnswire_name_parse(&n, name, strlen(name)), 1);
    size_t len = dnswire_query(b, sizeof b, (uint16_t)(0xa0 + number), &n, type, 0);
    dnswire_set_flags(b, flags, flags);
    assert_true(dnswire_read(&r, b, len) && dnswire_next_question(&r, &q) == 1);
    c.number = number;
    if (!c.stream) {
        memcpy(&c.from, &from, sizeof from);
        c.from_len = sizeof from;
    }
    dnsforward_ask(&f, b, len, &q, &c);
}

static void expect_told(char const *what)
{
    assert_string_equal(told, what);
    told[0] = 0;
    deliveries = 0;
    assert_int_equal(f.free_flights, DNSFORWARD_FLIGHTS);
}

static void dnsforward_joins(void **state)
{
    (void)state;
    struct dnsforward_client const udp = {.room = DNSWIRE_UDP};
    ask_as(1, "web.test", DNSWIRE_A, udp, 0);
    ask_as(2, "WEB.test", DNSWIRE_A, udp, 0);
    ask_as(3, "web.TEST", DNSWIRE_A, udp, 0);
    ask_as(2, "WEB.test", DNSWIRE_A, udp, 0); /* it is impatient */
    ask_as(1, "web.test", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "web.test"));
    answer_from(0, 2, DNSWIRE_NOERROR);
    assert_string_equal(asked_by_now(0), "");
    pump(1000);
    expect_told("1:a1:web.test:0:2 3:a3:web.TEST:0:2 2:a2:WEB.test:0:2 ");
    assert_int_equal(f.joined, 2);
    /* it is over: the next one is asked for again */
    ask_as(1, "web.test", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "web.test"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    expect_told("1:a1:web.test:0:1 ");
    /* none of these is the same */
    ask_as(1, "web.test", DNSWIRE_A, udp, 0);
    ask_as(2, "web.test", DNSWIRE_AAAA, udp, 0);
    ask_as(3, "web2.test", DNSWIRE_A, udp, 0);
    ask_as(4, "web.test", DNSWIRE_A, udp, DNSWIRE_CD);
    ask_as(5, "web.test", DNSWIRE_A, (struct dnsforward_client){.room = 512, .flags = 2}, 0);
    ask_as(6, "web.test", DNSWIRE_A, (struct dnsforward_client){.room = 9999, .stream = 1}, 0);
    for (uint32_t i = 7; i < 9; i++)
        ask_as(i, "web.test", DNSWIRE_A,
               (struct dnsforward_client){.room = 512, .flags = DNSFORWARD_ALONE}, 0);
    for (int i = 0; i < 8; i++) {
        assert_string_not_equal(asked(0), "");
        answer_from(0, 0, DNSWIRE_NXDOMAIN);
    }
    assert_string_equal(asked_by_now(0), "");
    while (f.free_flights < DNSFORWARD_FLIGHTS)
        pump(1000);
    assert_int_equal(deliveries, 8);
    assert_int_equal(f.joined, 2);
}

static void dnsforward_joins_searches_and_failures(void **state)
{
    (void)state;
    struct dnsforward_client const udp = {.room = DNSWIRE_UDP};
    search("a.test");
    ask_as(1, "web", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "web.a.test"));
    ask_as(2, "Web", DNSWIRE_A, (struct dnsforward_client){.room = 60}, 0);
    ask_as(3, "wEb", DNSWIRE_A, udp, 0);
    answer_from(0, 2, DNSWIRE_NOERROR);
    pump(1000);
    expect_told("1:a1:web:0:3 3:a3:wEb:0:3 2:a2:Web:0:1 TC ");
    ask_as(1, "web", DNSWIRE_A, udp, 0);
    ask_as(2, "Web", DNSWIRE_A, udp, 0);
    for (int i = 0; i < 2; i++) {
        asked(0);
        deny(0, "test", 9, DNSWIRE_NXDOMAIN);
    }
    expect_told("1:a1:web:3:0 2:a2:Web:3:0 ");
    conf.searches = 0;
    conf.servers = 0;
    dnsforward_configure(&f, &conf, &zones);
    ask_as(1, "web", DNSWIRE_A, udp, 0);
    expect_told("1:a1:web:2:0 ");
}

static struct dnscache cache;
static uint64_t cache_memory[8192];

static void use_cache(void)
{
    assert_true(dnscache_size(50, 8000) <= sizeof cache_memory);
    dnscache_init(&cache, cache_memory, 50, 8000, 60, 7);
    f.cache = &cache;
}

static void dnsforward_keeps_steps(void **state)
{
    (void)state;
    struct dnsforward_client const udp = {.room = DNSWIRE_UDP};
    use_cache();
    search("a.test");
    search("b.test");
    ask_as(1, "Web", DNSWIRE_A, udp, 0);
    asked(0);
    deny(0, "a.test", 7, DNSWIRE_NXDOMAIN);
    assert_true(same(asked(0), "web.b.test"));
    answer_from(0, 2, DNSWIRE_NOERROR);
    pump(1000);
    expect_told("1:a1:Web:0:3 ");
    /* again; the names of its steps; what comes by one of them (the domain is not appended twice)
     */
    ask_as(1, "wEb", DNSWIRE_A, udp, 0);
    ask_as(2, "WEB.b.test", DNSWIRE_A, udp, 0);
    expect_told("1:a1:wEb:0:3 2:a2:WEB.b.test:0:2 ");
    ask_as(3, "web.a.test", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "web.a.test.b.test"));
    deny(0, "b.test", 9, DNSWIRE_NXDOMAIN);
    expect_told("3:a3:web.a.test:3:0 ");
    assert_in_range(kept(), 5, 7); /* has aged */
    ask_as(3, "web.a.test", DNSWIRE_A, udp, 0);
    expect_told("3:a3:web.a.test:3:0 ");
    assert_string_equal(asked_by_now(0), "");
    assert_int_equal(f.asked, 2);
    assert_int_equal(f.answered, 2);
    /* nothing found: what every step said is kept, and the shortest time told */
    ask_as(4, "no", DNSWIRE_A, udp, 0);
    asked(0);
    deny(0, "a.test", 20, DNSWIRE_NXDOMAIN);
    asked(0);
    deny(0, "b.test", 9, DNSWIRE_NOERROR);
    asked(0);
    deny(0, ".", 30, DNSWIRE_NXDOMAIN);
    expect_told("4:a4:no:0:0 ");
    ask_as(4, "no", DNSWIRE_A, udp, 0);
    expect_told("4:a4:no:0:0 ");
    assert_in_range(kept(), 7, 9);
    ask_as(5, "no.b.test", DNSWIRE_A, udp, 0);
    expect_told("5:a5:no.b.test:0:0 ");
    /* asked in another way, and what cannot be kept */
    ask_as(6, "Web", DNSWIRE_A, (struct dnsforward_client){.room = 512, .flags = DNSCACHE_DO}, 0);
    assert_true(same(asked(0), "web.a.test"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    expect_told("6:a6:Web:0:2 ");
    for (int i = 0; i < 2; i++) {
        ask_as(7, "Web", DNSWIRE_A,
               (struct dnsforward_client){.room = 512, .flags = DNSFORWARD_ALONE}, 0);
        assert_true(same(asked(0), "web.a.test"));
        answer_from(0, 1, DNSWIRE_NOERROR);
        pump(1000);
        expect_told("7:a7:Web:0:2 ");
    }
    /* without a search the name is its only step */
    conf.searches = 0;
    dnsforward_configure(&f, &conf, &zones);
    ask_as(8, "wEB.b.test", DNSWIRE_A, udp, 0);
    expect_told("8:a8:wEB.b.test:0:2 ");
}

static void dnsforward_tells_stale_steps(void **state)
{
    (void)state;
    struct dnsforward_client const udp = {.room = DNSWIRE_UDP};
    use_cache();
    cache.stale = 1000;
    search("a.test");
    conf.servers = 1;
    dnsforward_configure(&f, &conf, &zones);
    ask_as(1, "web", DNSWIRE_A, udp, 0);
    asked(0);
    answer_from(0, 2, DNSWIRE_NOERROR);
    pump(1000);
    expect_told("1:a1:web:0:3 ");
    cache.entry[0].since -= 50; /* its time is over */
    /* the server fails, then is silent, then known to be dead */
    ask_as(1, "web", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "web.a.test"));
    answer_from(0, 0, DNSWIRE_SERVFAIL);
    pump(1000);
    expect_told("1:a1:web:0:3 ");
    ask_as(1, "Web", DNSWIRE_A, udp, 0);
    pump(6000);
    expect_told("1:a1:Web:0:3 ");
    while (*asked_by_now(0))
        ;
    ask_as(1, "weB", DNSWIRE_A, udp, 0);
    assert_string_equal(told, "1:a1:weB:0:3 ");
    told[0] = 0;
    /* meanwhile it was asked beside, once; nobody else hears of it */
    ask_as(2, "weB", DNSWIRE_A, udp, 0);
    assert_string_equal(told, "2:a2:weB:0:3 ");
    told[0] = 0;
    assert_true(same(asked(0), "web.a.test"));
    answer_from(0, 1, DNSWIRE_NOERROR);
    assert_string_equal(asked_by_now(0), "");
    deliveries = 0;
    pump(50);
    expect_told("");
    ask_as(1, "web", DNSWIRE_A, udp, 0);
    expect_told("1:a1:web:0:2 ");
}

/* Server 0 by TCP too, at another port where this one is taken. */
static int listen_too(void)
{
    struct sockaddr_in in;
    socklen_t len = sizeof in;
    for (int i = 0; i < 100; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_int_equal(getsockname(server[0], (struct sockaddr *)&in, &len), 0);
        if (bind(fd, (struct sockaddr *)&in, len) == 0) {
            assert_int_equal(listen(fd, 200), 0);
            return fd;
        }
        close(fd);
        close(server[0]);
        conf.server[0] = open_server(0);
        dnsforward_configure(&f, &conf, &zones);
    }
    fail_msg("no port is free for both");
    return -1;
}

/* takes a fetch, and answers it with so many addresses, -1: hangs up, -2: with REFUSED */
static void answer_fetch(int listener, int addresses)
{
    unsigned char b[DNSWIRE_MESSAGE];
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_writer w;
    ssize_t n = -1;
    int fd = -1;
    for (int i = 0; n < 0 && i < LONG * 1000; i++) {
        if (i)
            usleep(1000);
        pump(0);
        if (fd < 0)
            fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd >= 0)
            n = recv(fd, query.b, sizeof query.b, 0);
    }
    assert_true(n > 2 && dnswire_u16(query.b) == n - 2);
    if (addresses != -1) {
        uint16_t flags = DNSWIRE_QR | DNSWIRE_RA | (addresses < 0 ? DNSWIRE_REFUSED : 0);
        assert_true(dnswire_read(&r, query.b + 2, (size_t)n - 2) &&
                    dnswire_next_question(&r, &q) == 1);
        assert_true(dnswire_write(&w, b + 2, sizeof b - 2, r.h.id, flags) &&
                    dnswire_put_question(&w, &q.name, q.type, q.class));
        for (int i = 0; i < addresses; i++)
            assert_true(dnswire_put_rr(&w, DNSWIRE_ANSWER, &q.name, DNSWIRE_A, DNSWIRE_IN, 9,
                                       "\12\0\0\1", 4));
        b[0] = (unsigned char)(w.len >> 8);
        b[1] = (unsigned char)w.len;
        assert_int_equal(send(fd, b, w.len + 2, 0), w.len + 2);
        arrive();
        deliveries = 0;
        pump(addresses < 0 ? 100 : 1000);
    }
    close(fd);
    if (addresses == -1)
        arrive();
}

/* A server that refuses by TCP what it has truncated: the next one is asked, and heard. */
static void dnsforward_asks_another_than_it_fetched_from(void **state)
{
    (void)state;
    struct dnsforward_client const large = {.room = 1232, .flags = DNSCACHE_EDNS};
    int listener = listen_too();
    ask_as(1, "web.test", DNSWIRE_A, large, 0);
    assert_true(same(asked(0), "web.test"));
    answer_from(0, 0, DNSWIRE_TC);
    answer_fetch(listener, -2);
    assert_true(same(asked(1), "web.test"));
    answer_from(1, 3, DNSWIRE_NOERROR);
    pump(100);
    expect_told("1:a1:web.test:0:3 ");
    assert_int_equal(f.free_flights, DNSFORWARD_FLIGHTS);
    close(listener);
}

static void dnsforward_fetches_what_is_cut(void **state)
{
    (void)state;
    struct dnsforward_client const small = {.room = DNSWIRE_UDP};
    struct dnsforward_client const large = {.room = 1232, .flags = DNSCACHE_EDNS};
    int listener = listen_too();
    conf.servers = 1;
    dnsforward_configure(&f, &conf, &zones);
    /* there is no room for more: the client is told */
    ask_as(1, "web.test", DNSWIRE_A, small, 0);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    pump(1000);
    expect_told("1:a1:web.test:0:0 TC ");
    /* there may be; two who have not the same room */
    ask_as(1, "web.test", DNSWIRE_A, (struct dnsforward_client){.room = 512, .flags = 1}, 0);
    ask_as(2, "Web.test", DNSWIRE_A, large, 0);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    pump(50);
    answer_fetch(listener, 50);
    expect_told("1:a1:web.test:0:0 TC 2:a2:Web.test:0:50 ");
    /* more than that */
    ask_as(2, "Web.test", DNSWIRE_A, large, 0);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    answer_fetch(listener, 100);
    expect_told("2:a2:Web.test:0:0 TC ");
    /* it cannot be had: the same; but who came by TCP has been told already */
    ask_as(2, "Web.test", DNSWIRE_A, large, 0);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    answer_fetch(listener, -1);
    pump(1000);
    expect_told("2:a2:Web.test:0:0 TC ");
    ask_as(3, "Web.test", DNSWIRE_A, (struct dnsforward_client){.room = 65535, .stream = 1}, 0);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    answer_fetch(listener, -1);
    pump(1000);
    expect_told("3:a3:Web.test:2:0 ");
    /* the cache has something of it */
    use_cache();
    ask_as(1, "web.test", DNSWIRE_A, small, 0);
    asked(0);
    answer_from(0, 0, DNSWIRE_TC);
    answer_fetch(listener, 50);
    expect_told("1:a1:web.test:0:0 TC ");
    ask_as(3, "Web.test", DNSWIRE_A, (struct dnsforward_client){.room = 65535, .stream = 1}, 0);
    expect_told("3:a3:Web.test:0:50 ");
    close(listener);
}

static void dnsforward_queues_fetches(void **state)
{
    (void)state;
    struct dnsforward_client const large = {.room = 1232, .flags = DNSCACHE_EDNS};
    char name[32];
    int listener = listen_too();
    conf.servers = 1;
    dnsforward_configure(&f, &conf, &zones);
    for (unsigned int i = 0; i < DNSFORWARD_STREAMS + 6; i++) {
        sprintf(name, "n%u.test", i);
        ask_as(i, name, DNSWIRE_A, large, 0);
        assert_true(same(asked(0), name));
        answer_from(0, 0, DNSWIRE_TC);
        pump(5);
    }
    while (f.flight[DNSFORWARD_STREAMS + 5].is_queued + f.flight[DNSFORWARD_STREAMS].is_queued < 2)
        pump(5);
    assert_int_equal(deliveries, 0);
    /* the first one who leaves makes room for the first one who waits */
    answer_fetch(listener, 1);
    pump(1);
    assert_false(f.flight[DNSFORWARD_STREAMS].is_queued);
    assert_true(f.flight[DNSFORWARD_STREAMS + 1].is_queued);
    for (unsigned int i = 0; i < DNSFORWARD_STREAMS + 5; i++)
        answer_fetch(listener, 1);
    assert_int_equal(f.free_flights, DNSFORWARD_FLIGHTS);
    assert_int_equal(f.queue_first + f.queue_last, 0);
    assert_int_equal(f.failed, 0);
    /* nobody answers: those who wait are told in time, and servers change meanwhile */
    for (unsigned int i = 0; i < DNSFORWARD_STREAMS + 6; i++) {
        sprintf(name, "m%u.test", i);
        ask_as(i, name, DNSWIRE_A, large, 0);
        assert_true(same(asked(0), name));
        answer_from(0, 0, DNSWIRE_TC);
        pump(5);
    }
    dnsforward_configure(&f, &conf, &zones);
    assert_int_equal(f.queue_first + f.queue_last, 0);
    deliveries = 0;
    int64_t end = dnsclient_now() + 6000;
    while (f.free_flights < DNSFORWARD_FLIGHTS && dnsclient_now() < end)
        pump(100);
    assert_int_equal(f.free_flights, DNSFORWARD_FLIGHTS);
    assert_int_equal(deliveries, DNSFORWARD_STREAMS + 6);
    close(listener);
}

/* One question and its answer, while each port has had all the questions that it may. */
static void ask_of_full_ports(struct dnsforward_client udp)
{
    ask_as(1, "web.test", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "web.test"));
    for (int k = 0; k < DNSFORWARD_SOCKETS; k++)
        f.uses[0][k] = 10000;
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(100);
}

static void dnsforward_changes_ports(void **state)
{
    (void)state;
    struct dnsforward_client const udp = {.room = DNSWIRE_UDP};
    struct sockaddr_in in;
    socklen_t len = sizeof in;
    /* one reply is late: its port stays until it has come */
    ask_as(9, "late.test", DNSWIRE_A, udp, 0);
    assert_true(same(asked(0), "late.test"));
    struct query late = query;
    unsigned int socket = f.flight[0].socket;
    assert_int_equal(getsockname(f.sockets[0][socket], (struct sockaddr *)&in, &len), 0);
    unsigned int port = in.sin_port;
    for (int i = 0; i < 3000 && !f.is_full[socket]; i++) {
        ask_of_full_ports(udp);
        timerheap_set(&f.timers, 0, (uint64_t)dnsclient_now() + 1000);
        told[0] = 0;
    }
    assert_true(f.is_full[socket]);
    query = late;
    answer_from(0, 1, DNSWIRE_NOERROR);
    pump(1000);
    expect_told("9:a9:late.test:0:1 ");
    assert_int_equal(f.full, 0);
    assert_false(f.is_full[socket]);
    assert_int_equal(getsockname(f.sockets[0][socket], (struct sockaddr *)&in, &len), 0);
    assert_int_not_equal(in.sin_port, port); /* but for once in some 28000 */
    /* without a descriptor for another port each stays at the one that it has */
    struct rlimit all;
    int before[DNSFORWARD_SOCKETS];
    memcpy(before, f.sockets[0], sizeof before);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_max = all.rlim_max}), 0);
    for (int i = 0; i < 100; i++) {
        ask_of_full_ports(udp);
        expect_told("1:a1:web.test:0:1 ");
    }
    assert_memory_equal(before, f.sockets[0], sizeof before);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    /* replies that never come hold half of the ports at most */
    for (unsigned int i = 0; i < 200; i++) {
        char name[32];
        sprintf(name, "n%u.test", i);
        for (int k = 0; k < DNSFORWARD_SOCKETS; k++)
            f.uses[0][k] = 10000;
        ask_as(i, name, DNSWIRE_A, udp, 0);
    }
    assert_int_equal(f.full, DNSFORWARD_SOCKETS / 2);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(dnsforward_passes_on),
        T(dnsforward_hears_nobody_else),
        T(dnsforward_remembers_the_silent),
        T(dnsforward_asks_another),
        T(dnsforward_gives_up),
        T(dnsforward_searches),
        T(dnsforward_stub_zones),
        T(dnsforward_truncates),
        T(dnsforward_is_bounded),
        T(dnsforward_mixes_case),
        T(dnsforward_denies_for_as_long_as_all),
        T(dnsforward_changes_ports),
        T(dnsforward_joins),
        T(dnsforward_fetches_what_is_cut),
        T(dnsforward_asks_another_than_it_fetched_from),
        T(dnsforward_queues_fetches),
        T(dnsforward_keeps_steps),
        T(dnsforward_tells_stale_steps),
        T(dnsforward_joins_searches_and_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
