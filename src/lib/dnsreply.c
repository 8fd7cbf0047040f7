#include <string.h>
#include <sys/socket.h>

#include <cairn/dnsreply.h>

int dnsreply_is_to(unsigned char const *b, size_t len, uint16_t id, struct dnswire_name const *name,
                   uint16_t type)
{
    struct dnswire_reader reader;
    struct dnswire_question question;
    /* RFC 5452 9.1: id and question; address and port are the socket's */
    return dnswire_read(&reader, b, len) && reader.h.id == id &&
           (reader.h.flags & (DNSWIRE_QR | DNSWIRE_OPCODE)) == DNSWIRE_QR &&
           dnswire_next_question(&reader, &question) == 1 && question.type == type &&
           question.class == DNSWIRE_IN && dnswire_name_is(&question.name, name);
}

/* Finds the next answer of this type (or CNAME) that belongs to name. Returns 1, 0, -1 malformed.
 */
static int next_answer(struct dnswire_reader *reader, struct dnswire_name const *name,
                       uint16_t type, struct dnswire_rr *rr)
{
    struct dnswire_name owner;
    int got;
    while ((got = dnswire_next(reader, rr)) > 0) {
        if (rr->section != DNSWIRE_ANSWER || rr->type != type || rr->class != DNSWIRE_IN)
            continue;
        if (!dnswire_name_at(reader, rr->name, &owner, NULL) || !dnswire_is_sound(reader, rr))
            return -1;
        if (dnswire_name_is(&owner, name))
            return 1;
    }
    return got;
}

/* Follows the CNAMEs in the reply from name to where they end. RFC 1034 3.6.2. */
static int follow(struct dnswire_reader const *start, struct dnswire_name *name)
{
    struct dnswire_rr rr;
    struct dnswire_reader reader = *start;
    /* no more of them than there are answers, so a circle ends too */
    for (unsigned int i = 0; i < start->h.count[DNSWIRE_ANSWER] && i < DNSREPLY_CHAIN; i++) {
        int got = next_answer(&reader, name, DNSWIRE_CNAME, &rr);
        if (got <= 0)
            return got;
        if (!dnswire_target(&reader, &rr, name))
            return -1;
        reader = *start;
    }
    return 0;
}

static void hand_out(struct dnswire_reader const *reader, struct dnswire_rr const *rr,
                     void (*take)(void *, struct dnsreply_record const *), void *data)
{
    struct dnsreply_record record = {.type = rr->type, .ttl = rr->ttl};
    unsigned char const *bytes = reader->b + rr->data;
    if (rr->type == DNSWIRE_SRV) { /* RFC 2782 */
        record.priority = dnswire_u16(bytes);
        record.weight = dnswire_u16(bytes + 2);
        record.port = dnswire_u16(bytes + 4);
        dnswire_target(reader, rr, &record.target);
        if (!record.target.labels) /* RFC 2782: "." means that there is no such service */
            return;
    } else {
        record.addr.family = rr->type == DNSWIRE_A ? AF_INET : AF_INET6;
        memcpy(record.addr.u.bytes, bytes, rr->len);
    }
    take(data, &record);
}

enum dnsreply_result dnsreply_read(unsigned char const *b, size_t len,
                                   struct dnswire_name const *name, uint16_t type,
                                   void (*take)(void *, struct dnsreply_record const *), void *data,
                                   struct dnswire_name *end)
{
    struct dnswire_reader start;
    struct dnswire_reader reader;
    struct dnswire_rr rr;
    int got;
    int n = 0;
    *end = *name;
    if (!dnswire_read(&start, b, len))
        return DNSREPLY_USELESS;
    unsigned int rcode = start.h.flags & DNSWIRE_RCODE;
    if (rcode != DNSWIRE_NOERROR && rcode != DNSWIRE_NXDOMAIN)
        return DNSREPLY_USELESS;
    /* a server that does not know and does not ask others: its "nothing" means nothing */
    if (rcode == DNSWIRE_NOERROR && !start.h.count[DNSWIRE_ANSWER] &&
        !(start.h.flags & (DNSWIRE_AA | DNSWIRE_RA)))
        return DNSREPLY_USELESS;
    if (follow(&start, end) < 0)
        return DNSREPLY_USELESS;
    /* all of it first: half a reply is none */
    reader = start;
    while ((got = next_answer(&reader, end, type, &rr)) > 0)
        n++;
    if (got < 0)
        return DNSREPLY_USELESS;
    reader = start;
    while (next_answer(&reader, end, type, &rr) > 0)
        hand_out(&reader, &rr, take, data);
    if (n)
        return DNSREPLY_FOUND;
    if (rcode == DNSWIRE_NXDOMAIN)
        return DNSREPLY_NXDOMAIN;
    return dnswire_name_is(end, name) ? DNSREPLY_NODATA : DNSREPLY_ALIAS;
}
