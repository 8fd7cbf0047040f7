#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <cairn/dnslocal.h>

static struct hosts_table table;
static unsigned char query[DNSWIRE_QUERY];
static unsigned char out[4096];

static struct dnswire_name name(char const *s)
{
    struct dnswire_name n;
    assert_int_equal(dnswire_name_parse(&n, s, strlen(s)), 1);
    return n;
}

/* the answers as text, "-" if others are to be asked */
static char const *ask_in(char const *s, uint16_t type, uint16_t class, uint16_t edns, size_t room)
{
    static char text[4096];
    struct dnswire_name n = name(s);
    struct dnswire_question q;
    struct dnswire_reader r;
    struct dnswire_rr rr;
    char buf[DNSWIRE_TEXT];
    size_t len = dnswire_query(query, sizeof query, 77, &n, type, edns);
    assert_true(len > 0);
    query[12 + n.len + 3] = (unsigned char)class;
    assert_true(dnswire_read(&r, query, len) && dnswire_next_question(&r, &q) == 1);
    len = dnslocal_answer(out, room, query, len, &q, &table, "resolver 1");
    if (!len)
        return "-";
    assert_true(len <= room);
    assert_true(dnswire_read(&r, out, len));
    assert_int_equal(r.h.id, 77);
    assert_true(dnswire_next_question(&r, &q) == 1 && dnswire_name_is_exactly(&q.name, &n));
    char *p = text + sprintf(text, "%s%s", r.h.flags & DNSWIRE_TC ? "TC " : "",
                             r.h.flags & DNSWIRE_RCODE ? "error " : "");
    int opts = 0;
    while (dnswire_next(&r, &rr) > 0) {
        struct netaddr a = {.family = rr.type == DNSWIRE_A ? AF_INET : AF_INET6};
        opts += rr.type == DNSWIRE_OPT;
        if (rr.type == DNSWIRE_OPT)
            continue;
        assert_true(dnswire_name_at(&r, rr.name, &n, NULL) && dnswire_name_is_exactly(&n, &q.name));
        if (dnswire_target(&r, &rr, &n)) {
            dnswire_name_fmt(buf, &n);
            p += sprintf(p, "%s ", buf);
        } else if (rr.type == DNSWIRE_TXT)
            p += sprintf(p, "%.*s ", rr.len - 1, (char const *)out + rr.data + 1);
        else {
            memcpy(a.u.bytes, out + rr.data, rr.len);
            p += sprintf(p, "%s ", netaddr_fmt(buf, &a));
        }
    }
    assert_int_equal(opts, edns > 0);
    return text;
}

static char const *ask(char const *s, uint16_t type)
{
    return ask_in(s, type, DNSWIRE_IN, 0, sizeof out);
}

static int setup(void **state)
{
    (void)state;
    char line[64];
    hosts_table_init(&table, malloc(hosts_table_size(200, 4000)), 200, 4000);
    strcpy(line, "10.0.0.1 web.test web");
    hosts_table_line(&table, line);
    strcpy(line, "fd00::1 web");
    hosts_table_line(&table, line);
    strcpy(line, "10.0.0.2 web *.dom.test");
    hosts_table_line(&table, line);
    for (int i = 0; i < 100; i++) {
        sprintf(line, "10.1.0.%d many", i);
        hosts_table_line(&table, line);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(table.entry);
    return 0;
}

static void dnslocal_answers_names(void **state)
{
    (void)state;
    assert_string_equal(ask("Web", DNSWIRE_A), "10.0.0.1 10.0.0.2 ");
    assert_string_equal(ask("web", DNSWIRE_AAAA), "fd00::1 ");
    assert_string_equal(ask("web", DNSWIRE_ANY), "10.0.0.1 fd00::1 10.0.0.2 ");
    assert_string_equal(ask("x.dom.test", DNSWIRE_A), "10.0.0.2 ");
    /* what is there in the other family only has no data; other types are for others */
    assert_string_equal(ask("web.test", DNSWIRE_AAAA), "");
    assert_string_equal(ask("web", DNSWIRE_MX), "-");
    assert_string_equal(ask("nosuch", DNSWIRE_A), "-");
    assert_string_equal(ask_in("web", DNSWIRE_A, 2, 0, sizeof out), "-");
}

static void dnslocal_answers_addresses(void **state)
{
    (void)state;
    static char const six[] =
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.D.f.IP6.arpa";
    assert_string_equal(ask("1.0.0.10.in-addr.ARPA", DNSWIRE_PTR), "web.test ");
    assert_string_equal(ask("2.0.0.10.in-addr.arpa", DNSWIRE_PTR), "web ");
    assert_string_equal(ask(six, DNSWIRE_PTR), "web ");
    static char const *const none[] = {
        "9.0.0.10.in-addr.arpa",
        "0.0.10.in-addr.arpa",
        "1.1.0.0.10.in-addr.arpa",
        "256.0.0.10.in-addr.arpa",
        "a.0.0.10.in-addr.arpa",
        "0001.0.0.10.in-addr.arpa",
        "in-addr.arpa",
        "ip6.arpa",
        "web",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_string_equal(ask(none[i], DNSWIRE_PTR), "-");
    assert_string_equal(ask(six + 2, DNSWIRE_PTR), "-");
    assert_string_equal(ask(six, DNSWIRE_TXT), "-");
}

static void dnslocal_fits(void **state)
{
    (void)state;
    char const *s = ask_in("many", DNSWIRE_A, DNSWIRE_IN, 0, DNSWIRE_UDP);
    assert_int_equal(strncmp(s, "TC 10.1.0.0 ", 12), 0);
    s = ask_in("many", DNSWIRE_A, DNSWIRE_IN, 1232, DNSWIRE_UDP);
    assert_int_equal(strncmp(s, "TC 10.1.0.0 ", 12), 0);
    s = ask_in("many", DNSWIRE_A, DNSWIRE_IN, 4096, sizeof out);
    assert_non_null(strstr(s, " 10.1.0.99 "));
    assert_string_equal(ask_in("web", DNSWIRE_A, DNSWIRE_IN, 0, 100), "-");
}

static void dnslocal_answers_about_itself(void **state)
{
    (void)state;
    assert_string_equal(ask_in("version.bind", DNSWIRE_TXT, DNSWIRE_CH, 0, sizeof out),
                        "resolver 1 ");
    assert_string_equal(ask_in("VERSION.server", DNSWIRE_TXT, DNSWIRE_CH, 0, sizeof out),
                        "resolver 1 ");
    assert_string_equal(ask_in("id.server", DNSWIRE_TXT, DNSWIRE_CH, 0, sizeof out), "localhost ");
    assert_string_equal(ask_in("hostname.bind", DNSWIRE_TXT, DNSWIRE_CH, 0, sizeof out),
                        "localhost ");
    assert_string_equal(ask_in("web", DNSWIRE_A, DNSWIRE_CH, 0, sizeof out), "error ");
    assert_string_equal(ask_in("version.bind", DNSWIRE_A, DNSWIRE_CH, 0, sizeof out), "error ");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(dnslocal_answers_names),
        T(dnslocal_answers_addresses),
        T(dnslocal_fits),
        T(dnslocal_answers_about_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
