#include <string.h>
#include <sys/socket.h>

#include <cairn/dnslocal.h>

static unsigned int digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}

/* The number of a label: up to 255 with base 10, one digit with base 16. Returns it, or -1. */
static int number(unsigned char const *label, unsigned int base)
{
    unsigned int n = 0;
    if (*label < 1 || *label > (base == 10 ? 3 : 1))
        return -1;
    for (unsigned int i = 1; i <= *label; i++) {
        unsigned int d = digit(label[i]);
        if (d >= base)
            return -1;
        n = n * base + d;
    }
    return n < 256 ? (int)n : -1;
}

int dnslocal_arpa(struct dnswire_name const *name, struct netaddr *a)
{
    static struct dnswire_name const v4 = {14, 2, "\7in-addr\4arpa"};
    static struct dnswire_name const v6 = {10, 2, "\3ip6\4arpa"};
    memset(a, 0, sizeof *a);
    unsigned char const *l = name->b;
    if (name->labels == 6 && dnswire_name_ends(name, &v4)) {
        a->family = AF_INET;
        for (int i = 3; i >= 0; i--, l += *l + 1) {
            int d = number(l, 10);
            if (d < 0)
                return 0;
            a->u.bytes[i] = (unsigned char)d;
        }
        return 1;
    }
    if (name->labels != 34 || !dnswire_name_ends(name, &v6))
        return 0;
    a->family = AF_INET6;
    for (int i = 31; i >= 0; i--, l += *l + 1) {
        int d = number(l, 16);
        if (d < 0)
            return 0;
        a->u.bytes[i / 2] = (unsigned char)(a->u.bytes[i / 2] | d << (i & 1 ? 0 : 4));
    }
    return 1;
}

/* Begins the reply. */
static int begin(struct dnswire_writer *w, unsigned char *out, size_t room, unsigned char const *b,
                 struct dnswire_question const *q)
{
    uint16_t flags = (dnswire_u16(b + 2) & (DNSWIRE_RD | DNSWIRE_CD)) | DNSWIRE_QR | DNSWIRE_RA;
    return dnswire_write(w, out, room, dnswire_u16(b), flags) &&
           dnswire_put_question(w, &q->name, q->type, q->class);
}

static void put_or_truncate(struct dnswire_writer *w, int done)
{
    if (!done)
        dnswire_set_flags(w->b, DNSWIRE_TC, DNSWIRE_TC);
}

/* Returns how many addresses the name has. Those of the other family alone make an answer without
   any: NXDOMAIN from elsewhere would tell musl that there is no such name at all. */
static int put_addresses(struct dnswire_writer *w, struct dnswire_question const *q,
                         struct hosts_table const *t)
{
    struct hosts_entry const *e;
    uint32_t at = 0;
    int n = 0;
    while ((e = hosts_table_find(t, &q->name, &at))) {
        int four = e->addr.family == AF_INET;
        uint16_t type = four ? DNSWIRE_A : DNSWIRE_AAAA;
        n++;
        if (q->type != type && q->type != DNSWIRE_ANY)
            continue;
        put_or_truncate(w, dnswire_put_rr(w, DNSWIRE_ANSWER, &q->name, type, DNSWIRE_IN,
                                          DNSLOCAL_TTL, e->addr.u.bytes, four ? 4 : 16));
    }
    return n;
}

static int put_reverse(struct dnswire_writer *w, struct dnswire_question const *q,
                       struct hosts_table const *t)
{
    struct netaddr a;
    struct dnswire_name host;
    if (!dnslocal_arpa(&q->name, &a) || !hosts_table_reverse(t, &a, &host))
        return 0;
    put_or_truncate(
        w, dnswire_put_name_rr(w, DNSWIRE_ANSWER, &q->name, DNSWIRE_PTR, DNSLOCAL_TTL, &host));
    return 1;
}

static void put_chaos(struct dnswire_writer *w, struct dnswire_question const *q,
                      char const *version)
{
    static struct dnswire_name const bind = {14, 2, "\7version\4bind"};
    static struct dnswire_name const server = {16, 2, "\7version\6server"};
    static struct dnswire_name const host = {15, 2, "\10hostname\4bind"};
    static struct dnswire_name const id = {11, 2, "\2id\6server"};
    unsigned char text[256];
    char const *s = NULL;
    if (dnswire_name_is(&q->name, &bind) || dnswire_name_is(&q->name, &server))
        s = version;
    else if (dnswire_name_is(&q->name, &host) || dnswire_name_is(&q->name, &id))
        s = "localhost";
    if (!s || q->type != DNSWIRE_TXT || strlen(s) > 255) {
        dnswire_set_flags(w->b, DNSWIRE_RCODE, DNSWIRE_SERVFAIL);
        return;
    }
    text[0] = (unsigned char)strlen(s);
    memcpy(text + 1, s, text[0]);
    put_or_truncate(w, dnswire_put_rr(w, DNSWIRE_ANSWER, &q->name, DNSWIRE_TXT, DNSWIRE_CH, 0, text,
                                      text[0] + 1u));
}

size_t dnslocal_answer(unsigned char *out, size_t room, unsigned char const *b, size_t len,
                       struct dnswire_question const *q, struct hosts_table const *t,
                       char const *version)
{
    struct dnswire_writer w;
    struct dnswire_edns e;
    int edns = dnswire_edns(b, len, &e);
    /* what must be there is kept free: OPT answers OPT (RFC 6891 6.1.1) */
    size_t opt = edns > 0 ? 11 : 0;
    if (room < DNSWIRE_QUERY || !begin(&w, out, room - opt, b, q))
        return 0;
    if (q->class == DNSWIRE_CH)
        put_chaos(&w, q, version);
    else if (q->class != DNSWIRE_IN)
        return 0;
    else if (q->type == DNSWIRE_PTR) {
        if (!put_reverse(&w, q, t))
            return 0;
    } else if ((q->type != DNSWIRE_A && q->type != DNSWIRE_AAAA && q->type != DNSWIRE_ANY) ||
               !put_addresses(&w, q, t))
        return 0;
    w.size += opt;
    if (opt)
        dnswire_put_opt(&w, 1232, e.dnssec_ok);
    return w.len;
}
