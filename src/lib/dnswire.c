#include <string.h>

#include <cairn/dnswire.h>

/* ---- numbers: RFC 1035 2.3.2, most significant byte first */

uint16_t dnswire_u16(unsigned char const *b)
{
    return (uint16_t)(b[0] << 8 | b[1]);
}

uint32_t dnswire_u32(unsigned char const *b)
{
    return (uint32_t)dnswire_u16(b) << 16 | dnswire_u16(b + 2);
}

static void pack16(unsigned char *b, unsigned int n)
{
    b[0] = (unsigned char)(n >> 8);
    b[1] = (unsigned char)n;
}

static void pack32(unsigned char *b, uint32_t n)
{
    pack16(b, n >> 16);
    pack16(b + 2, n & 0xffff);
}

/* ---- names */

/* RFC 4343 3: ASCII letters only; the C library's tolower would ask the locale. */
static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 'a' - 'A') : c;
}

static int is_letter(unsigned char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/* Lengths of labels are below 'A' (RFC 1035 4.1.4 keeps the upper two bits), so folding a whole
   name leaves them alone. */
static int is_equal(unsigned char const *a, unsigned char const *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return 0;
    return 1;
}

int dnswire_name_is(struct dnswire_name const *a, struct dnswire_name const *b)
{
    return a->len == b->len && is_equal(a->b, b->b, a->len);
}

int dnswire_name_is_exactly(struct dnswire_name const *a, struct dnswire_name const *b)
{
    return a->len == b->len && !memcmp(a->b, b->b, a->len);
}

int dnswire_name_ends(struct dnswire_name const *name, struct dnswire_name const *suffix)
{
    unsigned char const *p = name->b;
    if (name->labels < suffix->labels || name->len < suffix->len)
        return 0;
    for (unsigned int i = name->labels - suffix->labels; i; i--)
        p += *p + 1;
    return (size_t)(name->b + name->len - p) == suffix->len && is_equal(p, suffix->b, suffix->len);
}

int dnswire_name_append(struct dnswire_name *name, struct dnswire_name const *suffix)
{
    if (name->len - 1 + suffix->len > DNSWIRE_NAME)
        return 0;
    memcpy(name->b + name->len - 1, suffix->b, suffix->len);
    name->len = (unsigned char)(name->len - 1 + suffix->len);
    name->labels = (unsigned char)(name->labels + suffix->labels);
    return 1;
}

void dnswire_name_lower(struct dnswire_name *name)
{
    for (size_t i = 0; i < name->len; i++)
        name->b[i] = lower(name->b[i]);
}

void dnswire_name_mix(struct dnswire_name *name, unsigned char const *bits)
{
    for (size_t i = 0; i < name->len; i++)
        if (is_letter(name->b[i]))
            name->b[i] = (unsigned char)((name->b[i] & ~0x20) | ((bits[i / 8] >> i % 8 & 1) << 5));
}

/* FNV-1a */
uint32_t dnswire_name_hash(struct dnswire_name const *name, uint32_t seed)
{
    uint32_t h = 2166136261u ^ seed;
    for (size_t i = 0; i < name->len; i++)
        h = (h ^ lower(name->b[i])) * 16777619u;
    return h;
}

/* The byte that \DDD or \X at s (n bytes behind the backslash) means; *used: how many of them.
   Returns it, or -1. RFC 1035 5.1. */
static int unescape(char const *s, size_t n, size_t *used)
{
    if (!n)
        return -1;
    *used = 1;
    if (*s < '0' || *s > '9')
        return (unsigned char)*s;
    *used = 3;
    if (n < 3 || s[1] < '0' || s[1] > '9' || s[2] < '0' || s[2] > '9')
        return -1;
    int c = (s[0] - '0') * 100 + (s[1] - '0') * 10 + s[2] - '0';
    return c > 255 ? -1 : c;
}

int dnswire_name_parse(struct dnswire_name *name, char const *s, size_t n)
{
    size_t start = 0; /* where the length of this label goes */
    size_t len = 1;
    size_t used;
    name->labels = 0;
    if (n == 1 && *s == '.')
        n = 0;
    else if (!n)
        return 0;
    for (size_t i = 0; i < n; i++) {
        int c = (unsigned char)s[i];
        if (c == '.') {
            if (len - start == 1)
                return 0; /* an empty label is the root's, which ends a name */
            name->b[start] = (unsigned char)(len - start - 1);
            name->labels++;
            start = len++;
            continue;
        }
        if (c == '\\') {
            c = unescape(s + i + 1, n - i - 1, &used);
            if (c < 0)
                return 0;
            i += used;
        }
        if (len - start > DNSWIRE_LABEL || len >= DNSWIRE_NAME)
            return 0;
        name->b[len++] = (unsigned char)c;
    }
    if (len - start > 1) {
        name->b[start] = (unsigned char)(len - start - 1);
        name->labels++;
        start = len++;
    }
    if (len > DNSWIRE_NAME)
        return 0;
    name->b[start] = 0;
    name->len = (unsigned char)len;
    return 1;
}

static size_t escape(char *p, unsigned char c)
{
    if (c <= ' ' || c >= 127) {
        p[0] = '\\';
        p[1] = (char)('0' + c / 100);
        p[2] = (char)('0' + c / 10 % 10);
        p[3] = (char)('0' + c % 10);
        return 4;
    }
    if (strchr(".\\\"();@$", c)) { /* what has a meaning in a zone file */
        p[0] = '\\';
        p[1] = (char)c;
        return 2;
    }
    *p = (char)c;
    return 1;
}

size_t dnswire_name_fmt(char *buf, struct dnswire_name const *name)
{
    char *p = buf;
    if (!name->labels)
        *p++ = '.';
    for (unsigned char const *l = name->b; *l; l += *l + 1) {
        if (l != name->b)
            *p++ = '.';
        for (unsigned int i = 1; i <= *l; i++)
            p += escape(p, l[i]);
    }
    *p = 0;
    return (size_t)(p - buf);
}

/* ---- reading */

int dnswire_name_at(struct dnswire_reader const *r, size_t at, struct dnswire_name *name,
                    size_t *end)
{
    size_t limit = at; /* where a pointer may not point: at or behind the place it is in */
    size_t len = 0;
    size_t after = 0;
    name->labels = 0;
    for (;;) {
        if (at >= r->len)
            return 0;
        unsigned int c = r->b[at];
        if ((c & 0xc0) == 0xc0) {
            /* RFC 1035 4.1.4: a pointer to a prior occurrence. Prior: each one points before the
               start of the run of labels that it ends, so there are no loops. */
            if (r->len - at < 2)
                return 0;
            size_t to = dnswire_u16(r->b + at) & 0x3fffu;
            if (to >= limit || to < DNSWIRE_HEADER)
                return 0;
            if (!after)
                after = at + 2;
            limit = at = to;
            continue;
        }
        if (c & 0xc0) /* RFC 1035 4.1.4: reserved; RFC 6891 5: so is what once was EDNS's */
            return 0;
        if (c + 1 > r->len - at || len + c + 1 > DNSWIRE_NAME)
            return 0;
        memcpy(name->b + len, r->b + at, c + 1);
        len += c + 1;
        at += c + 1;
        if (!c)
            break;
        name->labels++;
    }
    name->len = (unsigned char)len;
    if (end)
        *end = after ? after : at;
    return 1;
}

/* Passes over the name at *at without taking it apart. */
static int skip_name(struct dnswire_reader const *r, size_t *at)
{
    size_t start = *at;
    for (;;) {
        if (*at >= r->len)
            return 0;
        unsigned int c = r->b[*at];
        if ((c & 0xc0) == 0xc0) {
            *at += 2;
            return *at <= r->len;
        }
        *at += c + 1;
        if (c & 0xc0 || *at - start > DNSWIRE_NAME)
            return 0;
        if (!c)
            return 1;
    }
}

int dnswire_read(struct dnswire_reader *r, unsigned char const *b, size_t len)
{
    if (len < DNSWIRE_HEADER || len > DNSWIRE_MESSAGE)
        return 0;
    r->b = b;
    r->len = len;
    r->pos = DNSWIRE_HEADER;
    r->h.id = dnswire_u16(b);
    r->h.flags = dnswire_u16(b + 2);
    for (int i = 0; i < 4; i++)
        r->left[i] = r->h.count[i] = dnswire_u16(b + 4 + 2 * i);
    return 1;
}

int dnswire_next_question(struct dnswire_reader *r, struct dnswire_question *q)
{
    if (!r->left[0])
        return 0;
    q->at = r->pos;
    if (!dnswire_name_at(r, r->pos, &q->name, &r->pos) || r->len - r->pos < 4)
        return -1;
    q->type = dnswire_u16(r->b + r->pos);
    q->class = dnswire_u16(r->b + r->pos + 2);
    r->pos += 4;
    r->left[0]--;
    return 1;
}

int dnswire_next(struct dnswire_reader *r, struct dnswire_rr *rr)
{
    int section = 1;
    for (; r->left[0]; r->left[0]--)
        if (!skip_name(r, &r->pos) || r->len - r->pos < 4)
            return -1;
        else
            r->pos += 4;
    while (section < 4 && !r->left[section])
        section++;
    if (section == 4)
        return 0;
    rr->section = (enum dnswire_section)section;
    rr->name = r->pos;
    if (!skip_name(r, &r->pos) || r->len - r->pos < 10)
        return -1;
    unsigned char const *p = r->b + r->pos;
    rr->type = dnswire_u16(p);
    rr->class = dnswire_u16(p + 2);
    rr->ttl = dnswire_u32(p + 4);
    /* RFC 2181 8: a TTL with the top bit set counts as 0. OPT's is no time. */
    if (rr->ttl & 0x80000000u && rr->type != DNSWIRE_OPT)
        rr->ttl = 0;
    rr->ttl_at = r->pos + 4;
    rr->len = dnswire_u16(p + 8);
    rr->data = r->pos + 10;
    if (r->len - rr->data < rr->len)
        return -1;
    r->pos = rr->data + rr->len;
    r->left[section]--;
    return 1;
}

/* Where names stand in the data: behind some bytes, so many, and before how many bytes. RFC 3597 4:
   names are compressed only in the types of RFC 1035, and may be found so in some others too. */
struct form {
    uint16_t type;
    unsigned char before;
    unsigned char names;
    unsigned char after;
    unsigned char flags;
};
enum { COMPRESS = 1, OPEN_END = 2, STRINGS = 4 };

static struct form const forms[] = {
    {DNSWIRE_A, 4, 0, 0, 0},
    {DNSWIRE_NS, 0, 1, 0, COMPRESS},
    {3, 0, 1, 0, COMPRESS}, /* MD */
    {4, 0, 1, 0, COMPRESS}, /* MF */
    {DNSWIRE_CNAME, 0, 1, 0, COMPRESS},
    {DNSWIRE_SOA, 0, 2, 20, COMPRESS},
    {7, 0, 1, 0, COMPRESS}, /* MB */
    {8, 0, 1, 0, COMPRESS}, /* MG */
    {9, 0, 1, 0, COMPRESS}, /* MR */
    {DNSWIRE_PTR, 0, 1, 0, COMPRESS},
    {14, 0, 2, 0, COMPRESS}, /* MINFO */
    {DNSWIRE_MX, 2, 1, 0, COMPRESS},
    {17, 0, 2, 0, 0},         /* RP, RFC 1183 2.2 */
    {18, 2, 1, 0, 0},         /* AFSDB, RFC 1183 1 */
    {21, 2, 1, 0, 0},         /* RT, RFC 1183 3.3 */
    {24, 18, 1, 0, OPEN_END}, /* SIG, RFC 2535 4.1 */
    {26, 2, 2, 0, 0},         /* PX, RFC 2163 4 */
    {DNSWIRE_AAAA, 16, 0, 0, 0},
    {30, 0, 1, 0, OPEN_END}, /* NXT, RFC 2535 5.2 */
    {DNSWIRE_SRV, 6, 1, 0, 0},
    {35, 4, 1, 0, STRINGS}, /* NAPTR, RFC 3403 4.1: three strings before the name */
    {36, 2, 1, 0, 0},       /* KX, RFC 2230 3.1 */
    {DNSWIRE_DNAME, 0, 1, 0, 0},
};

static struct form const *form_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].type == type)
            return forms + i;
    return NULL;
}

