/* init-check: tells what a boot of this image would do, without doing it.

   init-check [-v verbosity] [ROOT [COMMAND [ARGUMENT...]]]; also run as init --check

   Reads what init would read, in ROOT (chroot; default: /), and asks the same modules. Prints the
   plan to standard output: the stages, and what each would run, in order. What would fail, and what
   means nothing, is told on standard error. The service directories are copied, to a directory of
   its own in /tmp, /var/tmp, /dev/shm or /run, as services-up would; that is removed at the end.
   Exits 0, 1: the boot would fail, 100, 111. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/genalloc.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/bootenv.h>
#include <cairn/bootinput.h>
#include <cairn/bootplaces.h>
#include <cairn/bootset.h>
#include <cairn/cmdexec.h>
#include <cairn/fixattrs.h>
#include <cairn/hookstage.h>
#include <cairn/legacytree.h>
#include <cairn/livesd.h>
#include <cairn/script.h>
#include <cairn/setnames.h>
#include <cairn/transcript.h>

#define USAGE      "init-check [root [command [argument...]]]"
#define dieusage() strerr_dieusage(100, USAGE)

enum { PATH_BYTES = 1024, WHY_BYTES = 1024, BEHAVIOUR_STOP = 2, CODE_USAGE = 100, CODE_NO = 1 };

char const *PROG = "init-check";

static struct {
    struct bootset set;
    struct bootenv env;
    char input[PATH_BYTES];
    unsigned int fatal;    /* reasons for which the boot would fail */
    unsigned int troubles; /* and what else is wrong */
} g;

/* --- what is told --- */

static void put(char const *s)
{
    if (buffer_puts(buffer_1, s) < 0)
        strerr_diefu1sys(111, "write to standard output");
}

static void title(char const *s)
{
    put(s);
    put("\n");
}

static void item(char const *name, char const *how)
{
    put("    ");
    put(name);
    if (*how) {
        put(": ");
        put(how);
    }
    put("\n");
}

/* fatal: the boot would fail for this reason */
static void trouble(int fatal, char const *a, char const *b, char const *c)
{
    if (fatal)
        g.fatal++;
    else
        g.troubles++;
    buffer_flush(buffer_1);
    strerr_warnw(fatal ? "the boot would fail: " : "", a, b, c);
}

/* For what stops a boot only if the image asks for that. */
static int is_strict(void)
{
    return g.set.behaviour >= BEHAVIOUR_STOP;
}

static void on_setting(char const *name, char const *why)
{
    trouble(0, name, " ", why);
}

static void on_line(void *data, enum fixattrs_kind kind, char const *line)
{
    (void)data;
    (void)kind;
    trouble(is_strict(), line, "", "");
}

/* --- stages --- */

static int is_replaced(char const *name)
{
    char path[PATH_BYTES] = BOOTPLACES_OVERRIDES "/";
    strcat(path, name);
    if (access(path, X_OK) < 0)
        return 0;
    item("replaced", path);
    return 1;
}

static void check_file(char const *path)
{
    struct fixattrs fa = {.check_only = 1, .tell = on_line};
    if (fixattrs_file(&fa, path) < 0)
        trouble(is_strict(), path, ": ", strerror(errno));
}

static void check_script(char const *path)
{
    char why[WHY_BYTES];
    int e = livesd_startable(AT_FDCWD, path);
    if (e)
        trouble(is_strict(), script_explain(why, sizeof why, AT_FDCWD, path, e), "", "");
}

/* A stage of hooks: its files in their order. */
static void hooks(struct hookstage const *h)
{
    char dir[PATH_BYTES], path[2 * PATH_BYTES];
    stralloc names = STRALLOC_ZERO;
    genalloc offsets = GENALLOC_ZERO;
    strcat(strcat(strcpy(dir, g.input), "/"), h->dir);
    if (hookstage_list(dir, &names, &offsets) < 0) {
        if (errno != ENOENT)
            trouble(is_strict(), dir, ": ", strerror(errno));
        return;
    }
    title(dir);
    if (is_replaced(h->name))
        goto out;
    for (size_t i = 0; i < genalloc_len(size_t, &offsets); i++) {
        char const *name = names.s + genalloc_s(size_t, &offsets)[i];
        item(name, "");
        strcat(strcat(strcpy(path, dir), "/"), name);
        if (h->is_fix)
            check_file(path);
        else
            check_script(path);
    }
out:
    genalloc_free(size_t, &offsets);
    stralloc_free(&names);
}

static void command(void)
{
    char why[WHY_BYTES];
    char *const *envp = (char *const *)g.env.container;
    if (!g.env.cmd[0])
        return;
    title("command");
    put("   ");
    for (char const *const *word = g.env.cmd; *word; word++) {
        put(" ");
        put(*word);
    }
    put("\n");
    int e = cmdexec_startable(g.env.cmd[0], envp);
    if (e)
        trouble(1, cmdexec_explain(why, sizeof why, g.env.cmd[0], envp, e), "", "");
}

/* --- before the stages --- */

static void settings(char const *const *envp)
{
    char names[WHY_BYTES];
    bootset_read(&g.set, on_setting);
    if (setnames_unknown(names, sizeof names, envp))
        trouble(0, "no such setting, ignored: ", names, "");
}

static void input(void)
{
    if (bootinput_find(g.input, sizeof g.input - 16, getenv("S6_RUNTIME_PROFILE")) < 0) {
        if (errno == ENAMETOOLONG)
            strerr_dief(CODE_NO, "the boot would fail: S6_RUNTIME_PROFILE is too long");
        trouble(0, g.input, " (S6_RUNTIME_PROFILE): no scripts, no services: ", strerror(errno));
    }
    char const *user = legacytree_find(g.input);
    if (user)
        trouble(1, user,
                ": s6-rc source directories are not supported by this version: use "
                "/etc/services.d and /etc/cont-init.d",
                "");
}

static void environment(char const *const *envp, int argc, char const *const *argv)
{
    static char const *const none[] = {NULL};
    char const *culprit = "";
    if (bootenv_make(&g.env, envp, argc, argv, NULL, (int)g.set.keep_env, &culprit) < 0) {
        trouble(1, culprit, ": ", strerror(errno));
        g.env.cmd = none;
    }
}

static void enter(char const *root)
{
    if (chroot(root) < 0) {
        if (errno == EPERM)
            strerr_dief(111, "only root may look into another root: be root, or run init --check "
                             "inside the image");
        strerr_diefu2sys(111, "change root to ", root);
    }
    if (chdir("/") < 0)
        strerr_diefu1sys(111, "change to /");
}

/* Returns the exit code. */
static int verdict(void)
{
    char n[UINT_FMT];
    if (!buffer_flush(buffer_1))
        strerr_diefu1sys(111, "write to standard output");
    if (!g.fatal)
        return 0;
    n[uint_fmt(n, g.fatal)] = 0;
    strerr_warnw("this image would not boot: reasons: ", n);
    return CODE_NO;
}

int main(int argc, char const *const *argv, char const *const *envp)
{
    subgetopt l = SUBGETOPT_ZERO;
    if (subgetopt_r(argc, argv, "", &l) != -1)
        dieusage();
    argc -= l.ind;
    argv += l.ind;
    if (argc && strcmp(argv[0], "/") != 0)
        enter(argv[0]);
    settings(envp);
    input();
    environment(envp, argc ? argc - 1 : 0, argc ? argv + 1 : argv);
    hooks(&hookstage_fixattrs);
    hooks(&hookstage_continit);
    command();
    hooks(&hookstage_contfinish);
    return verdict();
}
