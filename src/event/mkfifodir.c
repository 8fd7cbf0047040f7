/* mkfifodir: makes a fifodir, a directory in which events can be heard.

   mkfifodir [-f] [-g GID] DIR

   Without -g anybody may listen (mode 1733), with it only the members of the group (3730). A DIR of
   the caller that exists is left as it is, unless -f is given: then it gets these permissions too.
   Exits 0; 100 wrong usage; 111 DIR cannot be made, or is no directory or not the caller's. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/fifodir.h>
#include <cairn/statedir.h>

#define USAGE      "mkfifodir [ -f ] [ -g gid ] fifodir"
#define dieusage() strerr_dieusage(100, USAGE)

char const *PROG = "mkfifodir";

struct options {
    gid_t gid;
    int force;
};

static int options(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "fg:", &l)) != -1;)
        switch (opt) {
        case 'f':
            o->force = 1;
            break;
        case 'g':
            /* the largest number means "no group" to the kernel */
            if (!gid0_scan(l.arg, &o->gid) || o->gid == (gid_t)-1)
                dieusage();
            break;
        default:
            dieusage();
        }
    if (argc - l.ind < 1)
        dieusage();
    if (argc - l.ind > 1)
        strerr_warnw("too many arguments: ignoring ", argv[l.ind + 1], " and what follows");
    return l.ind;
}

/* Did it fail because of its owner? errno is kept. */
static int is_anothers(char const *dir)
{
    struct stat st;
    int e = errno;
    int r = e == EACCES && !stat(dir, &st) && st.st_uid != geteuid();
    errno = e;
    return r;
}

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    struct options o = {.gid = (gid_t)-1};
    argv += options(argc, argv, &o);
    char const *dir = statedir_map(argv[0], buf, sizeof buf);
    if (fifodir_make(AT_FDCWD, dir, o.gid, o.force) < 0)
        strerr_diefusys(111, "create fifodir at ", dir,
                        is_anothers(dir) ? " (it must belong to the caller)" : "");
    return 0;
}
