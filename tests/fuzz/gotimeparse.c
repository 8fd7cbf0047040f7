/* The first line is a layout, the second a time: what is read and written by RFC 3339, with its
   fraction, reads the same. The second as a duration, too. */

#include <cairn/ctword.h>
#include <cairn/goduration.h>
#include <cairn/gotime.h>
#include <cairn/gotimeparse.h>

#include "fuzz.h"

#define EXACT "2006-01-02T15:04:05.999999999Z07:00"

static char *layout;
static char *text;

static void line(char *s)
{
    char **to = !layout ? &layout : !text ? &text : NULL;
    if (to)
        *to = strdup(s);
}

static void check_fields(struct gotime const *t)
{
    struct gotime_fields f;
    gotime_fields(t, &f);
    HOLDS(t->nanoseconds < 1000000000 && t->offset > -86400 * 2 && t->offset < 86400 * 2);
    HOLDS(memchr(t->zone, 0, sizeof t->zone));
    HOLDS(f.month >= 1 && f.month <= 12 && f.day >= 1 && f.day <= 31 && f.weekday < 7);
    HOLDS(f.year_day >= 1 && f.year_day <= 366 && f.hour < 24 && f.minute < 60 && f.second < 60);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct gotime t, back;
    char out[256];
    int64_t ns, ms;
    layout = text = NULL;
    fuzz_lines(data, size, line);
    if (text && gotimeparse(&t, layout, strlen(layout), text, strlen(text))) {
        struct gotime_fields f;
        check_fields(&t);
        size_t n = gotime_format(out, sizeof out, &t, EXACT, sizeof EXACT - 1);
        gotime_fields(&t, &f);
        if (f.year >= 0 && f.year <= 9999 && t.offset % 60 == 0) {
            HOLDS(n <= sizeof out && gotimeparse(&back, EXACT, sizeof EXACT - 1, out, n));
            HOLDS(back.seconds == t.seconds && back.nanoseconds == t.nanoseconds);
        }
        /* the length is the same without room */
        n = gotime_format(out, sizeof out, &t, layout, strlen(layout));
        HOLDS(gotime_format(NULL, 0, &t, layout, strlen(layout)) == n);
    }
    if (text && goduration_parse(text, strlen(text), &ns) && ctword_ms(text, &ms))
        HOLDS(ns >= 0 && ms >= ns / 1000000 && ms <= ns / 1000000 + 1);
    free(layout);
    free(text);
    return 0;
}
