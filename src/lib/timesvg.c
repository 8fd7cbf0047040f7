#include <string.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/logjson.h>
#include <cairn/timesvg.h>

/* Pixels. A character of the monospaced font is 0.6 of its size wide; 7 is room enough at 11. */
enum {
    WIDTH = 1000,
    LEFT = 262, /* of the plot */
    PLOT = 540,
    RIGHT = LEFT + PLOT,
    MARGIN = 16,
    LINE = 20,
    BAR = 12,
    BAR_MIN = 2,
    CHARACTER = 7,
    NAME_CHARACTERS = (LEFT - 2 * MARGIN - 6) / CHARACTER,
    NOTE_CHARACTERS = (WIDTH - 2 * MARGIN) / CHARACTER,
    AXIS = 26,
    TICKS = 8,
    HEAD = 78
};

#define COLOUR_STAGE   "#4e79a7"
#define COLOUR_HOOK    "#edae49"
#define COLOUR_FAILED  "#c9302c"
#define COLOUR_START   "#a8d5a2"
#define COLOUR_READY   "#2e7d32"
#define COLOUR_COMMAND "#7b5ea7"
#define COLOUR_PHASE   "#8c8c8c"

struct drawing {
    stralloc *sa;
    struct timeline const *t;
    int failed;
    uint64_t from, to; /* of the panel, microseconds */
    unsigned int y;
};

struct lane {
    enum timeline_kind kind;
    char const *title;
};

static struct lane const boot_lanes[] = {{TIMELINE_STAGE, "Stages"},
                                         {TIMELINE_HOOK, "Hooks"},
                                         {TIMELINE_SERVICE, "Services"},
                                         {TIMELINE_COMMAND, "Command"}};
static struct lane const stop_lanes[] = {
    {TIMELINE_PHASE, "Phases"}, {TIMELINE_STAGE, "Stages"}, {TIMELINE_HOOK, "Hooks"}};

/* --- text --- */

static void add(struct drawing *d, char const *s)
{
    if (!stralloc_cats(d->sa, s))
        d->failed = 1;
}

static void add_number(struct drawing *d, uint64_t n)
{
    char fmt[UINT64_FMT];
    fmt[uint64_fmt(fmt, n)] = 0;
    add(d, fmt);
}

/* "key="n"" with a blank in front */
static void add_attribute(struct drawing *d, char const *key, uint64_t n)
{
    add(d, " ");
    add(d, key);
    add(d, "=\"");
    add_number(d, n);
    add(d, "\"");
}

/* Tenths of a pixel. */
static void add_tenths(struct drawing *d, char const *key, uint64_t n)
{
    add(d, " ");
    add(d, key);
    add(d, "=\"");
    add_number(d, n / 10);
    add(d, ".");
    add_number(d, n % 10);
    add(d, "\"");
}

/* The length of a character in UTF-8 at s, which may be anything. *fits: XML may hold it. */
static size_t character(char const *s, int *fits)
{
    char out[4 * LOGJSON_WIDEST];
    unsigned char const *u = (unsigned char const *)s;
    size_t len = *u < 0xc2 ? 1 : *u < 0xe0 ? 2 : *u < 0xf0 ? 3 : *u < 0xf5 ? 4 : 1;
    *fits = *u >= 0x20 && *u < 0x7f;
    if (*u < 0x80 || len == 1 || strnlen(s, len) < len)
        return 1;
    *fits = (size_t)(logjson_put(out, s, len) - out) == len && !memcmp(out, s, len);
    if (!*fits)
        return 1;
    /* the two last code points of the first plane, and the control characters behind ASCII */
    if ((u[0] == 0xef && u[1] == 0xbf && u[2] >= 0xbe) || (u[0] == 0xc2 && u[1] < 0xa0))
        *fits = 0;
    return len;
}

static size_t next(stralloc *sa, char const *s, int *ok)
{
    int fits;
    size_t len = character(s, &fits);
    if (!fits)
        *ok &= stralloc_cats(sa, "\xef\xbf\xbd");
    else if (*s == '&' || *s == '<' || *s == '>' || *s == '"')
        *ok &= stralloc_cats(sa, *s == '&'   ? "&amp;"
                                 : *s == '<' ? "&lt;"
                                 : *s == '>' ? "&gt;"
                                             : "&quot;");
    else
        *ok &= stralloc_catb(sa, s, len);
    return len;
}

int timesvg_escape(stralloc *sa, char const *s)
{
    int ok = 1;
    while (*s)
        s += next(sa, s, &ok);
    return ok ? 0 : -1;
}

/* Three and four bytes are taken for a wide character. */
static unsigned int width(char const *s, size_t len)
{
    return (unsigned int)(len > 2 && *s != '\xe2' ? 2 : 1);
}

