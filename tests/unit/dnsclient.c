/* dnsclient against servers of this test: one process each, on loopback, that answers as its table
   says. What real servers do is tried by tests/prog/container-find. */

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/dnsclient.h>

static struct dnsclient client;
static char records[4096]; /* what was found, as text */
static pid_t pids[16];
static int n_pids;

static void take(void *data, struct dnsreply_record const *r)
{
    char buf[DNSWIRE_TEXT];
    (void)data;
    if (r->type == DNSWIRE_SRV) {
        dnswire_name_fmt(buf, &r->target);
        sprintf(records + strlen(records), "%s:%u/%u/%u ", buf, r->port, r->priority, r->weight);
    } else
        sprintf(records + strlen(records), "%s ", netaddr_fmt(buf, &r->addr));
}

/* ---- the servers */

enum how {
    ANSWER, /* by the name that is asked, see put_answers */
    SILENT, /* reads and says nothing */
    SERVFAIL,
    REFUSED,
    SPOOFED,   /* wrong id, wrong question, no reply, garbage; then the right one */
    TRUNCATED, /* all by TCP only */
    NO_TCP,    /* truncated, and nobody listens on TCP */
    NO_EDNS,   /* FORMERR with OPT */
    LAME,      /* empty, knows nothing, asks nobody */
    ONLY_A,    /* never a word about AAAA */
    NO_NAMES,  /* NXDOMAIN for everything */
    BROKEN,    /* a good header and question, and junk */
};

static void parse(struct dnswire_name *n, char const *s)
{
    if (!dnswire_name_parse(n, s, strlen(s)))
        _exit(111);
}

static int is(struct dnswire_name const *n, char const *s)
{
    struct dnswire_name other;
    parse(&other, s);
    return dnswire_name_is(n, &other);
}

static void put_a(struct dnswire_writer *w, struct dnswire_name const *n, int last)
{
    unsigned char a[4] = {10, 0, 0, (unsigned char)last};
    dnswire_put_rr(w, DNSWIRE_ANSWER, n, DNSWIRE_A, DNSWIRE_IN, 5, a, 4);
}

/* web.a.test, web: 10.0.0.1 10.0.0.2; v6: fd00::1; alias, chain: CNAMEs; loop; svc: SRV; big: 100
   addresses; foreign: an address of another name. Returns the rcode. */
static unsigned int put_answers(struct dnswire_writer *w, struct dnswire_question const *q)
{
    struct dnswire_name n = q->name;
    struct dnswire_name target;
    static unsigned char const six[16] = {0xfd, [15] = 1};
    static unsigned char const srv[] = "\0\1\0\2\0\120\3web\1a\4test";
    static unsigned char const none[] = "\0\1\0\2\0\120";
    if (is(&n, "svc")) {
        if (q->type == DNSWIRE_SRV) {
            dnswire_put_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_SRV, DNSWIRE_IN, 5, srv, sizeof srv);
            dnswire_put_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_SRV, DNSWIRE_IN, 5, none, sizeof none);
        }
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "v6")) {
        if (q->type == DNSWIRE_AAAA)
            dnswire_put_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_AAAA, DNSWIRE_IN, 5, six, 16);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "alias")) { /* with what it is the alias of, in the wrong order */
        parse(&target, "web.a.test");
        if (q->type == DNSWIRE_A)
            put_a(w, &target, 1);
        dnswire_put_name_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_CNAME, 5, &target);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "chain")) { /* the rest is asked for */
        parse(&target, "web.a.test");
        dnswire_put_name_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_CNAME, 5, &target);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "loop")) {
        dnswire_put_name_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_CNAME, 5, &n);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "ping") || is(&n, "pong")) { /* across replies */
        parse(&target, is(&n, "ping") ? "pong" : "ping");
        dnswire_put_name_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_CNAME, 5, &target);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "foreign")) {
        parse(&target, "other");
        put_a(w, &target, 66);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "short")) {
        dnswire_put_rr(w, DNSWIRE_ANSWER, &n, DNSWIRE_A, DNSWIRE_IN, 5, "abc", 3);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "big")) {
        for (int i = 0; i < 100 && q->type == DNSWIRE_A; i++)
            put_a(w, &n, i);
        return DNSWIRE_NOERROR;
    }
    if (is(&n, "nodata.b.test"))
        return DNSWIRE_NOERROR;
    if (!is(&n, "web.a.test") && !is(&n, "web") && !is(&n, "web.b.test"))
        return DNSWIRE_NXDOMAIN;
    if (q->type == DNSWIRE_A) {
        put_a(w, &n, is(&n, "web.b.test") ? 9 : 1);
        put_a(w, &n, 2);
    }
    return DNSWIRE_NOERROR;
}

