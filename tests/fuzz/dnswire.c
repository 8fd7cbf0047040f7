/* Any bytes as a DNS message: read, aged, copied, renamed, answered. What is written can be read,
   and says the same. */

#include <cairn/dnswire.h>

#include "fuzz.h"

static unsigned char copy[DNSWIRE_MESSAGE];
static unsigned char again[DNSWIRE_MESSAGE];

/* A name survives being text. */
static void check_name(struct dnswire_name const *name)
{
    char text[DNSWIRE_TEXT];
    struct dnswire_name other;
    size_t len = dnswire_name_fmt(text, name);
    HOLDS(len < sizeof text && strlen(text) == len);
    HOLDS(dnswire_name_parse(&other, text, len));
    HOLDS(dnswire_name_is_exactly(name, &other) && other.labels == name->labels);
    HOLDS(dnswire_name_ends(name, &other));
    dnswire_name_lower(&other);
    HOLDS(dnswire_name_is(name, &other));
    HOLDS(dnswire_name_hash(name, 7) == dnswire_name_hash(&other, 7));
}

/* The same owner, type, class, TTL, first name? */
static int is_same(struct dnswire_reader const *a, struct dnswire_rr const *x,
                   struct dnswire_reader const *b, struct dnswire_rr const *y)
{
    struct dnswire_name n;
    struct dnswire_name m;
    if (!dnswire_name_at(a, x->name, &n, NULL) || !dnswire_name_at(b, y->name, &m, NULL) ||
        !dnswire_name_is(&n, &m))
        return 0;
    int has = dnswire_target(a, x, &n);
    if (has != dnswire_target(b, y, &m) || (has && !dnswire_name_is(&n, &m)))
        return 0;
    return x->type == y->type && x->class == y->class && x->ttl == y->ttl &&
           x->section == y->section;
}

/* Walks the message. Returns whether it is sound as a whole; it is copied then. */
static int walk(uint8_t const *data, size_t size)
{
    struct dnswire_reader r;
    struct dnswire_writer w;
    struct dnswire_question q;
    struct dnswire_rr rr;
    struct dnswire_name name;
    int got;
    int fits = 1;
    int sound = 1;
    if (!dnswire_read(&r, data, size))
        return 0;
    HOLDS(dnswire_write(&w, copy, sizeof copy, r.h.id, r.h.flags));
    while ((got = dnswire_next_question(&r, &q)) > 0) {
        check_name(&q.name);
        fits &= dnswire_put_question(&w, &q.name, q.type, q.class);
    }
    if (got < 0)
        return 0;
    while ((got = dnswire_next(&r, &rr)) > 0) {
        HOLDS(rr.name < rr.data && rr.data + rr.len <= size && r.pos <= size);
        if (!dnswire_name_at(&r, rr.name, &name, NULL) || !dnswire_is_sound(&r, &rr)) {
            sound = 0;
            continue;
        }
        check_name(&name);
        if (dnswire_target(&r, &rr, &name))
            check_name(&name);
        fits &= dnswire_copy(&w, &r, &rr);
    }
    if (got < 0 || !sound || !fits)
        return 0;
    /* the copy says the same */
    struct dnswire_reader a;
    struct dnswire_reader b;
    struct dnswire_rr x;
    struct dnswire_rr y;
    HOLDS(dnswire_read(&a, data, size) && dnswire_read(&b, copy, w.len));
    while ((got = dnswire_next(&a, &x)) > 0) {
        HOLDS(dnswire_next(&b, &y) == 1);
        HOLDS(dnswire_is_sound(&b, &y) && is_same(&a, &x, &b, &y));
    }
    HOLDS(dnswire_next(&b, &y) == 0 && b.pos == w.len);
    return 1;
}

/* Everything in a message of ours is sound. */
static void check_ours(unsigned char const *b, size_t len)
{
    struct dnswire_reader r;
    struct dnswire_rr rr;
    struct dnswire_name name;
    int got;
    HOLDS(dnswire_read(&r, b, len));
    while ((got = dnswire_next(&r, &rr)) > 0)
        HOLDS(dnswire_name_at(&r, rr.name, &name, NULL) && dnswire_is_sound(&r, &rr));
    HOLDS(got == 0 && r.pos == len);
}

static void rename_it(uint8_t const *data, size_t size, size_t room, int is_sound)
{
    struct dnswire_name asked;
    HOLDS(dnswire_name_parse(&asked, "Web.a", 5));
    size_t len = dnswire_rename(copy, room, data, size, &asked, 360);
    HOLDS(len <= room);
    if (!len) {
        HOLDS(!is_sound || room < 200 || !(data[4] | data[5]));
        return;
    }
    check_ours(copy, len);
    /* once more changes nothing but what was left out */
    size_t twice = dnswire_rename(again, sizeof again, copy, len, &asked, 360);
    HOLDS(twice && twice <= len + 12);
    check_ours(again, twice);
}

static void age(uint8_t const *data, size_t size)
{
    uint32_t ttl;
    uint32_t older;
    struct dnswire_edns e;
    dnswire_edns(data, size, &e);
    dnswire_negative_ttl(data, size, &ttl);
    if (!dnswire_lowest_ttl(data, size, &ttl))
        return;
    HOLDS(size <= sizeof copy);
    memcpy(copy, data, size);
    HOLDS(dnswire_age(copy, size, 100));
    HOLDS(dnswire_lowest_ttl(copy, size, &older));
    HOLDS(older == (ttl > 100 ? ttl - 100 : 0));
    HOLDS(dnswire_clamp(copy, size, 7, 7) && dnswire_lowest_ttl(copy, size, &older) && older == 7);
}

/* What is changed in place stays a message, of as many records. */
static void change(uint8_t const *data, size_t size, int is_sound)
{
    struct dnswire_reader r;
    struct dnswire_question q;
    struct dnswire_rr rr;
    memcpy(copy, data, size);
    dnswire_rotate(copy, size, DNSWIRE_A, 1);
    dnswire_rotate(copy, size, DNSWIRE_AAAA, 5);
    if (!dnswire_read(&r, data, size) || dnswire_next_question(&r, &q) != 1)
        return;
    dnswire_name_mix(&q.name, (unsigned char const *)"abcdefghijklmnopqrstuvwxyzabcdef");
    if (!dnswire_recase(copy, size, &q.name))
        return;
    HOLDS(dnswire_read(&r, copy, size));
    while (dnswire_next(&r, &rr) > 0)
        HOLDS(!is_sound || dnswire_is_sound(&r, &rr));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct dnswire_reader r;
    struct dnswire_name name;
    int is_sound = walk(data, size);
    rename_it(data, size, sizeof copy, is_sound);
    rename_it(data, size, size / 2 + 20, 0);
    if (size <= sizeof copy)
        age(data, size);
    if (size <= sizeof copy)
        change(data, size, is_sound);
    size_t len = dnswire_error(copy, DNSWIRE_QUERY, data, size, DNSWIRE_SERVFAIL);
    if (len)
        check_ours(copy, len);
    /* a name at any place */
    if (dnswire_read(&r, data, size))
        for (size_t at = 0; at < size + 2 && at < 300; at++)
            if (dnswire_name_at(&r, at, &name, NULL))
                check_name(&name);
    /* the bytes as text */
    if (dnswire_name_parse(&name, (char const *)data, size))
        check_name(&name);
    return 0;
}
