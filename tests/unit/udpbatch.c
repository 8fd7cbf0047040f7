#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <netinet/in.h>

#include <cairn/udpbatch.h>

static unsigned char in_bytes[8 * 64];
static unsigned char out_bytes[100];
static struct udpbatch in = {.bytes = in_bytes, .size = sizeof in_bytes, .max = 8};
static struct udpbatch out = {.bytes = out_bytes, .size = sizeof out_bytes};
static struct sockaddr_in to;
static int reader, writer;

static int setup(void **state)
{
    (void)state;
    socklen_t len = sizeof to;
    to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    reader = socket(AF_INET, SOCK_DGRAM, 0);
    writer = socket(AF_INET, SOCK_DGRAM, 0);
    return bind(reader, (struct sockaddr *)&to, len) < 0 ||
           getsockname(reader, (struct sockaddr *)&to, &len) < 0;
}

static int teardown(void **state)
{
    (void)state;
    return close(reader) | close(writer);
}

static int put(char const *s)
{
    return !!udpbatch_put(&out, writer, s, strlen(s), (struct sockaddr *)&to, sizeof to);
}

static void udpbatch_brings_all_in_order(void **state)
{
    (void)state;
    assert_int_equal(udpbatch_read(&in, reader), -1);
    udpbatch_send(&out, writer); /* nothing */
    for (int round = 0; round < 3; round++) {
        assert_true(put("one") && put("two") && put(""));
        assert_int_equal(udpbatch_read(&in, reader), -1);
        udpbatch_send(&out, writer);
        assert_int_equal(udpbatch_read(&in, reader), 3);
        assert_int_equal(in.m[1].msg_len, 3);
        assert_memory_equal(in.v[1].iov_base, "two", 3);
        assert_int_equal(in.m[2].msg_len, 0);
        assert_int_equal(in.m[0].msg_hdr.msg_namelen, sizeof to);
        assert_int_equal(in.addr[0].ss_family, AF_INET);
    }
}

static void udpbatch_has_bounds(void **state)
{
    (void)state;
    char s[128];
    memset(s, 'x', sizeof s);
    assert_null(udpbatch_put(&out, writer, s, 101, (struct sockaddr *)&to, sizeof to));
    assert_non_null(udpbatch_put(&out, writer, s, 60, (struct sockaddr *)&to, sizeof to));
    assert_int_equal(udpbatch_read(&in, reader), -1);
    /* no room for both: the first one leaves */
    assert_non_null(udpbatch_put(&out, writer, s, 100, (struct sockaddr *)&to, sizeof to));
    assert_int_equal(udpbatch_read(&in, reader), 1);
    udpbatch_send(&out, writer);
    assert_int_equal(udpbatch_read(&in, reader), 1);
    assert_int_equal(in.m[0].msg_len, 64);
    assert_true(in.m[0].msg_hdr.msg_flags & MSG_TRUNC);
    for (int i = 0; i < UDPBATCH + 1; i++)
        assert_true(put("y"));
    int n = 0;
    for (int r; (r = udpbatch_read(&in, reader)) > 0;)
        n += r;
    assert_int_equal(n, UDPBATCH);
    udpbatch_send(&out, writer);
    assert_int_equal(udpbatch_read(&in, reader), 1);
}

static void udpbatch_drops_what_cannot_go(void **state)
{
    (void)state;
    struct sockaddr_in bad = to;
    bad.sin_port = 0; /* EINVAL */
    assert_true(put("a"));
    assert_non_null(udpbatch_put(&out, writer, "b", 1, (struct sockaddr *)&bad, sizeof bad));
    assert_true(put("c"));
    udpbatch_send(&out, writer);
    assert_int_equal(udpbatch_read(&in, reader), 2);
    assert_memory_equal(in.v[1].iov_base, "c", 1);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(udpbatch_brings_all_in_order),
        T(udpbatch_has_bounds),
        T(udpbatch_drops_what_cannot_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
