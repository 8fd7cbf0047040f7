/* softlimit: runs a program with other resource limits.

   softlimit [-h | -H] [-LETTER N|=]... PROG ARG...
   Options are done in their order: -h and -H hold for those behind them. Without them the soft
   limit is set, to the hard one at most; -h sets the hard limit, -H both. = means the most there
   can be: the hard limit for the soft one, none at all for the hard one. */

#include <sys/resource.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

char const *PROG = "softlimit";
#define USAGE                                                                                      \
    "softlimit [ -h | -H ] [ -a mem ] [ -c core ] [ -d data ] [ -f filesize ] [ -l locked ] "      \
    "[ -m allmem ] [ -o files ] [ -p processes ] [ -P rtprio ] [ -r resident ] [ -s stack ] "      \
    "[ -t seconds ] prog..."
#define dieusage() strerr_dieusage(100, USAGE)

enum which { SOFT, HARD, BOTH };

/* -m is four lines: all that bounds memory for sure */
static struct {
    char letter;
    int resource;
    char const *what;
} const limits[] = {
    {'a', RLIMIT_AS, "address space"},
    {'c', RLIMIT_CORE, "core files"},
    {'d', RLIMIT_DATA, "data"},
    {'f', RLIMIT_FSIZE, "file size"},
    {'l', RLIMIT_MEMLOCK, "locked memory"},
    {'m', RLIMIT_DATA, "data"},
    {'m', RLIMIT_STACK, "stack"},
    {'m', RLIMIT_MEMLOCK, "locked memory"},
    {'m', RLIMIT_AS, "address space"},
    {'o', RLIMIT_NOFILE, "open files"},
    {'p', RLIMIT_NPROC, "processes"},
    {'P', RLIMIT_RTPRIO, "real-time priority"},
    {'r', RLIMIT_RSS, "resident memory"},
    {'s', RLIMIT_STACK, "stack"},
    {'t', RLIMIT_CPU, "processor time"},
};

static void set(int resource, char const *what, enum which which, char const *value, rlim_t n)
{
    static char const *const kind[] = {
        [SOFT] = "the soft limit of ", [HARD] = "the hard limit of ", [BOTH] = "both limits of "};
    struct rlimit r;
    if (getrlimit(resource, &r) < 0)
        strerr_diefu2sys(111, "read the limit of ", what);
    if (which == SOFT)
        r.rlim_cur = n > r.rlim_max ? r.rlim_max : n;
    else {
        r.rlim_max = n;
        if (which == BOTH)
            r.rlim_cur = n;
    }
    if (which == HARD && r.rlim_cur > n)
        strerr_dief4x(111, "the hard limit of ", what,
                      " cannot be below the soft one (-H sets both): ", value);
    if (setrlimit(resource, &r) < 0)
        strerr_diefu5sys(111, "set ", kind[which], what, " to ", value);
}

static void set_all(char letter, enum which which, char const *value)
{
    char const option[] = {letter, 0};
    uint64_t n = 0;
    int const most = value[0] == '=' && !value[1];
    if (!most && !uint640_scan(value, &n))
        strerr_dief4x(100, "neither a number nor =: ", value, " of -", option);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].letter == letter)
            set(limits[i].resource, limits[i].what, which, value, most ? RLIM_INFINITY : (rlim_t)n);
}

int main(int argc, char const *const *argv)
{
    subgetopt l = SUBGETOPT_ZERO;
    enum which which = SOFT;
    for (;;) {
        int opt = subgetopt_r(argc, argv, "hHa:c:d:f:l:m:o:p:P:r:s:t:", &l);
        if (opt < 0)
            break;
        if (opt == '?' || opt == ':')
            dieusage();
        if (opt == 'h' || opt == 'H')
            which = opt == 'h' ? HARD : BOTH;
        else
            set_all((char)opt, which, l.arg);
    }
    argc -= l.ind;
    argv += l.ind;
    if (!argc)
        dieusage();
    xexec(argv);
}
