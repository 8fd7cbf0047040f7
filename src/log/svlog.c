/* svlog: writes lines to log directories that never grow too big; s6-log.

   svlog [-d FD] [-q | -v] [-b] [-p] [-l LIMIT] [-t MS] [--prefix=NAME | --json[=NAME]] SCRIPT...

   Reads lines from standard input and does with each what SCRIPT says: see logscript.h, and
   logdir.h for the directories.

   Invariants: nothing is read before all actions are taken for what was read (what -b asks for: it
   is always so). An action that cannot be taken now (full disk, slow reader) stops the writer at
   last, no line is lost, and a kill -9 loses what one read of 64 KiB brought.
   Selection and stamps work line by line; a script without them has its lines written straight
   from that buffer. No allocation in the loop but for lines longer than the buffer (-l 0), and
   what the C library's regexec does. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/selfpipe.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/logact.h>
#include <cairn/logjson.h>
#include <cairn/logline.h>
#include <cairn/logscript.h>
#include <cairn/logsinks.h>
#include <cairn/logstamp.h>

#define USAGE                                                                                      \
    "svlog [ -d notif ] [ -q | -v ] [ -b ] [ -p ] [ -l linelimit ] [ -t timeout ] "                \
    "[ --prefix=name | --json[=name] ] script..."
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "svlog";

enum { BUFFER = 65536, ROUNDS = 8, MINLIMIT = 48, IDLE = 1000 };

static struct logline in = {.limit = 8192};
static struct logscript script;
static struct logsinks sinks;
static struct logact act = {.script = &script, .stamp = LOGSTAMP_ZERO};
static unsigned int verbosity = 1;
static int undying;   /* -p */
static int direct;    /* no selection, no stamps: lines are written as they were read */
static int ended;     /* of the input */
static int finishing; /* reads up to the end of the line, and then no more */
static int hot;       /* the buffers have pages to give back */
static int64_t line_time = 2000, finish_by = LOGDIR_NEVER;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void complain(struct logdir const *d, char const *what, char const *file, char const *note,
                     int e)
{
    if (!verbosity)
        return;
    char const *slash = file ? "/" : "", *comma = note ? ", " : "";
    file = file ? file : "";
    note = note ? note : "";
    errno = e;
    if (e)
        strerr_warnwusys(what, " ", d->path, slash, file, comma, note);
    else
        strerr_warnwu(what, " ", d->path, slash, file, comma, note);
}

/* ---- lines */

static void line_by_line(int64_t now)
{
    while (in.start < in.complete) {
        char *line = in.buf + in.start;
        size_t len = (size_t)(logline_newline(line) - line);
        if (!logsinks_room(&sinks, logact_need(&act, len), now))
            return;
        logact_line(&act, line, len);
        in.start += len + 1;
    }
}

static void report(struct logsink *s)
{
    if (!s->error)
        return;
    errno = s->error;
    s->error = 0;
    if (verbosity && s->kind == LOGSCRIPT_STATUS)
        strerr_warnwu2sys("update ", s->path);
    else if (verbosity && s->kind == LOGSCRIPT_OUT)
        strerr_warnwu1sys("write to standard output, which gets no more");
}

/* Does with what was read what can be done now. Returns 1 when all is written. */
static int work(int64_t now)
{
    int all = 1;
    if (direct) {
        in.start = logsinks_write(&sinks, in.buf, in.complete, now);
    } else {
        line_by_line(now);
        all = logsinks_flush(&sinks, now);
    }
    for (size_t i = 0; i < sinks.n; i++) {
        report(sinks.s + i);
        sinks.s[i].at -= direct ? in.start : 0;
    }
    logline_compact(&in);
    return all && in.complete == 0;
}

/* ---- events */

static void stop(int64_t now)
{
    if (ended || finishing) {
        /* asked again: what is written stays, but processors are not waited for */
        if (ended)
            logsinks_closing(&sinks, 1, now);
        return;
    }
    if (in.complete == in.end) {
        ended = 1;
        return;
    }
    finishing = 1;
    finish_by = line_time ? now + line_time : LOGDIR_NEVER;
}

