/* svlisten1: starts a program when it is listening to a service, and waits for a state of it.

   svlisten1 [-u | -U | -d | -D | -r | -R] [-t MS] SERVICEDIR PROG ARG...

   Makes a listener in SERVICEDIR/event, which it never creates, reads the status, starts PROG,
   which it does not wait for, and then waits in-process as svwait does (svwatch.h). So nothing that
   PROG does to the service is missed.

   Exits 0; 1 the service that should come up failed for good; 99 timed out; 100 wrong usage; 102
   the supervisor is not running or died; 111 system call failed or PROG cannot be started. */

#include <limits.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/spawnprog.h>
#include <cairn/statedir.h>
#include <cairn/svwatchproc.h>

#define USAGE      "svlisten1 [ -U | -u | -d | -D | -r | -R ] [ -t timeout ] servicedir prog..."
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "svlisten1";

static struct svwatch watch;

struct options {
    enum svwatch_goal goal;
    unsigned int timeout;
};

static int options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "uUdDrRt:", &l)) != -1;)
        switch (opt) {
        case 't':
            if (!uint0_scan(l.arg, &o->timeout))
                dieusage();
            break;
        default:
            if (!svwatchproc_goal(opt, &o->goal))
                dieusage();
        }
    if (argc - l.ind < 2)
        dieusage();
    return l.ind;
}

/* Subscribes, starts the program, waits. */
static enum svwatch_result run(char const *const *argv, int64_t deadline)
{
    svwatchproc_prepare(&watch);
    enum svwatch_result r = svwatch_listen(&watch);
    if (r != SVWATCH_PENDING)
        return r;
    if (spawnprog(argv) < 0) {
        svwatch_end(&watch);
        strerr_diefusys(111, "spawn ", argv[0]);
    }
    return svwatch_wait(&watch, deadline);
}

static void report(enum svwatch_result r)
{
    char why[PATH_MAX + 128];
    svwatch_explain(&watch, r, why, sizeof why);
    svwatch_end(&watch);
    if (r != SVWATCH_REACHED)
        strerr_dief(svwatch_exitcode(&watch, r), why);
}

int main(int argc, char const *const *argv)
{
    static struct svwatch_service service;
    char buf[PATH_MAX];
    struct options o = {.goal = SVWATCH_UP};
    argv += options(argc, argv, &o);
    int64_t deadline = svwatch_deadline(o.timeout);
    service.dir = statedir_map(argv[0], buf, sizeof buf);
    service.goal = o.goal;
    watch.services = &service;
    watch.n = 1;
    report(run(argv + 1, deadline));
    return 0;
}
