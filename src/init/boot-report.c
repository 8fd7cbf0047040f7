/* boot-report: what took how long when the container was booted.

   boot-report [--json | --svg] [FILE]

   Reads FILE, a timeline that init has written (default: that of the container that runs), and
   prints it as a table, as JSON, or as a picture. What is damaged or not finished is shown as far
   as it goes, with a note. Changes nothing. Exits 0, 1 there is no timeline, 100 usage, 111. */

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <skalibs/buffer.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/logjson.h>
#include <cairn/rfc3339.h>
#include <cairn/statedir.h>
#include <cairn/timeline.h>
#include <cairn/timerec.h>
#include <cairn/timesvg.h>
#include <cairn/vardir.h>
#include <cairn/visible.h>

#define USAGE      "boot-report [ --json | --svg ] [ file ]"
#define dieusage() strerr_dieusage(100, USAGE)

enum { FILE_MAX = 2 * TIMEREC_MAX, MICRO = 1000000 };

char const *PROG = "boot-report";

static struct {
    struct timeline t;
    stralloc out;
    stralloc notes; /* strings, each with its NUL */
    unsigned int n; /* of them */
    char started[RFC3339_LENGTH + 1];
} g = {.t = TIMELINE_ZERO, .out = STRALLOC_ZERO, .notes = STRALLOC_ZERO};

static void die_memory(void)
{
    strerr_diefu1sys(111, "allocate memory");
}

static void add_to(stralloc *sa, char const *s)
{
    if (!stralloc_cats(sa, s))
        die_memory();
}

static void add(char const *s)
{
    add_to(&g.out, s);
}

static void add_number(uint64_t n)
{
    char fmt[UINT64_FMT];
    fmt[uint64_fmt(fmt, n)] = 0;
    add(fmt);
}

/* --- what there is to say beside the rows --- */

static void note(unsigned int n, char const *text)
{
    char fmt[UINT_FMT];
    if (n) {
        fmt[uint_fmt(fmt, n)] = 0;
        add_to(&g.notes, fmt);
    }
    add_to(&g.notes, text);
    if (!stralloc_0(&g.notes))
        die_memory();
    g.n++;
}

static void note_row(struct timeline_row const *r)
{
    add_to(&g.notes, timeline_kind_word(r->kind));
    add_to(&g.notes, " ");
    add_to(&g.notes, timeline_name(&g.t, r));
    note(0, r->kind == TIMELINE_SERVICE ? " has not become ready" : " has not ended");
}

static void make_notes(void)
{
    if (g.t.wall_us == TIMELINE_NEVER)
        note(0, "the first line, with the version and the time of day, is missing");
    if (g.t.damaged)
        note(g.t.damaged,
             g.t.damaged == 1 ? " damaged line is left out" : " damaged lines are left out");
    if (g.t.unknown)
        note(g.t.unknown, g.t.unknown == 1 ? " record of an unknown kind is left out"
                                           : " records of unknown kinds are left out");
    if (g.t.torn)
        note(0, "the last line is not complete");
    for (size_t i = 0; i < timeline_count(&g.t); i++) {
        struct timeline_row const *r = timeline_row(&g.t, i);
        if (timeline_done(r) == TIMELINE_NEVER && r->kind != TIMELINE_COMMAND)
            note_row(r);
    }
}

static void format_started(void)
{
    struct timespec t = {.tv_sec = (time_t)(g.t.wall_us / MICRO),
                         .tv_nsec = (long)(g.t.wall_us % MICRO * 1000)};
    if (g.t.wall_us != TIMELINE_NEVER && t.tv_sec < RFC3339_END)
        *rfc3339_put(g.started, &t) = 0;
}

/* --- as a table --- */

enum column { START, DURATION, KIND, NAME, RESULT, COLUMN_COUNT };

static struct {
    char const *title;
    int right;
} const columns[] = {[START] = {"START", 1},
                     [DURATION] = {"DURATION", 1},
                     [KIND] = {"KIND", 0},
                     [NAME] = {"NAME", 0},
                     [RESULT] = {"RESULT", 0}};

_Static_assert(sizeof columns / sizeof *columns == COLUMN_COUNT, "a column lacks its title");

/* Milliseconds with three decimals. */
static void add_ms(stralloc *sa, uint64_t us)
{
    char fmt[UINT64_FMT];
    char const rest[] = {'.', (char)('0' + us / 100 % 10), (char)('0' + us / 10 % 10),
                         (char)('0' + us % 10), 0};
    fmt[uint64_fmt(fmt, us / 1000)] = 0;
    add_to(sa, fmt);
    add_to(sa, rest);
}

static void add_cell(stralloc *sa, struct timeline_row const *r, enum column c)
{
    char buf[TIMELINE_RESULT];
    uint64_t done = timeline_done(r);
    switch (c) {
    case START:
        add_ms(sa, r->start);
        break;
    case DURATION:
        if (done == TIMELINE_NEVER || (r->kind == TIMELINE_SERVICE && !r->announces))
            add_to(sa, "-");
        else
            add_ms(sa, done - r->start);
        break;
    case KIND:
        add_to(sa, timeline_kind_word(r->kind));
        break;
    case NAME:
        if (!visible_add(sa, timeline_name(&g.t, r)))
            die_memory();
        break;
    default:
        add_to(sa, timeline_result(buf, &g.t, r));
        break;
    }
}

