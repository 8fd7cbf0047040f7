#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <cairn/netaddr.h>

static void netaddr_parse_is_strict(void **state)
{
    (void)state;
    struct netaddr a;
    char buf[NETADDR_FMT];
    static char const *const bad[] = {"",         "1",         "1.2.3",  "1.2.3.256", "999.1.2.3",
                                      "1.2.3.4 ", "01.2.3.4x", "::1%lo", ":",         "1:2",
                                      "g::",      "1.2.3.4/8", "::1::"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(netaddr_parse(bad[i], &a), 0);
    assert_int_equal(netaddr_parse("192.0.2.1", &a), 1);
    assert_int_equal(a.family, AF_INET);
    assert_string_equal(netaddr_fmt(buf, &a), "192.0.2.1");
    assert_int_equal(netaddr_parse("2001:DB8::0:1", &a), 1);
    assert_int_equal(a.family, AF_INET6);
    assert_string_equal(netaddr_fmt(buf, &a), "2001:db8::1");
    assert_int_equal(netaddr_parse("::ffff:1.2.3.4", &a), 1);
    assert_string_equal(netaddr_fmt(buf, &a), "::ffff:1.2.3.4");
}

static int is_in(char const *address, char const *net)
{
    struct netaddr a;
    struct netaddr_net n;
    assert_int_equal(netaddr_parse(address, &a), 1);
    assert_int_equal(netaddr_net_parse(net, &n), 1);
    return netaddr_is_in(&a, &n);
}

static void netaddr_networks(void **state)
{
    (void)state;
    struct netaddr_net n;
    static char const *const bad[] = {
        "",           "10.0.0.0",
        "10.0.0.0/",  "10.0.0.0/33",
        "::/129",     "10.0.0.0/-1",
        "/8",         "10/8",
        "1.2.3.4/8x", "::/",
        "x/1",        "1111111111111111111111111111111111111111111111111111/1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(netaddr_net_parse(bad[i], &n), 0);
    assert_true(is_in("10.1.2.3", "10.0.0.0/8"));
    assert_true(is_in("10.1.2.3", "10.255.255.255/8"));
    assert_false(is_in("11.1.2.3", "10.0.0.0/8"));
    assert_true(is_in("172.31.255.255", "172.16.0.0/12"));
    assert_false(is_in("172.32.0.0", "172.16.0.0/12"));
    assert_true(is_in("1.2.3.4", "0.0.0.0/0"));
    assert_false(is_in("::1", "0.0.0.0/0"));
    assert_true(is_in("1.2.3.4", "1.2.3.4/32"));
    assert_false(is_in("1.2.3.5", "1.2.3.4/32"));
    assert_true(is_in("fd12::1", "fc00::/7"));
    assert_false(is_in("fe80::1", "fc00::/7"));
    assert_true(is_in("::1", "::1/128"));
    assert_false(is_in("::", "::1/128"));
}

static void netaddr_with_a_port(void **state)
{
    (void)state;
    struct netaddr a;
    char buf[NETADDR_FMT];
    uint16_t port;
    static struct {
        char const *s;
        char const *addr;
        unsigned int port;
    } const good[] = {
        {"10.0.0.1", "10.0.0.1", 53},
        {"10.0.0.1:8600", "10.0.0.1", 8600},
        {"fd00::1", "fd00::1", 53},
        {"[fd00::1]", "fd00::1", 53},
        {"[fd00::1]:65535", "fd00::1", 65535},
    };
    static char const *const bad[] = {
        "",           ":",
        ":53",        "10.0.0.1:",
        "10.0.0.1:0", "10.0.0.1:65536",
        "10.0.0.1:x", "[10.0.0.1]",
        "[fd00::1",   "[fd00::1]53",
        "[]:53",      "host:53",
        "[fd00::1]:", "1.2.3.4:5:6",
        "[::1]]:5",   "1111111111111111111111111111111111111111111111111:1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        port = 53;
        assert_int_equal(netaddr_port_parse(good[i].s, &a, &port), 1);
        assert_string_equal(netaddr_fmt(buf, &a), good[i].addr);
        assert_int_equal(port, good[i].port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        port = 53;
        assert_int_equal(netaddr_port_parse(bad[i], &a, &port), 0);
    }
}

static void netaddr_is_compares(void **state)
{
    (void)state;
    struct netaddr a;
    struct netaddr b;
    struct sockaddr_storage ss;
    assert_int_equal(netaddr_parse("10.0.0.1", &a), 1);
    assert_int_equal(netaddr_parse("10.0.0.1", &b), 1);
    assert_true(netaddr_is(&a, &b));
    assert_int_equal(netaddr_sockaddr(&a, 53, &ss), sizeof(struct sockaddr_in));
    assert_int_equal(ss.ss_family, AF_INET);
    assert_int_equal(netaddr_parse("fd00::1", &b), 1);
    assert_false(netaddr_is(&a, &b));
    assert_int_equal(netaddr_sockaddr(&b, 53, &ss), sizeof(struct sockaddr_in6));
    assert_int_equal(ss.ss_family, AF_INET6);
    a = b;
    a.u.bytes[15]++;
    assert_false(netaddr_is(&a, &b));
}

/* The same as inet_ntop, for every pattern of groups that are zero, one digit or four. */
static void netaddr_fmt_is_inet_ntops(void **state)
{
    (void)state;
    struct netaddr a = {.family = AF_INET6};
    char buf[NETADDR_FMT];
    char want[NETADDR_FMT];
    for (unsigned int pattern = 0; pattern < 6561; pattern++) { /* 3 to the 8th */
        unsigned int rest = pattern;
        for (int i = 0; i < 8; i++, rest /= 3) {
            a.u.bytes[2 * i] = rest % 3 == 2 ? 0xff : 0;
            a.u.bytes[2 * i + 1] = rest % 3 == 2 ? 0xff : (unsigned char)(rest % 3);
        }
        /* glibc takes ::1.2.3.4 for an address of RFC 4291 2.5.5.1, which is deprecated */
        static unsigned char const zeroes[12];
        if (!memcmp(a.u.bytes, zeroes, sizeof zeroes))
            continue;
        assert_string_equal(netaddr_fmt(buf, &a),
                            inet_ntop(AF_INET6, a.u.bytes, want, sizeof want));
    }
    static char const *const same[] = {
        "::",      "::1",     "1::",   "::ffff:10.0.0.1", "0.0.0.0", "255.255.255.255",
        "fe80::1", "1:0:1::", "::2:3", "10.20.30.40"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_int_equal(netaddr_parse(same[i], &a), 1);
        assert_string_equal(netaddr_fmt(buf, &a), same[i]);
    }
}

static void netaddr_is_any_knows_both(void **state)
{
    struct netaddr a;
    (void)state;
    assert_true(netaddr_parse("0.0.0.0", &a) && netaddr_is_any(&a));
    assert_true(netaddr_parse("::", &a) && netaddr_is_any(&a));
    assert_true(netaddr_parse("0.0.0.1", &a) && !netaddr_is_any(&a));
    assert_true(netaddr_parse("::1", &a) && !netaddr_is_any(&a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(netaddr_parse_is_strict),   cmocka_unit_test(netaddr_networks),
        cmocka_unit_test(netaddr_fmt_is_inet_ntops), cmocka_unit_test(netaddr_with_a_port),
        cmocka_unit_test(netaddr_is_compares),       cmocka_unit_test(netaddr_is_any_knows_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
