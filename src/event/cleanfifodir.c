/* cleanfifodir: removes from a fifodir the listeners that have died.

   cleanfifodir DIR

   A listener is a FIFO that its process should have removed; if nobody reads it, it is removed
   here. Everything else stays. Exits 0; 100 wrong usage; 111 DIR cannot be read. */

#include <fcntl.h>
#include <limits.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/fifodir.h>
#include <cairn/statedir.h>

#define USAGE      "cleanfifodir fifodir"
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "cleanfifodir";

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    subgetopt l = SUBGETOPT_ZERO;
    if (subgetopt_r(argc, argv, "", &l) != -1 || argc - l.ind < 1)
        dieusage();
    if (argc - l.ind > 1)
        strerr_warnw("too many arguments: ignoring ", argv[l.ind + 1], " and what follows");
    char const *dir = statedir_map(argv[l.ind], buf, sizeof buf);
    if (fifodir_clean(AT_FDCWD, dir) < 0)
        strerr_diefusys(111, "clean up fifodir at ", dir);
    return 0;
}
