/* instance-control: sends commands to an instance of an instanced service, and waits.

   instance-control [OPTION...] SERVICEDIR NAME

   Becomes svc with the same options on SERVICEDIR/instance/NAME: saves the user from knowing where
   instances lie. Exits as svc; 100 wrong usage; 126, 127 svc could not be executed. */

#include <limits.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/instance.h>
#include <cairn/sclink.h>

#define USAGE                                                                                      \
    "instance-control [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] [ -s signal ] [ "       \
    "-abqhkti12pcyroduDUxOQlPCK ] servicedir name"

char const *PROG = "instance-control";

int main(int argc, char const *const *argv)
{
    char file[PATH_MAX];
    char const *what, *object;
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "abqhkti12pcyroduDUxOQlPCKw:T:s:", &l)) != -1;)
        if (opt == '?')
            strerr_dieusage(100, USAGE);
    if (argc - l.ind < 2)
        strerr_dieusage(100, USAGE);
    if (!sclink_is_name(argv[l.ind + 1]))
        strerr_dief(100, "invalid instance name");
    int code = instance_exec("svc", argv, l.ind, file, &what, &object);
    strerr_diefusys(code, what, object);
}