static void put_cell(char const *s, size_t room, enum column c)
{
    size_t fill = room - visible_width(s, strlen(s));
    if (!columns[c].right)
        add(s);
    for (; fill && c != RESULT; fill--)
        add(" ");
    if (columns[c].right)
        add(s);
    add(c == RESULT ? "\n" : "  ");
}

static void print_table(void)
{
    stralloc cells = STRALLOC_ZERO;
    size_t room[COLUMN_COUNT];
    size_t n = timeline_count(&g.t);
    for (unsigned int c = 0; c < COLUMN_COUNT; c++)
        room[c] = strlen(columns[c].title);
    for (size_t i = 0; i < n; i++)
        for (enum column c = START; c < COLUMN_COUNT; c++) {
            size_t at = cells.len;
            add_cell(&cells, timeline_row(&g.t, i), c);
            if (!stralloc_0(&cells))
                die_memory();
            size_t w = visible_width(cells.s + at, strlen(cells.s + at));
            room[c] = w > room[c] ? w : room[c];
        }
    for (enum column c = START; n && c < COLUMN_COUNT; c++)
        put_cell(columns[c].title, room[c], c);
    char const *s = cells.s;
    for (size_t i = 0; i < n; i++)
        for (enum column c = START; c < COLUMN_COUNT; c++, s += strlen(s) + 1)
            put_cell(s, room[c], c);
    add("total: ");
    add_ms(&g.out, g.t.total);
    add(" ms ");
    add(timeline_total_is(&g.t));
    add("\n");
    s = g.notes.s;
    for (unsigned int i = 0; i < g.n; i++, s += strlen(s) + 1) {
        add("note: ");
        add(s);
        add("\n");
    }
}

/* --- as JSON --- */

static void add_string(char const *key, char const *value)
{
    add(key);
    if (!logjson_string(&g.out, value))
        die_memory();
}

static void add_time(char const *key, uint64_t us)
{
    add(key);
    if (us == TIMELINE_NEVER)
        add("null");
    else
        add_number(us);
}

static void print_row(struct timeline_row const *r)
{
    char buf[TIMELINE_RESULT];
    add_string("{\"kind\":", timeline_kind_word(r->kind));
    add_string(",\"name\":", timeline_name(&g.t, r));
    add_time(",\"start\":", r->start);
    add_time(",\"ready\":", r->ready);
    add_time(",\"end\":", r->end);
    add_time(",\"code\":", r->end == TIMELINE_NEVER ? TIMELINE_NEVER : r->code);
    add_string(",\"result\":", timeline_result(buf, &g.t, r));
    add("}");
}

static void print_json(void)
{
    add("{\"started\":");
    if (*g.started)
        add_string("", g.started);
    else
        add("null");
    add_time(",\"total\":", g.t.total);
    add_time(",\"ended\":", g.t.ended);
    add_time(",\"code\":", g.t.ended == TIMELINE_NEVER ? TIMELINE_NEVER : g.t.code);
    add(",\"rows\":[");
    for (size_t i = 0; i < timeline_count(&g.t); i++) {
        add(i ? ",\n" : "\n");
        print_row(timeline_row(&g.t, i));
    }
    add("],\n\"notes\":[");
    char const *s = g.notes.s;
    for (unsigned int i = 0; i < g.n; i++, s += strlen(s) + 1)
        add_string(i ? "," : "", s);
    add("]}\n");
}

/* --- set-up --- */

static void read_file(char const *file)
{
    char path[STATEDIR_MAX + sizeof "/" TIMELINE_FILE];
    stralloc text = STRALLOC_ZERO;
    if (!file) {
        if (!statedir_find(path, STATEDIR_MAX))
            strerr_dief(1, "no container init of ours runs here: name a timeline");
        strcat(path, "/" TIMELINE_FILE);
        file = path;
    }
    switch (vardir_slurp(AT_FDCWD, file, &text, FILE_MAX)) {
    case 0:
        strerr_dief(1, "there is no timeline ", file);
    case -1:
        strerr_diefu2sys(111, "read ", file);
    }
    if (timeline_read(&g.t, text.s, text.len) < 0)
        die_memory();
    if (g.t.wall_us == TIMELINE_NEVER && !timeline_count(&g.t))
        strerr_dief(1, file, " holds no boot timeline");
}

int main(int argc, char const *const *argv)
{
    int json = 0, svg = 0;
    for (argv++; argc > 1 && argv[0] && argv[0][0] == '-' && argv[0][1]; argv++) {
        if (!strcmp(argv[0], "--")) {
            argv++;
            break;
        }
        if (!strcmp(argv[0], "--json"))
            json = 1;
        else if (!strcmp(argv[0], "--svg"))
            svg = 1;
        else
            dieusage();
    }
    if ((json && svg) || (argv[0] && argv[1]))
        dieusage();
    read_file(argv[0]);
    make_notes();
    format_started();
    if (json)
        print_json();
    else if (!svg)
        print_table();
    else if (timesvg_draw(&g.out, &g.t, *g.started ? g.started : NULL, g.notes.s, g.n) < 0)
        die_memory();
    if (buffer_put(buffer_1, g.out.s, g.out.len) < 0 || !buffer_flush(buffer_1))
        strerr_diefu1sys(111, "write to standard output");
    return 0;
}
