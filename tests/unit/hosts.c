#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/hosts.h>

static char file[128];

static void put(char const *s)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, strlen(s)), (ssize_t)strlen(s));
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(file, sizeof file, "%s/hosts.XXXXXX", t ? t : "/tmp");
    int fd = mkstemp(file);
    close(fd);
    return fd < 0;
}

static int teardown(void **state)
{
    (void)state;
    return unlink(file);
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

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(hosts_find_reads_the_usual_file),
        T(hosts_find_without_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
