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

/* What a layout is made of, as gotime_format has it below. */
enum gotime_element {
    GOTIME_YEAR,
    GOTIME_UNDER_YEAR,
    GOTIME_SHORT_YEAR,
    GOTIME_MONTH_NAME,
    GOTIME_SHORT_MONTH_NAME,
    GOTIME_MONTH,
    GOTIME_WEEKDAY,
    GOTIME_SHORT_WEEKDAY,
    GOTIME_DAY_OF_MONTH,
    GOTIME_DAY_OF_YEAR,
    GOTIME_HOUR,
    GOTIME_HOUR_12,
    GOTIME_MINUTE,
    GOTIME_SECOND,
    GOTIME_UPPER_PM,
    GOTIME_LOWER_PM,
    GOTIME_ZONE_NAME,
    GOTIME_OFFSET,
};

struct gotime_word {
    char text[10]; /* in a layout */
    enum gotime_element element;
    unsigned char width; /* of the number */
    char pad;
};

/* The word that the n bytes of a layout begin with; NULL: that is itself. */
extern struct gotime_word const *gotime_word_at(char const *s, size_t n);

/* The length of a fraction of the second in a layout: a point or comma, and digits that are all 0
   or all 9; or 0. */
extern size_t gotime_fraction_at(char const *s, size_t n);

/* Writes t by the n bytes of layout, and no 0, to the max bytes at to. Returns the length, which
   may be more: then there is only the beginning, and to may be NULL if max is 0. In a layout mean:
     2006 06, January Jan 01 1, Monday Mon, 02 _2 2, 002 __2 (of the year), 15 03 3, 04 4, 05 5,
     PM pm, MST, -0700 -07:00 -07 -070000 -07:00:00 and these with Z, which is all that UTC shows,
     .000 and ,000 (as many digits of the second), .999 and ,999 (without zeros at the end).
   All else is itself, also Jan and Mon before a small letter. */
extern size_t gotime_format(char *to, size_t max, struct gotime const *t, char const *layout,
                            size_t n);

#endif