static unsigned int width_of(char const *s)
{
    unsigned int w = 0;
    int fits;
    for (size_t len; *s; s += len) {
        len = character(s, &fits);
        w += width(s, len);
    }
    return w;
}

/* At most max columns; the front is left out, with an ellipsis: names differ at their ends. */
static void add_clipped(struct drawing *d, char const *s, unsigned int max)
{
    unsigned int w = width_of(s);
    int fits;
    if (w > max) {
        while (w > max - 1) {
            size_t len = character(s, &fits);
            w -= width(s, len);
            s += len;
        }
        add(d, "\xe2\x80\xa6");
    }
    if (timesvg_escape(d->sa, s) < 0)
        d->failed = 1;
}

/* Milliseconds, with as many decimals as make it readable. */
static void add_ms(struct drawing *d, uint64_t us)
{
    unsigned int digits = us >= 100000 ? 0 : us >= 10000 ? 1 : us >= 1000 ? 2 : 3;
    uint64_t unit = 1;
    for (unsigned int i = digits; i < 3; i++)
        unit *= 10;
    us = (us + unit / 2) / unit;
    uint64_t whole = 1;
    for (unsigned int i = 0; i < digits; i++)
        whole *= 10;
    add_number(d, us / whole);
    if (!digits)
        return;
    add(d, ".");
    for (whole /= 10; whole; whole /= 10)
        add_number(d, us / whole % 10);
}

static void begin_text(struct drawing *d, unsigned int x, unsigned int y, char const *class)
{
    add(d, "<text");
    add_attribute(d, "x", x);
    add_attribute(d, "y", y);
    add(d, " class=\"");
    add(d, class);
    add(d, "\">");
}

static void end_text(struct drawing *d)
{
    add(d, "</text>\n");
}

/* --- bars --- */

/* Tenths of a pixel from the left. */
static uint64_t place(struct drawing const *d, uint64_t us)
{
    if (us < d->from)
        us = d->from;
    if (us > d->to)
        us = d->to;
    return LEFT * 10 + (us - d->from) * (PLOT * 10) / (d->to - d->from);
}

/* close: the bar ends there; else what it shows goes on beyond. */
static void bar(struct drawing *d, uint64_t from, uint64_t to, char const *colour, char const *what)
{
    uint64_t left = place(d, from), right = place(d, to);
    if (right < left + BAR_MIN * 10)
        right = left + BAR_MIN * 10;
    add(d, "<rect class=\"");
    add(d, what);
    add(d, "\"");
    add_tenths(d, "x", left);
    add_attribute(d, "y", d->y + (LINE - BAR) / 2);
    add_tenths(d, "width", right - left);
    add_attribute(d, "height", BAR);
    add(d, " fill=\"");
    add(d, colour);
    add(d, "\"/>\n");
}

static void bars(struct drawing *d, struct timeline_row const *r)
{
    uint64_t end = r->end == TIMELINE_NEVER ? d->to : r->end;
    switch (r->kind) {
    case TIMELINE_SERVICE: {
        uint64_t done = timeline_done(r);
        if (r->announces)
            bar(d, r->start, done == TIMELINE_NEVER ? d->to : done, COLOUR_START, "starting");
        if (done != TIMELINE_NEVER)
            bar(d, done, d->to, COLOUR_READY, "ready");
        break;
    }
    case TIMELINE_STAGE:
        bar(d, r->start, end, r->code ? COLOUR_FAILED : COLOUR_STAGE, "stage");
        break;
    case TIMELINE_HOOK:
        bar(d, r->start, end, r->code ? COLOUR_FAILED : COLOUR_HOOK, "hook");
        break;
    case TIMELINE_COMMAND:
        bar(d, r->start, end, COLOUR_COMMAND, "command");
        break;
    default:
        bar(d, r->start, end, COLOUR_PHASE, "phase");
        break;
    }
}

/* One thing: name, bars, what came of it. */
static void line(struct drawing *d, struct timeline_row const *r)
{
    char buf[TIMELINE_RESULT];
    char const *name = timeline_name(d->t, r);
    char const *result = timeline_result(buf, d->t, r);
    unsigned int base = d->y + LINE / 2 + 4;
    uint64_t done = timeline_done(r);
    add(d, "<g class=\"row\"><title>");
    if (timesvg_escape(d->sa, timeline_kind_word(r->kind)) < 0)
        d->failed = 1;
    add(d, " ");
    if (timesvg_escape(d->sa, name) < 0)
        d->failed = 1;
    add(d, "</title>\n");
    begin_text(d, LEFT - 8, base, "name");
    add_clipped(d, name, NAME_CHARACTERS);
    end_text(d);
    bars(d, r);
    begin_text(d, RIGHT + 10, base, r->code ? "bad" : "result");
    if (done != TIMELINE_NEVER && done > r->start) {
        add_ms(d, done - r->start);
        add(d, " ms");
        if (strcmp(result, "ok") && strcmp(result, "over")) {
            add(d, ", ");
            add(d, result);
        }
    } else
        add(d, result);
    end_text(d);
    add(d, "</g>\n");
    d->y += LINE;
}