/* Returns the length of the reply to what stands in b, 0 for none. */
static size_t make_reply(enum how how, int tcp, unsigned char const *b, size_t len,
                         unsigned char *out, size_t size)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_writer w;
    struct dnswire_edns e;
    if (!dnswire_read(&r, b, len) || dnswire_next_question(&r, &q) != 1 || how == SILENT ||
        (how == ONLY_A && q.type == DNSWIRE_AAAA))
        return 0;
    if (how == SERVFAIL || how == REFUSED)
        return dnswire_error(out, size, b, len,
                             how == SERVFAIL ? DNSWIRE_SERVFAIL : DNSWIRE_REFUSED);
    if (how == NO_EDNS && dnswire_edns(b, len, &e) > 0)
        return dnswire_error(out, size, b, len, DNSWIRE_FORMERR);
    dnswire_write(&w, out, size, r.h.id, DNSWIRE_QR | DNSWIRE_RD | (how == LAME ? 0 : DNSWIRE_RA));
    dnswire_put_question(&w, &q.name, q.type, q.class);
    unsigned int rcode = DNSWIRE_NOERROR;
    if ((how == TRUNCATED || how == NO_TCP) && !tcp)
        rcode = DNSWIRE_TC;
    else if (how == NO_NAMES)
        rcode = DNSWIRE_NXDOMAIN;
    else if (how == BROKEN) {
        out[7] = 1; /* an answer that is not there */
    } else if (how != LAME)
        rcode = put_answers(&w, &q);
    dnswire_set_flags(out, DNSWIRE_RCODE | DNSWIRE_TC, (uint16_t)rcode);
    return w.len;
}

static void spoof(int fd, struct sockaddr_storage const *from, socklen_t flen, unsigned char *out,
                  size_t len)
{
    unsigned char copy[600];
    for (int i = 0; i < 5; i++) {
        memcpy(copy, out, len);
        copy[len - 1] = 99; /* the address to fall for */
        if (i == 0)
            copy[0] ^= 1; /* id */
        if (i == 1)
            copy[13] ^= 1; /* question: name, */
        if (i == 2)
            copy[2] &= 0x7f; /* a query */
        if (i == 3)
            memset(copy + 2, 0xff, len - 2);
        sendto(fd, copy, i == 4 ? 5 : len, 0, (struct sockaddr const *)from, flen);
    }
}

static void serve(int udp, int tcp, enum how how)
{
    static unsigned char in[2 + DNSWIRE_MESSAGE];
    static unsigned char out[2 + DNSWIRE_MESSAGE];
    struct pollfd p[2] = {{.fd = udp, .events = POLLIN}, {.fd = tcp, .events = POLLIN}};
    while (poll(p, 2, -1) > 0) {
        if (p[0].revents) {
            struct sockaddr_storage from;
            socklen_t flen = sizeof from;
            ssize_t n = recvfrom(udp, in, sizeof in, 0, (struct sockaddr *)&from, &flen);
            size_t len = n > 0 ? make_reply(how, 0, in, (size_t)n, out, DNSWIRE_MESSAGE) : 0;
            if (len && how == SPOOFED)
                spoof(udp, &from, flen, out, len);
            if (len)
                sendto(udp, out, len, 0, (struct sockaddr *)&from, flen);
        }
        if (p[1].revents) {
            int c = accept(tcp, NULL, NULL);
            ssize_t n = recv(c, in, sizeof in, 0);
            size_t len = n > 2 ? make_reply(how, 1, in + 2, (size_t)n - 2, out + 2, 65535) : 0;
            out[0] = (unsigned char)(len >> 8);
            out[1] = (unsigned char)len;
            /* in pieces, as networks do */
            if (len && (send(c, out, 1, 0) < 0 || send(c, out + 1, len + 1, 0) < 0))
                _exit(111);
            close(c);
        }
    }
    _exit(111);
}

/* Adds a server to what the client asks. */
static void server(enum how how)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    int udp = -1;
    int tcp = -1;
    for (int i = 0; i < 100; i++) { /* a port that is free for both */
        in.sin_port = 0;
        udp = socket(AF_INET, SOCK_DGRAM, 0);
        tcp = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(bind(udp, (struct sockaddr *)&in, sizeof in), 0);
        assert_int_equal(getsockname(udp, (struct sockaddr *)&in, &len), 0);
        if (!bind(tcp, (struct sockaddr *)&in, sizeof in))
            break;
        close(udp);
        close(tcp);
    }
    if (how != NO_TCP)
        assert_int_equal(listen(tcp, 10), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(udp, how == NO_TCP ? -1 : tcp, how);
    }
    close(udp);
    close(tcp);
    pids[n_pids++] = pid;
    struct resolvconf_server *s = client.conf.server + client.conf.servers++;
    s->addr = (struct netaddr){.family = AF_INET, .u.v4 = in.sin_addr};
    s->port = ntohs(in.sin_port);
}

