/* instance-control: sends commands to an instance of an instanced service, and waits.

   instance-control [OPTION...] SERVICEDIR NAME

   Becomes svc with the same options on SERVICEDIR/instance/NAME: saves the user from knowing where
   instances lie. Exits as svc; 100 wrong usage; 126, 127 svc could not be executed. */

#include <limits.h>

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
    int operands = instance_options(argc, argv, "abqhkti12pcyroduDUxOQlPCKw:T:s:");
    if (operands < 0)
        strerr_dieusage(100, USAGE);
    if (!sclink_is_name(argv[operands + 1]))
        strerr_dief(100, "invalid instance name: '", argv[operands + 1], SCLINK_NO_NAME);
    int code = instance_exec("svc", argv, operands, file, &what, &object);
    strerr_diefusys(code, what, object);
}