static void on_child(int64_t now)
{
    int wstat;
    for (pid_t pid; (pid = waitpid(-1, &wstat, WNOHANG)) > 0;)
        logsinks_ended(&sinks, pid, wstat, now);
}

static void on_signals(int64_t now)
{
    for (int sig; (sig = selfpipe_read()) > 0;)
        switch (sig) {
        case SIGTERM:
            if (!undying)
                stop(now);
            break;
        case SIGHUP:
            stop(now);
            break;
        case SIGALRM:
            logsinks_rotate(&sinks, now);
            break;
        case SIGCHLD:
            on_child(now);
        }
}

static void grow(void)
{
    size_t size = in.size * 2;
    void *p = mremap(in.buf, in.size + LOGLINE_SLACK(in.size, in.limit),
                     size + LOGLINE_SLACK(size, in.limit), MREMAP_MAYMOVE);
    if (p == MAP_FAILED)
        strerr_diefu1sys(111, "get memory for a long line");
    in.buf = p;
    in.size = size;
}

static int has_room(void)
{
    return in.end < in.size || !in.complete;
}

/* Returns 1 if there may be more to read at once. */
static int on_input(void)
{
    if (in.end >= in.size)
        grow();
    size_t want = finishing ? 1 : in.size - in.end;
    ssize_t n = read(0, in.buf + in.end, want);
    if (n < 0) {
        if (errno == EAGAIN || errno == EINTR)
            return 0;
        strerr_warnwu1sys("read from standard input");
        n = 0;
    }
    if (!n)
        ended = 1;
    logline_add(&in, (size_t)n);
    hot |= n > BUFFER / 16;
    if (finishing && in.complete == in.end)
        ended = 1;
    if (ended)
        logline_finish(&in);
    logstamp_read(&act.stamp);
    return !ended && (size_t)n > want / 2;
}

/* ---- the loop */

static void give_back(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (in.end < page)
        madvise(in.buf + page, (in.size - page) / page * page, MADV_DONTNEED);
    logsinks_give_back(&sinks);
    hot = 0;
}

static int64_t next_due(int64_t now)
{
    int64_t due = finishing && !ended ? finish_by : LOGDIR_NEVER;
    if (hot && now + IDLE < due)
        due = now + IDLE;
    int64_t dirs = logsinks_due(&sinks);
    return dirs < due ? dirs : due;
}

static void on_timeout(int64_t now)
{
    logsinks_tick(&sinks, now);
    if (finishing && !ended && finish_by <= now) {
        ended = 1;
        logline_finish(&in);
    }
}

/* The descriptor of standard output or of alerts if it is waited for, else -1. */
static int blocked(enum logscript_kind kind)
{
    struct logsink const *s = logsinks_find(&sinks, kind, NULL);
    return s && (direct ? s->at < in.complete : s->start < s->end) ? s->fd : -1;
}

static void loop(int sigfd)
{
    int all = 1;
    for (;;) {
        int64_t now = now_ms();
        if (ended && all) {
            logsinks_closing(&sinks, 0, now);
            if (!logsinks_busy(&sinks))
                return;
        }
        int reading = !ended && has_room() && all;
        struct pollfd x[] = {
            {.fd = sigfd, .events = POLLIN},
            {.fd = reading ? 0 : -1, .events = POLLIN},
            {.fd = blocked(LOGSCRIPT_OUT), .events = POLLOUT},
            {.fd = blocked(LOGSCRIPT_ALERT), .events = POLLOUT},
        };
        int64_t due = next_due(now);
        int64_t left = due <= now ? 0 : due - now;
        int timeout = due == LOGDIR_NEVER ? -1 : left > INT_MAX ? INT_MAX : (int)left;
        int r = poll(x, sizeof x / sizeof *x, timeout);
        now = now_ms();
        if (r < 0 && errno != EINTR)
            strerr_diefu1sys(111, "poll");
        if (!r && hot)
            give_back();
        if (r > 0 && x[0].revents)
            on_signals(now);
        on_timeout(now);
        int more = r > 0 && x[1].revents && !ended;
        /* a pipe that is full is read several times before the next poll */
        for (int round = 0; more && round < ROUNDS; round++) {
            more = on_input();
            all = work(now);
            more = more && has_room() && all;
        }
        all = work(now);
    }
}

