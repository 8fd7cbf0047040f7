/* Any bytes as what a server answers to the resolver's query, over a socket: the first byte says
   how the client has asked, then messages follow, each behind a byte that says whether it is given
   the query's id and question, and one with its length. Whatever comes, the client gets one reply,
   to its question, with its id, in its room; a server that then says SERVFAIL ends the query. */

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cairn/dnscache.h>
#include <cairn/dnsforward.h>

#include "fuzz.h"

enum { ID = 0xcafe, ENTRIES = 16, BYTES = 8192, QUERY = 600 };

static struct dnsforward f;
static struct dnscache cache;
static struct stubzones zones;
static struct dnswire_question question;
static int epoll = -1;
static int server = -1;
static unsigned int deliveries;

static void deliver(void *data, struct dnsforward_client const *c, unsigned char *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    (void)data;
    deliveries++;
    HOLDS(len <= c->room && dnswire_read(&r, b, len) && r.h.id == ID);
    HOLDS(r.h.flags & DNSWIRE_QR && dnswire_next_question(&r, &q) == 1);
    HOLDS(dnswire_name_is_exactly(&q.name, &question.name) && q.type == question.type);
}

/* The server's socket. Its port is ours for TCP too, where nobody listens: a stranger who did, and
   said nothing, would keep each query for seconds. */
static int serve(struct sockaddr_in *in)
{
    for (int tries = 0; tries < 100; tries++) {
        socklen_t len = sizeof *in;
        *in =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        HOLDS(fd >= 0 && tcp >= 0 && !bind(fd, (struct sockaddr *)in, len));
        HOLDS(!getsockname(fd, (struct sockaddr *)in, &len));
        if (!bind(tcp, (struct sockaddr *)in, len))
            return fd;
        close(fd);
        close(tcp);
    }
    abort();
}

static void setup(void)
{
    static struct resolvconf conf;
    struct sockaddr_in in;
    void *memory = malloc(dnscache_size(ENTRIES, BYTES));
    HOLDS(memory);
    dnscache_init(&cache, memory, ENTRIES, BYTES, 100, 7);
    f.deliver = deliver;
    f.cache = &cache;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    server = serve(&in);
    HOLDS(epoll >= 0 && !dnsforward_init(&f, epoll));
    resolvconf_init(&conf);
    conf.servers = conf.searches = 1;
    HOLDS(netaddr_parse("127.0.0.1", &conf.server[0].addr));
    conf.server[0].port = ntohs(in.sin_port);
    HOLDS(dnswire_name_parse(conf.search, "s.test", 6));
    dnsforward_configure(&f, &conf, &zones);
}

static void pump(int ms)
{
    struct epoll_event e[16];
    dnsforward_tick(&f);
    int n = epoll_wait(epoll, e, 16, ms);
    for (int i = 0; i < n; i++)
        dnsforward_event(&f, e[i].data.u32);
}

static void ask(unsigned int first)
{
    unsigned char b[DNSWIRE_QUERY];
    struct dnswire_reader r;
    struct dnswire_name n;
    struct dnsforward_client c = {.room = first & 1 ? 1232 : DNSWIRE_UDP};
    char const *name = first & 2 ? "host" : "Www.a.test";
    c.stream = !!(first & 4);
    c.flags = first & 8 ? DNSCACHE_EDNS : 0;
    if (c.stream)
        c.room = 65535;
    HOLDS(dnswire_name_parse(&n, name, strlen(name)));
    size_t len = dnswire_query(b, sizeof b, ID, &n, first & 16 ? DNSWIRE_AAAA : DNSWIRE_A, 0);
    HOLDS(dnswire_read(&r, b, len) && dnswire_next_question(&r, &question) == 1);
    dnsforward_ask(&f, b, len, &question, &c);
}

static unsigned char query[QUERY];
static ssize_t query_len;
static struct sockaddr_storage from;
static socklen_t from_len;

/* The next query at the server, if there is one; the last stays, to be answered again. */
static void take(void)
{
    unsigned char b[QUERY];
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    ssize_t n;
    while ((n = recvfrom(server, b, sizeof b, 0, (struct sockaddr *)&ss, &len)) > 0) {
        memcpy(query, b, (size_t)n);
        query_len = n;
        from = ss;
        from_len = len;
        len = sizeof ss;
    }
}

static void reply(unsigned int how, uint8_t const *data, size_t n)
{
    unsigned char b[QUERY + 512];
    size_t len = 0;
    struct dnswire_reader r;
    struct dnswire_question q;
    if (how & 1) { /* header and question of the query: then flags and counts, and the rest */
        HOLDS(dnswire_read(&r, query, (size_t)query_len) && dnswire_next_question(&r, &q) == 1);
        len = r.pos;
        memcpy(b, query, len);
        b[2] |= 0x80;
        if (how & 2)
            for (unsigned int i = 0; i < 8 && n; i++, data++, n--)
                if (i != 2 && i != 3)
                    b[2 + i] = (unsigned char)(i ? *data : *data | 0x80);
    }
    memcpy(b + len, data, n);
    sendto(server, b, len + n, 0, (struct sockaddr *)&from, from_len);
}

static void fail(void)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    HOLDS(dnswire_read(&r, query, (size_t)query_len) && dnswire_next_question(&r, &q) == 1);
    query[2] |= 0x80;
    query[3] = DNSWIRE_SERVFAIL;
    memset(query + 6, 0, 6);
    sendto(server, query, r.pos, 0, (struct sockaddr *)&from, from_len);
    query_len = 0;
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct fuzz_input in = {data, size};
    if (server < 0)
        setup();
    dnscache_clear(&cache);
    deliveries = 0;
    query_len = 0;
    ask(fuzz_byte(&in));
    for (unsigned int turns = 0; in.n > 2 && !deliveries && turns < 8; turns++) {
        unsigned int how = fuzz_byte(&in);
        size_t n = fuzz_byte(&in);
        take();
        if (n > in.n)
            n = in.n;
        if (query_len) {
            reply(how, in.p, n);
            pump(0);
        }
        in.p += n;
        in.n -= n;
    }
    for (unsigned int turns = 0; !deliveries; turns++) {
        HOLDS(turns < 3000);
        take();
        if (query_len)
            fail();
        pump(query_len || deliveries ? 0 : 2);
    }
    HOLDS(deliveries == 1);
    take();
    return 0;
}
