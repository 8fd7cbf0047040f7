/* cont-finish: runs the scripts that clean up when the container stops.

   cont-finish [-v verbosity] [-t milliseconds] [DIRECTORY]

   A stage of init, or alone. Reads: DIRECTORY (default: cont-finish.d of the booted container),
   STATE/env-stage3/ (what is in it is added to the scripts' environment: S6_STAGE2_EXITED is the
   exit code so far), the variables S6_VERBOSITY and S6_KILL_FINISH_MAXTIME. A script that takes
   longer than that is killed, with its process group. Failures are reported and never keep the next
   script from running. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

#include <cairn/bootenv.h>
#include <cairn/contenv.h>
#include <cairn/hookstage.h>
#include <cairn/stageprog.h>
#include <cairn/statedir.h>
#include <cairn/transcript.h>

#define USAGE "cont-finish [-v verbosity] [-t milliseconds] [directory]"

enum { MAXTIME = 5000 };

char const *PROG = "cont-finish";

static struct transcript out;

/* v1 loads this directory before it runs the scripts. */
static char *const *with_stage3(char const *const *envp)
{
    stralloc sa = STRALLOC_ZERO;
    char path[STATEDIR_MAX + sizeof "/env-stage3"];
    size_t n = 0;
    if (!statedir_find(path, STATEDIR_MAX))
        return (char *const *)envp;
    strcat(path, "/env-stage3");
    if (contenv_read(path, &sa, &n, NULL, NULL) < 0) {
        if (errno != ENOENT)
            strerr_warnwu2sys("read ", path);
        return (char *const *)envp;
    }
    char const **merged = bootenv_merge(envp, sa.s, (unsigned int)n);
    return (char *const *)(merged ? merged : (char const **)envp);
}

int main(int argc, char const *const *argv, char const *const *envp)
{
    char buf[1024];
    char const *why, *junk;
    unsigned int set = 0;
    struct stageprog p = {.maxtime = MAXTIME};
    int first =
        stageprog_options(&p, argc, argv, "vt", "", &set, "S6_KILL_FINISH_MAXTIME", &why, &junk);
    if (first < 0 || argc - first > 1)
        strerr_dieusage(100, USAGE);
    if (junk)
        strerr_warnw(junk, " is not a number: ignored");
    struct hookstage_options o = {.maxtime = p.maxtime};
    timerec_take(&o.timeline, (char **)envp);
    o.envp = with_stage3(envp);
    o.path = first < argc ? argv[first] : stageprog_dir(buf, sizeof buf, hookstage_contfinish.dir);
    transcript_init(&out, 1, p.verbosity);
    _exit(hookstage_run(&hookstage_contfinish, &o, &out));
}
