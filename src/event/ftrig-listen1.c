/* ftrig-listen1: starts a program when it is listening in a fifodir, and waits for the events.

   ftrig-listen1 [-t MS] DIR REGEXP PROG ARG...

   Makes a listener in DIR, starts PROG, which it does not wait for, and hears in-process what comes
   until the extended REGEXP is found in it (fifomatch.h). Then prints the byte that completed the
   match and a newline. So events that PROG causes are never missed. The listener is removed at the
   end, also when a signal ends the wait.
   Exits 0; 1 timed out; 100 wrong usage; 111 system call failed, DIR is missing, REGEXP is bad, or
   PROG cannot be started. */

#include <limits.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/fifowait.h>
#include <cairn/onend.h>
#include <cairn/spawnprog.h>
#include <cairn/statedir.h>
#include <cairn/svwatch.h>

#define USAGE      "ftrig-listen1 [ -t timeout ] fifodir regexp prog..."
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "ftrig-listen1";

static struct fifowait_sub sub;
static struct pollfd polled;
static struct fifowait watch = {.subs = &sub, .polls = &polled, .n = 1};

static int options(int argc, char const *const *argv, unsigned int *timeout)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "t:", &l)) != -1;)
        if (opt != 't' || !uint0_scan(l.arg, timeout))
            dieusage();
    if (argc - l.ind < 3)
        dieusage();
    return l.ind;
}

static void end(void *w)
{
    fifowait_end(w);
}

static void subscribe(void)
{
    size_t culprit;
    onend_call(end, &watch);
    if (fifowait_listen(&watch, &culprit) < 0)
        strerr_diefusys(111, "subscribe to ", sub.dir, " with regexp ", sub.regex);
}

static void start(char const *const *argv)
{
    if (spawnprog(argv) < 0) {
        fifowait_end(&watch);
        strerr_diefusys(111, "spawn ", argv[0]);
    }
}

static void print_event(void)
{
    char line[2] = {(char)sub.event, '\n'};
    if (allwrite(1, line, sizeof line) < sizeof line)
        strerr_diefusys(111, "write to standard output");
}

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    unsigned int timeout = 0;
    argv += options(argc, argv, &timeout);
    int64_t deadline = svwatch_deadline(timeout);
    sub.dir = statedir_map(argv[0], buf, sizeof buf);
    sub.regex = argv[1];
    subscribe();
    start(argv + 2);
    int r = fifowait_wait(&watch, deadline);
    fifowait_end(&watch);
    if (r < 0)
        strerr_diefusys(111, "listen to ", sub.dir);
    if (!r)
        strerr_dief(1, "timed out waiting for ", sub.regex, " in ", sub.dir);
    print_event();
    return 0;
}
