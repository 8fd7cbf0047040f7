#include <string.h>
#include <time.h>

#include <cairn/gotime.h>

enum { DAY = 86400, NANO_DIGITS = 9 };

void gotime_utc(struct gotime *t, int64_t seconds, uint32_t nanoseconds)
{
    *t = (struct gotime){.seconds = seconds, .nanoseconds = nanoseconds, .zone = "UTC"};
}

void gotime_local(struct gotime *t, int64_t seconds, uint32_t nanoseconds)
{
    struct tm tm;
    time_t s = (time_t)seconds;
    gotime_utc(t, seconds, nanoseconds);
    tzset(); /* localtime_r need not */
    if (s != seconds || !localtime_r(&s, &tm))
        return;
    t->offset = (int32_t)tm.tm_gmtoff;
    size_t n = tm.tm_zone ? strlen(tm.tm_zone) : 0;
    if (n >= GOTIME_ZONE)
        n = 0; /* no abbreviation: the offset is shown */
    if (n)
        memcpy(t->zone, tm.tm_zone, n);
    t->zone[n] = 0;
}

/* As rfc3339_put has it, for all years: these begin in March, 400 of them have 146097 days. */
static void fields_of_day(int64_t day, struct gotime_fields *f)
{
    static unsigned short const before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    day += 719468; /* from 0000-03-01 */
    int64_t era = day / 146097 - (day % 146097 < 0);
    unsigned int doe = (unsigned int)(day - era * 146097);
    unsigned int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned int month = (5 * doy + 2) / 153;
    f->day = doy - (153 * month + 2) / 5 + 1;
    f->month = month < 10 ? month + 3 : month - 9;
    f->year = era * 400 + yoe + (f->month < 3);
    int is_leap = !(f->year % 4) && (f->year % 100 || !(f->year % 400));
    f->year_day = before[f->month - 1] + f->day + (is_leap && f->month > 2);
}

void gotime_fields(struct gotime const *t, struct gotime_fields *f)
{
    int64_t day = t->seconds / DAY;
    int64_t second = t->seconds % DAY + t->offset;
    /* what is left, and the offset, may reach into the days beside it */
    int64_t days = second / DAY - (second % DAY < 0);
    day += days;
    second -= days * DAY;
    fields_of_day(day, f);
    f->weekday = (unsigned int)((day % 7 + 7 + 4) % 7); /* the epoch was a Thursday */
    f->hour = (unsigned int)(second / 3600);
    f->minute = (unsigned int)(second / 60 % 60);
    f->second = (unsigned int)(second % 60);
}

char const *gotime_month(unsigned int month)
{
    static char const *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    return names[month - 1];
}

char const *gotime_weekday(unsigned int weekday)
{
    static char const *const names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
    return names[weekday];
}

/* Where one is the beginning of another, the longer comes first. _2006 is here since it has no _2.
 */
static struct gotime_word const words[] = {
    {"January", GOTIME_MONTH_NAME, 0, 0}, {"Jan", GOTIME_SHORT_MONTH_NAME, 0, 0},
    {"Monday", GOTIME_WEEKDAY, 0, 0},     {"Mon", GOTIME_SHORT_WEEKDAY, 0, 0},
    {"MST", GOTIME_ZONE_NAME, 0, 0},      {"01", GOTIME_MONTH, 2, '0'},
    {"02", GOTIME_DAY_OF_MONTH, 2, '0'},  {"03", GOTIME_HOUR_12, 2, '0'},
    {"04", GOTIME_MINUTE, 2, '0'},        {"05", GOTIME_SECOND, 2, '0'},
    {"06", GOTIME_SHORT_YEAR, 2, '0'},    {"002", GOTIME_DAY_OF_YEAR, 3, '0'},
    {"15", GOTIME_HOUR, 2, '0'},          {"1", GOTIME_MONTH, 0, 0},
    {"2006", GOTIME_YEAR, 4, '0'},        {"2", GOTIME_DAY_OF_MONTH, 0, 0},
    {"_2006", GOTIME_UNDER_YEAR, 4, '0'}, {"_2", GOTIME_DAY_OF_MONTH, 2, ' '},
    {"__2", GOTIME_DAY_OF_YEAR, 3, ' '},  {"3", GOTIME_HOUR_12, 0, 0},
    {"4", GOTIME_MINUTE, 0, 0},           {"5", GOTIME_SECOND, 0, 0},
    {"PM", GOTIME_UPPER_PM, 0, 0},        {"pm", GOTIME_LOWER_PM, 0, 0},
    {"-070000", GOTIME_OFFSET, 0, 0},     {"-07:00:00", GOTIME_OFFSET, 0, 0},
    {"-0700", GOTIME_OFFSET, 0, 0},       {"-07:00", GOTIME_OFFSET, 0, 0},
    {"-07", GOTIME_OFFSET, 0, 0},         {"Z070000", GOTIME_OFFSET, 0, 0},
    {"Z07:00:00", GOTIME_OFFSET, 0, 0},   {"Z0700", GOTIME_OFFSET, 0, 0},
    {"Z07:00", GOTIME_OFFSET, 0, 0},      {"Z07", GOTIME_OFFSET, 0, 0},
};

struct out {
    char *to;
    size_t max;
    size_t n;
};

static void put(struct out *o, char c)
{
    if (o->n < o->max)
        o->to[o->n] = c;
    o->n++;
}

static void put_text(struct out *o, char const *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(o, s[i]);
}

