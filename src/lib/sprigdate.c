#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairn/godatetime.h>
#include <cairn/goduration.h>
#include <cairn/gotimeparse.h>
#include <cairn/sprigarg.h>
#include <cairn/sprigdate.h>

#define SECOND INT64_C(1000000000)

static void now_is(struct gotime *t)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    gotime_local(t, ts.tv_sec, (uint32_t)ts.tv_nsec);
}

/* The seconds that have passed; they wrap around. */
static int64_t since(struct gotime const *t)
{
    struct gotime now;
    now_is(&now);
    return (int64_t)((uint64_t)now.seconds - (uint64_t)t->seconds);
}

/* The value as a time: an object of godatetime, seconds, or else now. */
static void time_of(struct tmplvalue const *v, struct gotime *t)
{
    if (v->kind == TMPLVALUE_OBJECT && !strcmp(v->u.object->class->name, "time.Time") &&
        v->u.object->data)
        *t = *(struct gotime const *)v->u.object->data;
    else if (v->kind == TMPLVALUE_INT || v->kind == TMPLVALUE_FLOAT)
        gotime_local(t, sprigarg_int(v), 0);
    else
        now_is(t);
}

/* The same time in the zone of that name; UTC where there is none. The C library knows zones by the
   environment only. */
static void in_zone(struct gotime *t, char const *zone)
{
    char const *old = getenv("TZ");
    char *kept = old ? strdup(old) : NULL;
    struct gotime is;
    if (!*zone || !strcmp(zone, "UTC") || (old && !kept)) {
        gotime_utc(&is, t->seconds, t->nanoseconds);
    } else {
        if (strcmp(zone, "Local") != 0)
            setenv("TZ", zone, 1);
        tzset();
        gotime_local(&is, t->seconds, t->nanoseconds);
        if (kept)
            setenv("TZ", kept, 1);
        else if (!old)
            unsetenv("TZ");
        tzset();
    }
    free(kept);
    *t = is;
}

static int put(struct tmplcall *c, struct gotime const *t, struct tmplvalue const *layout,
               struct tmplvalue *result)
{
    size_t n = gotime_format(NULL, 0, t, layout->u.s, layout->n);
    char *buf = pool_get(c->pool, n);
    if (!buf)
        return tmplcall_nomem(c);
    *result = tmplvalue_string(buf, gotime_format(buf, n, t, layout->u.s, layout->n));
    return 1;
}

/* date LAYOUT TIME: in the local zone */
static int date(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    time_of(c->arg + 1, &t);
    in_zone(&t, "Local");
    return put(c, &t, c->arg, result);
}

/* dateInZone LAYOUT TIME ZONE */
static int date_in_zone(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    char const *zone = tmplcall_cstring(c, c->arg + 2);
    if (!zone)
        return 0;
    time_of(c->arg + 1, &t);
    in_zone(&t, zone);
    return put(c, &t, c->arg, result);
}

static struct tmplvalue html_layout(void)
{
    return tmplvalue_text("2006-01-02");
}

static int html_date(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    struct tmplvalue const layout = html_layout();
    time_of(c->arg, &t);
    in_zone(&t, "Local");
    return put(c, &t, &layout, result);
}

static int html_date_in_zone(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    struct tmplvalue const layout = html_layout();
    char const *zone = tmplcall_cstring(c, c->arg + 1);
    if (!zone)
        return 0;
    time_of(c->arg, &t);
    in_zone(&t, zone);
    return put(c, &t, &layout, result);
}

static int must_to_date(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    if (!gotimeparse(&t, c->arg->u.s, c->arg->n, c->arg[1].u.s, c->arg[1].n))
        return tmplcall_fail(c, "\"%.*s\" is no time of the layout \"%.*s\"",
                             SPRIGARG_SHOWN(c->arg + 1), SPRIGARG_SHOWN(c->arg));
    return godatetime_value(c, &t, result);
}

/* What is no time is the first of the year 1, Go's zero. */
static int to_date(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime zero;
    if (must_to_date(c, result))
        return 1;
    gotime_utc(&zero, INT64_C(-62135596800), 0);
    return godatetime_value(c, &zero, result);
}