/* ---- setup */

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        strerr_diefu1sys(111, "allocate memory");
    return p;
}

static void parse(char const *const *argv)
{
    char const *bad = NULL;
    size_t n = 0;
    while (argv[n])
        n++;
    script.items = zeroed(n + 1, sizeof *script.items);
    script.actions = zeroed(n + 1, sizeof *script.actions);
    switch (logscript_parse(&script, argv, &bad)) {
    case LOGSCRIPT_OK:
        break;
    case LOGSCRIPT_UNKNOWN:
        strerr_dief2x(100, "unrecognized directive: ", bad);
    case LOGSCRIPT_SYNTAX:
        strerr_dief2x(100, "syntax error at directive: ", bad);
    case LOGSCRIPT_CONFLICT:
        strerr_dief3x(100, "directive ", bad, " conflicts with previous s directive");
    case LOGSCRIPT_REGEX:
        strerr_dief2x(100, "bad regular expression in directive: ", bad);
    case LOGSCRIPT_NOACTION:
        if (!act.announce.json && !act.announce.name)
            strerr_dief1x(100, "no action directive specified");
    }
    if (script.ignored && verbosity)
        strerr_warnw2x("a selector without an action after it is ignored: ", script.ignored);
}

static void open_dir(struct logdir *d)
{
    char const *what;
    d->complain = complain;
    if (logdir_open(d, now_ms(), &what) < 0)
        strerr_diefu4sys(111, errno == EBUSY ? "lock " : "open ", d->path, *what ? "/" : "", what);
}

/* Standard output, without blocking. Other processes write to the same pipe or terminal and expect
   that it does, so it is opened anew; where that may not be, poll is asked before each write. */
static void own_stdout(struct logsink *s)
{
    struct stat st;
    if (fstat(1, &st) < 0 || S_ISREG(st.st_mode))
        return;
    if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)) {
        int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0) {
            s->fd = fd;
            return;
        }
    }
    s->waits = 1;
}

static void setup_announce(void)
{
    static struct logscript_action const out = {.kind = LOGSCRIPT_OUT};
    char const *name = act.announce.name;
    if (!name && !act.announce.json)
        return;
    act.out = logsinks_add(&sinks, &out);
    direct = 0;
    if (name) {
        char *p = zeroed(strlen(name) * LOGJSON_WIDEST + 1, 1);
        act.announce.json_name = p;
        logjson_put(p, name, strlen(name));
    }
}

static void setup_actions(void)
{
    unsigned int *sink_of = zeroed(script.nactions + 1, sizeof *sink_of);
    act.sink_of = sink_of;
    act.sinks = sinks.s = zeroed(script.nactions + 1, sizeof *sinks.s);
    direct = script.n == script.nactions;
    for (size_t i = 0; i < script.nactions; i++) {
        struct logscript_action const *a = script.actions + i;
        if (a->tai64n || a->human || a->prefix || a->kind == LOGSCRIPT_ALERT ||
            a->kind == LOGSCRIPT_STATUS)
            direct = 0;
        sink_of[i] = (unsigned int)(logsinks_add(&sinks, a) - sinks.s);
    }
    setup_announce();
    direct = direct && !sinks.shared;
    for (size_t i = 0; i < sinks.n; i++)
        if (sinks.s[i].kind == LOGSCRIPT_DIR)
            open_dir(&sinks.s[i].dir);
        else if (sinks.s[i].kind == LOGSCRIPT_OUT)
            own_stdout(sinks.s + i);
}