/* A port where nobody is. */
static void dead_server(void)
{
    server(SILENT);
    kill(pids[--n_pids], SIGKILL);
    waitpid(pids[n_pids], NULL, 0);
}

static int setup(void **state)
{
    (void)state;
    resolvconf_init(&client.conf);
    client.wake_fd = -1;
    client.take = take;
    client.deadline = dnsclient_now() + 20000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    while (n_pids) {
        kill(pids[--n_pids], SIGKILL);
        waitpid(pids[n_pids], NULL, 0);
    }
    return 0;
}

static void search(char const *domain)
{
    parse(client.conf.search + client.conf.searches++, domain);
}

static uint16_t const both[] = {DNSWIRE_A, DNSWIRE_AAAA};
static int64_t took;

static char const *find(char const *name)
{
    int64_t start = dnsclient_now();
    records[0] = 0;
    enum dnsclient_result r = dnsclient_lookup(&client, name, both, 2);
    took = dnsclient_now() - start;
    if (r != DNSCLIENT_FOUND)
        assert_string_equal(records, "");
    char const *why = dnsclient_reason(r);
    return why ? why : records;
}

/* the quickest of some: a busy machine may hold one up */
static char const *find_quickly(char const *name, int64_t ms)
{
    char const *found = find(name);
    for (int i = 0; i < 40 && took >= ms; i++)
        found = find(name);
    assert_true(took < ms);
    return found;
}

#define TIMEOUT  dnsclient_reason(DNSCLIENT_TIMEOUT)
#define FAIL     dnsclient_reason(DNSCLIENT_FAILED)
#define NXDOMAIN dnsclient_reason(DNSCLIENT_NXDOMAIN)
#define NODATA   dnsclient_reason(DNSCLIENT_NODATA)

