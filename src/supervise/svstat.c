/* svstat: what is a service doing?

   svstat [-uwNrpgest | -o FIELD,...] [-n] SERVICEDIR

   Prints one line for people, or with options the values asked for, separated by blanks, in the
   order asked. Reads SERVICEDIR/supervise/lock (is there a supervisor?), supervise/status, and
   looks whether SERVICEDIR/down exists. Exits 0; 1 no supervisor; 100 wrong usage; 111 system call
   failed.

   The line is that of s6 2.11, which programs parse: the process group, which later versions put
   into it, is to be had by -g only. A service that never ran says "(not started yet)" where the
   exit code would stand. A service whose finish script runs is down and not ready. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sgetopt.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/statedir.h>
#include <cairn/svlock.h>
#include <cairn/svstatus.h>

/* X(name, letter or 0): in the order in which a prefix finds them */
#define FIELDS(X)                                                                                  \
    X(up, 'u')                                                                                     \
    X(wantedup, 'w')                                                                               \
    X(normallyup, 'N')                                                                             \
    X(ready, 'r')                                                                                  \
    X(paused, 0)                                                                                   \
    X(pid, 'p')                                                                                    \
    X(exitcode, 'e')                                                                               \
    X(signal, 's')                                                                                 \
    X(signum, 0)                                                                                   \
    X(updownsince, 0)                                                                              \
    X(readysince, 0)                                                                               \
    X(updownfor, 't')                                                                              \
    X(readyfor, 0)                                                                                 \
    X(pgid, 'g')

#define USAGE                                                                                      \
    "svstat [ -uwNrpgest | -o up,wantedup,normallyup,ready,paused,pid,pgid,exitcode,signal,"       \
    "signum,updownsince,readysince,updownfor,readyfor ] [ -n ] servicedir"

enum field {
#define X(name, letter) FIELD_##name,
    FIELDS(X)
#undef X
        FIELD_COUNT
};

static struct {
    char const *name;
    char letter;
} const fields[] = {
#define X(name, letter) {#name, letter},
    FIELDS(X)
#undef X
};

enum { MAX_FIELDS = 16 };

struct request {
    unsigned char fields[MAX_FIELDS];
    unsigned int n;
    int numeric; /* signals as numbers */
};

struct answer {
    struct svstatus status;
    tain now;
    int normallyup;
};

/* what is printed; 16 time stamps or the longest line fit in */
struct text {
    char s[MAX_FIELDS * (TIMESTAMP + 1) + 1];
    size_t len;
};

char const *PROG = "svstat";

static void put(struct text *t, char const *s)
{
    size_t n = strlen(s);
    if (n > sizeof t->s - t->len)
        n = sizeof t->s - t->len;
    memcpy(t->s + t->len, s, n);
    t->len += n;
}

static void put_number(struct text *t, uint64_t n)
{
    char fmt[UINT64_FMT];
    fmt[uint64_fmt(fmt, n)] = 0;
    put(t, fmt);
}

/* Whole seconds since then; none if the clock was set back. */
static void put_age(struct text *t, struct answer const *a, tain const *then)
{
    tain d = TAIN_ZERO;
    if (tain_less(then, &a->now))
        tain_sub(&d, &a->now, then);
    put_number(t, d.sec.x);
}

static void put_stamp(struct text *t, tain const *stamp)
{
    char fmt[TIMESTAMP + 1];
    fmt[timestamp_fmt(fmt, stamp)] = 0;
    put(t, fmt);
}

static void put_field(struct text *t, enum field f, struct answer const *a)
{
    struct svstatus const *s = &a->status;
    int up = svstatus_is_up(s);
    int exited = !up && WIFEXITED(s->wstat);
    int killed = !up && WIFSIGNALED(s->wstat);
    static char const *const boolean[2] = {"false", "true"};
    switch (f) {
    case FIELD_up:
        put(t, boolean[up]);
        break;
    case FIELD_wantedup:
        put(t, boolean[s->wantup]);
        break;
    case FIELD_normallyup:
        put(t, boolean[a->normallyup]);
        break;
    case FIELD_ready:
        put(t, boolean[s->pid && s->ready]);
        break;
    case FIELD_paused:
        put(t, boolean[s->paused && !svstatus_is_never_started(s)]);
        break;
    case FIELD_pid:
    case FIELD_pgid: /* supervise makes run the leader of its group */
        if (up)
            put_number(t, (uint64_t)s->pid);
        else
            put(t, "-1");
        break;
    case FIELD_exitcode:
        if (exited)
            put_number(t, WEXITSTATUS(s->wstat));
        else
            put(t, "-1");
        break;
    case FIELD_signal:
        if (killed)
            put(t, "SIG");
        put(t, killed ? sig_name(WTERMSIG(s->wstat)) : "NA");
        break;
    case FIELD_signum:
        if (killed)
            put_number(t, WTERMSIG(s->wstat));
        else
            put(t, "-1");
        break;
    case FIELD_updownsince:
        put_stamp(t, &s->stamp);
        break;
    case FIELD_readysince:
        put_stamp(t, &s->readystamp);
        break;
    case FIELD_updownfor:
        put_age(t, a, &s->stamp);
        break;
    case FIELD_readyfor:
        put_age(t, a, &s->readystamp);
        break;
    case FIELD_COUNT:
        break;
    }
}

