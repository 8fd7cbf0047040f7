/* halt: asks the container's init for the orderly stop.

   halt [CODE]; also called poweroff, reboot, shutdown

   Writes CODE (0 to 255, the container's exit code) to STATE/halt-code and the byte t to the
   control FIFO of the live scan directory. A second request is silent and succeeds. Exit 0, 100
   usage, 102 no init runs here, 111. */

#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/ctlfifo.h>
#include <cairn/haltcode.h>
#include <cairn/statedir.h>

#define USAGE "halt [code]"

char const *PROG = "halt";

int main(int argc, char const *const *argv)
{
    char state[STATEDIR_MAX];
    char path[STATEDIR_MAX + sizeof "/services/" CTLFIFO_SCAN];
    subgetopt l = SUBGETOPT_ZERO;
    unsigned int code;
    if (subgetopt_r(argc, argv, "", &l) != -1 || argc - l.ind > 1)
        strerr_dieusage(100, USAGE);
    char const *arg = argv[l.ind];
    if (arg && (!uint0_scan(arg, &code) || code > 255))
        strerr_dief(100, arg, " is no exit code: it must be a number from 0 to 255");
    if (!statedir_find(state, sizeof state))
        strerr_dief(102, "no container init of ours runs here");
    if (arg && haltcode_put(state, code) < 0)
        strerr_diefu3sys(111, "write ", state, "/" HALTCODE_FILE);
    strcpy(path, state);
    strcat(path, "/services/" CTLFIFO_SCAN);
    /* init's signals to everybody may be faster than our exit code */
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    switch (ctlfifo_send(AT_FDCWD, path, "t", 1)) {
    case CTLFIFO_OK:
        return 0;
    case CTLFIFO_NOT_LISTENING:
        strerr_dief(102, "nobody listens at ", path, ": init is not running");
    default:
        strerr_diefu2sys(111, "write to ", path);
    }
}