static void put_number(struct out *o, uint64_t i, unsigned int width, char pad)
{
    char buf[20];
    unsigned int n = 0;
    do {
        buf[n++] = (char)('0' + i % 10);
        i /= 10;
    } while (i);
    for (unsigned int k = n; k < width; k++)
        put(o, pad);
    while (n)
        put(o, buf[--n]);
}

/* By the example, which has a sign or Z, hours, and maybe minutes and seconds. */
static void put_offset(struct out *o, int32_t offset, char const *example)
{
    if (*example == 'Z' && !offset) {
        put(o, 'Z');
        return;
    }
    uint32_t rest = offset < 0 ? -(uint32_t)offset : (uint32_t)offset;
    put(o, offset < 0 ? '-' : '+');
    for (uint32_t unit = 3600; *++example; unit /= 60) {
        if (*example == ':') {
            put(o, ':');
            example++;
        }
        put_number(o, rest / unit, 2, '0');
        rest %= unit;
        example++;
    }
}

size_t gotime_fraction_at(char const *s, size_t n)
{
    size_t i = 1;
    if (n < 2 || (*s != '.' && *s != ',') || (s[1] != '0' && s[1] != '9'))
        return 0;
    while (i < n && s[i] == s[1])
        i++;
    return i < n && s[i] >= '0' && s[i] <= '9' ? 0 : i;
}

static void put_fraction(struct out *o, uint32_t nanoseconds, char const *s, size_t n)
{
    char digit[NANO_DIGITS];
    size_t digits = n - 1 < NANO_DIGITS ? n - 1 : NANO_DIGITS;
    for (unsigned int i = NANO_DIGITS; i--; nanoseconds /= 10)
        digit[i] = (char)('0' + nanoseconds % 10);
    if (s[1] == '9')
        while (digits && digit[digits - 1] == '0')
            digits--;
    if (digits)
        put(o, *s);
    put_text(o, digit, digits);
}

struct gotime_word const *gotime_word_at(char const *s, size_t n)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct gotime_word const *w = words + i;
        size_t len = strlen(w->text);
        if (len > n || memcmp(s, w->text, len))
            continue;
        /* "Janet" and "Month" are words of their own */
        if ((w->element == GOTIME_SHORT_MONTH_NAME || w->element == GOTIME_SHORT_WEEKDAY) &&
            n > 3 && s[3] >= 'a' && s[3] <= 'z')
            continue;
        return w;
    }
    return NULL;
}

static void put_year(struct out *o, int64_t year)
{
    if (year < 0)
        put(o, '-');
    put_number(o, year < 0 ? -(uint64_t)year : (uint64_t)year, 4, '0');
}

static void put_word(struct out *o, struct gotime const *t, struct gotime_fields const *f,
                     struct gotime_word const *w)
{
    unsigned int const width = w->width;
    char const pad = w->pad;
    switch (w->element) {
    case GOTIME_UNDER_YEAR:
        put(o, '_');
        put_year(o, f->year);
        break;
    case GOTIME_YEAR:
        put_year(o, f->year);
        break;
    case GOTIME_SHORT_YEAR:
        put_number(o, f->year < 0 ? 0 : (uint64_t)f->year % 100, width, pad);
        break;
    case GOTIME_MONTH_NAME:
        put_text(o, gotime_month(f->month), strlen(gotime_month(f->month)));
        break;
    case GOTIME_SHORT_MONTH_NAME:
        put_text(o, gotime_month(f->month), 3);
        break;
    case GOTIME_MONTH:
        put_number(o, f->month, width, pad);
        break;
    case GOTIME_WEEKDAY:
        put_text(o, gotime_weekday(f->weekday), strlen(gotime_weekday(f->weekday)));
        break;
    case GOTIME_SHORT_WEEKDAY:
        put_text(o, gotime_weekday(f->weekday), 3);
        break;
    case GOTIME_DAY_OF_MONTH:
        put_number(o, f->day, width, pad);
        break;
    case GOTIME_DAY_OF_YEAR:
        put_number(o, f->year_day, width, pad);
        break;
    case GOTIME_HOUR:
        put_number(o, f->hour, width, pad);
        break;
    case GOTIME_HOUR_12:
        put_number(o, f->hour % 12 ? f->hour % 12 : 12, width, pad);
        break;
    case GOTIME_MINUTE:
        put_number(o, f->minute, width, pad);
        break;
    case GOTIME_SECOND:
        put_number(o, f->second, width, pad);
        break;
    case GOTIME_UPPER_PM:
        put_text(o, f->hour < 12 ? "AM" : "PM", 2);
        break;
    case GOTIME_LOWER_PM:
        put_text(o, f->hour < 12 ? "am" : "pm", 2);
        break;
    case GOTIME_ZONE_NAME:
        if (*t->zone)
            put_text(o, t->zone, strlen(t->zone));
        else
            put_offset(o, t->offset, "-0700");
        break;
    case GOTIME_OFFSET:
        put_offset(o, t->offset, w->text);
        break;
    }
}

size_t gotime_format(char *to, size_t max, struct gotime const *t, char const *layout, size_t n)
{
    struct out o = {.to = to, .max = max};
    struct gotime_fields f;
    gotime_fields(t, &f);
    while (n) {
        size_t len = gotime_fraction_at(layout, n);
        struct gotime_word const *w = len ? NULL : gotime_word_at(layout, n);
        if (len) {
            put_fraction(&o, t->nanoseconds, layout, len);
        } else if (w) {
            put_word(&o, t, &f, w);
            len = strlen(w->text);
        } else {
            put(&o, *layout);
            len = 1;
        }
        layout += len;
        n -= len;
    }
    return o.n;
}
