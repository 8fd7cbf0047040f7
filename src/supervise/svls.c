/* svls: what all services of a scan directory are doing.

   svls [--json] [--check | --live | --ready | --watch] [SCANDIR]

   Shows a line per service and logger of SCANDIR (default: the live one). --json: an array of
   objects instead; with --watch an object a line. --check: shows only what is not as it should be
   (wanted up and not up, or not ready although it says when it is), and exits 1 if there is any, or
   if the container still boots: then its services are not there yet.
   --live: says nothing, exits 0 if svscan (or init, for it) listens. --ready: both. --watch: shows
   it again whenever something has changed, in place on a terminal, else a line per change.
   Reads supervise/lock, status and death_tally of each, what svtable says, and, for the live one,
   whether STATE/booting is there. Changes nothing.
   Exits 0, 1 no, 100 usage, 102 there is no live scan directory, 111. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/ctlfifo.h>
#include <cairn/logjson.h>
#include <cairn/logstamp.h>
#include <cairn/servicedir.h>
#include <cairn/statedir.h>
#include <cairn/svtable.h>
#include <cairn/treewatch.h>
#include <cairn/visible.h>

#define USAGE      "svls [ --json ] [ --check | --live | --ready | --watch ] [ scandir ]"
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "svls";

enum mode { SHOW, CHECK, LIVE, READY, WATCH };

enum { AGE_TICK_MS = 1000 };
enum { CELLS_BYTES = 48 }; /* of a usual row, so that it need not grow often */

static struct {
    enum mode mode;
    int json;
    int colour;
    char const *scandir;
    char mapped[PATH_MAX];
    tain now;
    struct svtable table;
} g = {.table = SVTABLE_ZERO};

static void die_memory(void)
{
    strerr_diefu1sys(111, "allocate memory");
}

static void write_out(char const *s, size_t n)
{
    if (buffer_put(buffer_1, s, n) < 0)
        strerr_diefu1sys(111, "write to standard output");
}

static void flush_out(void)
{
    if (!buffer_flush(buffer_1))
        strerr_diefu1sys(111, "write to standard output");
}

static void add(stralloc *sa, char const *s)
{
    if (!stralloc_cats(sa, s))
        die_memory();
}

static void add_number(stralloc *sa, uint64_t n)
{
    char fmt[UINT64_FMT];
    fmt[uint64_fmt(fmt, n)] = 0;
    add(sa, fmt);
}

/* --- what there is to say of a row --- */

static uint64_t age(struct svtable_row const *r)
{
    tain d = TAIN_ZERO;
    if (tain_less(&r->status.stamp, &g.now))
        tain_sub(&d, &g.now, &r->status.stamp);
    return d.sec.x;
}

static int has_ended(struct svtable_row const *r)
{
    return r->known && r->deaths;
}

/* How often run was started after its first time. */
static unsigned int restarts(struct svtable_row const *r)
{
    return r->deaths - (r->deaths && !svstatus_is_up(&r->status));
}

/* Appends the names in dependencies.d that are not well. */
static void add_missing(stralloc *sa, char const *name)
{
    stralloc path = STRALLOC_ZERO;
    char const *comma = "";
    for (size_t i = 0; i < svtable_count(&g.table); i++) {
        struct svtable_row const *other = svtable_row(&g.table, i);
        if (other->is_log || other->state == SVTABLE_UP)
            continue;
        path.len = 0;
        add(&path, name);
        add(&path, "/" SERVICEDIR_DEPENDENCIES "/");
        add(&path, svtable_name(&g.table, other));
        if (!stralloc_0(&path))
            die_memory();
        if (access(path.s, F_OK) < 0)
            continue;
        add(sa, comma);
        add(sa, svtable_name(&g.table, other));
        comma = ", ";
    }
    stralloc_free(&path);
}

static void add_note(stralloc *sa, struct svtable_row const *r)
{
    switch (r->state) {
    case SVTABLE_STARTING:
        add(sa, "has not said that it is ready");
        break;
    case SVTABLE_FAILED:
        add(sa, "given up: it kept failing");
        break;
    case SVTABLE_WAITING:
        add(sa, "for ");
        add_missing(sa, svtable_name(&g.table, r));
        break;
    case SVTABLE_OFF:
        add(sa, r->down == DOWNFILE_DISABLED ? "S6_SERVICES_DISABLE" : SERVICEDIR_ENABLE_IF_ENV);
        break;
    case SVTABLE_DOWN:
        if (r->down == DOWNFILE_USER)
            add(sa, "has a file down");
        break;
    case SVTABLE_UNKNOWN:
        add(sa, r->error == EPROTO ? "its status is damaged" : strerror(r->error));
        break;
    case SVTABLE_UP:
        if (!r->status.wantup)
            add(sa, "not to be started again");
        break;
    default:
        break;
    }
}

