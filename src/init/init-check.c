/* init-check: tells what a boot of this image would do, without doing it.

   init-check [ROOT [COMMAND [ARGUMENT...]]]; also run as init --check

   Reads what init would read, in ROOT (chroot; default: /), and asks the same modules. Prints the
   plan to standard output: the stages, and what each would run, in order. What would fail, and what
   means nothing, is told on standard error. Changes nothing.
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
#include <cairn/filevars.h>
#include <cairn/fixattrs.h>
#include <cairn/hookstage.h>
#include <cairn/legacytree.h>
#include <cairn/livesd.h>
#include <cairn/script.h>
#include <cairn/servicedir.h>
#include <cairn/setnames.h>
#include <cairn/startplan.h>

#define USAGE      "init-check [root [command [argument...]]]"
#define dieusage() strerr_dieusage(100, USAGE)

enum { PATH_BYTES = 1024, WHY_BYTES = 1024, BEHAVIOUR_STOP = 2, CODE_NO = 1 };

char const *PROG = "init-check";
extern char **environ;

static struct {
    struct bootset set;
    struct bootenv env;
    char input[PATH_BYTES];
    unsigned int fatal; /* reasons for which the boot would fail */
} g;

/* --- what is told --- */

static void put(char const *s)
{
    if (buffer_puts(buffer_1, s) < 0)
        strerr_diefu1sys(111, "write to standard output");
}

/* A name stays on its line whatever is in it. */
static void put_name(char const *s)
{
    for (; *s; s++) {
        char c = (unsigned char)*s < 32 || *s == 127 ? '?' : *s;
        if (buffer_put(buffer_1, &c, 1) < 0)
            strerr_diefu1sys(111, "write to standard output");
    }
}

static void title(char const *s)
{
    put_name(s);
    put("\n");
}

static void item(char const *name, char const *how)
{
    put("    ");
    put_name(name);
    if (*how) {
        put(": ");
        put(how);
    }
    put("\n");
}

/* For what stops a boot only if the image asks for that. */
static int is_strict(void)
{
    return g.set.behaviour >= BEHAVIOUR_STOP;
}

enum weight {
    WARNING, /* something to look at */
    STRICT,  /* the boot would fail if the image asks for that */
    FATAL    /* the boot would fail */
};

static void trouble_strings(enum weight w, char const *const *s)
{
    static stralloc sa = STRALLOC_ZERO;
    int fatal = w == FATAL || (w == STRICT && is_strict());
    sa.len = 0;
    for (; *s; s++)
        if (!stralloc_cats(&sa, *s))
            strerr_diefu1sys(111, "allocate memory");
    if (!stralloc_0(&sa) || !buffer_flush(buffer_1))
        strerr_diefu1sys(111, "write to standard output");
    strerr_warnw(fatal ? "the boot would fail: " : "", sa.s,
                 fatal && w == STRICT ? " (S6_BEHAVIOUR_IF_STAGE2_FAILS=2)" : "");
    g.fatal += (unsigned int)fatal;
}

#define trouble(weight, ...)                                                                       \
    trouble_strings(weight, (char const *const[]){__VA_ARGS__, (char const *)0})

static void on_setting(char const *name, char const *why)
{
    trouble(WARNING, name, " ", why);
}

static void on_line(void *data, enum fixattrs_kind kind, char const *line)
{
    (void)data;
    (void)kind;
    trouble(STRICT, line);
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
        trouble(STRICT, path, ": ", strerror(errno));
}

