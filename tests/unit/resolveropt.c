#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/resolveropt.h>

static struct resolveropt o;

#define READ(...) resolveropt_read(&o, (char const *const[]){__VA_ARGS__, NULL})

static int setup(void **state)
{
    (void)state;
    static char const *const names[] = {"LISTEN",         "DEFAULT",       "SERVERS", "STUB",
                                        "SEARCH",         "ENABLE_SEARCH", "NDOTS",   "RCACHE",
                                        "MULTITHREADING", "SEARCH_DOMAINS"};
    char name[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "DNSMASQ_%s", names[i]);
        unsetenv(name);
    }
    return 0;
}

static void resolveropt_of_docker_alpine(void **state)
{
    (void)state;
    assert_null(READ("--default-resolver", "--ndots", "1", "--fwd-ndots", "0",
                     "--stubzones=.consul/172.17.0.2:8600", "--hostsfile=/etc/hosts"));
    assert_int_equal(o.default_resolver, 1);
    assert_int_equal(o.ndots, 1);
    assert_int_equal(o.has_ndots, 1);
    assert_int_equal(o.forward_ndots, 0);
    assert_int_equal(o.zones.zones, 1);
    assert_string_equal(o.hostsfile, "/etc/hosts");
    assert_int_equal(o.enable_search, 0);
    assert_int_equal(o.port, 53);
    assert_int_equal(o.listen.u.bytes[0], 127);
    unsigned int i = 0;
    assert_null(resolveropt_word(&o, &i));
}

static void resolveropt_spellings(void **state)
{
    (void)state;
    assert_null(READ("-l", "[::1]:5353", "-d=false", "-search=true", "-n", "10.0.0.1,10.0.0.2:54",
                     "-z", "a/10.0.0.3", "-z=b/10.0.0.4", "-s", "a.test,b.test", "-u", "nobody",
                     "--notification-fd=3", "--no-rec", "--verbose", "--check-config"));
    assert_int_equal(o.port, 5353);
    assert_int_equal(o.listen.family, AF_INET6);
    assert_int_equal(o.default_resolver, 0);
    assert_int_equal(o.enable_search, 1);
    assert_int_equal(o.conf.servers, 2);
    assert_int_equal(o.conf.server[1].port, 54);
    assert_int_equal(o.zones.zones, 2);
    assert_int_equal(o.conf.searches, 2);
    assert_string_equal(o.user, "nobody");
    assert_int_equal(o.notification_fd, 3);
    assert_int_equal(o.no_rec & o.verbose & o.check_config, 1);
    assert_null(READ("-a"));
    assert_int_equal(o.enable_search, 1);
}

static void resolveropt_environment(void **state)
{
    (void)state;
    setenv("DNSMASQ_LISTEN", "10.0.0.9:54", 1);
    setenv("DNSMASQ_DEFAULT", "true", 1);
    setenv("DNSMASQ_SERVERS", "10.0.0.1", 1);
    setenv("DNSMASQ_STUB", "a/10.0.0.2,10.0.0.3,b/10.0.0.4", 1);
    setenv("DNSMASQ_SEARCH", "a.test", 1);
    setenv("DNSMASQ_ENABLE_SEARCH", "1", 1);
    setenv("DNSMASQ_NDOTS", "", 1);
    setenv("DNSMASQ_RCACHE", "1000", 1);
    setenv("DNSMASQ_MULTITHREADING", "true", 1);
    assert_null(READ("--nameservers", "10.0.0.7,10.0.0.8"));
    assert_int_equal(o.port, 54);
    assert_int_equal(o.default_resolver, 1);
    assert_int_equal(o.conf.servers, 2); /* the command line's only */
    assert_int_equal(o.zones.servers, 3);
    assert_int_equal(o.conf.searches, 1);
    assert_int_equal(o.has_ndots, 0);
    unsigned int i = 0;
    assert_int_equal(o.cache, 1000);
    assert_int_equal(o.cache_ttl, 60);
    assert_string_equal(resolveropt_word(&o, &i), "multithreading");
    assert_null(resolveropt_word(&o, &i));
}