static void put_line(struct text *t, struct answer const *a, int numeric)
{
    struct svstatus const *s = &a->status;
    int up = svstatus_is_up(s);
    int never = svstatus_is_never_started(s);
    if (up) {
        put(t, "up (pid ");
        put_number(t, (uint64_t)s->pid);
    } else if (never)
        put(t, "down (not started yet");
    else if (WIFSIGNALED(s->wstat)) {
        put(t, "down (signal ");
        put_field(t, numeric ? FIELD_signum : FIELD_signal, a);
    } else {
        put(t, "down (exitcode ");
        put_number(t, WEXITSTATUS(s->wstat));
    }
    put(t, ") ");
    put_age(t, a, &s->stamp);
    put(t, " seconds");
    if (up != a->normallyup)
        put(t, up ? ", normally down" : ", normally up");
    if (s->paused && !never)
        put(t, ", paused");
    if (up != s->wantup)
        put(t, up ? ", want down" : ", want up");
    if (s->ready) {
        put(t, ", ready ");
        put_age(t, a, &s->readystamp);
        put(t, " seconds");
    }
}

static void add_field(struct request *r, enum field f)
{
    if (r->n >= MAX_FIELDS)
        strerr_dief(100, "too many option fields");
    r->fields[r->n++] = (unsigned char)f;
}

/* A field may be cut short; the first in the table that begins so is meant. */
static void add_named(struct request *r, char const *name, size_t len)
{
    char bad[64];
    if (!len)
        strerr_dief(100, "invalid null option field");
    for (unsigned int f = 0; f < FIELD_COUNT; f++)
        if (!strncmp(fields[f].name, name, len)) {
            add_field(r, f);
            return;
        }
    if (len >= sizeof bad)
        len = sizeof bad - 1;
    memcpy(bad, name, len);
    bad[len] = 0;
    strerr_dief(100, "invalid option field: ", bad);
}

static void add_list(struct request *r, char const *list)
{
    while (*list) {
        size_t len = strcspn(list, ",");
        add_named(r, list, len);
        list += len + (list[len] == ',');
    }
}

static char const *options(int argc, char const *const *argv, struct request *r)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "no:uwNrpgest", &l)) != -1;) {
        unsigned int f = 0;
        switch (opt) {
        case 'n':
            r->numeric = 1;
            break;
        case 'o':
            add_list(r, l.arg);
            break;
        default:
            while (f < FIELD_COUNT && fields[f].letter != opt)
                f++;
            if (f == FIELD_COUNT)
                strerr_dieusage(100, USAGE);
            add_field(r, f);
        }
    }
    if (l.ind >= argc)
        strerr_dieusage(100, USAGE);
    return argv[l.ind];
}

/* Reads everything about dir. Dies on failure. */
static void look(char const *dir, struct answer *a)
{
    char buf[PATH_MAX];
    int fd = openat(AT_FDCWD, statedir_map(dir, buf, sizeof buf), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        strerr_diefusys(111, "check ", dir);
    pid_t pid = fd < 0 ? 0 : svlock_owner(fd, SVLOCK_SERVICE);
    if (pid < 0)
        strerr_diefusys(111, "check ", dir);
    if (!pid)
        strerr_diefu(1, "read status for ", dir, ": supervise not running");
    if (svstatus_read(fd, ".", &a->status) < 0) {
        if (errno == EPROTO)
            strerr_diefu(111, "read status for ", dir, ": supervise/status is damaged");
        strerr_diefusys(111, "read status for ", dir);
    }
    a->normallyup = faccessat(fd, "down", F_OK, 0) < 0;
    if (a->normallyup && errno != ENOENT)
        strerr_diefusys(111, "access ", dir, "/down");
    if (!tain_wallclock_read(&a->now))
        strerr_diefusys(111, "read the clock");
}

int main(int argc, char const *const *argv)
{
    struct request r = {.n = 0};
    struct answer a;
    struct text t = {.len = 0};
    char const *dir = options(argc, argv, &r);
    look(dir, &a);
    for (unsigned int i = 0; i < r.n; i++) {
        if (i)
            put(&t, " ");
        put_field(&t, r.fields[i], &a);
    }
    if (!r.n)
        put_line(&t, &a, r.numeric);
    put(&t, "\n");
    if (allwrite(1, t.s, t.len) < t.len)
        strerr_diefusys(111, "write to standard output");
    return 0;
}