static void check_script(char const *path)
{
    char why[WHY_BYTES];
    int e = livesd_startable(AT_FDCWD, path);
    if (e)
        trouble(STRICT, script_explain(why, sizeof why, AT_FDCWD, path, e));
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
            trouble(STRICT, dir, ": ", strerror(errno));
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

/* --- services --- */

enum { TEMPLATES, IMAGE, SOURCES }; /* the later one wins */

static struct startplan_source sources[SOURCES] = {{.path = BOOTINPUT_TEMPLATES}};
static struct startplan plan = STARTPLAN_ZERO;

static char const *variable(void *data, char const *name)
{
    char const *const *envp = data;
    size_t len = strlen(name);
    for (; *envp; envp++)
        if (!strncmp(*envp, name, len) && (*envp)[len] == '=')
            return *envp + len + 1;
    return NULL;
}

/* Opens the service directory that file of the live one would come from, or, if none has it, the
   last one. Returns it, or -1 with errno. */
static int open_service(unsigned int node, char const *file)
{
    char const *name = svorder_name(&plan.order, node);
    struct stat st;
    int last = -1;
    for (unsigned int i = SOURCES; i--;) {
        if (!(startplan_service(&plan, node)->sources & 1u << i))
            continue;
        int fd = openat(sources[i].fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && !fstatat(fd, file, &st, AT_SYMLINK_NOFOLLOW)) {
            if (last >= 0)
                close(last);
            return fd;
        }
        if (last < 0)
            last = fd;
        else if (fd >= 0)
            close(fd);
    }
    return last;
}

/* Can it be started? Says why not. */
static int check_run(unsigned int node, char const *run)
{
    char why[WHY_BYTES];
    char const *name = svorder_name(&plan.order, node);
    int fd = open_service(node, run);
    if (fd < 0) {
        trouble(STRICT, name, " cannot be read: ", strerror(errno));
        return 0;
    }
    int e = livesd_startable(fd, run);
    /* the descriptors are the service's: said once, not again for its logger */
    char const *misfit = e || strcmp(run, SERVICEDIR_RUN) ? NULL : livesd_misfit(fd);
    if (e)
        trouble(STRICT, "service ", name,
                " cannot be started: ", script_explain(why, sizeof why, fd, run, e));
    else if (misfit)
        trouble(STRICT, "service ", name, " cannot be started: ", misfit,
                " is out of range, or the same as the other");
    close(fd);
    return !e && !misfit;
}

static void show_service(unsigned int node, int comes)
{
    struct startplan_service const *s = startplan_service(&plan, node);
    size_t at = 0;
    int first = 1;
    put("    ");
    put_name(svorder_name(&plan.order, node));
    switch (s->why) {
    case SVSWITCH_DOWN:
        put(": not started, it has a file down");
        break;
    case SVSWITCH_DISABLED:
        put(": not started, switched off by " SVSWITCH_DISABLE);
        break;
    case SVSWITCH_UNMET:
        put(": not started, " SERVICEDIR_ENABLE_IF_ENV " does not hold: ");
        put_name(plan.text.s + s->line);
        break;
    default:
        if (!comes)
            put(": never, it waits in a circle");
        else if (s->held)
            put(": when somebody starts what it waits for");
        for (int i; (i = svorder_needed(&plan.order, node, &at)) >= 0; first = 0) {
            put(first ? " (after " : ", ");
            put_name(svorder_name(&plan.order, (unsigned int)i));
        }
        put(first ? "" : ")");
    }
    put("\n");
}

/* One that is started, or (comes is 0) waits in vain. Returns whether it can be. */
static unsigned int judge_service(unsigned int node, int comes)
{
    struct stat st;
    unsigned int good = 0;
    int on = svswitch_is_on(startplan_service(&plan, node)->why);
    show_service(node, comes);
    if (on && check_run(node, SERVICEDIR_RUN))
        good = (unsigned int)comes;
    int fd = open_service(node, "log");
    if (fd >= 0 && !fstatat(fd, "log", &st, 0) && S_ISDIR(st.st_mode))
        check_run(node, "log/run");
    if (fd >= 0)
        close(fd);
    return good;
}

/* Those that are started at once are sorted by their names: one takes its place among n. */
static void insert(unsigned int *nodes, unsigned int n, unsigned int node)
{
    for (;
         n && strcmp(svorder_name(&plan.order, nodes[n - 1]), svorder_name(&plan.order, node)) > 0;
         n--)
        nodes[n] = nodes[n - 1];
    nodes[n] = node;
}

/* Shows all, first those that are started, in their order. Returns how many of these can be. */
static unsigned int show_services(unsigned int *wanted)
{
    unsigned int good = 0;
    unsigned int count = svorder_count(&plan.order);
    unsigned int *wave = malloc((count + 1) * sizeof *wave);
    char *begun = calloc(count + 1, 1);
    unsigned int n;
    if (!wave || !begun)
        strerr_diefu1sys(111, "allocate memory");
    do {
        n = 0;
        for (int node; (node = svorder_startable(&plan.order)) >= 0;) {
            svorder_begun(&plan.order, (unsigned int)node);
            insert(wave, n++, (unsigned int)node);
        }
        for (unsigned int i = 0; i < n; i++) {
            svorder_there(&plan.order, wave[i], 1);
            begun[wave[i]] = svswitch_is_on(startplan_service(&plan, wave[i])->why);
            if (!begun[wave[i]])
                continue;
            ++*wanted;
            good += judge_service(wave[i], 1);
        }
    } while (n);
    for (unsigned int i = 0; i < count; i++)
        if (!begun[i])
            insert(wave, n++, i);
    for (unsigned int i = 0; i < n; i++)
        judge_service(wave[i], 0);
    free(wave);
    free(begun);
    return good;
}

static void services(void)
{
    static char dir[PATH_BYTES];
    struct svswitch_env env = {.get = variable, .data = (void *)g.env.container};
    char const *culprit, *text;
    enum startplan_weight weight;
    unsigned int wanted = 0;
    sources[IMAGE].path = strcat(strcat(strcpy(dir, g.input), "/"), "services.d");
    for (unsigned int i = 0; i < SOURCES; i++) {
        sources[i].fd = open(sources[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (sources[i].fd < 0 && errno != ENOENT)
            trouble(STRICT, sources[i].path, ": ", strerror(errno));
    }
    if (sources[TEMPLATES].fd < 0 && sources[IMAGE].fd < 0)
        return;
    if (startplan_make(&plan, sources, SOURCES, variable(env.data, SVSWITCH_DISABLE),
                       variable(env.data, SVSWITCH_ENABLE), &env, &culprit) < 0)
        strerr_diefu2sys(111, "read the services in ", culprit);
    title(dir);
    if (is_replaced("services-up"))
        return;
    unsigned int good = show_services(&wanted);
    for (unsigned int i = 0; (text = startplan_remark(&plan, i, &weight)); i++)
        trouble(weight == STARTPLAN_REFUSAL  ? FATAL
                : weight == STARTPLAN_STRICT ? STRICT
                                             : WARNING,
                text);
    if (wanted && !good && !g.env.cmd[0])
        trouble(FATAL, "no service could be started, and there is no command");
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
        put_name(*word);
    }
    put("\n");
    int e = cmdexec_startable(g.env.cmd[0], envp);
    if (e)
        trouble(FATAL, cmdexec_explain(why, sizeof why, g.env.cmd[0], envp, e));
}

/* --- before the stages --- */

/* Variables whose values lie in files; settings may be among them. */
static char const *const *files(char const *const *envp)
{
    static struct filevars f;
    if (filevars_load(&f, envp, FILEVARS_LIST) < 0) {
        trouble(FATAL, f.why);
        return envp;
    }
    environ = (char **)f.envp;
    return f.envp;
}

static void settings(char const *const *envp)
{
    char names[WHY_BYTES];
    bootset_read(&g.set, on_setting);
    if (setnames_unknown(names, sizeof names, envp))
        trouble(WARNING, "no such setting, ignored: ", names);
}

static void input(void)
{
    if (bootinput_find(g.input, sizeof g.input - 16, getenv("S6_RUNTIME_PROFILE")) < 0) {
        if (errno == ENAMETOOLONG)
            strerr_dief(CODE_NO, "the boot would fail: S6_RUNTIME_PROFILE is too long");
        trouble(WARNING, g.input,
                " (S6_RUNTIME_PROFILE): no scripts, no services: ", strerror(errno));
    }
    char const *user = legacytree_find(g.input);
    if (user)
        trouble(FATAL, user,
                ": s6-rc source directories are not supported by this version: use "
                "/etc/services.d and /etc/cont-init.d");
}

static void environment(char const *const *envp, int argc, char const *const *argv)
{
    static char const *const none[] = {NULL};
    char const *culprit = "";
    if (bootenv_make(&g.env, envp, argc, argv, NULL, (int)g.set.keep_env, &culprit) < 0) {
        trouble(FATAL, culprit, ": ", strerror(errno));
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

static int verdict(void)
{
    char n[UINT_FMT];
    if (!buffer_flush(buffer_1))
        strerr_diefu1sys(111, "write to standard output");
    if (!g.fatal)
        return 0;
    n[uint_fmt(n, g.fatal)] = 0;
    strerr_dief(CODE_NO, "this image would not boot (reasons: ", n, ")");
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
    envp = files(envp);
    settings(envp);
    input();
    environment(envp, argc ? argc - 1 : 0, argc ? argv + 1 : argv);
    hooks(&hookstage_fixattrs);
    hooks(&hookstage_continit);
    services();
    command();
    hooks(&hookstage_contfinish);
    return verdict();
}
