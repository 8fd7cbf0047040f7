/* What needs no server; tests/unit/dnsclient.c has the rest. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <cairn/dnsreply.h>

static unsigned char b[600];
static struct dnswire_writer w;
static struct dnswire_name web, other, end;
static unsigned int taken;

static void take(void *data, struct dnsreply_record const *r)
{
    (void)data;
    taken++;
    assert_int_equal(r->type, DNSWIRE_A);
    assert_int_equal(r->addr.family, AF_INET);
    assert_int_equal(r->ttl, 7);
}

static int setup(void **state)
{
    (void)state;
    taken = 0;
    return !dnswire_name_parse(&web, "web.test", 8) || !dnswire_name_parse(&other, "other", 5) ||
           !dnswire_write(&w, b, sizeof b, 0x1234, DNSWIRE_QR | DNSWIRE_RA) ||
           !dnswire_put_question(&w, &web, DNSWIRE_A, DNSWIRE_IN);
}

static enum dnsreply_result read_it(void)
{
    return dnsreply_read(b, w.len, &web, DNSWIRE_A, take, NULL, &end);
}

static void put_a(struct dnswire_name const *name)
{
    assert_int_equal(
        dnswire_put_rr(&w, DNSWIRE_ANSWER, name, DNSWIRE_A, DNSWIRE_IN, 7, "\12\0\0\1", 4), 1);
}

static void dnsreply_is_to_the_question(void **state)
{
    (void)state;
    struct dnswire_name upper;
    assert_int_equal(dnswire_name_parse(&upper, "WEB.Test.", 9), 1);
    assert_true(dnsreply_is_to(b, w.len, 0x1234, &web, DNSWIRE_A));
    assert_true(dnsreply_is_to(b, w.len, 0x1234, &upper, DNSWIRE_A));
    assert_false(dnsreply_is_to(b, w.len, 0x1235, &web, DNSWIRE_A));
    assert_false(dnsreply_is_to(b, w.len, 0x1234, &other, DNSWIRE_A));
    assert_false(dnsreply_is_to(b, w.len, 0x1234, &web, DNSWIRE_AAAA));
    assert_false(dnsreply_is_to(b, w.len - 1, 0x1234, &web, DNSWIRE_A));
    assert_false(dnsreply_is_to(b, 12, 0x1234, &web, DNSWIRE_A));
    dnswire_set_flags(b, DNSWIRE_QR, 0);
    assert_false(dnsreply_is_to(b, w.len, 0x1234, &web, DNSWIRE_A));
    dnswire_set_flags(b, DNSWIRE_QR | DNSWIRE_OPCODE, DNSWIRE_QR | 0x2800);
    assert_false(dnsreply_is_to(b, w.len, 0x1234, &web, DNSWIRE_A));
}

static void dnsreply_reads_all_or_nothing(void **state)
{
    (void)state;
    put_a(&web);
    put_a(&other);
    put_a(&web);
    assert_int_equal(read_it(), DNSREPLY_FOUND);
    assert_int_equal(taken, 2);
    assert_true(dnswire_name_is(&end, &web));
    taken = 0;
    w.len--; /* the last address is cut */
    assert_int_equal(read_it(), DNSREPLY_USELESS);
    assert_int_equal(taken, 0);
}

static void dnsreply_follows_aliases(void **state)
{
    (void)state;
    assert_int_equal(dnswire_put_name_rr(&w, DNSWIRE_ANSWER, &web, DNSWIRE_CNAME, 7, &other), 1);
    assert_int_equal(read_it(), DNSREPLY_ALIAS);
    assert_true(dnswire_name_is(&end, &other));
    put_a(&web); /* of an alias nothing else counts (RFC 1034 3.6.2) */
    assert_int_equal(read_it(), DNSREPLY_ALIAS);
    put_a(&other);
    assert_int_equal(read_it(), DNSREPLY_FOUND);
    assert_int_equal(taken, 1);
    /* a circle ends, wherever */
    assert_int_equal(dnswire_put_name_rr(&w, DNSWIRE_ANSWER, &other, DNSWIRE_CNAME, 7, &web), 1);
    assert_true(read_it() > DNSREPLY_USELESS);
}

static void dnsreply_results(void **state)
{
    (void)state;
    assert_int_equal(read_it(), DNSREPLY_NODATA);
    dnswire_set_flags(b, DNSWIRE_RA | DNSWIRE_AA, DNSWIRE_AA);
    assert_int_equal(read_it(), DNSREPLY_NODATA);
    dnswire_set_flags(b, DNSWIRE_AA, 0); /* knows nothing and asks nobody */
    assert_int_equal(read_it(), DNSREPLY_USELESS);
    for (unsigned int rcode = 1; rcode < 16; rcode++) {
        dnswire_set_flags(b, DNSWIRE_RCODE, (uint16_t)rcode);
        assert_int_equal(read_it(),
                         rcode == DNSWIRE_NXDOMAIN ? DNSREPLY_NXDOMAIN : DNSREPLY_USELESS);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(dnsreply_is_to_the_question),
        T(dnsreply_reads_all_or_nothing),
        T(dnsreply_follows_aliases),
        T(dnsreply_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
