/* svwait: waits until services are up, down, or have been restarted.

   svwait [-u | -U | -d | -D | -r | -R] [-a | -o] [-W] [-t MS] SERVICEDIR...

   First reads the status of each SERVICEDIR, and that is all if the state is reached already.
   Otherwise it makes a listener in each SERVICEDIR/event, which it never creates, and waits for
   what supervise announces there and for the death of the supervisors. No helper process, no
   polling; see svwatch.h.

   Exits 0; n, if n services that should come up failed for good; 99 timed out; 100 wrong usage; 102
   a supervisor is not running or died; 111 system call failed. */

#include <limits.h>
#include <stdlib.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/svwatchproc.h>

#define USAGE                                                                                      \
    "svwait [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -W ] [ -t timeout ] servicedir..."

char const *PROG = "svwait";

static struct svwatch watch;

struct options {
    enum svwatch_goal goal;
    unsigned int timeout;
};

static int options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "uUdDrRaoWt:", &l)) != -1;)
        switch (opt) {
        case 'a':
            watch.any = 0;
            break;
        case 'o':
            watch.any = 1;
            break;
        case 'W':
            watch.patient = 1;
            break;
        case 't':
            if (!uint0_scan(l.arg, &o->timeout))
                strerr_dieusage(100, USAGE);
            break;
        default:
            if (!svwatchproc_goal(opt, &o->goal))
                strerr_dieusage(100, USAGE);
        }
    if (l.ind >= argc)
        strerr_dieusage(100, USAGE);
    return l.ind;
}

int main(int argc, char const *const *argv)
{
    static struct svwatch_service few[SVWATCHPROC_FEW];
    char why[PATH_MAX + 128];
    struct options o = {.goal = SVWATCH_UP};
    argv += options(argc, argv, &o);
    int64_t deadline = svwatch_deadline(o.timeout);
    while (argv[watch.n])
        watch.n++;
    watch.services = watch.n <= SVWATCHPROC_FEW ? few : calloc(watch.n, sizeof *few);
    if (!watch.services)
        strerr_diefusys(111, "allocate memory");
    for (size_t i = 0; i < watch.n; i++)
        if (svwatchproc_set(watch.services + i, argv[i], o.goal) < 0)
            strerr_diefusys(111, "allocate memory");
    if (svwatch_look(&watch) == SVWATCH_REACHED)
        return 0;
    svwatchproc_prepare(&watch);
    enum svwatch_result r = svwatch_listen(&watch);
    if (r == SVWATCH_PENDING)
        r = svwatch_wait(&watch, deadline);
    svwatch_explain(&watch, r, why, sizeof why);
    svwatch_end(&watch);
    if (r != SVWATCH_REACHED)
        strerr_dief(svwatch_exitcode(&watch, r), why);
    return 0;
}
