#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <cairn/gotimeparse.h>

/* A text, and what is read next. */
struct text {
    char const *s;
    char const *end;
};

struct parts {
    int year;
    int month, day, year_day; /* -1: not told */
    int hour, minute, second;
    uint32_t nanoseconds;
    int is_pm, is_am;
    int32_t offset;
    char zone[GOTIME_ZONE];
};

static int is_digit(struct text const *t, size_t i)
{
    return (size_t)(t->end - t->s) > i && isdigit((unsigned char)t->s[i]);
}

/* Reads at least min and at most max digits. */
static int number(struct text *t, int min, int max, int *n)
{
    int digits = 0;
    *n = 0;
    for (; digits < max && is_digit(t, 0); digits++)
        *n = (*n * 10) + (*t->s++ - '0');
    return digits >= min;
}

static int word(struct text *t, char const *w)
{
    size_t n = strlen(w);
    if ((size_t)(t->end - t->s) < n || strncasecmp(t->s, w, n) != 0)
        return 0;
    t->s += n;
    return 1;
}

/* One of the names, whole or their first three letters. */
static int name(struct text *t, char const *(*of)(unsigned int), unsigned int from, unsigned int to,
                int is_short, int *n)
{
    for (unsigned int i = from; i <= to; i++) {
        char text[16] = "";
        strncat(text, of(i), is_short ? 3 : sizeof text - 1);
        if (word(t, text)) {
            *n = (int)i;
            return 1;
        }
    }
    return 0;
}

/* .123: as many digits as there are, of which nine count. */
static int fraction(struct text *t, uint32_t *ns)
{
    uint32_t scale = 100000000;
    if (!is_digit(t, 1) || (*t->s != '.' && *t->s != ','))
        return 0;
    *ns = 0;
    for (t->s++; is_digit(t, 0); t->s++, scale /= 10)
        *ns += (uint32_t)(*t->s - '0') * scale;
    return 1;
}

/* As the example, which has a sign or Z, hours, and maybe minutes and seconds; for one with Z, that
   is UTC. */
static int offset(struct text *t, char const *example, struct parts *p)
{
    int sum = 0;
    int n;
    if (*example == 'Z' && word(t, "Z"))
        return 1;
    if (t->s == t->end || (*t->s != '+' && *t->s != '-'))
        return 0;
    int sign = *t->s++ == '-' ? -1 : 1;
    for (int unit = 3600; *++example; unit /= 60, example++) {
        if (*example == ':' && (!word(t, ":") || !*++example))
            return 0;
        if (!number(t, 2, 2, &n) || n > (unit == 3600 ? 24 : 59))
            return 0;
        sum += n * unit;
    }
    p->offset = sign * sum;
    return 1;
}

/* An abbreviation: UTC, CET. Its offset is not known. */
static int abbreviation(struct text *t, struct parts *p)
{
    size_t n = 0;
    while (n < 5 && (size_t)(t->end - t->s) > n && isupper((unsigned char)t->s[n]))
        n++;
    if (n < 3)
        return 0;
    memcpy(p->zone, t->s, n);
    p->zone[n] = 0;
    t->s += n;
    return 1;
}

