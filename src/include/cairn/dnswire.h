/* dnswire: DNS messages: names, a bounded reader, a bounded writer, and what is made of the two.

   Nothing here allocates, and nothing reads or writes outside the buffer it was given. Names in a
   message are taken apart once, checked, and then live in a struct of their own. The reader walks
   records in place and tells where the TTL, the data and the names are; the writer compresses.
   Numbers are in host order, sizes in bytes, TTLs in seconds. Unless said otherwise functions
   return 1, or 0 when the message is malformed or, for the writer, when there is no room. */

#ifndef CAIRN_DNSWIRE_H
#define CAIRN_DNSWIRE_H

#include <stddef.h>
#include <stdint.h>

#define DNSWIRE_HEADER  12                     /* RFC 1035 4.1.1 */
#define DNSWIRE_LABEL   63                     /* RFC 1035 2.3.4: a label */
#define DNSWIRE_NAME    255                    /* RFC 1035 2.3.4: a name, lengths included */
#define DNSWIRE_UDP     512                    /* RFC 1035 2.3.4: a UDP message without EDNS */
#define DNSWIRE_MESSAGE 65535                  /* RFC 1035 4.2.2: any message */
#define DNSWIRE_TEXT    (4 * DNSWIRE_NAME + 1) /* a name as text, every byte escaped, and NUL */
#define DNSWIRE_QUERY   (DNSWIRE_HEADER + DNSWIRE_NAME + 4 + 11) /* question and OPT */
#define DNSWIRE_PORT    53

enum { /* types */
       DNSWIRE_A = 1,
       DNSWIRE_NS = 2,
       DNSWIRE_CNAME = 5,
       DNSWIRE_SOA = 6,
       DNSWIRE_PTR = 12,
       DNSWIRE_MX = 15,
       DNSWIRE_TXT = 16,
       DNSWIRE_AAAA = 28,
       DNSWIRE_SRV = 33,
       DNSWIRE_DNAME = 39,
       DNSWIRE_OPT = 41,
       DNSWIRE_ANY = 255,
};

enum { DNSWIRE_COOKIE = 10 }; /* option of EDNS, RFC 7873 4 */

enum { DNSWIRE_IN = 1, DNSWIRE_CH = 3 }; /* classes */

enum { /* RFC 1035 4.1.1, RFC 6895 2.3 */
       DNSWIRE_NOERROR = 0,
       DNSWIRE_FORMERR = 1,
       DNSWIRE_SERVFAIL = 2,
       DNSWIRE_NXDOMAIN = 3,
       DNSWIRE_NOTIMP = 4,
       DNSWIRE_REFUSED = 5,
};

enum { /* flags of the header, RFC 1035 4.1.1, RFC 4035 3 */
       DNSWIRE_QR = 0x8000,
       DNSWIRE_OPCODE = 0x7800, /* mask */
       DNSWIRE_AA = 0x0400,
       DNSWIRE_TC = 0x0200,
       DNSWIRE_RD = 0x0100,
       DNSWIRE_RA = 0x0080,
       DNSWIRE_AD = 0x0020,
       DNSWIRE_CD = 0x0010,
       DNSWIRE_RCODE = 0x000f, /* mask */
};

/* ---- names */

/* A whole name as in a message without compression, the root's zero included. */
struct dnswire_name {
    unsigned char len;    /* of b, at least 1 */
    unsigned char labels; /* without the root */
    unsigned char b[DNSWIRE_NAME];
};

/* Reads the n bytes at s: labels, dots, \. and \DDD (RFC 1035 5.1), with or without the final dot;
   "." is the root. 0 if that is no name. */
extern int dnswire_name_parse(struct dnswire_name *, char const *s, size_t n);

/* Writes the name without its final dot (the root: ".") and a NUL to buf (DNSWIRE_TEXT bytes).
   What is no printable ASCII is escaped. Returns the length. */
extern size_t dnswire_name_fmt(char *buf, struct dnswire_name const *);

