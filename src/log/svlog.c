/* svlog: writes lines to log directories that never grow too big; s6-log.

   svlog [-d FD] [-q | -v] [-b] [-p] [-l LIMIT] [-t MS] SCRIPT...

   Reads lines from standard input and does with each what SCRIPT says: see logscript.h, and
   logdir.h for the directories.

   Invariants: what was read is in one buffer of 64 KiB until every action has it; nothing is read
   while that buffer is full, so an action that cannot be taken now (full disk, slow reader) stops
   the writer at last, and no line is lost. With -b nothing is read before all actions are taken.
   Selection and stamps work line by line; a script without them has its lines written straight
   from that buffer. No allocation in the loop but for lines longer than the buffer (-l 0), and
   what the C library's regexec does. */

#include <errno.h>
#include <fcntl.h>
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

#include <cairn/logline.h>
#include <cairn/logscript.h>
#include <cairn/logsink.h>
#include <cairn/logstamp.h>

#define USAGE                                                                                      \
    "svlog [ -d notif ] [ -q | -v ] [ -b ] [ -p ] [ -l linelimit ] [ -t timeout ] script..."
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "svlog";

enum { BUFFER = 65536, ROUNDS = 8, MINLIMIT = 48, IDLE = 1000 };
#define ALERT "svlog: alert: "

static struct logline in = {.limit = 8192};
static struct logscript script;
static struct logsink *sinks;
static size_t nsinks;
static unsigned int *sink_of; /* of an action */
static struct logstamp stamp = LOGSTAMP_ZERO;
static unsigned int verbosity = 1;
static int patient;     /* -b */
static int undying;     /* -p */
static int direct;      /* no selection, no stamps: lines are written as they were read */
static size_t overhead; /* what is added to a line, at most */
static int ended;       /* of the input */
static int finishing;   /* reads up to the end of the line, and then no more */
static int hot;         /* the buffers have pages to give back */
static int64_t line_time = 2000, finish_by = LOGDIR_NEVER;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void complain(struct logdir const *d, char const *what, char const *file, int e)
{
    if (!verbosity)
        return;
    errno = e;
    if (e)
        strerr_warnwu5sys(what, " ", d->path, file ? "/" : "", file ? file : "");
    else
        strerr_warnwu5x(what, " ", d->path, file ? "/" : "", file ? file : "");
}

/* ---- a line and its actions */

static char *put(char *p, char const *s, size_t n)
{
    memcpy(p, s, n);
    return p + n;
}

/* The text of an action for a line; there is room for it. */
static void put_line(struct logsink *s, struct logscript_action const *a, char const *line,
                     size_t len)
{
    char *p = s->buf + s->end;
    if (a->kind == LOGSCRIPT_STATUS)
        p = s->buf; /* only the last one counts */
    if (a->kind == LOGSCRIPT_ALERT)
        p = put(p, ALERT, sizeof ALERT - 1);
    if (a->tai64n) {
        p = put(p, logstamp_tai64n(&stamp), LOGSTAMP_TAI64N);
        *p++ = ' ';
    }
    if (a->human) {
        p = put(p, logstamp_human(&stamp), LOGSTAMP_HUMAN);
        p = put(p, "  ", 2);
    }
    if (a->prefix) {
        p = put(p, a->prefix, strlen(a->prefix));
        *p++ = ' ';
    }
    if (a->kind == LOGSCRIPT_ALERT && a->alert && len > a->alert + (size_t)3) {
        p = put(p, line, a->alert);
        p = put(p, "...", 3);
    } else {
        p = put(p, line, len);
    }
    *p++ = '\n';
    s->end = (size_t)(p - s->buf);
}

static int matches(struct logscript_item const *i, char *line, size_t len)
{
    if (i->all)
        return 1;
    char newline = line[len];
    line[len] = 0;
    int r = regexec(&i->re, line, 0, NULL, 0);
    line[len] = newline;
    return !r;
}

static void evaluate(char *line, size_t len)
{
    int selected = 1, acted = 0;
    logstamp_next(&stamp);
    for (size_t k = 0; k < script.n; k++) {
        struct logscript_item const *i = script.items + k;
        switch (i->op) {
        case LOGSCRIPT_SELECT:
            selected = selected || matches(i, line, len);
            break;
        case LOGSCRIPT_DESELECT:
            selected = selected && !matches(i, line, len);
            break;
        case LOGSCRIPT_REST:
            selected = !acted;
            break;
        case LOGSCRIPT_ACT:
            if (selected) {
                put_line(sinks + sink_of[i->action], script.actions + i->action, line, len);
                acted = 1;
            }
        }
    }
}

static int all_have_room(size_t n, int64_t now)
{
    int r = 1;
    for (size_t i = 0; i < nsinks; i++)
        r &= logsink_room(sinks + i, n, now);
    return r;
}

