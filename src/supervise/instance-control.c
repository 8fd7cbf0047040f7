/* instance-control: sends commands to an instance of an instanced service, and waits.

   instance-control [OPTION...] SERVICEDIR NAME

   Becomes svc with the same options on SERVICEDIR/instance/NAME: saves the user from knowing where
   instances lie. Exits as svc; 100 wrong usage; 126, 127 svc could not be executed. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>

#include <cairn/instance.h>
#include <cairn/sclink.h>
#include <cairn/sibling.h>

#define USAGE                                                                                      \
    "instance-control [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] [ -s signal ] [ "       \
    "-abqhkti12pcyroduDUxOQlPCK ] servicedir name"

char const *PROG = "instance-control";

int main(int argc, char const *const *argv)
{
    char path[PATH_MAX], program[PATH_MAX];
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, "abqhkti12pcyroduDUxOQlPCKw:T:s:", &l)) != -1;)
        if (opt == '?')
            strerr_dieusage(100, USAGE);
    if (argc - l.ind < 2)
        strerr_dieusage(100, USAGE);
    if (!sclink_is_name(argv[l.ind + 1]))
        strerr_dief(100, "invalid instance name");
    if (!instance_path(path, sizeof path, argv[l.ind], argv[l.ind + 1]))
        strerr_diefusys(111, "find ", argv[l.ind]);
    if (!sibling_path(program, sizeof program, "svc"))
        strerr_diefusys(111, "find svc");
    char const **args = calloc((size_t)l.ind + 3, sizeof *args);
    if (!args)
        strerr_diefusys(111, "allocate memory");
    /* the options as they stand, then -- lest the directory look like one */
    memcpy(args, argv, (size_t)l.ind * sizeof *args);
    args[0] = program;
    int n = l.ind;
    if (n < 2 || strcmp(args[n - 1], "--"))
        args[n++] = "--";
    args[n] = path;
    execv(program, (char *const *)args);
    strerr_diefusys(errno == ENOENT ? 127 : 126, "exec ", program);
}
