#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/dnscache.h>

static struct dnscache c;
static void *memory;
static unsigned char b[4096];
static unsigned char out[4096];

static void make(uint32_t entries, uint32_t bytes)
{
    free(memory);
    memory = malloc(dnscache_size(entries, bytes));
    assert_non_null(memory);
    dnscache_init(&c, memory, entries, bytes, 60, 7);
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    memory = NULL;
    return 0;
}

static struct dnswire_question question(char const *s, uint16_t type)
{
    struct dnswire_question q = {.type = type, .class = DNSWIRE_IN};
    assert_int_equal(dnswire_name_parse(&q.name, s, strlen(s)), 1);
    return q;
}

/* keeps a reply: so many addresses, or a negative one with an SOA of this TTL */
static void put(char const *name, unsigned int addresses, uint32_t ttl, uint16_t flags,
                uint32_t now)
{
    static unsigned char const soa[] = "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\12";
    struct dnswire_question q = question(name, DNSWIRE_A);
    struct dnswire_writer w;
    assert_true(dnswire_write(&w, b, sizeof b, 99,
                              (uint16_t)(DNSWIRE_QR | DNSWIRE_RA | DNSWIRE_AA | flags)) &&
                dnswire_put_question(&w, &q.name, q.type, q.class));
    for (unsigned int i = 0; i < addresses; i++)
        assert_true(dnswire_put_rr(&w, DNSWIRE_ANSWER, &q.name, DNSWIRE_A, DNSWIRE_IN, ttl + i,
                                   "\12\0\0\1", 4));
    if (!addresses && ttl)
        assert_true(dnswire_put_rr(&w, DNSWIRE_AUTHORITY, &q.name, DNSWIRE_SOA, DNSWIRE_IN, ttl,
                                   soa, sizeof soa - 1));
    dnscache_put(&c, b, w.len, 0, now);
}

/* the TTL of what is there, -1: nothing, -2: cut */
static long get_from(char const *name, uint16_t type, unsigned int flags, size_t room, uint32_t now)
{
    struct dnswire_question q = question(name, type);
    struct dnswire_question own;
    struct dnswire_reader r;
    uint32_t ttl = 0;
    size_t len = dnscache_get(&c, out, room, &q, 0x1234, flags, now);
    if (!len)
        return -1;
    assert_true(len <= room);
    assert_true(dnswire_read(&r, out, len) && dnswire_next_question(&r, &own) == 1);
    assert_int_equal(r.h.id, 0x1234);
    assert_int_equal(r.h.flags & DNSWIRE_AA, 0);
    assert_true(dnswire_name_is_exactly(&own.name, &q.name));
    if (r.h.flags & DNSWIRE_TC) {
        assert_int_equal(r.pos, len);
        return -2;
    }
    assert_true(dnswire_lowest_ttl(out, len, &ttl));
    return ttl;
}

static long get(char const *name, uint32_t now)
{
    return get_from(name, DNSWIRE_A, 0, sizeof out, now);
}

static void dnscache_ages(void **state)
{
    (void)state;
    make(10, 4000);
    put("web.test", 2, 30, 0, 1000);
    assert_int_equal(get("web.test", 1000), 30);
    assert_int_equal(get("WEB.Test", 1010), 20);
    assert_int_equal(get("web.test", 1029), 1);
    assert_int_equal(get("web.test", 1030), -1);
    put("long.test", 1, 5000, 0, 1000); /* no longer than max_ttl */
    assert_int_equal(get("long.test", 1059), 5000 - 59);
    assert_int_equal(get("long.test", 1060), -1);
    put("web.test", 1, 50, 0, 1040); /* again */
    assert_int_equal(get("web.test", 1041), 49);
    put("zero.test", 1, 0, 0, 1000);
    assert_int_equal(get("zero.test", 1000), -1);
    assert_int_equal(c.hits, 5);
}