/* What lies in the data before the first name. */
static int skip_before(struct dnswire_reader const *r, struct dnswire_rr const *rr,
                       struct form const *f, size_t *at)
{
    size_t end = rr->data + rr->len;
    *at = rr->data + f->before;
    if (f->flags & STRINGS)
        for (int i = 0; i < 3; i++) {
            if (*at >= end)
                return 0;
            *at += r->b[*at] + 1u;
        }
    return *at <= end;
}

static int are_strings(unsigned char const *b, size_t len)
{
    if (!len) /* RFC 1035 3.3.14: one or more */
        return 0;
    for (size_t i = 0; i < len; i += b[i] + 1u)
        if (b[i] >= len - i)
            return 0;
    return 1;
}

int dnswire_is_sound(struct dnswire_reader const *r, struct dnswire_rr const *rr)
{
    struct form const *f = form_of(rr->type);
    struct dnswire_name name;
    size_t end = rr->data + rr->len;
    size_t at;
    if (rr->type == DNSWIRE_TXT)
        return are_strings(r->b + rr->data, rr->len);
    if (!f)
        return 1;
    if (!skip_before(r, rr, f, &at))
        return 0;
    for (int i = 0; i < f->names; i++)
        if (!dnswire_name_at(r, at, &name, &at) || at > end)
            return 0;
    return f->flags & OPEN_END || end - at == f->after;
}