static int must_date_modify(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    int64_t ns;
    if (!goduration_parse(c->arg->u.s, c->arg->n, &ns))
        return tmplcall_fail(c, "\"%.*s\" is no duration", SPRIGARG_SHOWN(c->arg));
    time_of(c->arg + 1, &t);
    int64_t rest = (int64_t)t.nanoseconds + (ns % SECOND);
    int64_t more = (ns / SECOND) + (rest < 0 ? -1 : rest >= SECOND);
    t.seconds = (int64_t)((uint64_t)t.seconds + (uint64_t)more); /* wraps, as Go's does */
    t.nanoseconds = (uint32_t)((rest + SECOND) % SECOND);
    return godatetime_value(c, &t, result);
}

static int date_modify(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    if (must_date_modify(c, result))
        return 1;
    time_of(c->arg + 1, &t);
    return godatetime_value(c, &t, result);
}

static int unix_epoch(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    char text[32];
    time_of(c->arg, &t);
    int n = snprintf(text, sizeof text, "%lld", (long long)t.seconds);
    return tmplcall_string(c, result, text, (size_t)n);
}

/* ---- durations */

/* Seconds as Go writes a duration: 1h0m5s, 0s. */
static int duration_text(struct tmplcall *c, int64_t seconds, struct tmplvalue *result)
{
    char text[64];
    uint64_t s = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    char const *sign = seconds < 0 ? "-" : "";
    unsigned long long h = s / 3600;
    unsigned int m = (unsigned int)(s / 60 % 60);
    unsigned int rest = (unsigned int)(s % 60);
    int n = h   ? snprintf(text, sizeof text, "%s%lluh%um%us", sign, h, m, rest)
            : m ? snprintf(text, sizeof text, "%s%um%us", sign, m, rest)
                : snprintf(text, sizeof text, "%s%us", sign, rest);
    return tmplcall_string(c, result, text, (size_t)n);
}

static int duration(struct tmplcall *c, struct tmplvalue *result)
{
    return duration_text(c, sprigarg_int(c->arg), result);
}

static int ago(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    time_of(c->arg, &t);
    return duration_text(c, since(&t), result);
}

/* Its largest unit alone: 2h, 3mo. */
static int duration_round(struct tmplcall *c, struct tmplvalue *result)
{
    static struct {
        int64_t seconds;
        char const *unit;
    } const units[] = {{31536000, "y"}, {2592000, "mo"}, {86400, "d"},
                       {3600, "h"},     {60, "m"},       {1, "s"}};
    int64_t seconds = 0;
    int64_t ns;
    char text[40] = "0s";
    if (c->arg->kind == TMPLVALUE_STRING) {
        if (goduration_parse(c->arg->u.s, c->arg->n, &ns))
            seconds = ns / SECOND;
    } else if (c->arg->kind == TMPLVALUE_OBJECT) {
        struct gotime t;
        time_of(c->arg, &t);
        seconds = since(&t);
    } else {
        seconds = sprigarg_int(c->arg) / SECOND;
    }
    uint64_t s = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (s >= (uint64_t)units[i].seconds) {
            snprintf(text, sizeof text, "%llu%s",
                     (unsigned long long)(s / (uint64_t)units[i].seconds), units[i].unit);
            break;
        }
    return tmplcall_string(c, result, text, strlen(text));
}

static struct tmplfunc const functions[] = {
    {"sprig_ago", ".", ago},
    {"sprig_date", "s.", date},
    {"sprig_dateInZone", "s.s", date_in_zone},
    {"sprig_dateModify", "s.", date_modify},
    {"sprig_date_in_zone", "s.s", date_in_zone},
    {"sprig_date_modify", "s.", date_modify},
    {"sprig_duration", ".", duration},
    {"sprig_durationRound", ".", duration_round},
    {"sprig_htmlDate", ".", html_date},
    {"sprig_htmlDateInZone", ".s", html_date_in_zone},
    {"sprig_mustDateModify", "s.", must_date_modify},
    {"sprig_mustToDate", "ss", must_to_date},
    {"sprig_must_date_modify", "s.", must_date_modify},
    {"sprig_now", "", godatetime_now},
    {"sprig_toDate", "ss", to_date},
    {"sprig_unixEpoch", ".", unix_epoch},
};

struct tmplfunc_table sprigdate_table(void)
{
    return (struct tmplfunc_table){functions, sizeof functions / sizeof *functions, NULL};
}
