/* cont-init: runs the scripts that prepare the container.

   cont-init [-b behaviour] [-v verbosity] [DIRECTORY]

   A stage of init, or alone. Reads: DIRECTORY (default: cont-init.d of the booted container), the
   variables S6_VERBOSITY and S6_BEHAVIOUR_IF_STAGE2_FAILS. Scripts run one after the other in byte
   order of their names, with its own environment and working directory. Exit code 0, or with
   behaviour 2 that of the script that failed. */

#include <skalibs/strerr.h>

#include <cairn/hookstage.h>
#include <cairn/stageprog.h>
#include <cairn/transcript.h>

#define USAGE "cont-init [-b behaviour] [-v verbosity] [directory]"

char const *PROG = "cont-init";

static struct transcript out;

int main(int argc, char const *const *argv, char const *const *envp)
{
    char buf[1024];
    char const *why, *junk;
    unsigned int set = 0;
    struct stageprog p;
    int first = stageprog_options(&p, argc, argv, "bv", "", &set, NULL, &why, &junk);
    if (first < 0 || argc - first > 1)
        strerr_dieusage(100, USAGE);
    if (junk)
        strerr_warnw(junk, " is not a number: ignored");
    struct hookstage_options o = {.behaviour = p.behaviour, .envp = (char *const *)envp};
    timerec_take(&o.timeline, (char **)envp);
    o.path = first < argc ? argv[first] : stageprog_dir(buf, sizeof buf, hookstage_continit.dir);
    transcript_init(&out, 1, p.verbosity);
    return hookstage_run(&hookstage_continit, &o, &out);
}
