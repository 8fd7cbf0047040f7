/* svlisten: starts a program when it is listening to services, and waits for their states.

   svlisten [-u | -U | -d | -D | -r | -R] [-a | -o] [-t MS] SERVICEDIR ... "" PROG ARG...

   Makes a listener in each SERVICEDIR/event, which it never creates, reads the status, starts PROG,
   which it does not wait for, and then waits in-process as svwait does (svwatch.h). So nothing that
   PROG does to the services is missed. The SERVICEDIRs are a block as execline writes it
   (argblock.h).

   Exits 0; n, if n services that should come up failed for good; 99 timed out; 100 wrong usage; 102
   a supervisor is not running or died; 111 system call failed or PROG cannot be started. */

#include <limits.h>
#include <stdlib.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/argblock.h>
#include <cairn/spawnprog.h>
#include <cairn/svwatchproc.h>

#define USAGE                                                                                      \
    "svlisten [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir... \"\" "      \
    "prog..."
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "svlisten";

static struct svwatch watch;

struct options {
    enum svwatch_goal goal;
    unsigned int timeout;
};

static int options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "uUdDrRaot:", &l)) != -1;)
        switch (opt) {
        case 'a':
            watch.any = 0;
            break;
        case 'o':
            watch.any = 1;
            break;
        case 't':
            if (!uint0_scan(l.arg, &o->timeout))
                dieusage();
            break;
        default:
            if (!svwatchproc_goal(opt, &o->goal))
                dieusage();
        }
    return l.ind;
}

/* Takes the directories of the block. Returns the number of its words. */
static size_t read_block(char const *const *argv, enum svwatch_goal goal)
{
    static struct svwatch_service few[SVWATCHPROC_FEW];
    if (argblock_size(argv, &watch.n) < 0 || !watch.n || !argv[watch.n + 1])
        dieusage();
    watch.services = watch.n <= SVWATCHPROC_FEW ? few : calloc(watch.n, sizeof *few);
    if (!watch.services)
        strerr_diefusys(111, "allocate memory");
    for (size_t i = 0; i < watch.n; i++)
        if (svwatchproc_set(watch.services + i, argblock_word(argv[i]), goal) < 0)
            strerr_diefusys(111, "allocate memory");
    return watch.n;
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
    struct options o = {.goal = SVWATCH_UP};
    argv += options(argc, argv, &o);
    int64_t deadline = svwatch_deadline(o.timeout);
    argv += read_block(argv, o.goal) + 1;
    if (watch.any && (o.goal == SVWATCH_RESTARTED || o.goal == SVWATCH_RESTARTED_READY)) {
        strerr_warnw("-o is unsupported when combined with -r or -R: using -a instead");
        watch.any = 0;
    }
    report(run(argv, deadline));
    return 0;
}