static void line_by_line(int64_t now)
{
    while (in.start < in.complete) {
        char *line = in.buf + in.start;
        size_t len = (size_t)(logline_newline(line) - line);
        if (!all_have_room(len + overhead, now))
            return;
        evaluate(line, len);
        in.start += len + 1;
    }
}

/* Every sink is somewhere in the buffer. */
static void as_they_are(int64_t now)
{
    size_t start = in.complete;
    for (size_t i = 0; i < nsinks; i++) {
        struct logsink *s = sinks + i;
        if (s->at < in.complete)
            s->at += logsink_write(s, in.buf + s->at, in.complete - s->at, now);
        if (s->at < start)
            start = s->at;
    }
    in.start = start;
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
    if (direct)
        as_they_are(now);
    else
        line_by_line(now);
    for (size_t i = 0; i < nsinks; i++) {
        all &= logsink_flush(sinks + i, now);
        report(sinks + i);
    }
    size_t moved = in.start;
    logline_compact(&in);
    for (size_t i = 0; direct && i < nsinks; i++)
        sinks[i].at -= moved;
    return all && in.complete == 0;
}

/* ---- events */

static void stop(int64_t now)
{
    if (ended || finishing) {
        /* asked again: what is written stays, but processors are not waited for */
        for (size_t i = 0; ended && i < nsinks; i++)
            if (sinks[i].kind == LOGSCRIPT_DIR)
                logdir_closing(&sinks[i].dir, 1, now);
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
        for (size_t i = 0; i < nsinks; i++)
            if (sinks[i].kind == LOGSCRIPT_DIR && sinks[i].dir.pid == pid)
                logdir_ended(&sinks[i].dir, wstat, now);
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
            for (size_t i = 0; i < nsinks; i++)
                if (sinks[i].kind == LOGSCRIPT_DIR)
                    logdir_rotate(&sinks[i].dir, now);
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
    logstamp_read(&stamp);
    return !ended && (size_t)n > want / 2;
}

/* ---- the loop */

static void give_back(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (in.end < page)
        madvise(in.buf + page, (in.size - page) / page * page, MADV_DONTNEED);
    for (size_t i = 0; i < nsinks; i++)
        if (sinks[i].buf && !sinks[i].end)
            madvise(sinks[i].buf, sinks[i].size / page * page, MADV_DONTNEED);
    hot = 0;
}

static int busy(void)
{
    for (size_t i = 0; i < nsinks; i++)
        if (sinks[i].kind == LOGSCRIPT_DIR && sinks[i].dir.step != LOGDIR_IDLE)
            return 1;
    return 0;
}

static int64_t next_due(int64_t now)
{
    int64_t due = finishing && !ended ? finish_by : LOGDIR_NEVER;
    if (hot && now + IDLE < due)
        due = now + IDLE;
    for (size_t i = 0; i < nsinks; i++)
        if (sinks[i].kind == LOGSCRIPT_DIR && logdir_due(&sinks[i].dir) < due)
            due = logdir_due(&sinks[i].dir);
    return due;
}

static void on_timeout(int64_t now)
{
    for (size_t i = 0; i < nsinks; i++)
        if (sinks[i].kind == LOGSCRIPT_DIR)
            logdir_tick(&sinks[i].dir, now);
    if (finishing && !ended && finish_by <= now) {
        ended = 1;
        logline_finish(&in);
    }
}

/* The descriptor of standard output if it is waited for, else -1. */
static int out_blocked(void)
{
    for (size_t i = 0; i < nsinks; i++)
        if (sinks[i].kind == LOGSCRIPT_OUT &&
            (direct ? sinks[i].at < in.complete : sinks[i].start < sinks[i].end))
            return sinks[i].fd;
    return -1;
}

static void loop(int sigfd)
{
    int all = 1;
    for (;;) {
        int64_t now = now_ms();
        if (ended && all) {
            for (size_t i = 0; i < nsinks; i++)
                if (sinks[i].kind == LOGSCRIPT_DIR && !sinks[i].dir.closing)
                    logdir_closing(&sinks[i].dir, 0, now);
            if (!busy())
                return;
        }
        int reading = !ended && has_room() && (all || !patient);
        struct pollfd x[3] = {
            {.fd = sigfd, .events = POLLIN},
            {.fd = reading ? 0 : -1, .events = POLLIN},
            {.fd = out_blocked(), .events = POLLOUT},
        };
        int64_t due = next_due(now);
        int timeout = due == LOGDIR_NEVER ? -1 : due <= now ? 0 : (int)(due - now);
        int r = poll(x, 3, timeout);
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
            more = more && has_room() && (all || !patient);
        }
        all = work(now);
    }
}

/* ---- setup */

