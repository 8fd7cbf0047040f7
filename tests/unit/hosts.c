#include "onefile.h"

#include <errno.h>
#include <sys/socket.h>

#include <cairn/hosts.h>

static void put(char const *s)
{
    onefile_put(s, strlen(s));
}

static char const *find(char const *name, int family, int (*accept)(void *, struct netaddr const *),
                        void *data)
{
    static char buf[NETADDR_FMT];
    struct netaddr a;
    int r = hosts_find(file, name, family, accept, data, &a);
    assert_true(r >= 0);
    return r ? netaddr_fmt(buf, &a) : "none";
}

static int is_net(void *net, struct netaddr const *a)
{
    return netaddr_is_in(a, net);
}

static void hosts_find_reads_the_usual_file(void **state)
{
    (void)state;
    struct netaddr_net net;
    put("127.0.0.1\tlocalhost\n"
        "::1     localhost ip6-localhost\n"
        "# 10.0.0.9 web\n"
        "999.1.1.1 web\n"
        "10.0.0.1 web.example.com web # other\n"
        "  10.0.0.2   web\r\n"
        "10.1.0.3 web second\n"
        "nothing\n"
        "\n"
        "10.0.0.4\n"
        "fd00::5 WEB");
    assert_string_equal(find("web", AF_INET, NULL, NULL), "10.0.0.1");
    assert_string_equal(find("Web", AF_INET6, NULL, NULL), "fd00::5");
    assert_string_equal(find("web.example.com", AF_INET, NULL, NULL), "10.0.0.1");
    assert_string_equal(find("second", AF_INET, NULL, NULL), "10.1.0.3");
    assert_string_equal(find("second", AF_INET6, NULL, NULL), "none");
    assert_string_equal(find("localhost", AF_INET6, NULL, NULL), "::1");
    assert_string_equal(find("other", AF_INET, NULL, NULL), "none");
    assert_string_equal(find("", AF_INET, NULL, NULL), "none");
    assert_string_equal(find("10.0.0.1", AF_INET, NULL, NULL), "none");
    assert_int_equal(netaddr_net_parse("10.1.0.0/16", &net), 1);
    assert_string_equal(find("web", AF_INET, is_net, &net), "10.1.0.3");
}

static void hosts_find_without_a_file(void **state)
{
    (void)state;
    struct netaddr a;
    assert_int_equal(hosts_find("/nonexistent", "a", AF_INET, NULL, NULL, &a), 0);
    assert_int_equal(hosts_find("/", "a", AF_INET, NULL, NULL, &a), -1);
    assert_int_equal(errno, EISDIR);
}

static struct hosts_table table;

/* the addresses of name, in their order */
static char const *all(char const *text)
{
    static char buf[512];
    char addr[NETADDR_FMT];
    struct dnswire_name name;
    struct hosts_entry const *e;
    uint32_t at = 0;
    assert_int_equal(dnswire_name_parse(&name, text, strlen(text)), 1);
    *buf = 0;
    while ((e = hosts_table_find(&table, &name, &at)))
        sprintf(buf + strlen(buf), "%s%s", *buf ? " " : "", netaddr_fmt(addr, &e->addr));
    return buf;
}

static char const *reverse(char const *text)
{
    static char buf[DNSWIRE_TEXT];
    struct netaddr a;
    struct dnswire_name name;
    assert_int_equal(netaddr_parse(text, &a), 1);
    if (!hosts_table_reverse(&table, &a, &name))
        return "";
    dnswire_name_fmt(buf, &name);
    return buf;
}