/* Equal in any case of ASCII letters (RFC 4343 3); and equal byte for byte. */
extern int dnswire_name_is(struct dnswire_name const *, struct dnswire_name const *);
extern int dnswire_name_is_exactly(struct dnswire_name const *, struct dnswire_name const *);

/* Is the name suffix, or below it? Compared at label boundaries, in any case. */
extern int dnswire_name_ends(struct dnswire_name const *, struct dnswire_name const *suffix);

/* Appends suffix to the name. 0 (name unchanged) if it would be too long. */
extern int dnswire_name_append(struct dnswire_name *, struct dnswire_name const *suffix);

extern void dnswire_name_lower(struct dnswire_name *);

/* Gives each letter the case that one of the random bits says (draft-vixie-dnsext-dns0x20);
   bits has (DNSWIRE_NAME + 7) / 8 bytes. */
extern void dnswire_name_mix(struct dnswire_name *, unsigned char const *bits);

/* A hash that is the same in any case. */
extern uint32_t dnswire_name_hash(struct dnswire_name const *, uint32_t seed);

/* ---- reading */

struct dnswire_header {
    uint16_t id;
    uint16_t flags;
    uint16_t count[4]; /* questions, answers, authority, additional */
};

struct dnswire_question {
    struct dnswire_name name;
    uint16_t type;
    uint16_t class;
    size_t at; /* offset of the name */
};

enum dnswire_section { DNSWIRE_ANSWER = 1, DNSWIRE_AUTHORITY = 2, DNSWIRE_ADDITIONAL = 3 };

struct dnswire_rr {
    enum dnswire_section section;
    uint16_t type;
    uint16_t class;
    uint32_t ttl;
    size_t name;   /* offsets: of the owner's name, */
    size_t ttl_at; /* of the TTL, */
    size_t data;   /* of the data */
    uint16_t len;  /* of the data */
};

struct dnswire_reader {
    unsigned char const *b;
    size_t len;
    size_t pos;
    struct dnswire_header h;
    uint16_t left[4]; /* what has not been read of each count */
};

/* Begins with the len bytes at b, which stay the caller's: reads the header. */
extern int dnswire_read(struct dnswire_reader *, unsigned char const *b, size_t len);

/* The next question, the next record. Return 1, 0 when there are no more, -1 when the message is
   malformed. dnswire_next passes over what is left of the questions. It checks that name and data
   lie within the message, and nothing within them. */
extern int dnswire_next_question(struct dnswire_reader *, struct dnswire_question *);
extern int dnswire_next(struct dnswire_reader *, struct dnswire_rr *);

/* Takes the name at an offset apart. *end (may be NULL): the offset behind it. */
extern int dnswire_name_at(struct dnswire_reader const *, size_t at, struct dnswire_name *,
                           size_t *end);

/* Does the record's data have the form of its type? Types that are not known always have. */
extern int dnswire_is_sound(struct dnswire_reader const *, struct dnswire_rr const *);

/* The first name in the data of a sound record: the target of CNAME, NS, PTR, DNAME, MX, SRV. */
extern int dnswire_target(struct dnswire_reader const *, struct dnswire_rr const *,
                          struct dnswire_name *);

/* A big-endian number in the data of a record; the caller has checked len. */
extern uint16_t dnswire_u16(unsigned char const *);
extern uint32_t dnswire_u32(unsigned char const *);

/* How long a negative reply may be kept: the lesser of TTL and MINIMUM of the SOA in its authority
   section (RFC 2308 5). 0 if there is none; then it must not be kept. */
extern int dnswire_negative_ttl(unsigned char const *b, size_t len, uint32_t *ttl);

/* The lowest TTL of all records but OPT. 0 when there is none, or the message is malformed. */
extern int dnswire_lowest_ttl(unsigned char const *b, size_t len, uint32_t *ttl);

/* Makes the message age: takes seconds from every TTL but that of OPT, which holds no time (RFC
   6891 6.1.3); none goes below 0. */
extern int dnswire_age(unsigned char *b, size_t len, uint32_t seconds);

/* What EDNS says in a message (RFC 6891 6.1). Returns 1, 0 when there is no OPT, -1 when there are
   two, or the message is malformed. */