/* --- as a table --- */

/* X(name, right): the columns */
#define COLUMNS(X)                                                                                 \
    X("NAME", 0)                                                                                   \
    X("STATE", 0)                                                                                  \
    X("READY", 0)                                                                                  \
    X("PID", 1)                                                                                    \
    X("FOR", 1)                                                                                    \
    X("RESTARTS", 1)                                                                               \
    X("LAST EXIT", 0)                                                                              \
    X("WHY", 0)

enum column { NAME, STATE, IS_READY, PID, FOR, RESTARTS, LAST_EXIT, WHY, COLUMN_COUNT };

static struct {
    char const *title;
    int right;
} const columns[] = {
#define X(name, right) {name, right},
    COLUMNS(X)
#undef X
};

_Static_assert(sizeof columns / sizeof *columns == COLUMN_COUNT, "a column lacks its title");

static void add_visible(stralloc *sa, char const *s)
{
    if (!visible_add(sa, s))
        die_memory();
}

/* The two greatest units. */
static void add_age(stralloc *sa, uint64_t s)
{
    static struct {
        unsigned int seconds;
        char unit[2];
    } const units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    unsigned int i = 0;
    while (i < 3 && s < units[i].seconds)
        i++;
    add_number(sa, s / units[i].seconds);
    add(sa, units[i].unit);
    if (i == 3)
        return;
    add(sa, " ");
    add_number(sa, s % units[i].seconds / units[i + 1].seconds);
    add(sa, units[i + 1].unit);
}

/* The note is kept for the next row: to free it would give its page back a thousand times. */
static void add_visible_note(stralloc *sa, struct svtable_row const *r)
{
    static stralloc note = STRALLOC_ZERO;
    note.len = 0;
    add_note(&note, r);
    if (!stralloc_0(&note))
        die_memory();
    add_visible(sa, note.s);
}

static void add_cell(stralloc *sa, struct svtable_row const *r, enum column c)
{
    int w = r->status.wstat;
    switch (c) {
    case NAME:
        add_visible(sa, svtable_name(&g.table, r));
        break;
    case STATE:
        add(sa, svtable_word(r->state));
        break;
    case IS_READY:
        add(sa, svtable_ready(r) < 0 ? "-" : svtable_ready(r) ? "yes" : "no");
        break;
    case PID:
        if (r->known && svstatus_is_up(&r->status) && r->supervisor)
            add_number(sa, (uint64_t)r->status.pid);
        else
            add(sa, "-");
        break;
    case FOR:
        if (r->known && r->supervisor)
            add_age(sa, age(r));
        else
            add(sa, "-");
        break;
    case RESTARTS:
        add_number(sa, restarts(r));
        break;
    case LAST_EXIT:
        if (!has_ended(r))
            add(sa, "-");
        else if (WIFSIGNALED(w)) {
            add(sa, "signal ");
            add(sa, sig_name(WTERMSIG(w)));
        } else {
            add(sa, "exit ");
            add_number(sa, (uint64_t)WEXITSTATUS(w));
        }
        break;
    case WHY:
        add_visible_note(sa, r);
        break;
    case COLUMN_COUNT:
        break;
    }
}

static char const *colour_of(struct svtable_row const *r)
{
    switch (r->state) {
    case SVTABLE_UP:
        return "\033[32m";
    case SVTABLE_DOWN:
    case SVTABLE_OFF:
        return "\033[2m";
    case SVTABLE_FAILED:
    case SVTABLE_NO_SUPERVISOR:
    case SVTABLE_UNKNOWN:
        return "\033[31m";
    default:
        return "\033[33m";
    }
}

static void put_cell(char const *s, size_t n, size_t room, int right, int last)
{
    size_t fill = room - visible_width(s, n);
    if (!right)
        write_out(s, n);
    for (; fill && (right || !last); fill--)
        write_out(" ", 1);
    if (right)
        write_out(s, n);
    if (!last)
        write_out("  ", 2);
}

static void put_text(char const *s)
{
    write_out(s, strlen(s));
}