static void setup_buffers(void)
{
    logact_measure(&act);
    in.size = in.limit > BUFFER / 2 ? in.limit * 2 : BUFFER;
    in.buf = mmap(NULL, in.size + LOGLINE_SLACK(in.size, in.limit), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (in.buf == MAP_FAILED)
        strerr_diefu1sys(111, "allocate memory");
    for (size_t i = 0; i < sinks.n && !direct; i++)
        if (logsink_reserve(sinks.s + i, BUFFER * 2 + logact_need(&act, in.limit)) < 0)
            strerr_diefu1sys(111, "allocate memory");
}

static int setup_signals(void)
{
    sigset_t set;
    int fd = selfpipe_init();
    signal(SIGCHLD, SIG_DFL); /* ignored, the end of a processor would not be told */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGALRM);
    sigaddset(&set, SIGCHLD);
    if (fd < 0 || !selfpipe_trapset(&set) || !sig_ignore(SIGPIPE))
        strerr_diefu1sys(111, "catch signals");
    return fd;
}

/* What comes after "--". */
static void long_option(char const *s)
{
    if (!strncmp(s, "prefix=", 7) && s[7]) {
        act.announce.name = s + 7;
    } else if (!strncmp(s, "json=", 5) && s[5]) {
        act.announce.json = 1;
        act.announce.name = s + 5;
    } else if (!strcmp(s, "json")) {
        act.announce.json = 1;
    } else {
        dieusage();
    }
}

/* subgetopt has none: takes them out of argv, and returns how many words are left. */
static int long_options(int argc, char const **argv)
{
    int left = 1, i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][1] == '-') {
            long_option(argv[i] + 2);
            continue;
        }
        char const *value = argv[i] + strcspn(argv[i], "ldt");
        argv[left++] = argv[i];
        if (value[0] && !value[1] && i + 1 < argc)
            argv[left++] = argv[++i];
    }
    while (i < argc)
        argv[left++] = argv[i++];
    argv[left] = NULL;
    return left;
}

static int options(int argc, char const *const *argv, unsigned int *notif)
{
    subgetopt l = SUBGETOPT_ZERO;
    unsigned int n;
    for (int opt; (opt = subgetopt_r(argc, argv, "qvbpl:d:t:", &l)) != -1;)
        switch (opt) {
        case 'q':
            verbosity = 0;
            break;
        case 'v':
            verbosity++;
            break;
        case 'b':
            break;
        case 'p':
            undying = 1;
            break;
        case 'l':
            if (!uint0_scan(l.arg, &n))
                dieusage();
            in.limit = n && n < MINLIMIT ? MINLIMIT : n;
            break;
        case 't':
            if (!uint0_scan(l.arg, &n))
                dieusage();
            line_time = n;
            break;
        case 'd':
            if (!uint0_scan(l.arg, notif))
                dieusage();
            if (*notif < 3)
                strerr_dief1x(100, "notification fd must be 3 or more");
            if (fcntl((int)*notif, F_GETFD) < 0)
                strerr_dief2sys(100, "invalid notification fd ", l.arg);
            break;
        default:
            dieusage();
        }
    if (l.ind >= argc && !act.announce.name && !act.announce.json)
        dieusage();
    return l.ind;
}

int main(int argc, char const **argv)
{
    unsigned int notif = 0;
    int r = 0;
    argc = long_options(argc, argv);
    /* else what is opened first would be taken for standard input or output */
    if (!fd_sanitize())
        strerr_diefu1sys(111, "open /dev/null as a standard descriptor");
    parse(argv + options(argc, argv, &notif));
    int sigfd = setup_signals();
    setup_actions();
    setup_buffers();
    if (ndelay_on(0) < 0)
        strerr_diefu1sys(111, "set standard input to non-blocking mode");
    if (notif) {
        if (write((int)notif, "\n", 1) < 0)
            strerr_warnwu1sys("notify readiness");
        close((int)notif);
    }
    loop(sigfd);
    for (size_t i = 0; i < sinks.n; i++)
        if (sinks.s[i].kind == LOGSCRIPT_DIR && logdir_close(&sinks.s[i].dir) < 0) {
            strerr_warnwu3sys("close ", sinks.s[i].path, "/current");
            r = 111;
        }
    return r;
}
