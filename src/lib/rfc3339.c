#include <stdint.h>

#include <cairn/rfc3339.h>

enum { DAY = 86400 };

static char *put_digits(char *p, uint64_t n, unsigned int width)
{
    for (unsigned int i = width; i--; n /= 10)
        p[i] = (char)('0' + n % 10);
    return p + width;
}

/* gmtime would read the files of time zones. The year is counted from March, so that
   the leap day is its last: 400 of them have 146097 days, and five months 153. */
char *rfc3339_put(char *p, struct timespec const *now)
{
    uint64_t s = now->tv_sec > 0 ? (uint64_t)now->tv_sec : 0;
    uint64_t days = s / DAY + 719468; /* from 0000-03-01 */
    uint64_t era = days / 146097;
    uint64_t doe = days % 146097;
    uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint64_t month = (5 * doy + 2) / 153;
    uint64_t day = doy - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : (uint64_t)-9;
    p = put_digits(p, era * 400 + yoe + (month < 3), 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day, 2);
    *p++ = 'T';
    p = put_digits(p, s % DAY / 3600, 2);
    *p++ = ':';
    p = put_digits(p, s % 3600 / 60, 2);
    *p++ = ':';
    p = put_digits(p, s % 60, 2);
    *p++ = '.';
    p = put_digits(p, (uint64_t)now->tv_nsec / 1000, 6);
    *p++ = 'Z';
    return p;
}