/* All cells once, as strings one after the other; then lines of them. Returns the lines. */
static size_t put_table(void)
{
    stralloc cells = STRALLOC_ZERO;
    size_t room[COLUMN_COUNT];
    size_t lines = 0;
    if (!stralloc_ready(&cells, svtable_count(&g.table) * CELLS_BYTES))
        die_memory();
    for (unsigned int c = 0; c < COLUMN_COUNT; c++)
        room[c] = strlen(columns[c].title);
    for (size_t i = 0; i < svtable_count(&g.table); i++) {
        struct svtable_row const *r = svtable_row(&g.table, i);
        for (enum column c = NAME; c < COLUMN_COUNT; c++) {
            size_t at = cells.len;
            add_cell(&cells, r, c);
            size_t w = visible_width(cells.s + at, cells.len - at);
            room[c] = w > room[c] ? w : room[c];
            if (!stralloc_0(&cells))
                die_memory();
        }
    }
    char const *s = cells.s;
    for (size_t i = 0; i < svtable_count(&g.table); i++) {
        struct svtable_row const *r = svtable_row(&g.table, i);
        for (unsigned int c = 0; !i && c < COLUMN_COUNT; c++)
            put_cell(columns[c].title, strlen(columns[c].title), room[c], columns[c].right,
                     c == WHY);
        if (!i) {
            put_text("\n");
            lines++;
        }
        for (enum column c = NAME; c < COLUMN_COUNT; c++) {
            size_t n = strlen(s);
            if (g.colour && c == STATE)
                put_text(colour_of(r));
            put_cell(s, n, room[c], columns[c].right, c == WHY || (c == LAST_EXIT && !s[n + 1]));
            if (g.colour && c == STATE)
                put_text("\033[0m");
            s += n + 1;
        }
        put_text("\n");
        lines++;
    }
    stralloc_free(&cells);
    return lines;
}

/* --- as JSON --- */

/* Is this row shown? */
static int is_shown(struct svtable_row const *r)
{
    return (g.mode != CHECK && g.mode != READY) || !svtable_is_well(r);
}

static void add_string(stralloc *sa, char const *key, char const *value)
{
    add(sa, key);
    if (!logjson_string(sa, value))
        die_memory();
}

static void add_bool(stralloc *sa, char const *key, int value)
{
    add(sa, key);
    add(sa, value < 0 ? "null" : value ? "true" : "false");
}

static void add_value(stralloc *sa, char const *key, int known, uint64_t value)
{
    add(sa, key);
    if (known)
        add_number(sa, value);
    else
        add(sa, "null");
}

static void add_object(stralloc *sa, struct svtable_row const *r)
{
    stralloc note = STRALLOC_ZERO;
    struct logstamp stamp = LOGSTAMP_ZERO;
    char since[LOGSTAMP_RFC3339 + 1] = "";
    int w = r->status.wstat;
    int known = r->known && r->supervisor;
    int up = known && svstatus_is_up(&r->status);
    int ended = has_ended(r);
    add_note(&note, r);
    if (!stralloc_0(&note))
        die_memory();
    stamp.now = r->status.stamp;
    memcpy(since, logstamp_rfc3339(&stamp), LOGSTAMP_RFC3339);
    add_string(sa, "{\"name\":", svtable_name(&g.table, r));
    add_string(sa, ",\"state\":", svtable_word(r->state));
    add_bool(sa, ",\"wanted\":", svtable_is_wanted(r));
    add_bool(sa, ",\"well\":", svtable_is_well(r));
    add_bool(sa, ",\"ready\":", svtable_ready(r));
    add_value(sa, ",\"pid\":", up, (uint64_t)r->status.pid);
    add_value(sa, ",\"supervisor\":", r->supervisor > 1, (uint64_t)r->supervisor);
    if (known)
        add_string(sa, ",\"since\":", since);
    else
        add(sa, ",\"since\":null");
    add_value(sa, ",\"seconds\":", known, known ? age(r) : 0);
    add_value(sa, ",\"restarts\":", 1, restarts(r));
    add_value(sa, ",\"exitcode\":", ended && WIFEXITED(w), (uint64_t)WEXITSTATUS(w));
    if (ended && WIFSIGNALED(w))
        add_string(sa, ",\"signal\":", sig_name(WTERMSIG(w)));
    else
        add(sa, ",\"signal\":null");
    add_string(sa, ",\"why\":", note.s);
    add(sa, "}");
    stralloc_free(&note);
}

static void put_json(void)
{
    stralloc sa = STRALLOC_ZERO;
    char const *separator = "[";
    for (size_t i = 0; i < svtable_count(&g.table); i++)
        if (is_shown(svtable_row(&g.table, i))) {
            add(&sa, separator);
            add_object(&sa, svtable_row(&g.table, i));
            separator = ",\n ";
        }
    add(&sa, *separator == '[' ? "[]\n" : "]\n");
    write_out(sa.s, sa.len);
    stralloc_free(&sa);
}