static void parse(char const *const *argv)
{
    char const *bad;
    size_t n = 0;
    while (argv[n])
        n++;
    script.items = calloc(n + 1, sizeof *script.items);
    script.actions = calloc(n + 1, sizeof *script.actions);
    sinks = calloc(n + 1, sizeof *sinks);
    sink_of = calloc(n + 1, sizeof *sink_of);
    if (!script.items || !script.actions || !sinks || !sink_of)
        strerr_diefu1sys(111, "allocate memory");
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
        strerr_dief1x(100, "no action directive specified");
    }
    if (script.ignored && verbosity)
        strerr_warnw2x("a selector without an action after it is ignored: ", script.ignored);
}

static void open_dir(struct logsink *s, struct logscript_action const *a)
{
    char const *what;
    s->dir = (struct logdir){.path = a->path,
                             .processor = a->processor,
                             .shell = a->shell,
                             .archives = a->archives,
                             .size = a->size,
                             .tolerance = a->tolerance,
                             .retry = a->retry,
                             .period = a->period,
                             .total = a->total,
                             .complain = complain};
    if (logdir_open(&s->dir, now_ms(), &what) < 0) {
        if (errno == EBUSY)
            strerr_diefu4sys(111, "lock ", a->path, "/", what);
        strerr_diefu4sys(111, "open ", a->path, *what ? "/" : "", what);
    }
}

/* A descriptor for standard output that does not block. Other processes write to the same pipe and
   expect that it does, so it is opened anew where that can be. */
static int own_stdout(void)
{
    struct stat st;
    if (fstat(1, &st) == 0 && S_ISFIFO(st.st_mode)) {
        int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0)
            return fd;
    }
    if (ndelay_on(1) < 0)
        strerr_diefu1sys(111, "set standard output to non-blocking mode");
    return 1;
}

/* The sink of an action: one that is there, if it is the same. */
static unsigned int sink_for(struct logscript_action const *a)
{
    for (unsigned int i = 0; i < nsinks; i++)
        if (sinks[i].kind == a->kind && (!a->path || !strcmp(sinks[i].path, a->path))) {
            direct = 0;
            return i;
        }
    struct logsink *s = sinks + nsinks;
    s->kind = a->kind;
    s->path = a->path;
    s->pad = a->status;
    s->fd = a->kind == LOGSCRIPT_OUT ? own_stdout() : 2;
    if (a->kind == LOGSCRIPT_DIR)
        open_dir(s, a);
    return (unsigned int)nsinks++;
}

static void setup_actions(void)
{
    direct = script.n == script.nactions;
    for (size_t i = 0; i < script.nactions; i++) {
        struct logscript_action const *a = script.actions + i;
        size_t n = a->prefix ? strlen(a->prefix) + 1 : 0;
        if (n > overhead)
            overhead = n;
        if (a->tai64n || a->human || a->prefix || a->kind == LOGSCRIPT_ALERT ||
            a->kind == LOGSCRIPT_STATUS)
            direct = 0;
        sink_of[i] = sink_for(a);
    }
    overhead += LOGSTAMP_TAI64N + 1 + LOGSTAMP_HUMAN + 2 + sizeof ALERT + 4;
}

static void setup_buffers(void)
{
    in.size = in.limit > BUFFER / 2 ? in.limit * 2 : BUFFER;
    in.buf = mmap(NULL, in.size + LOGLINE_SLACK(in.size, in.limit), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (in.buf == MAP_FAILED)
        strerr_diefu1sys(111, "allocate memory");
    /* an action may occur several times for a line */
    overhead = (overhead + in.limit) * script.nactions;
    for (size_t i = 0; i < nsinks && !direct; i++)
        if (logsink_reserve(sinks + i, BUFFER * 2 + overhead) < 0)
            strerr_diefu1sys(111, "allocate memory");
}

static int setup_signals(void)
{
    sigset_t set;
    int fd = selfpipe_init();
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGALRM);
    sigaddset(&set, SIGCHLD);
    if (fd < 0 || !selfpipe_trapset(&set) || !sig_ignore(SIGPIPE))
        strerr_diefu1sys(111, "catch signals");
    return fd;
}

static unsigned int options(int argc, char const *const *argv, unsigned int *notif)
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
            patient = 1;
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
    if (l.ind >= argc)
        dieusage();
    return (unsigned int)l.ind;
}

int main(int argc, char const *const *argv)
{
    unsigned int notif = 0;
    int r = 0;
    argv += options(argc, argv, &notif);
    parse(argv);
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
    for (size_t i = 0; i < nsinks; i++)
        if (sinks[i].kind == LOGSCRIPT_DIR && logdir_close(&sinks[i].dir) < 0) {
            strerr_warnwu3sys("close ", sinks[i].path, "/current");
            r = 111;
        }
    return r;
}