/* Reads what one word of the layout stands for. */
static int read_word(struct text *t, struct gotime_word const *w, struct parts *p)
{
    int const least = w->pad == '0' ? w->width : 1; /* digits */
    int n;
    switch (w->element) {
    case GOTIME_UNDER_YEAR:
        return word(t, "_") && number(t, 4, 4, &p->year);
    case GOTIME_YEAR:
        return number(t, 4, 4, &p->year);
    case GOTIME_SHORT_YEAR:
        if (!number(t, 2, 2, &n))
            return 0;
        p->year = n >= 69 ? 1900 + n : 2000 + n;
        return 1;
    case GOTIME_MONTH_NAME:
    case GOTIME_SHORT_MONTH_NAME:
        return name(t, gotime_month, 1, 12, w->element == GOTIME_SHORT_MONTH_NAME, &p->month);
    case GOTIME_WEEKDAY:
    case GOTIME_SHORT_WEEKDAY:
        return name(t, gotime_weekday, 0, 6, w->element == GOTIME_SHORT_WEEKDAY, &n);
    case GOTIME_MONTH:
        return number(t, least, 2, &p->month);
    case GOTIME_DAY_OF_MONTH:
        while (w->pad != '0' && t->s < t->end && *t->s == ' ')
            t->s++;
        return number(t, least, 2, &p->day);
    case GOTIME_DAY_OF_YEAR:
        for (n = w->width; w->pad == ' ' && n > 1 && t->s < t->end && *t->s == ' '; n--)
            t->s++;
        return number(t, n, n, &p->year_day);
    case GOTIME_HOUR:
        return number(t, 2, 2, &p->hour);
    case GOTIME_HOUR_12:
        return number(t, least, 2, &p->hour) && p->hour <= 12;
    case GOTIME_MINUTE:
        return number(t, least, 2, &p->minute);
    case GOTIME_SECOND:
        if (!number(t, least, 2, &p->second))
            return 0;
        fraction(t, &p->nanoseconds);
        return 1;
    case GOTIME_UPPER_PM:
    case GOTIME_LOWER_PM:
        p->is_pm = word(t, "PM");
        p->is_am = !p->is_pm && word(t, "AM");
        return p->is_pm || p->is_am;
    case GOTIME_ZONE_NAME:
        return abbreviation(t, p);
    case GOTIME_OFFSET:
        return offset(t, w->text, p);
    }
    return 0;
}

/* A day by its number in the year may be told by month and day as well, if that is the same. */
static int make(struct gotime *t, struct parts *p)
{
    if (p->is_pm && p->hour < 12)
        p->hour += 12;
    else if (p->is_am && p->hour == 12)
        p->hour = 0;
    int year = p->year - 1900;
    struct tm tm = {.tm_year = year,
                    .tm_mday = 1,
                    .tm_hour = p->hour,
                    .tm_min = p->minute,
                    .tm_sec = p->second};
    if (p->year_day >= 0) {
        tm.tm_mday = p->year_day;
    } else {
        tm.tm_mon = p->month < 0 ? 0 : p->month - 1;
        tm.tm_mday = p->day < 0 ? 1 : p->day;
    }
    if (!p->month || p->month > 12 || tm.tm_mday < 1 || p->hour > 23 || p->minute > 59 ||
        p->second > 59)
        return 0;
    int64_t seconds = timegm(&tm);
    if (tm.tm_year != year || (p->month > 0 && tm.tm_mon != p->month - 1) ||
        (p->day >= 0 && tm.tm_mday != p->day)) /* the month, or the year, is not that long */
        return 0;
    gotime_utc(t, seconds - p->offset, p->nanoseconds);
    if (p->offset || *p->zone) {
        t->offset = p->offset;
        memcpy(t->zone, p->zone, sizeof t->zone);
    }
    return 1;
}

int gotimeparse(struct gotime *t, char const *layout, size_t len, char const *s, size_t n)
{
    struct text l = {layout, layout + len};
    struct text in = {s, s + n};
    struct parts p = {.month = -1, .day = -1, .year_day = -1};
    while (l.s < l.end) {
        size_t left = (size_t)(l.end - l.s);
        size_t k = gotime_fraction_at(l.s, left);
        struct gotime_word const *w = k ? NULL : gotime_word_at(l.s, left);
        if (k) {
            fraction(&in, &p.nanoseconds); /* unless it was read with the seconds */
        } else if (w) {
            if (!read_word(&in, w, &p))
                return 0;
            k = strlen(w->text);
        } else {
            if (in.s == in.end || *in.s != *l.s)
                return 0;
            in.s++;
            k = 1;
        }
        l.s += k;
    }
    return in.s == in.end && make(t, &p);
}
