/* permafailon: gives a service up that dies too often.

   permafailon SECONDS DEATHS LIST [PROG...]

   Meant for finish scripts; the working directory is the service directory. Reads
   supervise/death_tally. If the service died at least DEATHS times in the last SECONDS in one of
   the ways of LIST, says so and exits 125, which tells supervise not to start it again. Otherwise
   becomes PROG, or exits 0 if there is none.

   LIST: exit codes (0 to 255), intervals of them (1-50), and signals (SIGTERM, term, sig15),
   separated by commas, semicolons or blanks. A death by signal N also counts as exit code 128 + N.

   A tally that is absent, damaged or not to be read never hinders PROG: a warning tells.
   Exits 125; 0; 100 wrong usage or list; 111 system call failed; 126, 127 PROG could not be
   executed. No options: the first argument is a number. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include <skalibs/exec.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>
#include <skalibs/tai.h>
#include <skalibs/types.h>

#include <cairn/svtally.h>

#define USAGE      "permafailon seconds deathcount statuslist prog..."
#define SEPARATORS ",; \t\r\n"
#define DIGITS     "0123456789"

enum { EXIT_CODES = 256, EXIT_PERMANENT = 125 };

struct ways {
    unsigned char code[EXIT_CODES];
    unsigned char sig[NSIG];
};

char const *PROG = "permafailon";

static struct svdeath deaths[SVTALLY_MAX];

/* The exit code at *s, which goes behind it. Dies on failure. */
static unsigned int code_at(char const **s, char const *what)
{
    unsigned int n = 0;
    size_t len = strspn(*s, DIGITS);
    if (!len)
        strerr_dief(100, what);
    for (size_t i = 0; i < len; i++) {
        n = n * 10 + (unsigned int)((*s)[i] - '0');
        if (n >= EXIT_CODES)
            strerr_dief(100, "invalid exit code");
    }
    *s += len;
    return n;
}

static void add_codes(struct ways *w, char const **s)
{
    unsigned int first = code_at(s, "invalid status list specification"), last = first;
    if (**s == '-') {
        ++*s;
        last = code_at(s, "invalid interval specification");
        if (last < first)
            strerr_dief(100, "invalid interval");
    }
    while (first <= last)
        w->code[first++] = 1;
}

/* A signal's name, with or without SIG, or SIG and its number. */
static void add_signal(struct ways *w, char const **s)
{
    char name[16];
    unsigned int n = 0;
    int sig = 0;
    size_t len = strcspn(*s, SEPARATORS);
    if (!len || len >= sizeof name)
        strerr_dief(100, "invalid status list specification");
    memcpy(name, *s, len);
    name[len] = 0;
    if (!strncasecmp(name, "SIG", 3) && uint0_scan(name + 3, &n)) {
        if (!n || n >= NSIG)
            strerr_dief(100, "invalid signal");
        sig = (int)n;
    } else if (!sig0_scan(name, &sig) || sig <= 0 || sig >= NSIG)
        strerr_dief(100, "invalid status list specification");
    w->sig[sig] = 1;
    *s += len;
}

static void parse(struct ways *w, char const *s)
{
    while (*s) {
        if (strspn(s, DIGITS))
            add_codes(w, &s);
        else
            add_signal(w, &s);
        if (*s && !strchr(SEPARATORS, *s))
            strerr_dief(100, "invalid status list specification");
        s += strspn(s, SEPARATORS);
    }
}

/* The death, counted from the oldest since then, that makes it count deaths of these ways; or NULL.
 */
static struct svdeath const *nth_death(struct ways const *w, tain const *since, unsigned int count)
{
    ssize_t n = svtally_read(AT_FDCWD, ".", deaths, SVTALLY_MAX);
    if (n < 0) {
        if (errno == EPROTO)
            strerr_warnw("invalid " SVTALLY_FILE);
        else
            strerr_warnwusys(errno == ENOENT ? "stat " : "read ", SVTALLY_FILE);
        return NULL;
    }
    for (ssize_t i = 0; i < n; i++) {
        struct svdeath const *d = deaths + i;
        if (!tain_less(&d->stamp, since) &&
            (w->code[d->exitcode] || (d->sig < NSIG && w->sig[d->sig])) && !--count)
            return d;
    }
    return NULL;
}

/* In the words of s6, which scripts look for in logs. */
static void announce(struct svdeath const *d, char const *count, char const *seconds)
{
    char n[UINT_FMT];
    n[uint_fmt(n, d->sig ? d->sig : d->exitcode)] = 0;
    strerr_warni("PERMANENT FAILURE triggered after ", count, " events involving ",
                 d->sig ? "signal " : "exit code ", n, " in the last ", seconds, " seconds");
}

int main(int argc, char const *const *argv)
{
    struct ways w = {.code = {0}};
    unsigned int seconds, count;
    tain now, span, since;
    if (argc < 4 || !uint0_scan(argv[1], &seconds) || !uint0_scan(argv[2], &count) || !count)
        strerr_dieusage(100, USAGE);
    parse(&w, argv[3]);
    if (!tain_wallclock_read(&now))
        strerr_diefusys(111, "read the clock");
    tain_uint(&span, seconds);
    tain_sub(&since, &now, &span);
    struct svdeath const *d = nth_death(&w, &since, count);
    if (d) {
        announce(d, argv[2], argv[1]);
        return EXIT_PERMANENT;
    }
    if (argv[4])
        xexec(argv + 4);
    return 0;
}