/* --- panels --- */

/* The least of 1, 2, 5, 10, ... with which there are few enough ticks. */
static uint64_t step_of(uint64_t span)
{
    uint64_t ten = 1;
    for (;; ten *= 10)
        for (unsigned int i = 0; i < 3; i++) {
            uint64_t step = ten * (i == 0 ? 1 : i == 1 ? 2 : 5);
            if (span / step <= TICKS)
                return step;
        }
}

/* A tick's label has the decimals of the step. */
static void add_tick(struct drawing *d, uint64_t us, uint64_t step)
{
    unsigned int digits = step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
    uint64_t rest = us % 1000;
    add_number(d, us / 1000);
    if (!digits)
        return;
    add(d, ".");
    for (uint64_t unit = 100; digits--; unit /= 10)
        add_number(d, rest / unit % 10);
}

/* A line from top to bottom, under the bars. */
static void upright(struct drawing *d, char const *class, uint64_t x, unsigned int top,
                    unsigned int bottom)
{
    add(d, "<line class=\"");
    add(d, class);
    add(d, "\"");
    add_tenths(d, "x1", x);
    add_attribute(d, "y1", top);
    add_tenths(d, "x2", x);
    add_attribute(d, "y2", bottom);
    add(d, "/>\n");
}

static void grid(struct drawing *d, unsigned int top, unsigned int bottom)
{
    uint64_t step = step_of(d->to - d->from);
    for (uint64_t us = 0; us <= d->to - d->from; us += step) {
        uint64_t x = place(d, d->from + us);
        upright(d, "tick", x, top, bottom);
        begin_text(d, (unsigned int)(x / 10), top - 6, "axis");
        add_tick(d, us, step);
        end_text(d);
    }
    begin_text(d, RIGHT + 26, top - 6, "unit");
    add(d, "ms");
    end_text(d);
}

static unsigned int count(struct timeline const *t, enum timeline_kind kind, unsigned int is_stop)
{
    unsigned int n = 0;
    for (size_t i = 0; i < timeline_count(t); i++) {
        struct timeline_row const *r = timeline_row(t, i);
        n += r->kind == kind && r->is_stop == is_stop;
    }
    return n;
}

static unsigned int height(struct timeline const *t, struct lane const *lanes, size_t n,
                           unsigned int is_stop)
{
    unsigned int h = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned int rows = count(t, lanes[i].kind, is_stop);
        h += rows ? (rows + 1) * LINE : 0;
    }
    return h ? h + 2 * AXIS : 0;
}

static void panel(struct drawing *d, char const *title, struct lane const *lanes, size_t n,
                  unsigned int is_stop)
{
    unsigned int h = height(d->t, lanes, n, is_stop);
    if (!h)
        return;
    add(d, "<g class=\"panel\"");
    add_attribute(d, "data-from", d->from);
    add_attribute(d, "data-to", d->to);
    add_attribute(d, "data-x", LEFT);
    add_attribute(d, "data-width", PLOT);
    add(d, ">\n");
    begin_text(d, MARGIN, d->y + AXIS - 6, "title");
    add(d, title);
    end_text(d);
    d->y += AXIS;
    grid(d, d->y, d->y + h - 2 * AXIS);
    if (!is_stop && d->t->total)
        upright(d, "mark", place(d, d->t->total), d->y, d->y + h - 2 * AXIS);
    for (size_t i = 0; i < n; i++) {
        if (!count(d->t, lanes[i].kind, is_stop))
            continue;
        add(d, "<rect class=\"lane\"");
        add_attribute(d, "x", MARGIN);
        add_attribute(d, "y", d->y + 2);
        add_attribute(d, "width", WIDTH - 2 * MARGIN);
        add_attribute(d, "height", LINE - 4);
        add(d, "/>\n");
        begin_text(d, MARGIN + 6, d->y + LINE / 2 + 4, "heading");
        add(d, lanes[i].title);
        end_text(d);
        d->y += LINE;
        for (size_t j = 0; j < timeline_count(d->t); j++) {
            struct timeline_row const *r = timeline_row(d->t, j);
            if (r->kind == lanes[i].kind && r->is_stop == is_stop)
                line(d, r);
        }
    }
    add(d, "</g>\n");
    d->y += AXIS;
}

