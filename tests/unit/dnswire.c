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

#include <cairn/dnswire.h>

static struct dnswire_name name(char const *s)
{
    struct dnswire_name n;
    assert_int_equal(dnswire_name_parse(&n, s, strlen(s)), 1);
    return n;
}

static char const *text(struct dnswire_name const *n)
{
    static char buf[DNSWIRE_TEXT];
    size_t len = dnswire_name_fmt(buf, n);
    assert_int_equal(len, strlen(buf));
    return buf;
}

static void dnswire_names_as_text(void **state)
{
    (void)state;
    static char const *const same[] = {
        "a",   "a.b",  "www.Example.COM", "a\\.b.c", "\\000x", "_x._tcp.svc", "-",
        "*.a", "\\\\", "a\\032b",
    };
    static char const *const bad[] = {"",   "..",  ".a",   "a..b",  "a..",
                                      "\\", "a\\", "\\25", "\\256", "\\2x5"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct dnswire_name n = name(same[i]);
        assert_string_equal(text(&n), same[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct dnswire_name n;
        assert_int_equal(dnswire_name_parse(&n, bad[i], strlen(bad[i])), 0);
    }
    struct dnswire_name n = name("a.b.");
    assert_int_equal(n.len, 5);
    assert_int_equal(n.labels, 2);
    assert_memory_equal(n.b, "\1a\1b\0", 5);
    n = name(".");
    assert_int_equal(n.len, 1);
    assert_int_equal(n.labels, 0);
    assert_string_equal(text(&n), ".");
    n = name("\\065");
    assert_string_equal(text(&n), "A");
}

static void dnswire_names_have_bounds(void **state)
{
    (void)state;
    char s[DNSWIRE_TEXT];
    struct dnswire_name n;
    memset(s, 'x', sizeof s);
    assert_int_equal(dnswire_name_parse(&n, s, 63), 1);
    assert_int_equal(dnswire_name_parse(&n, s, 64), 0);
    s[63] = s[127] = s[191] = '.';
    assert_int_equal(dnswire_name_parse(&n, s, 253), 1); /* 3 * 64 + 62 + 1 */
    assert_int_equal(n.len, 255);
    s[253] = '.';
    assert_int_equal(dnswire_name_parse(&n, s, 254), 1);
    assert_int_equal(n.len, 255);
    s[253] = 'x';
    assert_int_equal(dnswire_name_parse(&n, s, 254), 0);
    /* as many labels as there can be */
    for (int i = 0; i < 254; i++)
        s[i] = i & 1 ? '.' : 'x';
    assert_int_equal(dnswire_name_parse(&n, s, 254), 1);
    assert_int_equal(n.labels, 127);
    assert_int_equal(n.len, 255);
    /* the longest text */
    memset(n.b, 1, 254);
    char buf[DNSWIRE_TEXT];
    assert_true(dnswire_name_fmt(buf, &n) < sizeof buf);
    /* appending */
    struct dnswire_name a = name("a");
    struct dnswire_name long_one = n;
    assert_int_equal(dnswire_name_append(&long_one, &a), 0);
    assert_int_equal(long_one.len, 255);
    struct dnswire_name b = name("b.c");
    assert_int_equal(dnswire_name_append(&a, &b), 1);
    assert_string_equal(text(&a), "a.b.c");
    assert_int_equal(a.labels, 3);
    struct dnswire_name root = name(".");
    assert_int_equal(dnswire_name_append(&a, &root), 1);
    assert_string_equal(text(&a), "a.b.c");
}

static void dnswire_names_compare_in_any_case(void **state)
{
    (void)state;
    struct dnswire_name a = name("Web.Service.Consul");
    struct dnswire_name b = name("wEB.sERVICE.cONSUL");
    struct dnswire_name zone = name("CONSUL");
    struct dnswire_name other = name("myconsul");
    struct dnswire_name root = name(".");
    assert_true(dnswire_name_is(&a, &b));
    assert_false(dnswire_name_is_exactly(&a, &b));
    assert_int_equal(dnswire_name_hash(&a, 1), dnswire_name_hash(&b, 1));
    assert_true(dnswire_name_ends(&a, &zone));
    assert_true(dnswire_name_ends(&zone, &zone));
    assert_false(dnswire_name_ends(&zone, &a));
    assert_false(dnswire_name_ends(&other, &zone));
    assert_true(dnswire_name_ends(&a, &root));
    assert_true(dnswire_name_ends(&root, &root));
    /* a label that holds what looks like a length and a label */
    struct dnswire_name trick = name("x\\006consul");
    assert_false(dnswire_name_ends(&trick, &zone));
    /* '[' and '{' differ by the bit that letters do */
    a = name("[");
    b = name("{");
    assert_false(dnswire_name_is(&a, &b));
    unsigned char bits[(DNSWIRE_NAME + 7) / 8];
    memset(bits, 0x55, sizeof bits);
    a = name("abcdef-1");
    b = a;
    dnswire_name_mix(&b, bits);
    assert_true(dnswire_name_is(&a, &b));
    assert_false(dnswire_name_is_exactly(&a, &b));
    dnswire_name_lower(&b);
    assert_true(dnswire_name_is_exactly(&a, &b));
}

/* a reader of what follows a header of zeroes */
static unsigned char message[2048];
static struct dnswire_reader reader(char const *bytes, size_t n)
{
    struct dnswire_reader r;
    memset(message, 0, DNSWIRE_HEADER);
    memcpy(message + DNSWIRE_HEADER, bytes, n);
    assert_int_equal(dnswire_read(&r, message, DNSWIRE_HEADER + n), 1);
    return r;
}
#define READER(s) reader(s, sizeof(s) - 1)

static void dnswire_compressed_names(void **state)
{
    (void)state;
    struct dnswire_name n;
    size_t end;
    struct dnswire_reader r = READER("\1a\1b\0\1c\300\014\300\021");
    assert_int_equal(dnswire_name_at(&r, 12, &n, &end), 1);
    assert_string_equal(text(&n), "a.b");
    assert_int_equal(end, 17);
    assert_int_equal(dnswire_name_at(&r, 17, &n, &end), 1);
    assert_string_equal(text(&n), "c.a.b");
    assert_int_equal(n.labels, 3);
    assert_int_equal(end, 21);
    assert_int_equal(dnswire_name_at(&r, 21, &n, &end), 1); /* a pointer to a pointer */
    assert_string_equal(text(&n), "c.a.b");
    assert_int_equal(end, 23);
    /* beyond the end, at it, and everything that is cut off */
    assert_int_equal(dnswire_name_at(&r, 22, &n, &end), 0);
    assert_int_equal(dnswire_name_at(&r, 23, &n, &end), 0);
    assert_int_equal(dnswire_name_at(&r, 5000, &n, &end), 0);
    for (size_t len = 12; len < 17; len++) {
        r.len = len;
        assert_int_equal(dnswire_name_at(&r, 12, &n, &end), 0);
    }
    static struct {
        char const *bytes;
        size_t len;
    } const bad[] = {
        {"\300\014", 2},                         /* itself */
        {"\300\016\300\014", 4},                 /* forward */
        {"\1a\300\014", 4},                      /* a loop through its own label */
        {"\300\000", 2},                         /* into the header */
        {"\300\013", 2},         {"\100a\0", 3}, /* reserved */
        {"\200a\0", 3},          {"\300", 1},    {"\77a\0", 3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = reader(bad[i].bytes, bad[i].len);
        assert_int_equal(dnswire_name_at(&r, 12, &n, &end), 0);
    }
    /* two that point at each other */
    r = READER("\1a\300\020\1b\300\014");
    assert_int_equal(dnswire_name_at(&r, 12, &n, &end), 0);
    assert_int_equal(dnswire_name_at(&r, 16, &n, &end), 0);
}

static void dnswire_names_in_messages_have_bounds(void **state)
{
    (void)state;
    struct dnswire_name n;
    char b[600];
    size_t len = 0;
    for (int i = 0; i < 4; i++) {
        b[len++] = i < 3 ? 63 : 61;
        memset(b + len, 'x', 63);
        len += i < 3 ? 63 : 61;
    }
    b[len++] = 0;
    assert_int_equal(len, 255);
    struct dnswire_reader r = reader(b, len);
    assert_int_equal(dnswire_name_at(&r, 12, &n, NULL), 1);
    /* one label more, through a pointer */
    memcpy(b + len, "\1y\300\014", 4);
    r = reader(b, len + 4);
    assert_int_equal(dnswire_name_at(&r, 12 + len, &n, NULL), 0);
}

static unsigned char out[DNSWIRE_MESSAGE];

/* a reply with everything that can be compressed */
static size_t reply(char const *q)
{
    struct dnswire_writer w;
    struct dnswire_name n = name(q);
    struct dnswire_name host = name("host.a.test");
    struct dnswire_name zone = name("a.test");
    static unsigned char const soa[] =
        "\2ns\1a\4test\0\4root\1a\4test\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";
    assert_int_equal(
        dnswire_write(&w, out, sizeof out, 0x1234, DNSWIRE_QR | DNSWIRE_RD | DNSWIRE_RA), 1);
    assert_int_equal(dnswire_put_question(&w, &n, DNSWIRE_A, DNSWIRE_IN), 1);
    assert_int_equal(dnswire_put_name_rr(&w, DNSWIRE_ANSWER, &n, DNSWIRE_CNAME, 60, &host), 1);
    assert_int_equal(
        dnswire_put_rr(&w, DNSWIRE_ANSWER, &host, DNSWIRE_A, DNSWIRE_IN, 30, "\12\0\0\1", 4), 1);
    assert_int_equal(dnswire_put_rr(&w, DNSWIRE_ANSWER, &host, DNSWIRE_SRV, DNSWIRE_IN, 31,
                                    "\0\1\0\2\0\3\4host\1a\4test", 19),
                     1);
    assert_int_equal(dnswire_put_rr(&w, DNSWIRE_AUTHORITY, &zone, DNSWIRE_SOA, DNSWIRE_IN, 20, soa,
                                    sizeof soa - 1),
                     1);
    assert_int_equal(
        dnswire_put_rr(&w, DNSWIRE_ADDITIONAL, &host, DNSWIRE_TXT, DNSWIRE_IN, 40, "\2hi\3you", 7),
        1);
    assert_int_equal(dnswire_put_opt(&w, 4096, 1), 1);
    return w.len;
}

static void dnswire_what_is_written_is_read(void **state)
{
    (void)state;
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_rr rr;
    struct dnswire_name n;
    size_t len = reply("web.a.test");
    assert_int_equal(dnswire_read(&r, out, len), 1);
    assert_int_equal(r.h.id, 0x1234);
    assert_int_equal(r.h.flags, DNSWIRE_QR | DNSWIRE_RD | DNSWIRE_RA);
    assert_int_equal(r.h.count[0], 1);
    assert_int_equal(r.h.count[1], 3);
    assert_int_equal(r.h.count[2], 1);
    assert_int_equal(r.h.count[3], 2);
    assert_int_equal(dnswire_next_question(&r, &q), 1);
    assert_string_equal(text(&q.name), "web.a.test");
    assert_int_equal(q.type, DNSWIRE_A);
    assert_int_equal(dnswire_next_question(&r, &q), 0);
    static struct {
        int section;
        int type;
        unsigned int ttl;
        char const *owner;
        char const *target;
    } const want[] = {
        {1, DNSWIRE_CNAME, 60, "web.a.test", "host.a.test"},
        {1, DNSWIRE_A, 30, "host.a.test", NULL},
        {1, DNSWIRE_SRV, 31, "host.a.test", "host.a.test"},
        {2, DNSWIRE_SOA, 20, "a.test", "ns.a.test"},
        {3, DNSWIRE_TXT, 40, "host.a.test", NULL},
        {3, DNSWIRE_OPT, 0x8000, ".", NULL},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_int_equal(dnswire_next(&r, &rr), 1);
        assert_int_equal(rr.section, want[i].section);
        assert_int_equal(rr.type, want[i].type);
        assert_int_equal(rr.ttl, want[i].ttl);
        assert_int_equal(dnswire_u32(out + rr.ttl_at), want[i].ttl);
        assert_int_equal(dnswire_name_at(&r, rr.name, &n, NULL), 1);
        assert_string_equal(text(&n), want[i].owner);
        assert_int_equal(dnswire_is_sound(&r, &rr), 1);
        assert_int_equal(dnswire_target(&r, &rr, &n), want[i].target != NULL);
        if (want[i].target)
            assert_string_equal(text(&n), want[i].target);
    }
    assert_int_equal(dnswire_next(&r, &rr), 0);
    assert_int_equal(r.pos, len);
    /* the questions need not be read */
    assert_int_equal(dnswire_read(&r, out, len), 1);
    assert_int_equal(dnswire_next(&r, &rr), 1);
    assert_int_equal(rr.type, DNSWIRE_CNAME);
    /* cut anywhere it is malformed, and never read beyond */
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *copy = malloc(cut ? cut : 1);
        int got = 0;
        memcpy(copy, out, cut);
        if (dnswire_read(&r, copy, cut)) {
            while ((got = dnswire_next(&r, &rr)) > 0)
                dnswire_is_sound(&r, &rr);
            assert_int_equal(got, -1);
        }
        free(copy);
    }
}

static void dnswire_is_sound_knows_the_forms(void **state)
{
    (void)state;
    struct dnswire_reader r = READER("\0\1\0\2\0\3\1a\0\2hi\3you\1");
    struct dnswire_rr rr = {.type = DNSWIRE_A, .data = 12, .len = 4};
    assert_int_equal(dnswire_is_sound(&r, &rr), 1);
    rr.len = 3;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.len = 5;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.type = DNSWIRE_AAAA;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.type = DNSWIRE_SRV;
    rr.len = 9;
    assert_int_equal(dnswire_is_sound(&r, &rr), 1);
    rr.len = 8; /* the name goes on behind the data */
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.len = 10;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.len = 5;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr = (struct dnswire_rr){.type = DNSWIRE_TXT, .data = 21, .len = 7};
    assert_int_equal(dnswire_is_sound(&r, &rr), 1);
    rr.len = 8;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.len = 0;
    assert_int_equal(dnswire_is_sound(&r, &rr), 0);
    rr.type = 65280; /* unknown */
    assert_int_equal(dnswire_is_sound(&r, &rr), 1);
}

static void dnswire_times(void **state)
{
    (void)state;
    uint32_t ttl;
    struct dnswire_edns e;
    size_t len = reply("web.a.test");
    assert_int_equal(dnswire_lowest_ttl(out, len, &ttl), 1);
    assert_int_equal(ttl, 20);
    assert_int_equal(dnswire_negative_ttl(out, len, &ttl), 1);
    assert_int_equal(ttl, 5); /* MINIMUM is less than the TTL of 20 */
    assert_int_equal(dnswire_age(out, len, 17), 1);
    assert_int_equal(dnswire_negative_ttl(out, len, &ttl), 1);
    assert_int_equal(ttl, 3);
    assert_int_equal(dnswire_age(out, len, 100), 1);
    assert_int_equal(dnswire_lowest_ttl(out, len, &ttl), 1);
    assert_int_equal(ttl, 0);
    assert_int_equal(dnswire_edns(out, len, &e), 1);
    assert_int_equal(e.size, 4096);
    assert_int_equal(e.dnssec_ok, 1); /* not aged */
    assert_int_equal(e.version, 0);
    assert_int_equal(dnswire_lowest_ttl(out, len - 1, &ttl), 0);
    assert_int_equal(dnswire_age(out, len - 1, 1), 0);
    assert_int_equal(dnswire_edns(out, len - 1, &e), -1);
    /* two OPTs are one too many (RFC 6891 6.1.1) */
    memmove(out + len, out + len - 11, 11);
    out[11]++;
    assert_int_equal(dnswire_edns(out, len + 11, &e), -1);
    struct dnswire_name a = name("a");
    len = dnswire_query(out, DNSWIRE_QUERY, 7, &a, DNSWIRE_A, 0);
    assert_int_equal(dnswire_edns(out, len, &e), 0);
    assert_int_equal(dnswire_lowest_ttl(out, len, &ttl), 0);
    assert_int_equal(dnswire_negative_ttl(out, len, &ttl), 0);
}

static void dnswire_query_is_one_question(void **state)
{
    (void)state;
    char s[253];
    unsigned char b[DNSWIRE_QUERY];
    struct dnswire_name n = name("a.b");
    assert_int_equal(dnswire_query(b, sizeof b, 0xabcd, &n, DNSWIRE_SRV, 0), 21);
    assert_memory_equal(b, "\xab\xcd\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\41\0\1", 21);
    assert_int_equal(dnswire_query(b, 20, 1, &n, DNSWIRE_SRV, 0), 0);
    memset(s, 'x', sizeof s);
    s[63] = s[127] = s[191] = '.';
    assert_int_equal(dnswire_name_parse(&n, s, 253), 1);
    assert_int_equal(dnswire_query(b, sizeof b, 1, &n, DNSWIRE_A, 1232), sizeof b);
}

static void dnswire_writer_compresses(void **state)
{
    (void)state;
    unsigned char b[200];
    struct dnswire_writer w;
    struct dnswire_name one = name("web.a.test");
    struct dnswire_name two = name("DB.A.TEST");
    assert_int_equal(dnswire_write(&w, b, sizeof b, 1, 0), 1);
    assert_int_equal(dnswire_put_question(&w, &one, DNSWIRE_A, DNSWIRE_IN), 1);
    assert_int_equal(w.len, 12 + 12 + 4);
    assert_int_equal(dnswire_put_rr(&w, DNSWIRE_ANSWER, &two, DNSWIRE_A, DNSWIRE_IN, 1, "abcd", 4),
                     1);
    assert_int_equal(w.len, 28 + 3 + 2 + 10 + 4);
    assert_memory_equal(b + 28, "\2DB\300\020", 5);
    /* the data of SRV is not compressed (RFC 2782), that of CNAME is */
    assert_int_equal(dnswire_put_name_rr(&w, DNSWIRE_ANSWER, &one, DNSWIRE_CNAME, 1, &two), 1);
    assert_memory_equal(b + w.len - 4, "\0\2\300\034", 4);
    /* no room: nothing is added */
    size_t len = w.len;
    struct dnswire_name other = name("other");
    for (size_t size = len; size < len + 7 + 10 + 4; size++) {
        w.size = size;
        assert_int_equal(
            dnswire_put_rr(&w, DNSWIRE_ANSWER, &other, DNSWIRE_A, DNSWIRE_IN, 1, "abcd", 4), 0);
        assert_int_equal(w.len, len);
        assert_int_equal(dnswire_u16(b + 6), 2);
    }
    w.size++;
    assert_int_equal(
        dnswire_put_rr(&w, DNSWIRE_ANSWER, &other, DNSWIRE_A, DNSWIRE_IN, 1, "abcd", 4), 1);
    assert_int_equal(dnswire_u16(b + 6), 3);
    assert_int_equal(dnswire_write(&w, b, 11, 1, 0), 0);
}

/* the records of a message, as text, but for TTLs */
static void describe(unsigned char const *b, size_t len, char *buf)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    struct dnswire_name n;
    char owner[DNSWIRE_TEXT];
    int got;
    *buf = 0;
    assert_int_equal(dnswire_read(&r, b, len), 1);
    while ((got = dnswire_next(&r, &rr)) > 0) {
        assert_int_equal(dnswire_name_at(&r, rr.name, &n, NULL), 1);
        dnswire_name_fmt(owner, &n);
        assert_int_equal(dnswire_is_sound(&r, &rr), 1);
        buf += sprintf(buf, "%d %s %d", rr.section, owner, rr.type);
        if (dnswire_target(&r, &rr, &n))
            buf += sprintf(buf, " %s", text(&n));
        *buf++ = '\n';
        *buf = 0;
    }
    assert_int_equal(got, 0);
}

static void dnswire_rename_keeps_pointers_right(void **state)
{
    (void)state;
    static unsigned char renamed[2048];
    char was[1024];
    char is[1024];
    char want[1100];
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_name asked = name("WeB");
    size_t len = reply("web.a.test");
    describe(out, len, was);
    size_t n = dnswire_rename(renamed, sizeof renamed, out, len, &asked, 360);
    assert_true(n > 0);
    describe(renamed, n, is);
    snprintf(want, sizeof want, "1 WeB 5 web.a.test\n%s", was);
    assert_string_equal(is, want);
    assert_int_equal(dnswire_read(&r, renamed, n), 1);
    assert_int_equal(r.h.id, 0x1234);
    assert_int_equal(r.h.flags & DNSWIRE_TC, 0);
    assert_int_equal(dnswire_next_question(&r, &q), 1);
    assert_string_equal(text(&q.name), "WeB");
    /* the same name: no CNAME to itself, but the case of who asked */
    asked = name("WEB.A.TEST");
    n = dnswire_rename(renamed, sizeof renamed, out, len, &asked, 360);
    describe(renamed, n, is);
    assert_int_equal(dnswire_u16(renamed + 6), 3);
    /* little room: whole records, TC only if answers or authority are missing; OPT stays if it can
     */
    asked = name("web");
    for (size_t size = 0; size < 300; size++) {
        n = dnswire_rename(renamed, size, out, len, &asked, 360);
        assert_true(n <= size);
        if (!n)
            continue;
        describe(renamed, n, is);
        int whole = dnswire_u16(renamed + 6) == 4 && dnswire_u16(renamed + 8) == 1;
        assert_int_equal(!!(dnswire_u16(renamed + 2) & DNSWIRE_TC), !whole);
    }
    /* malformed */
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(dnswire_rename(renamed, sizeof renamed, out, cut, &asked, 360), 0);
    /* without answers there is nothing to lead to */
    struct dnswire_name web = name("web.a.test");
    len = dnswire_query(out, sizeof out, 1, &web, DNSWIRE_A, 0);
    n = dnswire_rename(renamed, sizeof renamed, out, len, &asked, 360);
    assert_int_equal(n, 12 + 5 + 4);
    assert_int_equal(dnswire_u16(renamed + 6), 0);
}

static void dnswire_error_answers_queries_only(void **state)
{
    (void)state;
    unsigned char b[600];
    struct dnswire_name n = name("Web.a.test");
    size_t len = dnswire_query(out, sizeof out, 0x4321, &n, DNSWIRE_AAAA, 0);
    assert_int_equal(dnswire_error(b, sizeof b, out, len, DNSWIRE_SERVFAIL), len);
    assert_int_equal(dnswire_u16(b), 0x4321);
    assert_int_equal(dnswire_u16(b + 2), DNSWIRE_QR | DNSWIRE_RD | DNSWIRE_RA | DNSWIRE_SERVFAIL);
    assert_memory_equal(b + 4, out + 4, len - 4);
    /* a question that cannot be read is left out */
    assert_int_equal(dnswire_error(b, sizeof b, out, len - 1, DNSWIRE_FORMERR), DNSWIRE_HEADER);
    assert_int_equal(dnswire_u16(b + 4), 0);
    /* an opcode is given back */
    out[2] |= 0x28;
    assert_int_equal(dnswire_error(b, sizeof b, out, len, DNSWIRE_NOTIMP), len);
    assert_int_equal(dnswire_u16(b + 2) & DNSWIRE_OPCODE, 0x2800);
    /* never a reply to a reply, or to less than a header */
    out[2] |= 0x80;
    assert_int_equal(dnswire_error(b, sizeof b, out, len, DNSWIRE_SERVFAIL), 0);
    assert_int_equal(dnswire_error(b, sizeof b, out, 11, DNSWIRE_SERVFAIL), 0);
}

static void dnswire_flags(void **state)
{
    (void)state;
    unsigned char b[12] = {0, 0, 0x81, 0x03};
    dnswire_set_flags(b, DNSWIRE_RCODE | DNSWIRE_TC, DNSWIRE_TC | DNSWIRE_SERVFAIL | DNSWIRE_AA);
    assert_int_equal(dnswire_u16(b + 2), DNSWIRE_QR | DNSWIRE_RD | DNSWIRE_TC | DNSWIRE_SERVFAIL);
}

static void dnswire_copy_of_every_form(void **state)
{
    (void)state;
    /* type, data; names compressed against the question "a.b" at 12 */
    static struct {
        uint16_t type;
        char const *data;
        size_t len;
        char const *want;
        size_t want_len;
    } const t[] = {
        {2, "\1c\300\014", 4, "\1c\300\014", 4},
        {15, "\0\5\300\016", 4, "\0\5\300\016", 4},
        {33, "\0\1\0\2\0\3\300\014", 8, "\0\1\0\2\0\3\1a\1b\0", 11},
        {35, "\0\1\0\2\1x\0\2yz\300\014", 12, "\0\1\0\2\1x\0\2yz\1a\1b\0", 15},
        {17, "\300\014\300\016", 4, "\1a\1b\0\1b\0", 8},
        {24, "123456789012345678\300\014sig", 23, "123456789012345678\1a\1b\0sig", 26},
        {39, "\300\014", 2, "\1a\1b\0", 5},
        {16, "\2hi", 3, "\2hi", 3},
        {999, "\300\014", 2, "\300\014", 2},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        unsigned char in[300];
        unsigned char copy[300];
        struct dnswire_writer w;
        struct dnswire_reader r;
        struct dnswire_rr rr;
        struct dnswire_name n = name("a.b");
        assert_int_equal(dnswire_write(&w, in, sizeof in, 1, 0), 1);
        assert_int_equal(dnswire_put_question(&w, &n, t[i].type, DNSWIRE_IN), 1);
        assert_int_equal(
            dnswire_put_rr(&w, DNSWIRE_ANSWER, &n, t[i].type, DNSWIRE_IN, 9, t[i].data, t[i].len),
            1);
        assert_int_equal(dnswire_read(&r, in, w.len), 1);
        assert_int_equal(dnswire_next(&r, &rr), 1);
        assert_int_equal(dnswire_write(&w, copy, sizeof copy, 1, 0), 1);
        assert_int_equal(dnswire_put_question(&w, &n, t[i].type, DNSWIRE_IN), 1);
        assert_int_equal(dnswire_copy(&w, &r, &rr), 1);
        assert_int_equal(dnswire_read(&r, copy, w.len), 1);
        assert_int_equal(dnswire_next(&r, &rr), 1);
        assert_int_equal(rr.len, t[i].want_len);
        assert_memory_equal(copy + rr.data, t[i].want, rr.len);
    }
}

static void dnswire_changes_in_place(void **state)
{
    unsigned char b[512];
    struct dnswire_writer w;
    struct dnswire_reader r;
    struct dnswire_rr rr;
    struct dnswire_question q;
    struct dnswire_name mixed, plain, other;
    unsigned char data[4] = {10, 0, 0, 0};
    (void)state;
    assert_true(dnswire_name_parse(&mixed, "wEb.TeSt", 8) &&
                dnswire_name_parse(&plain, "web.test", 8) &&
                dnswire_name_parse(&other, "web.tesT.x", 10));
    assert_true(dnswire_write(&w, b, sizeof b, 1, DNSWIRE_QR) &&
                dnswire_put_question(&w, &mixed, DNSWIRE_A, DNSWIRE_IN));
    for (uint32_t i = 0; i < 4; i++) {
        data[3] = (unsigned char)i;
        assert_true(dnswire_put_rr(&w, DNSWIRE_ANSWER, &mixed, i == 1 ? DNSWIRE_TXT : DNSWIRE_A,
                                   DNSWIRE_IN, i * 10, data, 4));
    }
    assert_true(dnswire_put_opt(&w, 1232, 1));
    /* the case of the question: pointers follow */
    assert_false(dnswire_recase(b, w.len, &other));
    assert_true(dnswire_recase(b, w.len, &plain));
    assert_true(dnswire_read(&r, b, w.len) && dnswire_next_question(&r, &q) == 1);
    assert_true(dnswire_name_is_exactly(&q.name, &plain));
    assert_int_equal(dnswire_next(&r, &rr), 1);
    assert_true(dnswire_name_at(&r, rr.name, &other, NULL) &&
                dnswire_name_is_exactly(&other, &plain));
    /* times, but OPT's flags */
    assert_true(dnswire_clamp(b, w.len, 5, 20));
    struct dnswire_edns e;
    assert_true(dnswire_edns(b, w.len, &e) == 1 && e.dnssec_ok);
    /* addresses go round, others stay */
    for (unsigned int n = 0; n < 4; n++) {
        static unsigned char const order[4][4] = {
            {0, 1, 2, 3}, {2, 1, 3, 0}, {3, 1, 0, 2}, {0, 1, 2, 3}};
        static uint32_t const ttl[4] = {5, 10, 20, 20};
        unsigned char copy[512];
        memcpy(copy, b, w.len);
        dnswire_rotate(copy, w.len, DNSWIRE_A, n);
        assert_true(dnswire_read(&r, copy, w.len));
        for (unsigned int i = 0; i < 4; i++) {
            assert_int_equal(dnswire_next(&r, &rr), 1);
            assert_int_equal(rr.ttl, ttl[i]);
            assert_int_equal(copy[rr.data + 3], order[n][i]);
        }
    }
    dnswire_rotate(b, w.len - 13, DNSWIRE_A, 1);
    for (size_t len = 0; len < w.len; len++) {
        dnswire_rotate(b, len, DNSWIRE_A, 1);
        assert_false(dnswire_clamp(b, len, 1, 1));
        assert_false(dnswire_recase(b, len, &mixed));
    }
}

static void dnswire_leaves_cookies_out(void **state)
{
    (void)state;
    static struct {
        char const *data;
        uint16_t len;
        uint16_t left;
        int has_options;
    } const cases[] = {
        {"", 0, 0, 0},
        {"\0\12\0\10abcdefgh", 12, 0, 0},
        {"\0\3\0\0", 4, 4, 1},                                /* NSID */
        {"\0\3\0\0\0\12\0\10abcdefgh\0\10\0\2xy", 22, 10, 1}, /* between two others */
        {"\0\12\0\200abc", 7, 0, 0},                          /* longer than the rest */
        {"\0\12\0", 3, 3, 1},                                 /* no option */
    };
    static struct dnswire_name const root = {.len = 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char from[64];
        struct dnswire_writer w;
        struct dnswire_reader r;
        struct dnswire_rr rr;
        struct dnswire_edns e;
        assert_true(dnswire_write(&w, from, sizeof from, 1, 0) &&
                    dnswire_put_rr(&w, DNSWIRE_ADDITIONAL, &root, DNSWIRE_OPT, 1400, 0x8000,
                                   cases[i].data, cases[i].len));
        assert_int_equal(dnswire_edns(from, w.len, &e), 1);
        assert_int_equal(e.has_options, cases[i].has_options);
        assert_true(dnswire_read(&r, from, w.len) && dnswire_next(&r, &rr) == 1);
        assert_true(dnswire_write(&w, out, sizeof out, 1, 0));
        assert_int_equal(dnswire_copy_opt(&w, &r, &rr), 1);
        assert_int_equal(w.len, DNSWIRE_HEADER + 11 + cases[i].left);
        assert_int_equal(dnswire_edns(out, w.len, &e), 1);
        assert_true(e.size == 1400 && e.dnssec_ok && e.has_options == cases[i].has_options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dnswire_names_as_text),
        cmocka_unit_test(dnswire_names_have_bounds),
        cmocka_unit_test(dnswire_names_compare_in_any_case),
        cmocka_unit_test(dnswire_compressed_names),
        cmocka_unit_test(dnswire_names_in_messages_have_bounds),
        cmocka_unit_test(dnswire_what_is_written_is_read),
        cmocka_unit_test(dnswire_is_sound_knows_the_forms),
        cmocka_unit_test(dnswire_times),
        cmocka_unit_test(dnswire_query_is_one_question),
        cmocka_unit_test(dnswire_writer_compresses),
        cmocka_unit_test(dnswire_rename_keeps_pointers_right),
        cmocka_unit_test(dnswire_error_answers_queries_only),
        cmocka_unit_test(dnswire_flags),
        cmocka_unit_test(dnswire_copy_of_every_form),
        cmocka_unit_test(dnswire_changes_in_place),
        cmocka_unit_test(dnswire_leaves_cookies_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
