/* fix-attrs: sets owners and modes as files of /etc/fix-attrs.d say.

   fix-attrs [FILE...]
   Without FILE: the stage of init, all files of the booted container's fix-attrs.d, as a program
   that stands in for the stage may call it. Reads: the files, /etc/passwd, /etc/group,
   S6_FIX_ATTRS_HIDDEN. Changes what the files name. Every line of every file is applied, whatever
   failed before it. Exits 1 if any failed. */

#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/fixattrs.h>
#include <cairn/hookstage.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>
#include <cairn/stageprog.h>
#include <cairn/transcript.h>

char const *PROG = "fix-attrs";
#define USAGE      "fix-attrs [ file... ]"
#define dieusage() strerr_dieusage(100, USAGE)

static void tell(void *data, enum fixattrs_kind kind, char const *line)
{
    (void)data;
    if (kind == FIXATTRS_PROGRESS)
        strerr_warni1x(line);
    else
        strerr_warnw1x(line);
}

static int apply(struct fixattrs *fa, char const *file)
{
    char count[INT_FMT];
    int failed = fixattrs_file(fa, file);
    if (failed < 0) {
        strerr_warnwu2sys("read ", file);
        return 1;
    }
    if (!failed)
        return 0;
    count[int_fmt(count, failed)] = 0;
    strerr_warnw4x(file, ": lines that failed: ", count, "");
    return 1;
}

static int whole_stage(char const *const *envp)
{
    static struct transcript out;
    char buf[1024];
    char runner[4096];
    char const *why;
    char const *junk;
    unsigned int set = 0;
    struct stageprog p;
    char const *const argv[] = {PROG, NULL};
    stageprog_options(&p, 1, argv, "", "", &set, NULL, &why, &junk);
    struct hookstage_options o = {.behaviour = p.behaviour, .envp = (char *const *)envp};
    timerec_take(&o.timeline, (char **)envp);
    o.path = stageprog_dir(buf, sizeof buf, hookstage_fixattrs.dir);
    o.runner = sibling_path(runner, sizeof runner, PROG);
    if (!o.runner)
        strerr_diefu1sys(111, "find itself");
    transcript_init(&out, 1, p.verbosity);
    return hookstage_run(&hookstage_fixattrs, &o, &out);
}

int main(int argc, char const *const *argv, char const *const *envp)
{
    subgetopt l = SUBGETOPT_ZERO;
    unsigned int hidden = 0;
    int failed = 0;
    if (subgetopt_r(argc, argv, "", &l) >= 0)
        dieusage();
    argc -= l.ind;
    argv += l.ind;
    if (!argc)
        return whole_stage(envp);
    if (setting_bool("S6_FIX_ATTRS_HIDDEN", &hidden) < 0)
        strerr_warnw1x("S6_FIX_ATTRS_HIDDEN is neither 0 nor 1: taken as 0");
    struct fixattrs fa = {.hidden = (int)hidden, .progress_ms = 2000, .tell = tell};
    for (; *argv; argv++)
        failed |= apply(&fa, *argv);
    return failed;
}