int dnswire_target(struct dnswire_reader const *r, struct dnswire_rr const *rr,
                   struct dnswire_name *name)
{
    struct form const *f = form_of(rr->type);
    size_t at;
    size_t end;
    return f && f->names && skip_before(r, rr, f, &at) && dnswire_name_at(r, at, name, &end) &&
           end <= rr->data + rr->len;
}

int dnswire_negative_ttl(unsigned char const *b, size_t len, uint32_t *ttl)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    if (!dnswire_read(&r, b, len))
        return 0;
    while (dnswire_next(&r, &rr) > 0)
        if (rr.section == DNSWIRE_AUTHORITY && rr.type == DNSWIRE_SOA &&
            dnswire_is_sound(&r, &rr)) {
            uint32_t minimum = dnswire_u32(b + rr.data + rr.len - 4);
            if (minimum & 0x80000000u)
                minimum = 0;
            *ttl = minimum < rr.ttl ? minimum : rr.ttl;
            return 1;
        }
    return 0;
}

int dnswire_lowest_ttl(unsigned char const *b, size_t len, uint32_t *ttl)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    int got;
    int any = 0;
    if (!dnswire_read(&r, b, len))
        return 0;
    while ((got = dnswire_next(&r, &rr)) > 0)
        if (rr.type != DNSWIRE_OPT) {
            if (!any || rr.ttl < *ttl)
                *ttl = rr.ttl;
            any = 1;
        }
    return !got && any;
}

