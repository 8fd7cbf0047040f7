/* ftrig-notify: sends events to all who listen in a fifodir.

   ftrig-notify DIR EVENTS

   Each byte of EVENTS is an event. Every listener gets all of them in one write; listeners that
   have died are removed, and one whose pipe is full misses them. Nothing is stored.
   Exits 0, also when nobody listens; 100 wrong usage; 111 DIR cannot be read. */

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/fifodir.h>
#include <cairn/statedir.h>

#define USAGE      "ftrig-notify fifodir message"
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "ftrig-notify";

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    subgetopt l = SUBGETOPT_ZERO;
    if (subgetopt_r(argc, argv, "", &l) != -1 || argc - l.ind < 2)
        dieusage();
    if (argc - l.ind > 2)
        strerr_warnw("too many arguments: ignoring ", argv[l.ind + 2], " and what follows");
    argv += l.ind;
    char const *dir = statedir_map(argv[0], buf, sizeof buf);
    signal(SIGPIPE, SIG_IGN);
    if (fifodir_notify(AT_FDCWD, dir, argv[1], strlen(argv[1])) < 0)
        strerr_diefusys(111, "notify ", dir);
    return 0;
}