static void resolveropt_empty_lists_are_none(void **state)
{
    (void)state;
    assert_null(READ("--nameservers", "", "--stubzones=", "-s", ""));
    assert_int_equal(o.has_servers, 0);
    assert_int_equal(o.has_search, 0);
    assert_int_equal(o.zones.zones, 0);
    setenv("DNSMASQ_SERVERS", "10.0.0.1", 1);
    setenv("DNSMASQ_STUB", "a/10.0.0.2", 1);
    setenv("DNSMASQ_SEARCH_DOMAINS", "", 1);
    setenv("DNSMASQ_SEARCH", "a.test", 1);
    assert_null(READ("-n", "", "-z", "", "-s="));
    assert_int_equal(o.conf.servers, 1);
    assert_int_equal(o.zones.zones, 1);
    assert_int_equal(o.conf.searches, 1);
    setenv("DNSMASQ_SERVERS", "", 1);
    setenv("DNSMASQ_STUB", "", 1);
    setenv("DNSMASQ_SEARCH", "", 1);
    assert_null(READ("-a"));
    assert_int_equal(o.has_servers | o.has_search, 0);
    assert_int_equal(o.zones.zones, 0);
    assert_string_equal(READ("-n", ","), "nameservers: '' is no address");
    assert_string_equal(READ("-s", "a.test,,b.test"), "search-domains: '' is no name");
}

static void resolveropt_as_interpreter(void **state)
{
    (void)state;
    assert_null(READ("--service", "-d", "/etc/services.d/resolver/run", "resolver"));
    assert_int_equal(o.service & o.default_resolver, 1);
    assert_int_equal(o.prepare, 0);
    assert_string_equal(o.script, "/etc/services.d/resolver/run");
    assert_null(READ("--prepare", "/etc/cont-init.d/30-resolver"));
    assert_int_equal(o.prepare, 1);
    assert_string_equal(o.script, "/etc/cont-init.d/30-resolver");
    /* its arguments are none of ours */
    assert_null(READ("--prepare", "hook", "--nosuch"));
    assert_null(READ("--service"));
    assert_null(o.script);
    assert_string_equal(READ("--service=false", "word"), "");
}

static void resolveropt_what_is_wrong(void **state)
{
    (void)state;
    assert_string_equal(READ("word"), "");
    assert_string_equal(READ("-"), "");
    assert_string_equal(READ("--nosuch"), "no such option: --nosuch");
    assert_string_equal(READ("-x"), "no such option: -x");
    assert_string_equal(READ("--listen"), "--listen takes a value");
    assert_string_equal(READ("--listen", "lo"),
                        "listen is 'lo', no address such as 127.0.0.1:53 or [::1]:53");
    assert_string_equal(READ("-n", "10.0.0.1,dns.test"), "nameservers: 'dns.test' is no address");
    assert_string_equal(READ("-s", "a..b"), "search-domains: 'a..b' is no name");
    assert_string_equal(READ("-z", "a"), "stubzones: zone without a server: 'a'");
    assert_string_equal(READ("--help"), "");
    assert_string_equal(READ("-h"), "");
    assert_string_equal(READ("--ndots", "x"), "ndots is 'x', no number");
    assert_string_equal(READ("--ndots", "0"), "ndots must be at least 1");
    assert_string_equal(READ("--no-rec=maybe"), "no-rec is 'maybe', not true or false");
    assert_string_equal(READ("--rcache-ttl", "0"), "rcache-ttl must be 1 to 86400 seconds");
    assert_string_equal(READ("-r", "1000001"), "rcache must be at most 1000000");
    assert_string_equal(READ("--rcache-bytes", "9999"), "rcache-bytes needs kept replies: rcache");
    assert_string_equal(READ("-r", "9", "--rcache-bytes", "4095"),
                        "rcache-bytes must be 4096 to 1073741824");
    assert_string_equal(READ("-r", "9", "--rcache-bytes=1073741825"),
                        "rcache-bytes must be 4096 to 1073741824");
    assert_null(READ("-r", "9", "--rcache-bytes", "5000"));
    assert_int_equal(o.cache_bytes, 5000);
    assert_null(READ("-r", "10"));
    assert_int_equal(o.cache_bytes, 10 * 256 + (128 << 10));
    assert_string_equal(READ("--serve-stale", "9"), "serve-stale needs kept replies: rcache");
    assert_string_equal(READ("-r", "9", "--serve-stale", "604801"),
                        "serve-stale must be at most 604800 seconds");
    assert_null(READ("-r", "9", "--serve-stale", "60", "--round-robin"));
    assert_true(o.stale == 60 && o.round_robin);
    assert_string_equal(READ("--notification-fd", "1"), "notification-fd must be at least 3");
    setenv("DNSMASQ_LISTEN", "x", 1);
    assert_string_equal(READ("--verbose"),
                        "DNSMASQ_LISTEN is 'x', no address such as 127.0.0.1:53 or [::1]:53");
    /* cut, not overrun */
    char s[2000];
    memset(s, 'x', sizeof s - 1);
    s[sizeof s - 1] = 0;
    assert_true(strlen(READ("--listen", s)) < 600);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(resolveropt_of_docker_alpine), T(resolveropt_spellings),
        T(resolveropt_environment),      T(resolveropt_empty_lists_are_none),
        T(resolveropt_as_interpreter),   T(resolveropt_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
