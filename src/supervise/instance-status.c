/* instance-status: what is an instance of an instanced service doing?

   instance-status [OPTION...] SERVICEDIR NAME

   Becomes svstat with the same options on SERVICEDIR/instance/NAME: saves the user from knowing
   where instances lie. Exits as svstat; 100 wrong usage; 126, 127 svstat could not be executed. */

#include <limits.h>

#include <skalibs/strerr.h>

#include <cairn/instance.h>
#include <cairn/sclink.h>

#define USAGE "instance-status [ -uwNrpgest | -o field,... ] [ -n ] servicedir name"

char const *PROG = "instance-status";

int main(int argc, char const *const *argv)
{
    char file[PATH_MAX];
    char const *what, *object;
    int operands = instance_options(argc, argv, "no:uwNrpgest");
    if (operands < 0)
        strerr_dieusage(100, USAGE);
    if (!sclink_is_name(argv[operands + 1]))
        strerr_dief(100, "invalid instance name: '", argv[operands + 1], SCLINK_NO_NAME);
    int code = instance_exec("svstat", argv, operands, file, &what, &object);
    strerr_diefusys(code, what, object);
}
