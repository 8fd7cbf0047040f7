#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/stubzones.h>

static struct stubzones s;

static int add(char const *spec)
{
    char const *at;
    size_t len;
    return !stubzones_add(&s, spec, &at, &len);
}

/* the servers that name goes to */
static char const *servers(char const *text)
{
    static char buf[512];
    char addr[NETADDR_FMT];
    struct dnswire_name name;
    unsigned int i = 0;
    struct stubzones_server const *server;
    assert_int_equal(dnswire_name_parse(&name, text, strlen(text)), 1);
    int zone = stubzones_find(&s, &name);
    if (zone < 0)
        return "none";
    *buf = 0;
    while ((server = stubzones_server(&s, zone, &i)))
        sprintf(buf + strlen(buf), "%s%s#%u", *buf ? " " : "", netaddr_fmt(addr, &server->addr),
                server->port);
    return buf;
}

static int setup(void **state)
{
    (void)state;
    memset(&s, 0, sizeof s);
    return 0;
}

static void stubzones_of_docker_alpine(void **state)
{
    (void)state;
    assert_true(add(".consul/172.17.0.2:8600"));
    assert_string_equal(servers("web.service.consul"), "172.17.0.2#8600");
    assert_string_equal(servers("WEB.Service.CONSUL."), "172.17.0.2#8600");
    assert_string_equal(servers("myconsul"), "none");
    assert_string_equal(servers("web.myconsul"), "none");
    /* a container of this name is not Consul's to know */
    assert_string_equal(servers("consul"), "none");
    assert_string_equal(servers("."), "none");
}

static void stubzones_longest_match(void **state)
{
    (void)state;
    assert_true(add("a.test,B.test/10.0.0.1,10.0.0.2:54,[fd00::1]:55,fd00::2"));
    assert_true(add("x.a.test/10.0.0.3"));
    assert_true(add("./10.0.0.4"));
    assert_string_equal(servers("a.test"), "10.0.0.1#53 10.0.0.2#54 fd00::1#55 fd00::2#53");
    assert_string_equal(servers("b.TEST"), "10.0.0.1#53 10.0.0.2#54 fd00::1#55 fd00::2#53");
    assert_string_equal(servers("w.x.a.test"), "10.0.0.3#53");
    assert_string_equal(servers("wx.a.test"), "10.0.0.1#53 10.0.0.2#54 fd00::1#55 fd00::2#53");
    assert_string_equal(servers("other"), "10.0.0.4#53");
    /* given again: more servers, each once */
    assert_true(add("X.A.TEST./10.0.0.5,10.0.0.3"));
    assert_string_equal(servers("x.a.test"), "10.0.0.3#53 10.0.0.5#53");
    /* with and without the dot are two zones */
    assert_true(add(".x.a.test/10.0.0.6"));
    assert_string_equal(servers("x.a.test"), "10.0.0.3#53 10.0.0.5#53");
}

static void stubzones_several_in_one_word(void **state)
{
    (void)state;
    assert_true(add("a/10.0.0.1,b/10.0.0.2,10.0.0.3,c,d/10.0.0.4"));
    assert_int_equal(s.zones, 4);
    assert_string_equal(servers("a"), "10.0.0.1#53");
    assert_string_equal(servers("b"), "10.0.0.2#53 10.0.0.3#53");
    assert_string_equal(servers("x.c"), "10.0.0.4#53");
    assert_string_equal(servers("d"), "10.0.0.4#53");
}

static void stubzones_what_is_wrong(void **state)
{
    (void)state;
    static struct {
        char const *spec;
        char const *why;
        char const *at;
        size_t len;
    } const bad[] = {
        {"", "no zone", "", 0},
        {"consul", "zone without a server", "consul", 6},
        {"consul/", "no server's address", "consul/", 7},
        {"/10.0.0.1", "no zone", "/10.0.0.1", 9},
        {"consul/dns.test", "no server's address", "consul/dns.test", 15},
        {"consul/10.0.0.1:0", "no server's address", "consul/10.0.0.1:0", 17},
        {"consul/10.0.0.1:65536", "no server's address", "consul/10.0.0.1:65536", 21},
        {"consul/10.0.0.1,,b/10.0.0.2", "no zone", ",b/10.0.0.2", 0},
        {"consul/10.0.0.1,b", "zone without a server", "b", 1},
        {"a..b/10.0.0.1", "no zone", "a..b/10.0.0.1", 13},
        {"..a/10.0.0.1", "no zone", "..a/10.0.0.1", 12},
        {"a/10.0.0.1/8", "no server's address", "a/10.0.0.1/8", 12},
        {"a/[10.0.0.1]:53", "no server's address", "a/[10.0.0.1]:53", 15},
        {"a/[fd00::1", "no server's address", "a/[fd00::1", 10},
    };
    assert_true(add("kept/10.0.0.9"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char const *at;
        size_t len;
        char const *why = stubzones_add(&s, bad[i].spec, &at, &len);
        assert_non_null(why);
        assert_string_equal(why, bad[i].why);
        assert_string_equal(at, bad[i].at);
        assert_int_equal(len, bad[i].len);
        assert_int_equal(s.zones, 1);
        assert_int_equal(s.servers, 1);
    }
}

static void stubzones_are_bounded(void **state)
{
    (void)state;
    char spec[64];
    for (int i = 0; i < STUBZONES_ZONES; i++) {
        sprintf(spec, "z%d/10.0.0.1,10.0.0.2,10.0.0.3", i);
        assert_true(add(spec));
    }
    assert_false(add("more/10.0.0.1"));
    for (int i = 0; s.servers < STUBZONES_SERVERS; i++) {
        sprintf(spec, "z0/10.0.1.%d", i);
        assert_true(add(spec));
    }
    assert_false(add("z0/10.0.2.1"));
    assert_true(add("z0/10.0.0.1"));
    assert_string_equal(servers("z63"), "10.0.0.1#53 10.0.0.2#53 10.0.0.3#53");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(stubzones_of_docker_alpine), T(stubzones_longest_match), T(stubzones_several_in_one_word),
        T(stubzones_what_is_wrong),    T(stubzones_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
