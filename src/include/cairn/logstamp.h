/* logstamp: the time stamps of lines.

   The clock is read once for all the lines that one read brought; each line after the first is a
   nanosecond later, so that stamps are unique and in order. */

#ifndef CAIRN_LOGSTAMP_H
#define CAIRN_LOGSTAMP_H

#include <stdint.h>

#include <skalibs/tai.h>

#define LOGSTAMP_TAI64N  TIMESTAMP /* @ and 24 hexadecimal digits */
#define LOGSTAMP_HUMAN   29        /* YYYY-MM-DD HH:MM:SS.nnnnnnnnn, local time */
#define LOGSTAMP_RFC3339 30        /* YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ, UTC */

struct logstamp {
    tain now;                          /* of the last line */
    uint64_t hex_of, human_of, rfc_of; /* the seconds that the texts stand for */
    uint32_t hex_nano;                 /* the nanoseconds in hex, without the last two digits */
    char hex[LOGSTAMP_TAI64N];
    char human[LOGSTAMP_HUMAN + 1];
    char rfc[LOGSTAMP_RFC3339 + 1];
};

#define LOGSTAMP_ZERO                                                                              \
    {                                                                                              \
        .now = TAIN_EPOCH, .hex_nano = UINT32_MAX                                                  \
    }

/* The lines that follow have come now. */
extern void logstamp_read(struct logstamp *);

/* The next line. */
static inline void logstamp_next(struct logstamp *s)
{
    if (++s->now.nano == 1000000000) {
        s->now.nano = 0;
        s->now.sec.x++;
    }
}

/* Its stamp: exactly as many bytes as the names above say, no NUL; valid until the next line. */
extern char const *logstamp_tai64n(struct logstamp *);
extern char const *logstamp_human(struct logstamp *);
extern char const *logstamp_rfc3339(struct logstamp *);

#endif
