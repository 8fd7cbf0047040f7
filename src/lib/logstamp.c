#include <string.h>
#include <time.h>

#include <skalibs/djbtime.h>

#include <cairn/logstamp.h>

enum { NANO_AT = 17, FRACTION = 9 }; /* where the nanoseconds begin in hex; decimal digits */

void logstamp_read(struct logstamp *s)
{
    tain t;
    if (!tain_wallclock_read(&t)) {
        logstamp_next(s);
        return;
    }
    /* the last lines may be ahead of the clock by some nanoseconds; a clock that was set back is
     * believed */
    if (t.sec.x == s->now.sec.x && t.nano <= s->now.nano && s->now.nano - t.nano < 1000000)
        logstamp_next(s);
    else
        s->now = t;
}

static void two_digits(char *p, unsigned int byte)
{
    static char const digits[] = "0123456789abcdef";
    p[0] = digits[byte >> 4];
    p[1] = digits[byte & 15];
}

char const *logstamp_tai64n(struct logstamp *s)
{
    if (s->hex_of != s->now.sec.x || s->hex_nano != s->now.nano >> 8) {
        char text[TIMESTAMP + 1];
        timestamp_fmt(text, &s->now);
        memcpy(s->hex, text, sizeof s->hex);
        s->hex_of = s->now.sec.x;
        s->hex_nano = s->now.nano >> 8;
    } else {
        two_digits(s->hex + NANO_AT + 6, s->now.nano & 255);
    }
    return s->hex;
}

static void decimal(char *p, uint32_t n)
{
    for (int i = FRACTION; i--; n /= 10)
        p[i] = (char)('0' + n % 10);
}

char const *logstamp_human(struct logstamp *s)
{
    if (s->human_of != s->now.sec.x) {
        localtmn l;
        char text[LOCALTMN_FMT + 1];
        if (localtmn_from_tain(&l, &s->now, 1))
            text[localtmn_fmt(text, &l)] = 0;
        else
            strcpy(text, "0000-00-00 00:00:00.000000000");
        memcpy(s->human, text, LOGSTAMP_HUMAN);
        s->human_of = s->now.sec.x;
    }
    decimal(s->human + LOGSTAMP_HUMAN - FRACTION, s->now.nano);
    return s->human;
}

char const *logstamp_rfc3339(struct logstamp *s)
{
    if (s->rfc_of != s->now.sec.x) {
        localtmn l;
        char text[LOCALTMN_FMT + 1];
        if (localtmn_from_tain(&l, &s->now, 0))
            text[localtmn_fmt(text, &l)] = 0;
        else
            strcpy(text, "0000-00-00 00:00:00.000000000");
        memcpy(s->rfc, text, LOGSTAMP_RFC3339 - 1);
        s->rfc[10] = 'T';
        s->rfc[LOGSTAMP_RFC3339 - 1] = 'Z';
        s->rfc_of = s->now.sec.x;
    }
    decimal(s->rfc + LOGSTAMP_RFC3339 - 1 - FRACTION, s->now.nano);
    return s->rfc;
}