/* How much time a panel shows: what was being done in it, and a little more, so that it is seen
   what goes on after that. */
static void set_span(struct drawing *d, unsigned int is_stop)
{
    uint64_t first = TIMELINE_NEVER, last = 0;
    for (size_t i = 0; i < timeline_count(d->t); i++) {
        struct timeline_row const *r = timeline_row(d->t, i);
        uint64_t done = r->kind == TIMELINE_COMMAND ? r->start : timeline_done(r);
        if (r->is_stop != is_stop)
            continue;
        if (r->start < first)
            first = r->start;
        if (done == TIMELINE_NEVER)
            done = r->start;
        if (done > last)
            last = done;
    }
    d->from = is_stop && first != TIMELINE_NEVER ? first : 0;
    uint64_t span = last > d->from ? last - d->from : 0;
    d->to = d->from + span + span / 20 + 10;
}

static void legend(struct drawing *d)
{
    static struct {
        char const *colour, *text;
        unsigned int width;
    } const entries[] = {{COLOUR_STAGE, "stage", 80},
                         {COLOUR_HOOK, "hook", 74},
                         {COLOUR_FAILED, "failed", 88},
                         {COLOUR_START, "service starting", 158},
                         {COLOUR_READY, "service ready, or up", 186},
                         {COLOUR_COMMAND, "command", 94},
                         {COLOUR_PHASE, "phase of the stop", 150}};
    unsigned int x = MARGIN;
    add(d, "<g class=\"legend\">\n");
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        add(d, "<rect");
        add_attribute(d, "x", x);
        add_attribute(d, "y", 52);
        add(d, " width=\"12\" height=\"12\" fill=\"");
        add(d, entries[i].colour);
        add(d, "\"/>\n");
        begin_text(d, x + 18, 62, "result");
        add(d, entries[i].text);
        end_text(d);
        x += entries[i].width;
    }
    add(d, "</g>\n");
}

static void head(struct drawing *d, char const *started)
{
    begin_text(d, MARGIN, 26, "total");
    add(d, "Boot: ");
    add_ms(d, d->t->total);
    add(d, " ms ");
    add(d, timeline_total_is(d->t));
    end_text(d);
    begin_text(d, MARGIN, 43, "result");
    if (started) {
        add(d, "Begun ");
        add(d, started);
    }
    if (d->t->ended != TIMELINE_NEVER) {
        add(d, started ? "; ended " : "Ended ");
        add_ms(d, d->t->ended);
        add(d, " ms later, exit code ");
        add_number(d, d->t->code);
    }
    end_text(d);
    legend(d);
}

int timesvg_draw(stralloc *sa, struct timeline const *t, char const *started, char const *notes,
                 unsigned int n)
{
    enum { BOOT = sizeof boot_lanes / sizeof *boot_lanes };
    enum { STOP = sizeof stop_lanes / sizeof *stop_lanes };
    struct drawing d = {.sa = sa, .t = t, .y = HEAD};
    unsigned int h =
        HEAD + height(t, boot_lanes, BOOT, 0) + height(t, stop_lanes, STOP, 1) + n * LINE + MARGIN;
    add(&d, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    add_attribute(&d, "width", WIDTH);
    add_attribute(&d, "height", h);
    add(&d, " viewBox=\"0 0 ");
    add_number(&d, WIDTH);
    add(&d, " ");
    add_number(&d, h);
    add(&d, "\">\n"
            "<style>\n"
            "text { font: 11px \"DejaVu Sans Mono\", Menlo, Consolas, monospace; fill: #333333; }\n"
            ".total { font-size: 18px; font-weight: bold; }\n"
            ".title, .heading { font-weight: bold; }\n"
            ".name { text-anchor: end; }\n"
            ".axis { text-anchor: middle; fill: #666666; }\n"
            ".unit { fill: #666666; }\n"
            ".bad { fill: #c9302c; font-weight: bold; }\n"
            ".lane { fill: #f0f2f5; }\n"
            ".tick { stroke: #dddddd; }\n"
            ".mark { stroke: #555555; stroke-dasharray: 4 3; }\n"
            "</style>\n"
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    head(&d, started);
    set_span(&d, 0);
    panel(&d, "Boot", boot_lanes, BOOT, 0);
    set_span(&d, 1);
    panel(&d, "Stop", stop_lanes, STOP, 1);
    for (; n; n--, notes += strlen(notes) + 1) {
        begin_text(&d, MARGIN, d.y + LINE / 2, "note");
        add(&d, "note: ");
        add_clipped(&d, notes, NOTE_CHARACTERS - 6);
        end_text(&d);
        d.y += LINE;
    }
    add(&d, "</svg>\n");
    return d.failed ? -1 : 0;
}
