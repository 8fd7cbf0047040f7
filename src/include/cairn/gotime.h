/* gotime: times as Go writes them: by a layout, which is how the time 2006-01-02 15:04:05 -0700
   would be written. */

#ifndef CAIRN_GOTIME_H
#define CAIRN_GOTIME_H

#include <stddef.h>
#include <stdint.h>

/* Layouts: RFC 3339 and what printing a time gives. */
#define GOTIME_RFC3339 "2006-01-02T15:04:05Z07:00"
#define GOTIME_STRING  "2006-01-02 15:04:05.999999999 -0700 MST"

enum { GOTIME_ZONE = 16 };

struct gotime {
    int64_t seconds;        /* since the epoch */
    uint32_t nanoseconds;   /* below 10^9 */
    int32_t offset;         /* seconds east of UTC, within a day */
    char zone[GOTIME_ZONE]; /* abbreviation, or "" if none is known */
};

/* What the clock and the calendar of its zone show. */
struct gotime_fields {
    int64_t year;
    unsigned int month;    /* 1 to 12 */
    unsigned int day;      /* 1 to 31 */
    unsigned int weekday;  /* 0 is Sunday */
    unsigned int year_day; /* 1 to 366 */
    unsigned int hour;
    unsigned int minute;
    unsigned int second;
};

/* A time in UTC. */
extern void gotime_utc(struct gotime *t, int64_t seconds, uint32_t nanoseconds);

/* A time in the zone of the environment (TZ, /etc/localtime), or in UTC where the C library cannot
   tell. */
extern void gotime_local(struct gotime *t, int64_t seconds, uint32_t nanoseconds);

extern void gotime_fields(struct gotime const *t, struct gotime_fields *f);

/* "January" and "Sunday", of numbers as above. */
extern char const *gotime_month(unsigned int month);
extern char const *gotime_weekday(unsigned int weekday);

/* Writes t by the n bytes of layout, and no 0, to the max bytes at to. Returns the length, which
   may be more: then there is only the beginning, and to may be NULL if max is 0. In a layout mean:
     2006 06, January Jan 01 1, Monday Mon, 02 _2 2, 002 __2 (of the year), 15 03 3, 04 4, 05 5,
     PM pm, MST, -0700 -07:00 -07 -070000 -07:00:00 and these with Z, which is all that UTC shows,
     .000 and ,000 (as many digits of the second), .999 and ,999 (without zeros at the end).
   All else is itself, also Jan and Mon before a small letter. */
extern size_t gotime_format(char *to, size_t max, struct gotime const *t, char const *layout,
                            size_t n);

#endif