static void dnscache_keeps_what_may_be_kept(void **state)
{
    (void)state;
    make(10, 4000);
    put("no.test", 0, 20, DNSWIRE_NXDOMAIN, 1000);
    assert_int_equal(get("no.test", 1009), 11);
    assert_int_equal(get("no.test", 1010), -1); /* MINIMUM is 10 */
    put("empty.test", 0, 5, 0, 1000);
    assert_int_equal(get("empty.test", 1004), 1);
    assert_int_equal(get("empty.test", 1005), -1);
    put("bare.test", 0, 0, DNSWIRE_NXDOMAIN, 1000); /* without an SOA */
    assert_int_equal(get("bare.test", 1000), -1);
    put("fail.test", 1, 30, DNSWIRE_SERVFAIL, 1000);
    assert_int_equal(get("fail.test", 1000), -1);
    put("cut.test", 1, 30, DNSWIRE_TC, 1000);
    assert_int_equal(get("cut.test", 1000), -1);
    dnscache_put(&c, b, 11, 0, 1000);
    dnscache_put(&c, b, 13, 0, 1000);
    put("web.test", 1, 30, 0, 1000);
    assert_int_equal(get_from("web.test", DNSWIRE_AAAA, 0, sizeof out, 1000), -1);
    assert_int_equal(get_from("web.test", DNSWIRE_A, DNSCACHE_EDNS, sizeof out, 1000), -1);
    assert_int_equal(get("web.test", 1000), 30);
    assert_int_equal(get_from("web.test", DNSWIRE_A, 0, 40, 1000), -2); /* cut to the question */
    assert_int_equal(get_from("web.test", DNSWIRE_A, 0, 20, 1000), -1);
    dnscache_clear(&c);
    assert_int_equal(get("web.test", 1000), -1);
}

static void dnscache_is_bounded(void **state)
{
    (void)state;
    char name[32];
    for (uint32_t entries = 1; entries < 20; entries += 3)
        for (uint32_t bytes = 50; bytes < 3000; bytes += 97) {
            make(entries, bytes);
            for (unsigned int i = 0; i < 300; i++) {
                sprintf(name, "n%u.test", i % 70);
                put(name, 1 + i % 13, 30, 0, 1000);
                size_t len = DNSWIRE_HEADER + strlen(name) + 2 + 4 + (1 + i % 13) * 16u;
                assert_int_equal(get(name, 1000), len <= bytes / 2 ? 30 : get(name, 1000));
                assert_true(c.n <= entries && c.end <= bytes);
            }
        }
    /* the last ones are all there */
    make(8, 100000);
    for (unsigned int i = 0; i < 50; i++) {
        sprintf(name, "n%u.test", i);
        put(name, 1, 30, 0, 1000);
    }
    for (unsigned int i = 0; i < 50; i++) {
        sprintf(name, "n%u.test", i);
        assert_int_equal(get(name, 1000), i < 42 ? -1 : 30);
    }
}

static void put_numbered(unsigned int i)
{
    char name[32];
    sprintf(name, "n%u.test", i);
    put(name, 1 + i % 13, 30, 0, 1000);
}

/* is it there? and right */
static int has(unsigned int i)
{
    char name[32];
    struct dnswire_reader r;
    sprintf(name, "n%u.test", i);
    struct dnswire_question q = question(name, DNSWIRE_A);
    size_t len = dnscache_get(&c, out, sizeof out, &q, 1, 0, 1000);
    if (!len)
        return 0;
    assert_true(dnswire_read(&r, out, len));
    assert_int_equal(r.h.count[1], 1 + i % 13);
    assert_int_equal(len, DNSWIRE_HEADER + strlen(name) + 2 + 4 + (1 + i % 13) * 16u);
    return 1;
}

