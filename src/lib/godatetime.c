#include <string.h>
#include <time.h>

#include <cairn/godatetime.h>

static struct gotime const *time_of(struct tmplcall const *c)
{
    return c->arg->u.object->data;
}

static int put(struct pool *p, struct gotime const *t, char const *layout, size_t n,
               struct tmplvalue *result)
{
    size_t len = gotime_format(NULL, 0, t, layout, n);
    char *buf = pool_get(p, len);
    if (!buf)
        return 0;
    *result = tmplvalue_string(buf, gotime_format(buf, len, t, layout, n));
    return 1;
}

static int format(struct tmplcall *c, struct tmplvalue *result)
{
    return put(c->pool, time_of(c), c->arg[1].u.s, c->arg[1].n, result) || tmplcall_nomem(c);
}

static int string(struct tmplcall *c, struct tmplvalue *result)
{
    return put(c->pool, time_of(c), GOTIME_STRING, strlen(GOTIME_STRING), result) ||
           tmplcall_nomem(c);
}

static int unix_(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(time_of(c)->seconds);
    return 1;
}

static int unix_nano(struct tmplcall *c, struct tmplvalue *result)
{
    uint64_t seconds = (uint64_t)time_of(c)->seconds;
    *result = tmplvalue_int((int64_t)(seconds * 1000000000 + time_of(c)->nanoseconds));
    return 1;
}

static struct gotime_fields fields(struct tmplcall const *c)
{
    struct gotime_fields f;
    gotime_fields(time_of(c), &f);
    return f;
}

static int year(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(fields(c).year);
    return 1;
}

static int month(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_text(gotime_month(fields(c).month));
    return 1;
}

static int day(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(fields(c).day);
    return 1;
}

static int hour(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(fields(c).hour);
    return 1;
}

static int minute(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(fields(c).minute);
    return 1;
}

static int second(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(fields(c).second);
    return 1;
}

static int nanosecond(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(time_of(c)->nanoseconds);
    return 1;
}

static int weekday(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_text(gotime_weekday(fields(c).weekday));
    return 1;
}

static int year_day(struct tmplcall *c, struct tmplvalue *result)
{
    *result = tmplvalue_int(fields(c).year_day);
    return 1;
}

static int utc(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    gotime_utc(&t, time_of(c)->seconds, time_of(c)->nanoseconds);
    return godatetime_value(c, &t, result);
}

static int local(struct tmplcall *c, struct tmplvalue *result)
{
    struct gotime t;
    gotime_local(&t, time_of(c)->seconds, time_of(c)->nanoseconds);
    return godatetime_value(c, &t, result);
}

static int text(struct tmplobject const *o, struct pool *p, struct tmplvalue *result)
{
    return put(p, o->data, GOTIME_STRING, strlen(GOTIME_STRING), result);
}

static struct tmplfunc const methods[] = {
    {"Day", ".", day},
    {"Format", ".s", format},
    {"Hour", ".", hour},
    {"Local", ".", local},
    {"Minute", ".", minute},
    {"Month", ".", month},
    {"Nanosecond", ".", nanosecond},
    {"Second", ".", second},
    {"String", ".", string},
    {"UTC", ".", utc},
    {"Unix", ".", unix_},
    {"UnixNano", ".", unix_nano},
    {"Weekday", ".", weekday},
    {"Year", ".", year},
    {"YearDay", ".", year_day},
};

static struct tmplclass const class = {.name = "time.Time",
                                       .method = methods,
                                       .methods = sizeof methods / sizeof *methods,
                                       .text = text};

int godatetime_value(struct tmplcall *c, struct gotime const *t, struct tmplvalue *result)
{
    struct tmplobject *o = pool_get(c->pool, sizeof *o);
    struct gotime *copy = pool_get(c->pool, sizeof *copy);
    if (!o || !copy)
        return tmplcall_nomem(c);
    *copy = *t;
    *o = (struct tmplobject){.class = &class, .data = copy};
    *result = tmplvalue_object(o);
    return 1;
}

int godatetime_now(struct tmplcall *c, struct tmplvalue *result)
{
    struct timespec now;
    struct gotime t;
    clock_gettime(CLOCK_REALTIME, &now);
    gotime_local(&t, now.tv_sec, (uint32_t)now.tv_nsec);
    return godatetime_value(c, &t, result);
}