/* --- a line for one --- */

static void add_line(stralloc *sa, struct svtable_row const *r)
{
    size_t at;
    add_cell(sa, r, NAME);
    add(sa, ": ");
    add_cell(sa, r, STATE);
    if (svtable_ready(r) > 0)
        add(sa, ", ready");
    if (r->known && r->supervisor && svstatus_is_up(&r->status)) {
        add(sa, ", pid ");
        add_cell(sa, r, PID);
    }
    if (has_ended(r)) {
        add(sa, ", last ");
        add_cell(sa, r, LAST_EXIT);
    }
    add(sa, r->state == SVTABLE_WAITING ? " " : ": ");
    at = sa->len;
    add_cell(sa, r, WHY);
    if (sa->len == at)
        sa->len -= r->state == SVTABLE_WAITING ? 1 : 2;
}

static void put_line(struct svtable_row const *r)
{
    stralloc sa = STRALLOC_ZERO;
    if (g.json)
        add_object(&sa, r);
    else
        add_line(&sa, r);
    add(&sa, "\n");
    write_out(sa.s, sa.len);
    stralloc_free(&sa);
}

static void put_lines(void)
{
    for (size_t i = 0; i < svtable_count(&g.table); i++)
        if (is_shown(svtable_row(&g.table, i)))
            put_line(svtable_row(&g.table, i));
}

/* --- one look --- */

static void look(void)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || svtable_read(&g.table, fd) < 0 || !tain_wallclock_read(&g.now))
        strerr_diefu2sys(111, "read the services in ", g.scandir);
    close(fd);
}

static int is_live(void)
{
    int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        strerr_diefu2sys(111, "open directory ", g.scandir);
    enum ctlfifo_result r = ctlfifo_send(fd, CTLFIFO_SCAN, "", 0);
    close(fd);
    if (r == CTLFIFO_OK)
        return 1;
    if (r == CTLFIFO_NOT_LISTENING)
        strerr_warnw("no svscan runs on ", g.scandir);
    else
        strerr_warnwu(r == CTLFIFO_BROKEN ? "use " : "ask ", g.scandir, "/" CTLFIFO_SCAN ": ",
                      strerror(errno));
    return 0;
}

/* Is it the live scan directory, and will init still put services into it? */
static int is_booting(void)
{
    char path[STATEDIR_MAX + sizeof "/services"];
    struct stat live, here;
    if (!statedir_find(path, STATEDIR_MAX))
        return 0;
    char *end = path + strlen(path);
    strcpy(end, "/services");
    if (stat(path, &live) < 0 || stat(".", &here) < 0 || live.st_dev != here.st_dev ||
        live.st_ino != here.st_ino)
        return 0;
    strcpy(end, "/" STATEDIR_BOOTING);
    if (access(path, F_OK) < 0)
        return 0;
    strerr_warnw("the container still boots: its cont-init and services stages are not over");
    return 1;
}

static int is_all_well(void)
{
    for (size_t i = 0; i < svtable_count(&g.table); i++)
        if (!svtable_is_well(svtable_row(&g.table, i)))
            return 0;
    return 1;
}

static void show(void)
{
    if (g.json)
        put_json();
    else if (g.mode == SHOW)
        put_table();
    else
        put_lines();
}

/* --- watching --- */

static int is_same(struct svtable const *a, struct svtable_row const *x,
                   struct svtable_row const *y)
{
    return x->state == y->state && x->status.pid == y->status.pid &&
           svtable_ready(x) == svtable_ready(y) && x->supervisor == y->supervisor &&
           !strcmp(svtable_name(a, x), svtable_name(&g.table, y));
}

/* The row of that name, or NULL. */
static struct svtable_row const *find(struct svtable const *t, char const *name)
{
    for (size_t i = 0; i < svtable_count(t); i++)
        if (!strcmp(svtable_name(t, svtable_row(t, i)), name))
            return svtable_row(t, i);
    return NULL;
}

static void put_gone(char const *name)
{
    stralloc sa = STRALLOC_ZERO;
    if (g.json) {
        add_string(&sa, "{\"name\":", name);
        add(&sa, ",\"state\":\"gone\"}\n");
    } else {
        add_visible(&sa, name);
        add(&sa, ": gone\n");
    }
    write_out(sa.s, sa.len);
    stralloc_free(&sa);
}