struct dnswire_edns {
    uint16_t size;       /* of UDP messages that the sender takes, at least DNSWIRE_UDP */
    unsigned char rcode; /* the upper eight bits */
    unsigned char version;
    int dnssec_ok;
    int has_options; /* other than a cookie */
};
extern int dnswire_edns(unsigned char const *b, size_t len, struct dnswire_edns *);

/* ---- writing */

enum { DNSWIRE_TARGETS = 48 }; /* names that later ones can point to */

struct dnswire_writer {
    unsigned char *b;
    size_t size;
    size_t len;
    unsigned int n;
    uint16_t targets[DNSWIRE_TARGETS];
};

/* Begins a message of at most size bytes at b; the counts begin with 0. */
extern int dnswire_write(struct dnswire_writer *, unsigned char *b, size_t size, uint16_t id,
                         uint16_t flags);

/* Each adds one thing and counts it, or adds nothing and returns 0. Sections in their order.
   dnswire_put_rr takes data without compressed names; dnswire_put_name_rr a type whose data is a
   name; dnswire_copy takes a record of another message, whose names are taken apart and written
   anew, so that every pointer is right here. */
extern int dnswire_put_question(struct dnswire_writer *, struct dnswire_name const *, uint16_t type,
                                uint16_t class);
extern int dnswire_put_rr(struct dnswire_writer *, enum dnswire_section,
                          struct dnswire_name const *, uint16_t type, uint16_t class, uint32_t ttl,
                          void const *data, size_t len);
extern int dnswire_put_name_rr(struct dnswire_writer *, enum dnswire_section,
                               struct dnswire_name const *, uint16_t type, uint32_t ttl,
                               struct dnswire_name const *target);
extern int dnswire_put_opt(struct dnswire_writer *, uint16_t udp_size, int dnssec_ok);
extern int dnswire_copy(struct dnswire_writer *, struct dnswire_reader const *,
                        struct dnswire_rr const *);

/* Changes flags of the message: those in mask become those in flags. */
extern void dnswire_set_flags(unsigned char *b, uint16_t mask, uint16_t flags);

/* The OPT record of another message, without its cookie: that is between the two who speak with
   each other (RFC 6891 6.1.1, RFC 7873 4). */
extern int dnswire_copy_opt(struct dnswire_writer *, struct dnswire_reader const *,
                            struct dnswire_rr const *);

/* A query for one question, at b (size: at least DNSWIRE_QUERY). udp_size 0: without EDNS.
   Returns its length. */
extern size_t dnswire_query(unsigned char *b, size_t size, uint16_t id, struct dnswire_name const *,
                            uint16_t type, uint16_t udp_size);

/* Writes the question's name, and owners that are the same in any case and stand there in full, as
   name has it, which must be the question's in some case. 0 if the message is malformed. */
extern int dnswire_recase(unsigned char *b, size_t len, struct dnswire_name const *);

/* Makes every TTL but OPT's at least low and at most high. 0 if the message is malformed. */
extern int dnswire_clamp(unsigned char *b, size_t len, uint32_t low, uint32_t high);

/* Moves the data of the answers of this type, which holds no names, n places on: a round robin. */
extern void dnswire_rotate(unsigned char *b, size_t len, uint16_t type, uint64_t n);

/* The reply to a search: the message at b, whose question is a name that was searched, under the
   name that was asked for. If there are answers, a CNAME from the one to the other stands before
   them. Records that find no room in size bytes: additional ones are left out, others set TC.
   Returns the length, 0 if the message is malformed. */
extern size_t dnswire_rename(unsigned char *out, size_t size, unsigned char const *b, size_t len,
                             struct dnswire_name const *asked, uint32_t cname_ttl);

/* The reply to the query at b (len bytes) that has no more than the question and this rcode. A
   question that cannot be read is left out. Returns the length; 0 if it must not be answered: it is
   shorter than a header, or a reply itself. */
extern size_t dnswire_error(unsigned char *out, size_t size, unsigned char const *b, size_t len,
                            unsigned int rcode);

#endif
