/* svunlink: takes a service out of a live scan directory.

   svunlink [-X] [-t MS] SCANDIR NAME

   Removes the symbolic link SCANDIR/NAME, tells svscan, which stops the service, its logger and
   their supervisors, and waits until these have ended (sclink.h); with -X it does not wait.

   It is a destructor: exits 0 whenever the link is gone, also when there was none, no svscan runs,
   or MS milliseconds were not enough. 100 wrong usage, or NAME is no symbolic link; 111 system call
   failed. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include <skalibs/strerr.h>

#include <cairn/sclink.h>
#include <cairn/sclinkopt.h>
#include <cairn/statedir.h>

#define USAGE "svunlink [ -X ] [ -t timeout ] scandir name"

char const *PROG = "svunlink";

int main(int argc, char const *const *argv)
{
    char buf[PATH_MAX];
    struct sclink s = {.name = NULL};
    int operands = sclinkopt(&s, argc, argv, SCLINKOPT_REMOVE);
    if (operands < 0)
        strerr_dieusage(100, USAGE);
    argv += operands;
    s.name = argv[1];
    if (!sclink_is_name(s.name))
        strerr_dief(100, "invalid service name: '", s.name, SCLINK_NO_NAME);
    s.scanfd = open(statedir_map(argv[0], buf, sizeof buf), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s.scanfd < 0 && errno == ENOENT)
        return 0;
    if (s.scanfd < 0)
        strerr_diefusys(111, "open ", argv[0]);
    if (sclink_remove(&s) != SCLINK_ERROR)
        return 0;
    if (errno == ENOTSUP)
        strerr_dief(100, argv[0], "/", s.name, " is not a symbolic link");
    strerr_diefusys(111, s.what, argv[0], "/", s.name);
}