/* before: the table as it was. */
static void put_changes(struct svtable const *before)
{
    for (size_t i = 0; i < svtable_count(&g.table); i++) {
        struct svtable_row const *r = svtable_row(&g.table, i);
        struct svtable_row const *old = find(before, svtable_name(&g.table, r));
        if (!old || !is_same(before, old, r))
            put_line(r);
    }
    for (size_t i = 0; i < svtable_count(before); i++)
        if (!find(&g.table, svtable_name(before, svtable_row(before, i))))
            put_gone(svtable_name(before, svtable_row(before, i)));
}

/* Over the lines that were shown before. */
static size_t redraw(size_t lines)
{
    stralloc sa = STRALLOC_ZERO;
    struct winsize ws = {.ws_row = 0};
    if (lines && !ioctl(1, TIOCGWINSZ, &ws) && lines >= ws.ws_row) {
        put_text("\033[H\033[2J"); /* what has left the screen cannot be gone back to */
    } else if (lines) {
        add(&sa, "\033[");
        add_number(&sa, lines);
        add(&sa, "A\033[J");
        write_out(sa.s, sa.len);
        stralloc_free(&sa);
    }
    put_text("\033[?7l"); /* what is too wide is cut: it would be more than a line */
    lines = put_table();
    put_text("\033[?7h");
    flush_out();
    return lines;
}

static void look_and_cover(struct treewatch *w)
{
    int r;
    do {
        look();
        r = treewatch_cover(w, &g.table);
    } while (r > 0);
    if (r < 0)
        strerr_diefu3sys(111, "watch ", g.scandir,
                         errno == ENOSPC ? " (raise fs.inotify.max_user_watches)" : "");
}

static void watch(void)
{
    int terminal = isatty(1) && !g.json;
    size_t lines = 0;
    struct treewatch w;
    if (treewatch_open(&w) < 0)
        strerr_diefu1sys(111, "make an inotify descriptor");
    struct pollfd p = {.fd = w.fd, .events = POLLIN};
    look_and_cover(&w);
    if (terminal)
        lines = redraw(0);
    else
        put_changes(&(struct svtable)SVTABLE_ZERO);
    flush_out();
    for (;;) {
        int r = poll(&p, 1, terminal ? AGE_TICK_MS : -1); /* a tick only counts the seconds on */
        if (r < 0 && errno != EINTR)
            strerr_diefu1sys(111, "poll");
        if (r > 0) {
            struct svtable before = g.table;
            g.table = (struct svtable)SVTABLE_ZERO;
            treewatch_drain(&w);
            look_and_cover(&w);
            if (!terminal)
                put_changes(&before);
            svtable_free(&before);
            flush_out();
        }
        tain_wallclock_read(&g.now);
        if (terminal)
            lines = redraw(lines);
    }
}

/* --- options --- */

static void set_mode(enum mode m)
{
    if (g.mode != SHOW && g.mode != m)
        dieusage();
    g.mode = m;
}

static int options(int argc, char const *const *argv)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (!strcmp(argv[i], "--"))
            return i + 1;
        if (!strcmp(argv[i], "--json"))
            g.json = 1;
        else if (!strcmp(argv[i], "--check"))
            set_mode(CHECK);
        else if (!strcmp(argv[i], "--live"))
            set_mode(LIVE);
        else if (!strcmp(argv[i], "--ready"))
            set_mode(READY);
        else if (!strcmp(argv[i], "--watch"))
            set_mode(WATCH);
        else
            dieusage();
    }
    return i;
}

static void enter(char const *arg)
{
    if (arg)
        g.scandir = statedir_map(arg, g.mapped, sizeof g.mapped);
    else {
        if (!statedir_find(g.mapped, sizeof g.mapped - sizeof "/services"))
            strerr_dief(102, "no container init of ours runs here: name the scan directory");
        g.scandir = strcat(g.mapped, "/services");
    }
    if (chdir(g.scandir) < 0)
        strerr_diefu2sys(111, "change to ", g.scandir);
    if (arg)
        g.scandir = arg;
}

static int wants_colour(void)
{
    char const *no = getenv("NO_COLOR");
    char const *term = getenv("TERM");
    return isatty(1) && (!no || !*no) && term && strcmp(term, "dumb") != 0;
}

int main(int argc, char const *const *argv)
{
    int i = options(argc, argv);
    if (argc - i > 1)
        dieusage();
    enter(argv[i]);
    g.colour = wants_colour();
    if (g.mode == LIVE)
        return !is_live();
    if (g.mode == READY && !is_live())
        return 1;
    if (g.mode == WATCH)
        watch();
    int early = (g.mode == CHECK || g.mode == READY) && is_booting(); /* asked before the look */
    look();
    show();
    flush_out();
    return early || ((g.mode == CHECK || g.mode == READY) && !is_all_well());
}