int dnswire_age(unsigned char *b, size_t len, uint32_t seconds)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    int got;
    if (!dnswire_read(&r, b, len))
        return 0;
    while ((got = dnswire_next(&r, &rr)) > 0)
        if (rr.type != DNSWIRE_OPT)
            pack32(b + rr.ttl_at, rr.ttl > seconds ? rr.ttl - seconds : 0);
    return !got;
}

/* The length of the option that stands at offset at of an OPT's data, its head included; what is no
   option is the rest (RFC 6891 6.1.2). */
static size_t option_length(unsigned char const *b, struct dnswire_rr const *rr, size_t at)
{
    size_t left = rr->len - at;
    size_t len = left < 4 ? left : 4u + dnswire_u16(b + rr->data + at + 2);
    return len < left ? len : left;
}

static int is_cookie(unsigned char const *b, struct dnswire_rr const *rr, size_t at)
{
    return rr->len - at >= 4 && dnswire_u16(b + rr->data + at) == DNSWIRE_COOKIE;
}

int dnswire_edns(unsigned char const *b, size_t len, struct dnswire_edns *e)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    int got;
    int any = 0;
    if (!dnswire_read(&r, b, len))
        return -1;
    while ((got = dnswire_next(&r, &rr)) > 0) {
        if (rr.type != DNSWIRE_OPT || rr.section != DNSWIRE_ADDITIONAL)
            continue;
        /* RFC 6891 6.1.1: one at most, and its name is the root */
        if (any++ || b[rr.name])
            return -1;
        e->size = rr.class < DNSWIRE_UDP ? DNSWIRE_UDP : rr.class; /* RFC 6891 6.2.3 */
        e->rcode = (unsigned char)(rr.ttl >> 24);
        e->version = (unsigned char)(rr.ttl >> 16);
        e->dnssec_ok = !!(rr.ttl & 0x8000);
        e->has_options = 0;
        for (size_t at = 0; at < rr.len; at += option_length(b, &rr, at))
            e->has_options |= !is_cookie(b, &rr, at);
    }
    return got < 0 ? -1 : any;
}