static void hosts_table_knows_wildcards(void **state)
{
    (void)state;
    void *memory = malloc(hosts_table_size(100, 4000));
    hosts_table_init(&table, memory, 100, 4000);
    put("127.0.0.1 localhost\n"
        "10.0.0.1 web.test web # other\n"
        "10.0.0.2 WEB.test\n"
        "fd00::1 web\n"
        "10.0.0.1 web.test\n"
        "10.1.0.1 *.dom.test *.sub.dom.test\n"
        "10.1.0.2 *.dom.test\n"
        "10.1.0.3 exact.dom.test\n"
        "10.2.0.1 a..b x\n"
        "10.2.0.2 .\n"
        "junk y\n"
        "10.3.0.1\n"
        "\n"
        "10.4.0.1 z");
    assert_int_equal(hosts_table_load(&table, file), 0);
    assert_string_equal(all("web.test"), "10.0.0.1 10.0.0.2");
    assert_string_equal(all("Web"), "10.0.0.1 fd00::1");
    assert_string_equal(all("other"), "");
    assert_string_equal(all("a.dom.test"), "10.1.0.1 10.1.0.2");
    assert_string_equal(all("A.DOM.test"), "10.1.0.1 10.1.0.2");
    assert_string_equal(all("a.b.dom.test"), "");
    assert_string_equal(all("dom.test"), "");
    assert_string_equal(all("exact.dom.test"), "10.1.0.3");
    assert_string_equal(all("a.sub.dom.test"), "10.1.0.1");
    assert_string_equal(all("x"), "10.2.0.1");
    assert_string_equal(all("z"), "10.4.0.1");
    assert_string_equal(all("."), "");
    assert_int_equal(table.junk, 3);
    assert_int_equal(table.dropped, 0);
    assert_string_equal(reverse("10.0.0.1"), "web.test");
    assert_string_equal(reverse("fd00::1"), "web");
    assert_string_equal(reverse("10.1.0.1"), "dom.test");
    assert_string_equal(reverse("10.9.9.9"), "");
    /* again: nothing of before is left */
    put("10.0.0.7 web\n");
    assert_int_equal(hosts_table_load(&table, file), 0);
    assert_string_equal(all("web"), "10.0.0.7");
    assert_string_equal(all("z"), "");
    assert_string_equal(reverse("fd00::1"), "");
    assert_int_equal(hosts_table_load(&table, "/nonexistent"), 0);
    assert_string_equal(all("web"), "");
    assert_int_equal(hosts_table_load(&table, "/"), -1);
    free(memory);
}

static void hosts_table_is_bounded(void **state)
{
    (void)state;
    char line[64];
    for (uint32_t entries = 0; entries < 12; entries++)
        for (uint32_t names = 0; names < 60; names += 7) {
            void *memory = malloc(hosts_table_size(entries, names));
            hosts_table_init(&table, memory, entries, names);
            for (int i = 0; i < 10; i++) {
                sprintf(line, "10.0.0.%d n%d", i, i);
                hosts_table_line(&table, line);
            }
            assert_int_equal(table.entries + table.dropped, 10);
            assert_true(table.entries <= entries && table.size <= names);
            assert_string_equal(all("n0"), table.entries ? "10.0.0.0" : "");
            assert_string_equal(reverse("10.0.0.0"), table.entries ? "n0" : "");
            free(memory);
        }
}

/* a list of blocked names: many names, one address */
static void hosts_table_is_fast(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    char line[64];
    void *memory = malloc(hosts_table_size(MANY, 40 * MANY));
    hosts_table_init(&table, memory, MANY, 40 * MANY);
    for (int i = 0; i < MANY; i++) {
        sprintf(line, "0.0.0.0 host%d.blocked.test", i);
        hosts_table_line(&table, line);
    }
    assert_int_equal(table.entries, MANY);
    assert_string_equal(all("host99999.blocked.test"), "0.0.0.0");
    assert_string_equal(reverse("0.0.0.0"), "host0.blocked.test");
    free(memory);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, onefile_setup, onefile_teardown)
    const struct CMUnitTest tests[] = {
        T(hosts_find_reads_the_usual_file),
        T(hosts_find_without_a_file),
        T(hosts_table_knows_wildcards),
        T(hosts_table_is_bounded),
        T(hosts_table_is_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
