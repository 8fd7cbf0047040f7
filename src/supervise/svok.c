/* svok: is a service directory supervised?

   svok SERVICEDIR

   Exits 0 if a supervise runs on SERVICEDIR, 1 if none does, also where there is no such directory.
   Reads nothing but the lock of SERVICEDIR/supervise/lock. Like s6-svok it has no options and looks
   at its first argument only, whatever that begins with. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include <skalibs/strerr.h>

#include <cairn/statedir.h>
#include <cairn/svlock.h>

#define USAGE "svok servicedir"

char const *PROG = "svok";

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    if (argc < 2)
        strerr_dieusage(100, USAGE);
    char const *dir = statedir_map(argv[1], buf, sizeof buf);
    int fd = openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    pid_t pid = fd < 0 ? errno == ENOENT ? 0 : -1 : svlock_owner(fd, SVLOCK_SERVICE);
    if (pid < 0)
        strerr_diefusys(111, "check ", argv[1]);
    return !pid;
}