/* ---- writing */

int dnswire_write(struct dnswire_writer *w, unsigned char *b, size_t size, uint16_t id,
                  uint16_t flags)
{
    if (size < DNSWIRE_HEADER)
        return 0;
    w->b = b;
    w->size = size < DNSWIRE_MESSAGE ? size : DNSWIRE_MESSAGE;
    w->len = DNSWIRE_HEADER;
    w->n = 0;
    memset(b, 0, DNSWIRE_HEADER);
    pack16(b, id);
    pack16(b + 2, flags);
    return 1;
}

void dnswire_set_flags(unsigned char *b, uint16_t mask, uint16_t flags)
{
    pack16(b + 2, (dnswire_u16(b + 2) & (uint16_t)~mask) | (flags & mask));
}

/* Is the name at an offset of what we wrote the rest of a name that begins at s? Our own pointers
   point backwards. */
static int is_written(struct dnswire_writer const *w, size_t at, unsigned char const *s)
{
    for (;;) {
        while ((w->b[at] & 0xc0) == 0xc0)
            at = dnswire_u16(w->b + at) & 0x3fffu;
        if (w->b[at] != *s || !is_equal(w->b + at + 1, s + 1, *s))
            return 0;
        if (!*s)
            return 1;
        at += *s + 1u;
        s += *s + 1;
    }
}

/* Writes a name: labels up to the first tail that stands in the message already, then a pointer to
   it (RFC 1035 4.1.4). Offsets above 0x3fff cannot be pointed to. */
static int put_name(struct dnswire_writer *w, struct dnswire_name const *name, int compress)
{
    size_t at = w->len;
    unsigned int n = w->n;
    unsigned char const *l = name->b;
    for (; *l; l += *l + 1) {
        for (unsigned int i = 0; compress && i < w->n; i++)
            if (is_written(w, w->targets[i], l)) {
                if (w->size - at < 2)
                    return 0;
                pack16(w->b + at, 0xc000u | w->targets[i]);
                w->len = at + 2;
                w->n = n;
                return 1;
            }
        if (w->size - at < *l + 1u)
            return 0;
        if (n < DNSWIRE_TARGETS && at <= 0x3fff)
            w->targets[n++] = (uint16_t)at;
        memcpy(w->b + at, l, *l + 1u);
        at += *l + 1u;
    }
    if (at >= w->size)
        return 0;
    w->b[at] = 0;
    w->len = at + 1;
    w->n = n; /* only now are they whole */
    return 1;
}

/* What is undone when something finds no room. */
struct mark {
    size_t len;
    unsigned int n;
};

static struct mark mark(struct dnswire_writer const *w)
{
    return (struct mark){.len = w->len, .n = w->n};
}

static int undo(struct dnswire_writer *w, struct mark m)
{
    w->len = m.len;
    w->n = m.n;
    return 0;
}

static int put(struct dnswire_writer *w, void const *data, size_t len)
{
    if (w->size - w->len < len)
        return 0;
    if (len)
        memcpy(w->b + w->len, data, len);
    w->len += len;
    return 1;
}

static int count(struct dnswire_writer *w, unsigned int section)
{
    unsigned char *c = w->b + 4 + 2 * section;
    pack16(c, dnswire_u16(c) + 1u);
    return 1;
}

int dnswire_put_question(struct dnswire_writer *w, struct dnswire_name const *name, uint16_t type,
                         uint16_t class)
{
    struct mark m = mark(w);
    unsigned char fixed[4];
    pack16(fixed, type);
    pack16(fixed + 2, class);
    return put_name(w, name, 1) && put(w, fixed, 4) ? count(w, 0) : undo(w, m);
}

/* The part of a record before its data, whose length is filled in by finish. */
static int begin(struct dnswire_writer *w, struct dnswire_name const *name, uint16_t type,
                 uint16_t class, uint32_t ttl)
{
    unsigned char fixed[10] = {0};
    pack16(fixed, type);
    pack16(fixed + 2, class);
    pack32(fixed + 4, ttl);
    return put_name(w, name, 1) && put(w, fixed, 10);
}