static void dnsclient_finds(void **state)
{
    (void)state;
    uint16_t srv = DNSWIRE_SRV;
    server(ANSWER);
    assert_string_equal(find("web.a.test"), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(find("WEB.a.test."), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(find("v6"), "fd00::1 ");
    assert_string_equal(find("nosuch.test"), NXDOMAIN);
    assert_string_equal(find("svc"), NODATA);
    records[0] = 0;
    assert_int_equal(dnsclient_lookup(&client, "svc", &srv, 1), DNSCLIENT_FOUND);
    assert_string_equal(records, "web.a.test:80/1/2 ");
    assert_string_equal(find("a..b"), NXDOMAIN);
    assert_string_equal(find(""), NXDOMAIN);
}

static void dnsclient_follows_aliases(void **state)
{
    (void)state;
    server(ANSWER);
    assert_string_equal(find("alias"), "10.0.0.1 ");
    assert_string_equal(find("chain"), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(find("loop"), NODATA);
    assert_string_equal(find("ping"), NODATA);
    assert_string_equal(find("foreign"), NODATA);
}

static void dnsclient_searches(void **state)
{
    (void)state;
    server(ANSWER);
    search("b.test");
    search("a.test");
    assert_string_equal(find("web"), "10.0.0.9 10.0.0.2 ");
    assert_string_equal(find("web."), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(find("web.a.test"), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(find("v6"), "fd00::1 ");  /* as it is, behind the domains */
    assert_string_equal(find("web.a"), NXDOMAIN); /* web.a.b.test, web.a.a.test */
    assert_string_equal(find("nodata"), NODATA);  /* better than NXDOMAIN */
    client.conf.searches = 0;
    search("test");
    assert_string_equal(find("web.a"), "10.0.0.1 10.0.0.2 "); /* musl would not */
    client.conf.ndots = 2;
    assert_string_equal(find("web.a"), "10.0.0.1 10.0.0.2 ");
    client.conf.ndots = 0;
    client.conf.searches = 0;
    search("b.test");
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 "); /* as it is, first */
}

static void dnsclient_passes_over_dead_servers(void **state)
{
    (void)state;
    dead_server();
    server(ANSWER);
    /* the kernel says at once that nobody is there */
    assert_string_equal(find_quickly("web", DNSCLIENT_PATIENCE), "10.0.0.1 10.0.0.2 ");
    client.conf.servers = 0;
    server(SILENT);
    server(SILENT);
    server(ANSWER);
    assert_string_equal(find_quickly("web", 4000), "10.0.0.1 10.0.0.2 ");
    assert_true(took >= 2 * DNSCLIENT_PATIENCE);
    client.conf.servers = 0;
    server(SERVFAIL);
    server(LAME);
    server(REFUSED);
    server(BROKEN);
    server(ANSWER);
    assert_string_equal(find_quickly("web", DNSCLIENT_PATIENCE), "10.0.0.1 10.0.0.2 ");
}

static void dnsclient_gives_up(void **state)
{
    (void)state;
    dead_server();
    assert_string_equal(find_quickly("web", 1000), FAIL);
    server(SERVFAIL);
    server(BROKEN);
    assert_string_equal(find_quickly("web", 1000), FAIL);
    client.conf.servers = 0;
    server(SILENT);
    search("a.test");
    client.conf.timeout = 1;
    client.deadline = dnsclient_now() + 200000;
    assert_string_equal(find_quickly("web", 3900), TIMEOUT);
    assert_true(took >= 2000); /* two attempts; not once more for the domain */
    client.conf.timeout = 10;
    client.deadline = dnsclient_now() + 100;
    assert_string_equal(find("web"), TIMEOUT);
    assert_true(dnsclient_now() >= client.deadline && took < 9000);
    client.deadline = dnsclient_now() - 100;
    assert_string_equal(find("web"), TIMEOUT);
}

static void dnsclient_hears_nobody_else(void **state)
{
    (void)state;
    server(SPOOFED);
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(find("v6"), "fd00::1 ");
    assert_string_equal(find("nosuch"), NXDOMAIN);
    client.conf.servers = 0;
    server(ANSWER);
    assert_string_equal(find("short"), FAIL);
}

static void dnsclient_uses_tcp(void **state)
{
    (void)state;
    server(TRUNCATED);
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 ");
    find("big");
    assert_non_null(strstr(records, "10.0.0.99 "));
    assert_string_equal(find("nosuch"), NXDOMAIN);
    client.conf.servers = 0;
    server(NO_TCP);
    assert_string_equal(find("web"), FAIL);
    server(ANSWER);
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 ");
    client.conf.servers = 0;
    server(TRUNCATED);
    client.conf.use_tcp = 1;
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 ");
}

static void dnsclient_edns(void **state)
{
    (void)state;
    client.conf.edns0 = 1;
    server(ANSWER);
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 ");
    client.conf.servers = 0;
    server(NO_EDNS);
    assert_string_equal(find("web"), "10.0.0.1 10.0.0.2 ");
    assert_false(client.conf.edns0);
    /* both questions have gone out with EDNS, and each is refused for it */
    client.conf.servers = 0;
    client.conf.edns0 = 1;
    server(NO_EDNS);
    assert_string_equal(find("v6"), "fd00::1 ");
}

static void dnsclient_does_not_wait_for_the_silent_half(void **state)
{
    (void)state;
    server(ONLY_A);
    /* not for all attempts */
    assert_string_equal(find_quickly("web", 4000), "10.0.0.1 10.0.0.2 ");
}

static void dnsclient_rotates(void **state)
{
    (void)state;
    server(NO_NAMES);
    server(ANSWER);
    /* had it taken longer, the other one would have been asked too */
    assert_string_equal(find_quickly("web", DNSCLIENT_PATIENCE), NXDOMAIN);
    client.conf.rotate = 1;
    int found = 0;
    for (int i = 0; i < 64; i++)
        found += strcmp(find("web"), NXDOMAIN) != 0;
    assert_true(found > 0 && found < 64);
}

static void dnsclient_can_be_woken(void **state)
{
    (void)state;
    int p[2];
    server(SILENT);
    assert_int_equal(pipe(p), 0);
    assert_int_equal(write(p[1], "", 1), 1);
    client.wake_fd = p[0];
    assert_string_equal(find_quickly("web", 1000), dnsclient_reason(DNSCLIENT_WOKEN));
    close(p[0]);
    close(p[1]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(dnsclient_finds),
        T(dnsclient_follows_aliases),
        T(dnsclient_searches),
        T(dnsclient_passes_over_dead_servers),
        T(dnsclient_gives_up),
        T(dnsclient_hears_nobody_else),
        T(dnsclient_uses_tcp),
        T(dnsclient_edns),
        T(dnsclient_does_not_wait_for_the_silent_half),
        T(dnsclient_rotates),
        T(dnsclient_can_be_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
