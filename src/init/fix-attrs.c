/* fix-attrs: sets owners and modes as files of /etc/fix-attrs.d say.

   fix-attrs [FILE...]
   Without FILE: the stage of init, all files of the booted container's fix-attrs.d, as a program
   that stands in for the stage may call it. Where CAIRN_SERVICE_USER is set, be it empty, the stage
   begins with what PUID, PGID and TZ ask for, since the files may name that user. Reads: the
   files, /etc/passwd, /etc/group, S6_FIX_ATTRS_HIDDEN. Changes what the files name; for PUID and
   PGID /etc/passwd and /etc/group, for TZ /etc/localtime. Every line of every file is applied,
   whatever failed before it. Exits 1 if any failed. */

#include <unistd.h>

#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/fixattrs.h>
#include <cairn/hookstage.h>
#include <cairn/renumber.h>
#include <cairn/setting.h>
#include <cairn/sibling.h>
#include <cairn/stageprog.h>
#include <cairn/transcript.h>
#include <cairn/zonelink.h>

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

/* The value of a variable of the container, "" where it has none. */
static char const *value(char const *name, stralloc *sa)
{
    char const *s = setting_take(name, sa);
    return s ? s : "";
}

#define say(...) strerr_warn(PROG, ": ", __VA_ARGS__)

/* PUID and PGID give the image's service user other numbers, so that what is mounted has the right
   owner. */
static void remap(char const *user)
{
    stralloc sa[2] = {STRALLOC_ZERO, STRALLOC_ZERO};
    char const *const puid = value("PUID", sa);
    char const *const pgid = value("PGID", sa + 1);
    unsigned int uid, gid;
    if ((!*puid && !*pgid) || geteuid()) /* init has said so */
        return;
    if ((*puid && !userdb_number(puid, &uid)) || (*pgid && !userdb_number(pgid, &gid))) {
        say("PUID and PGID must be numbers, not '", puid, "' and '", pgid, "': ignored");
        return;
    }
    switch (renumber(user, *puid ? &uid : NULL, *pgid ? &gid : NULL)) {
    case 0:
        say("this image has no service user: PUID and PGID are ignored (CAIRN_SERVICE_USER names "
            "one)");
        break;
    case -1:
        say("/etc/passwd and /etc/group cannot be written: PUID and PGID are ignored");
    }
}

/* TZ becomes the local time of programs that have no environment. */
static void set_local_time(void)
{
    static char const *const roots[] = {"PUID", "PGID", "UMASK"};
    stralloc sa = STRALLOC_ZERO;
    int said = 0;
    if (!*value("TZ", &sa))
        return;
    if (!geteuid()) {
        if (zonelink_set(value("TZ", &sa)) < 0)
            say("/etc/localtime cannot be written: it stays");
        return;
    }
    /* one line for all four: init's, if it had one to say */
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        said |= *value(roots[i], &sa);
    if (!said)
        say("TZ ignored but by programs that read it: this container does not run as root");
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
    stralloc user = STRALLOC_ZERO;
    char const *const argv[] = {PROG, NULL};
    stageprog_options(&p, 1, argv, "", "", &set, NULL, &why, &junk);
    struct hookstage_options o = {.behaviour = p.behaviour, .envp = (char *const *)envp};
    timerec_take(&o.timeline, (char **)envp);
    o.path = stageprog_dir(buf, sizeof buf, hookstage_fixattrs.dir);
    o.runner = sibling_path(runner, sizeof runner, PROG);
    if (!o.runner)
        strerr_diefu1sys(111, "find itself");
    if (setting_take("CAIRN_SERVICE_USER", &user)) {
        remap(value("CAIRN_SERVICE_USER", &user));
        set_local_time();
    }
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
