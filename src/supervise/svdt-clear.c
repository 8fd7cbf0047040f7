/* svdt-clear: forgets the deaths of a service.

   svdt-clear SERVICEDIR

   Makes SERVICEDIR/supervise/death_tally empty, also when it is damaged or absent: svdt has nothing
   to print then, and permafailon counts from now on. Exits 0; 100 wrong usage; 111 system call
   failed. */

#include <fcntl.h>
#include <limits.h>

#include <skalibs/strerr.h>

#include <cairn/statedir.h>
#include <cairn/svtally.h>

#define USAGE "svdt-clear servicedir"

char const *PROG = "svdt-clear";

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    if (argc < 2)
        strerr_dieusage(100, USAGE);
    int fd =
        openat(AT_FDCWD, statedir_map(argv[1], buf, sizeof buf), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || svtally_clear(fd) < 0)
        strerr_diefusys(111, "clear death tally for service ", argv[1]);
    return 0;
}