static int finish(struct dnswire_writer *w, size_t data, enum dnswire_section section)
{
    pack16(w->b + data - 2, (unsigned int)(w->len - data));
    return count(w, section);
}

int dnswire_put_rr(struct dnswire_writer *w, enum dnswire_section section,
                   struct dnswire_name const *name, uint16_t type, uint16_t class, uint32_t ttl,
                   void const *data, size_t len)
{
    struct mark m = mark(w);
    if (!begin(w, name, type, class, ttl))
        return undo(w, m);
    size_t at = w->len;
    return put(w, data, len) ? finish(w, at, section) : undo(w, m);
}

int dnswire_put_name_rr(struct dnswire_writer *w, enum dnswire_section section,
                        struct dnswire_name const *name, uint16_t type, uint32_t ttl,
                        struct dnswire_name const *target)
{
    struct mark m = mark(w);
    struct form const *f = form_of(type);
    if (!begin(w, name, type, DNSWIRE_IN, ttl))
        return undo(w, m);
    size_t at = w->len;
    return put_name(w, target, f && f->flags & COMPRESS) ? finish(w, at, section) : undo(w, m);
}

int dnswire_put_opt(struct dnswire_writer *w, uint16_t udp_size, int dnssec_ok)
{
    static struct dnswire_name const root = {.len = 1};
    return dnswire_put_rr(w, DNSWIRE_ADDITIONAL, &root, DNSWIRE_OPT, udp_size,
                          dnssec_ok ? 0x8000 : 0, NULL, 0);
}

/* The data of a record of another message, its names written anew. */
static int copy_data(struct dnswire_writer *w, struct dnswire_reader const *r,
                     struct dnswire_rr const *rr)
{
    struct form const *f = form_of(rr->type);
    struct dnswire_name name;
    size_t end = rr->data + rr->len;
    size_t at;
    if (!f || !f->names)
        return put(w, r->b + rr->data, rr->len);
    if (!skip_before(r, rr, f, &at) || !put(w, r->b + rr->data, at - rr->data))
        return 0;
    for (int i = 0; i < f->names; i++)
        if (!dnswire_name_at(r, at, &name, &at) || at > end ||
            !put_name(w, &name, f->flags & COMPRESS))
            return 0;
    /* it has grown by taking names apart, and its length has sixteen bits */
    return put(w, r->b + at, end - at);
}

int dnswire_copy(struct dnswire_writer *w, struct dnswire_reader const *r,
                 struct dnswire_rr const *rr)
{
    struct mark m = mark(w);
    struct dnswire_name name;
    if (!dnswire_name_at(r, rr->name, &name, NULL) ||
        !begin(w, &name, rr->type, rr->class, rr->ttl))
        return undo(w, m);
    size_t at = w->len;
    return copy_data(w, r, rr) ? finish(w, at, rr->section) : undo(w, m);
}

int dnswire_copy_opt(struct dnswire_writer *w, struct dnswire_reader const *r,
                     struct dnswire_rr const *rr)
{
    static struct dnswire_name const root = {.len = 1};
    struct mark m = mark(w);
    if (!begin(w, &root, DNSWIRE_OPT, rr->class, rr->ttl))
        return undo(w, m);
    size_t data = w->len;
    for (size_t at = 0, len; at < rr->len; at += len) {
        len = option_length(r->b, rr, at);
        if (!is_cookie(r->b, rr, at) && !put(w, r->b + rr->data + at, len))
            return undo(w, m);
    }
    return finish(w, data, DNSWIRE_ADDITIONAL);
}

size_t dnswire_query(unsigned char *b, size_t size, uint16_t id, struct dnswire_name const *name,
                     uint16_t type, uint16_t udp_size)
{
    struct dnswire_writer w;
    return dnswire_write(&w, b, size, id, DNSWIRE_RD) &&
                   dnswire_put_question(&w, name, type, DNSWIRE_IN) &&
                   (!udp_size || dnswire_put_opt(&w, udp_size, 0))
               ? w.len
               : 0;
}

