/* ftrig-listen: starts a program when it is listening in fifodirs, and waits for the events.

   ftrig-listen [-a | -o] [-t MS] DIR REGEXP ... "" PROG ARG...

   Makes a listener in each DIR, starts PROG, which it does not wait for, and hears in-process what
   comes until each extended REGEXP (-o: one of them) has been found in the events of its DIR
   (fifomatch.h). Prints nothing. The pairs are a block as execline writes it (argblock.h). The
   listeners are removed at the end, also when a signal ends the wait.
   Exits 0; 1 timed out; 100 wrong usage; 111 system call failed, a DIR is missing, a REGEXP is bad,
   or PROG cannot be started. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/argblock.h>
#include <cairn/fifowait.h>
#include <cairn/onend.h>
#include <cairn/spawnprog.h>
#include <cairn/statedir.h>
#include <cairn/svwatch.h>

#define USAGE      "ftrig-listen [ -a | -o ] [ -t timeout ] fifodir1 regexp1 ... \"\" prog..."
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "ftrig-listen";

static struct fifowait watch;

static int options(int argc, char const *const *argv, unsigned int *timeout)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "aot:", &l)) != -1;)
        switch (opt) {
        case 'a':
            watch.any = 0;
            break;
        case 'o':
            watch.any = 1;
            break;
        case 't':
            if (!uint0_scan(l.arg, timeout))
                dieusage();
            break;
        default:
            dieusage();
        }
    return l.ind;
}

static char const *directory(char const *name)
{
    char buf[PATH_MAX];
    char const *mapped = statedir_map(name, buf, sizeof buf);
    if (mapped == buf)
        mapped = strdup(buf);
    if (!mapped)
        strerr_diefusys(111, "allocate memory");
    return mapped;
}

/* Takes the pairs of the block. Returns the number of its words. */
static size_t read_block(char const *const *argv)
{
    size_t n;
    if (argblock_size(argv, &n) < 0 || !n || n % 2 || !argv[n + 1])
        dieusage();
    watch.n = n / 2;
    watch.subs = calloc(watch.n, sizeof *watch.subs);
    watch.polls = calloc(watch.n, sizeof *watch.polls);
    if (!watch.subs || !watch.polls)
        strerr_diefusys(111, "allocate memory");
    for (size_t i = 0; i < watch.n; i++) {
        watch.subs[i].dir = directory(argblock_word(argv[2 * i]));
        watch.subs[i].regex = argblock_word(argv[2 * i + 1]);
    }
    return n;
}

static void end(void *w)
{
    fifowait_end(w);
}

static void subscribe(void)
{
    size_t culprit;
    onend_call(end, &watch);
    if (fifowait_listen(&watch, &culprit) < 0) {
        fifowait_end(&watch);
        strerr_diefusys(111, "subscribe to ", watch.subs[culprit].dir, " with regexp ",
                        watch.subs[culprit].regex);
    }
}

static void start(char const *const *argv)
{
    if (spawnprog(argv) < 0) {
        fifowait_end(&watch);
        strerr_diefusys(111, "spawn ", argv[0]);
    }
}

/* The first that has not been heard: for the message. */
static struct fifowait_sub const *missing(void)
{
    size_t i = 0;
    while (i < watch.n - 1 && watch.subs[i].event)
        i++;
    return watch.subs + i;
}

int main(int argc, char const *const *argv)
{
    unsigned int timeout = 0;
    argv += options(argc, argv, &timeout);
    int64_t deadline = svwatch_deadline(timeout);
    argv += read_block(argv) + 1;
    subscribe();
    start(argv);
    int r = fifowait_wait(&watch, deadline);
    fifowait_end(&watch);
    if (r < 0)
        strerr_diefusys(111, "listen to the fifodirs");
    if (!r)
        strerr_dief(1, "timed out waiting for ", missing()->regex, " in ", missing()->dir);
    return 0;
}