static void dnscache_keeps_what_is_used(void **state)
{
    (void)state;
    /* by entries, then by bytes: a quarter of it is asked for, the rest is not */
    for (int turn = 0; turn < 2; turn++) {
        make(turn ? 1000 : 16, turn ? 2000 : 100000);
        for (unsigned int i = 0; i < 4; i++)
            put_numbered(i);
        for (unsigned int i = 100; i < 600; i++) {
            put_numbered(i);
            for (unsigned int k = 0; k < 4; k++)
                assert_int_equal(has(k), 1);
        }
        /* no more */
        for (unsigned int i = 600; i < 700; i++)
            put_numbered(i);
        for (unsigned int k = 0; k < 4; k++)
            assert_int_equal(has(k), 0);
    }
    /* all of it is asked for all the time: something new finds its place, and not everything moves
     */
    make(100, 100000);
    for (unsigned int i = 0; i < 300; i++) {
        put_numbered(i);
        for (unsigned int k = 0; k <= i; k++)
            has(k);
        assert_int_equal(has(i), 1);
        assert_true(c.n == (i < 100 ? i + 1 : 100));
    }
    /* what is over, or was replaced, gets no second chance */
    make(2, 4000);
    put("old.test", 1, 10, 0, 1000);
    assert_int_equal(get("old.test", 1001), 9);
    put("a.test", 1, 60, 0, 1020);
    put("b.test", 1, 60, 0, 1020);
    assert_int_equal(get("a.test", 1020), 60);
    assert_int_equal(get("b.test", 1020), 60);
}

static void dnscache_stays_right(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (uint32_t entries = 1; entries < 40; entries += 6)
        for (uint32_t bytes = 500; bytes < 5000; bytes += 499) {
            make(entries, bytes);
            for (unsigned int i = 0; i < 2000; i++) {
                random = random * 1103515245u + 12345u;
                unsigned int n = random >> 16 & 63;
                if (random >> 30)
                    has(n);
                else {
                    put_numbered(n);
                    assert_int_equal(has(n), 1);
                }
                assert_true(c.n <= entries && c.end <= bytes);
            }
        }
}

static void dnscache_serves_stale(void **state)
{
    (void)state;
    struct dnswire_question q = question("web.test", DNSWIRE_A);
    uint32_t ttl = 0;
    make(10, 4000);
    put("web.test", 2, 40, 0, 1000);
    c.stale = 100;
    assert_int_equal(dnscache_get_stale(&c, out, sizeof out, &q, 1, DNSCACHE_DO, 1000), 0);
    size_t len = dnscache_get_stale(&c, out, sizeof out, &q, 1, 0, 1010); /* not yet */
    assert_true(len && dnswire_lowest_ttl(out, len, &ttl));
    assert_int_equal(ttl, 30);
    assert_int_equal(get("web.test", 1139), -1);
    len = dnscache_get_stale(&c, out, sizeof out, &q, 1, 0, 1139);
    assert_true(len && dnswire_lowest_ttl(out, len, &ttl));
    assert_int_equal(ttl, DNSCACHE_STALE);
    assert_int_equal(dnscache_get_stale(&c, out, sizeof out, &q, 1, 0, 1140), 0);
}

static void dnscache_rotates(void **state)
{
    (void)state;
    struct dnswire_question q = question("web.test", DNSWIRE_A);
    struct dnswire_writer w;
    unsigned int first[3] = {0, 0, 0};
    make(10, 4000);
    c.rotate = 1;
    assert_true(dnswire_write(&w, b, sizeof b, 99, DNSWIRE_QR) &&
                dnswire_put_question(&w, &q.name, q.type, q.class));
    for (unsigned char i = 0; i < 3; i++)
        assert_true(dnswire_put_rr(&w, DNSWIRE_ANSWER, &q.name, DNSWIRE_A, DNSWIRE_IN, 9,
                                   (unsigned char[]){10, 0, 0, i}, 4));
    dnscache_put(&c, b, w.len, 0, 1000);
    for (int i = 0; i < 30; i++) {
        struct dnswire_reader r;
        struct dnswire_rr rr;
        size_t len = dnscache_get(&c, out, sizeof out, &q, 1, 0, 1000);
        assert_true(dnswire_read(&r, out, len) && dnswire_next(&r, &rr) == 1);
        first[out[rr.data + 3]]++;
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(first[i], 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(dnscache_ages, teardown),
        cmocka_unit_test_teardown(dnscache_keeps_what_may_be_kept, teardown),
        cmocka_unit_test_teardown(dnscache_is_bounded, teardown),
        cmocka_unit_test_teardown(dnscache_keeps_what_is_used, teardown),
        cmocka_unit_test_teardown(dnscache_stays_right, teardown),
        cmocka_unit_test_teardown(dnscache_serves_stale, teardown),
        cmocka_unit_test_teardown(dnscache_rotates, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
