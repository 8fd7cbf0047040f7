/* packetinfo between sockets of loopback, whose addresses are all ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/packetinfo.h>

/* A server on any is asked at address, and answers with what it was told: who has answered? */
static void ask_at(char const *any, char const *address)
{
    struct netaddr a, to, from = {.family = 0};
    struct sockaddr_storage ss, client;
    union {
        struct cmsghdr align;
        unsigned char space[PACKETINFO_SIZE];
    } info;
    uint32_t interface = 9;
    char b[8];
    struct iovec v = {.iov_base = b, .iov_len = sizeof b};
    struct msghdr m = {.msg_name = &client,
                       .msg_namelen = sizeof client,
                       .msg_iov = &v,
                       .msg_iovlen = 1,
                       .msg_control = info.space,
                       .msg_controllen = sizeof info.space};
    assert_true(netaddr_parse(any, &a));
    int server = socket(a.family, SOCK_DGRAM, 0);
    socklen_t len = netaddr_sockaddr(&a, 0, &ss);
    if (server < 0 || bind(server, (struct sockaddr *)&ss, len) < 0) {
        if (a.family == AF_INET6)
            return; /* the kernel has none */
        fail();
    }
    assert_int_equal(getsockname(server, (struct sockaddr *)&ss, &len), 0);
    uint16_t port = ntohs(((struct sockaddr_in *)&ss)->sin_port);
    assert_int_equal(packetinfo_enable(server, a.family), 0);
    assert_true(netaddr_parse(address, &a));
    int fd = socket(a.family, SOCK_DGRAM, 0);
    len = netaddr_sockaddr(&a, port, &ss);
    if (sendto(fd, "ask", 3, 0, (struct sockaddr *)&ss, len) < 0) {
        assert_int_equal(a.family, AF_INET6); /* lo may have no ::1 */
        close(fd);
        close(server);
        return;
    }
    assert_int_equal(recvmsg(server, &m, 0), 3);
    packetinfo_get(&m, &to, &interface);
    assert_true(to.family);
    assert_int_equal(interface, 0);
    v.iov_len = 2;
    m.msg_controllen = sizeof info.space;
    m.msg_controllen = packetinfo_put(&m, &to, interface);
    assert_true(m.msg_controllen);
    assert_int_equal(sendmsg(server, &m, 0), 2);
    len = sizeof ss;
    assert_int_equal(recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&ss, &len), 2);
    from.family = ss.ss_family;
    memcpy(from.u.bytes,
           ss.ss_family == AF_INET ? (void *)&((struct sockaddr_in *)&ss)->sin_addr
                                   : (void *)&((struct sockaddr_in6 *)&ss)->sin6_addr,
           ss.ss_family == AF_INET ? 4 : 16);
    assert_true(netaddr_is(&from, &a));
    close(fd);
    close(server);
}

static void packetinfo_answers_from_where_it_was_asked(void **state)
{
    (void)state;
    ask_at("0.0.0.0", "127.0.0.1");
    ask_at("0.0.0.0", "127.3.2.1");
    ask_at("::", "::1");
    ask_at("::", "127.3.2.1");
}

static void packetinfo_says_nothing_of_nothing(void **state)
{
    struct msghdr m = {.msg_control = NULL};
    struct netaddr to = {.family = 0};
    uint32_t interface;
    (void)state;
    packetinfo_get(&m, &to, &interface);
    assert_int_equal(to.family, 0);
    assert_int_equal(packetinfo_put(&m, &to, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packetinfo_answers_from_where_it_was_asked),
        cmocka_unit_test(packetinfo_says_nothing_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