int dnswire_recase(unsigned char *b, size_t len, struct dnswire_name const *name)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    struct dnswire_name owner;
    size_t end;
    int got;
    if (!dnswire_read(&r, b, len) || len < DNSWIRE_HEADER + (size_t)name->len)
        return 0;
    /* the first name cannot point anywhere: it is as long as it was */
    if (!dnswire_name_at(&r, DNSWIRE_HEADER, &owner, &end) || !dnswire_name_is(&owner, name))
        return 0;
    memcpy(b + DNSWIRE_HEADER, name->b, name->len);
    while ((got = dnswire_next(&r, &rr)) > 0)
        if (b[rr.name] < 0xc0 && rr.name + name->len <= len &&
            dnswire_name_at(&r, rr.name, &owner, &end) && end - rr.name == name->len &&
            dnswire_name_is(&owner, name))
            memcpy(b + rr.name, name->b, name->len);
    return got == 0;
}

int dnswire_clamp(unsigned char *b, size_t len, uint32_t low, uint32_t high)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    int got;
    if (!dnswire_read(&r, b, len))
        return 0;
    while ((got = dnswire_next(&r, &rr)) > 0)
        if (rr.type != DNSWIRE_OPT)
            pack32(b + rr.ttl_at, rr.ttl < low ? low : rr.ttl > high ? high : rr.ttl);
    return got == 0;
}

void dnswire_rotate(unsigned char *b, size_t len, uint16_t type, uint64_t n)
{
    enum { MOST = 64, DATA = 16 };
    unsigned char data[MOST][DATA];
    size_t at[MOST];
    size_t k = 0;
    uint16_t size = 0;
    struct dnswire_reader r;
    struct dnswire_rr rr;
    if (!dnswire_read(&r, b, len))
        return;
    while (k < MOST && dnswire_next(&r, &rr) > 0 && rr.section == DNSWIRE_ANSWER) {
        if (rr.type != type)
            continue;
        if (rr.len > DATA || (k && rr.len != size))
            return;
        size = rr.len;
        memcpy(data[k], b + rr.data, size);
        at[k++] = rr.data;
    }
    for (size_t i = 0; i < k; i++)
        memcpy(b + at[i], data[(i + n) % k], size);
}

size_t dnswire_rename(unsigned char *out, size_t size, unsigned char const *b, size_t len,
                      struct dnswire_name const *asked, uint32_t cname_ttl)
{
    struct dnswire_reader r;
    struct dnswire_writer w;
    struct dnswire_question q;
    struct dnswire_rr rr;
    int got;
    if (!dnswire_read(&r, b, len) || dnswire_next_question(&r, &q) != 1 ||
        !dnswire_write(&w, out, size, r.h.id, r.h.flags) ||
        !dnswire_put_question(&w, asked, q.type, q.class))
        return 0;
    if (r.h.count[DNSWIRE_ANSWER] && !dnswire_name_is(asked, &q.name) &&
        !dnswire_put_name_rr(&w, DNSWIRE_ANSWER, asked, DNSWIRE_CNAME, cname_ttl, &q.name))
        dnswire_set_flags(out, DNSWIRE_TC, DNSWIRE_TC);
    int full = 0;
    while ((got = dnswire_next(&r, &rr)) > 0) {
        if (!dnswire_is_sound(&r, &rr))
            return 0;
        /* RFC 2181 9: TC only when what is missing was needed; OPT is, and small */
        if (full && rr.type != DNSWIRE_OPT)
            continue;
        if (!dnswire_copy(&w, &r, &rr)) {
            full = 1;
            if (rr.section != DNSWIRE_ADDITIONAL)
                dnswire_set_flags(out, DNSWIRE_TC, DNSWIRE_TC);
        }
    }
    return got < 0 ? 0 : w.len;
}

size_t dnswire_error(unsigned char *out, size_t size, unsigned char const *b, size_t len,
                     unsigned int rcode)
{
    struct dnswire_reader r;
    struct dnswire_writer w;
    struct dnswire_question q;
    /* a reply is never answered: two servers would go on for ever */
    if (!dnswire_read(&r, b, len) || r.h.flags & DNSWIRE_QR)
        return 0;
    uint16_t flags = (uint16_t)(DNSWIRE_QR | DNSWIRE_RA | (rcode & DNSWIRE_RCODE) |
                                (r.h.flags & (DNSWIRE_OPCODE | DNSWIRE_RD | DNSWIRE_CD)));
    if (!dnswire_write(&w, out, size, r.h.id, flags))
        return 0;
    if (dnswire_next_question(&r, &q) == 1)
        dnswire_put_question(&w, &q.name, q.type, q.class);
    return w.len;
}
