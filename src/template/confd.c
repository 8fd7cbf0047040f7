/* confd: writes configuration files from templates and the environment, or files of YAML and JSON.

   confd [-onetime | -watch | -interval S] [-backend env|file] [-confdir DIR] [-prefix P] [-noop]
         [-sync-only] [-keep-stage-file] [-file PATH]... [-filter GLOB] [-log-level L] ...
   Reads: /etc/confd/confd.toml, CONFDIR/conf.d (every file whose name ends in toml, below it too),
   CONFDIR/templates, the environment, the files of -file. Writes: what the resources name.

   A destination is replaced as a whole, and only if the whole template and check_cmd succeed. What
   fails is said, and the other resources are done all the same. */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>

#include <cairn/confdconf.h>
#include <cairn/confdfunc.h>
#include <cairn/confdres.h>
#include <cairn/confdstore.h>
#include <cairn/dnsclient.h>
#include <cairn/filetree.h>
#include <cairn/gopath.h>
#include <cairn/goquote.h>
#include <cairn/nearest.h>
#include <cairn/rfc3339.h>
#include <cairn/say.h>
#include <cairn/shellcmd.h>
#include <cairn/slurp.h>
#include <cairn/stagefile.h>
#include <cairn/tmpljson.h>
#include <cairn/tmplrun.h>
#include <cairn/tmplyaml.h>

#include "config.h"

char const *PROG = "confd";

enum {
    MEMORY_MAX = 256 << 20, /* bytes that one resource may take */
    INPUT_MAX = 16 << 20,   /* of a template, a resource, a file of values */
    OUTPUT_MAX = 64 << 20,  /* of a destination */
    COMMAND_MAX = 64 << 10, /* of what a command prints that are shown */
    INTERVAL = 600,         /* s */
};

enum { EXIT_FLAGS = 2 };

/* in the order of their weight */
enum level { PANIC, FATAL, ERROR, WARNING, INFO, DEBUG };

static char const *const level_names[] = {"panic", "fatal", "error", "warn", "info", "debug"};
static char const *const level_words[] = {"PANIC", "FATAL", "ERROR", "WARNING", "INFO", "DEBUG"};

static struct pool settings_pool;
static struct confdconf conf;
static enum level level = INFO;
static char const *confdir;
static int signals = -1; /* a signalfd with TERM and INT */
static int is_onetime;

_Static_assert(TMPLYAML_WHY == (int)TMPLJSON_WHY, "both readers say why in one buffer");

/* ---- messages */

/* One line: "TIME HOST confd[PID]: LEVEL message", as confd has it, or an object (say.h). */
__attribute__((format(printf, 2, 3))) static void say(enum level l, char const *format, ...)
{
    static char text[SAY_MAX];
    static char line[SAY_MAX + 512];
    char stamp[RFC3339_LENGTH + 1] = "";
    char host[65] = "";
    struct timespec now;
    va_list ap;
    if (l > level)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    size_t n;
    if (say_is_json()) {
        enum say_level as = l <= ERROR ? SAY_FATAL : l == WARNING ? SAY_WARNING : SAY_INFO;
        n = say_json_now(line, sizeof line, as, text, strlen(text));
    } else {
        clock_gettime(CLOCK_REALTIME, &now);
        rfc3339_put(stamp, &now);
        memcpy(stamp + 19, "Z", 2); /* whole seconds */
        gethostname(host, sizeof host - 1);
        n = (size_t)snprintf(line, sizeof line, "%s %s %s[%d]: %s %s\n", stamp, host, PROG,
                             (int)getpid(), level_words[l], text);
    }
    allwrite(2, line, n < sizeof line ? n : sizeof line - 1);
}

/* What a command printed, in quotes. */
static void say_output(enum level l, stralloc const *output)
{
    stralloc quoted = STRALLOC_ZERO;
    if (goquote_string(&quoted, SAY_MAX, output->len ? output->s : "", output->len, 0) &&
        stralloc_0(&quoted))
        say(l, "%s", quoted.s);
    stralloc_free(&quoted);
}

/* ---- the end */

/* TERM or INT has come: the file that was being written is not left behind. */
static void stop(struct stagefile *stage)
{
    if (stage)
        stagefile_drop(stage);
    if (!is_onetime)
        exit(0);
    struct signalfd_siginfo si;
    sigset_t set;
    if (read(signals, &si, sizeof si) == sizeof si) {
        sigemptyset(&set);
        sigprocmask(SIG_SETMASK, &set, NULL);
        raise((int)si.ssi_signo);
    }
    exit(1);
}

static int is_stopping(void)
{
    struct pollfd p = {.fd = signals, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* ---- one resource */

struct work {
    struct confdres res;
    char const *file; /* that the resource stands in */
    struct pool pool;
    struct confdstore store;
    struct stagefile stage;
};

static int no_memory(struct work const *w)
{
    say(ERROR, "%s: %s", w->file,
        errno == EDQUOT ? "more memory than is allowed" : "out of memory");
    return 0;
}

/* DIR/NAME, in the pool. */
static char *path_in(struct work *w, char const *dir, char const *name)
{
    size_t n = strlen(dir) + strlen(name) + 2;
    char *path = pool_get(&w->pool, n);
    if (path)
        snprintf(path, n, "%s/%s", dir, name);
    else
        no_memory(w);
    return path;
}

static int slurp(stralloc *sa, char const *what, char const *path)
{
    if (slurp_file(sa, path, INPUT_MAX))
        return 1;
    say(ERROR, "Cannot read %s %s: %s", what, path, strerror(errno));
    return 0;
}

/* The prefix of the settings and that of the resource in one, as confd 0.11 does it. */
static char const *whole_prefix(struct work *w)
{
    char *both = path_in(w, confdconf_string(&conf, CONFDCONF_PREFIX, "/"), w->res.prefix);
    char *rooted = both ? path_in(w, "", both) : NULL;
    char *clean = rooted ? pool_get(&w->pool, strlen(rooted) + 2) : NULL;
    if (!clean)
        return NULL;
    gopath_clean(clean, rooted, strlen(rooted));
    return clean;
}

static int has_suffix(char const *s, char const *suffix)
{
    size_t n = strlen(s);
    size_t k = strlen(suffix);
    return n >= k && !strcmp(s + n - k, suffix);
}

/* Adds the values of one file. */
static int add_file(struct work *w, char const *prefix, char const *path)
{
    stralloc text = STRALLOC_ZERO;
    struct tmplvalue v;
    char why[TMPLYAML_WHY];
    int ok = slurp(&text, "the file of values", path);
    if (ok) {
        char const *s = text.len ? text.s : "";
        ok = has_suffix(path, ".json") ? tmpljson_read(s, text.len, 0, &w->pool, &v, why)
                                       : tmplyaml_read(s, text.len, &w->pool, &v, why);
        if (!ok)
            say(ERROR, "%s: %s", path, why);
        else
            ok = confdstore_value(&w->store, prefix, w->res.key, w->res.keys, &v) || no_memory(w);
    }
    stralloc_free(&text);
    return ok;
}

/* The files that -file names, those of directories by -filter; with a 0 each. The directories go to
   dirs, unless that is NULL. Returns whether all could be listed. */
static int list_files(stralloc *names, stralloc *dirs)
{
    struct confdconf_value const *given = conf.value + CONFDCONF_FILE;
    struct stat st;
    int ok = 1;
    for (size_t i = 0; i < given->n; i++) {
        char const *path = given->word[i];
        if (stat(path, &st) < 0) {
            say(ERROR, "Cannot read the file of values %s: %s", path, strerror(errno));
            ok = 0;
        } else if (!S_ISDIR(st.st_mode)) {
            if (!stralloc_cats(names, path) || !stralloc_0(names))
                return 0;
        } else if (!filetree_list(path, confdconf_string(&conf, CONFDCONF_FILTER, "*"), names,
                                  dirs)) {
            say(ERROR, "Cannot list the directory %s: %s", path, strerror(errno));
            ok = 0;
        }
    }
    return ok;
}

static int fill_store(struct work *w)
{
    char const *prefix = whole_prefix(w);
    if (!prefix)
        return 0;
    confdstore_init(&w->store, &w->pool);
    if (!strcmp(confdconf_string(&conf, CONFDCONF_BACKEND, "env"), "file")) {
        stralloc names = STRALLOC_ZERO;
        int ok = list_files(&names, NULL);
        for (size_t at = 0; ok && at < names.len; at += strlen(names.s + at) + 1)
            ok = add_file(w, prefix, names.s + at);
        stralloc_free(&names);
        if (!ok)
            return 0;
    } else if (!confdstore_env(&w->store, prefix, w->res.key, w->res.keys,
                               (char const *const *)environ)) {
        return no_memory(w);
    }
    confdstore_sort(&w->store);
    return 1;
}

/* Parses and runs a template on dot. Returns whether that went well, having said what did not. */
static int render(struct work *w, char const *name, char const *base, char const *text, size_t n,
                  struct tmplvalue const *dot, stralloc *out)
{
    struct tmplfunc_table const table = confdfunc_table(&w->store);
    struct tmpl_options const options = {.name = base, .table = &table, .tables = 1};
    struct tmplerror e;
    stralloc message = STRALLOC_ZERO;
    struct tmpl *t = tmplparse(&w->pool, text, n, &options, &e);
    if (t && tmplrun(t, dot, &w->pool, out, OUTPUT_MAX, &e))
        return 1;
    if (tmplerror_text(&e, name, &message) && stralloc_0(&message))
        say(ERROR, "%s", message.s);
    stralloc_free(&message);
    return 0;
}

/* Makes the staged file. */
static int make_stage(struct work *w)
{
    static struct tmplvalue const nil = {.kind = TMPLVALUE_NIL};
    stralloc text = STRALLOC_ZERO;
    stralloc output = STRALLOC_ZERO;
    struct stat st;
    size_t n = strlen(w->res.src);
    char const *base = gopath_base(w->res.src, &n);
    struct stagefile_like like = {.mode = w->res.mode, .uid = w->res.uid, .gid = w->res.gid};
    char *dir = path_in(w, confdir, "templates");
    char *path = dir ? path_in(w, dir, w->res.src) : NULL;
    int ok = path && slurp(&text, "the template", path) &&
             render(w, path, base, text.len ? text.s : "", text.len, &nil, &output);
    if (!w->res.has_mode)
        like.mode = stat(w->res.dest, &st) == 0 ? st.st_mode & 0777 : 0644;
    if (like.uid == (uid_t)-1)
        like.uid = geteuid();
    if (like.gid == (gid_t)-1)
        like.gid = getegid();
    if (ok &&
        !stagefile_make(&w->stage, w->res.dest, output.len ? output.s : "", output.len, &like)) {
        say(ERROR, "Cannot write a file beside %s: %s%s", w->res.dest, strerror(errno),
            errno == ENOENT ? ": make its directory first" : "");
        ok = 0;
    }
    stralloc_free(&text);
    stralloc_free(&output);
    return ok;
}

/* Runs a command. Returns whether it exited 0, having said what it printed. */
static int run_command(struct work *w, char const *what, char const *command)
{
    stralloc output = STRALLOC_ZERO;
    char words[SHELLCMD_WORDS];
    int status = 0;
    say(DEBUG, "Running %s", command);
    enum shellcmd_end end = shellcmd_run(command, &output, COMMAND_MAX, signals, -1, &status);
    if (end == SHELLCMD_WOKEN)
        stop(&w->stage);
    int ok = end == SHELLCMD_DONE && !status;
    if (end == SHELLCMD_FAILED)
        say(ERROR, "Cannot run %s: %s", command, strerror(errno));
    else
        say_output(ok ? DEBUG : ERROR, &output);
    if (!ok && end == SHELLCMD_DONE)
        say(ERROR, "%s failed: %s", what, shellcmd_words(words, status));
    stralloc_free(&output);
    return ok;
}

/* check_cmd, in which {{.src}} is the staged file. */
static int check(struct work *w)
{
    stralloc command = STRALLOC_ZERO;
    struct tmplentry e = {.key = "src", .n = 3, .value = tmplvalue_text(w->stage.path.s)};
    struct tmplvalue dot = tmplvalue_map(&e, 1);
    char name[512];
    snprintf(name, sizeof name, "%s: check_cmd", w->file);
    int ok =
        render(w, name, "checkcmd", w->res.check_cmd, strlen(w->res.check_cmd), &dot, &command) &&
        (stralloc_0(&command) || no_memory(w)) && run_command(w, "Config check", command.s);
    stralloc_free(&command);
    return ok;
}

/* Puts the staged file in place if it differs, with the commands around that. */
static int sync_file(struct work *w)
{
    char const *dest = w->res.dest;
    int commands = !confdconf_bool(&conf, CONFDCONF_SYNC_ONLY);
    int differs = stagefile_differs(&w->stage);
    if (differs < 0) {
        say(ERROR, "Cannot compare %s: %s", dest, strerror(errno));
        return 0;
    }
    if (confdconf_bool(&conf, CONFDCONF_NOOP)) {
        say(WARNING, "Noop mode enabled. %s will not be modified", dest);
        return 1;
    }
    if (!differs) {
        say(DEBUG, "Target config %s in sync", dest);
        return 1;
    }
    say(INFO, "Target config %s out of sync", dest);
    if (commands && *w->res.check_cmd && !check(w))
        return 0;
    if (!stagefile_commit(&w->stage)) {
        say(ERROR, "Cannot replace %s: %s", dest, strerror(errno));
        return 0;
    }
    say(INFO, "Target config %s has been updated", dest);
    return !commands || !*w->res.reload_cmd || run_command(w, "Reload", w->res.reload_cmd);
}

/* Does the resource that stands in the file. Returns whether all went well. */
static int process(char const *file)
{
    struct work w = {.file = file, .stage = STAGEFILE_ZERO};
    stralloc text = STRALLOC_ZERO;
    char why[CONFDRES_WHY];
    pool_init(&w.pool, MEMORY_MAX);
    say(DEBUG, "Loading template resource from %s", file);
    int ok = slurp(&text, "the template resource", file);
    if (ok && !confdres_read(&w.res, file, text.len ? text.s : "", text.len, &w.pool, why)) {
        say(ERROR, "Cannot process template resource %s", why);
        ok = 0;
    }
    if (ok && w.res.is_decimal)
        say(WARNING, "%s: mode is taken as decimal, that is %04o: write it with a leading 0", file,
            (unsigned int)w.res.mode);
    ok = ok && fill_store(&w) && make_stage(&w) && sync_file(&w);
    if (confdconf_bool(&conf, CONFDCONF_KEEP_STAGE_FILE)) {
        if (w.stage.path.len)
            say(INFO, "Keeping staged file: %s", w.stage.path.s);
        stagefile_keep(&w.stage);
    } else {
        stagefile_drop(&w.stage);
    }
    stralloc_free(&text);
    pool_free(&w.pool);
    return ok;
}

/* Does all resources, read anew. Returns whether all went well. */
static int process_all(void)
{
    stralloc files = STRALLOC_ZERO;
    char dir[4096];
    int ok = 1;
    snprintf(dir, sizeof dir, "%s/conf.d", confdir);
    if (!filetree_list(dir, "*toml", &files, NULL)) {
        if (errno == ENOENT)
            say(WARNING, "Cannot find template resources: %s does not exist", dir);
        else
            say(ERROR, "Cannot list %s: %s", dir, strerror(errno));
        ok = errno == ENOENT;
    } else if (!files.len) {
        say(WARNING, "Found no templates in %s", dir);
    }
    for (size_t at = 0; at < files.len; at += strlen(files.s + at) + 1) {
        if (is_stopping())
            stop(NULL);
        ok &= process(files.s + at);
    }
    stralloc_free(&files);
    return ok;
}

/* ---- the loops */

static void on_interval(int seconds)
{
    struct pollfd p = {.fd = signals, .events = POLLIN};
    for (;;) {
        process_all();
        if (poll(&p, 1, seconds * 1000) > 0)
            stop(NULL);
    }
}

static void add_watches(int fd, stralloc const *names)
{
    for (size_t at = 0; at < names->len; at += strlen(names->s + at) + 1)
        if (inotify_add_watch(fd, names->s + at,
                              IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF |
                                  IN_MOVE_SELF | IN_ATTRIB) < 0)
            say(WARNING, "Cannot watch %s: %s", names->s + at, strerror(errno));
}

/* The directories that given files stand in: editors put a new file in the old one's place. */
static int list_parents(stralloc *dirs)
{
    struct confdconf_value const *given = conf.value + CONFDCONF_FILE;
    for (size_t i = 0; i < given->n; i++) {
        size_t n = strlen(given->word[i]);
        if (!stralloc_readyplus(dirs, n + 3))
            return 0;
        dirs->len += gopath_dir(dirs->s + dirs->len, given->word[i], n) + 1;
    }
    return 1;
}

/* A new inotify for all files of values, made before they are read. */
static int watch_files(void)
{
    stralloc names = STRALLOC_ZERO;
    stralloc dirs = STRALLOC_ZERO;
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0)
        strerr_diefu1sys(1, "watch files");
    list_files(&names, &dirs);
    if (!list_parents(&dirs))
        strerr_diefu1sys(1, "watch files");
    add_watches(fd, &names);
    add_watches(fd, &dirs);
    stralloc_free(&names);
    stralloc_free(&dirs);
    return fd;
}

/* Does all at once, and again whenever a file of values has changed. The environment never does. */
static void on_change(int has_files)
{
    struct pollfd p[2] = {{.fd = signals, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    for (;;) {
        if (has_files)
            p[1].fd = watch_files();
        process_all();
        while (poll(p, 2, -1) < 0 && errno == EINTR)
            ;
        if (p[0].revents)
            stop(NULL);
        close(p[1].fd);
    }
}

/* ---- the command line */

static void usage(void)
{
    static char const text[] =
        "usage: confd [-onetime | -watch | -interval seconds] [-backend env|file] [-confdir dir]\n"
        "             [-config-file file] [-prefix prefix] [-noop] [-sync-only]\n"
        "             [-keep-stage-file] [-file path]... [-filter glob] [-log-level level]\n"
        "             [-version]\n";
    allwrite(2, text, sizeof text - 1);
}

static void read_flags(char const *const *argv)
{
    switch (confdconf_flags(&conf, argv)) {
    case CONFDCONF_OK:
        return;
    case CONFDCONF_HELP:
        usage();
        exit(0);
    case CONFDCONF_USAGE:
        strerr_warnw1x(conf.why);
        usage();
        exit(EXIT_FLAGS);
    case CONFDCONF_FAILED:
        strerr_dief1x(1, conf.why);
    }
}

static void set_level(void)
{
    char const *word = confdconf_string(&conf, CONFDCONF_LOG_LEVEL, "info");
    for (unsigned int i = 0; i < sizeof level_names / sizeof *level_names; i++)
        if (!strcasecmp(word, level_names[i]) || !strcasecmp(word, level_words[i])) {
            level = (enum level)i;
            return;
        }
    say(FATAL, "not a valid log level: \"%s\" (panic, fatal, error, warn, info, debug)", word);
    exit(1);
}

static void check_backend(void)
{
    static char const *const others[] = {"consul", "dynamodb", "etcd",  "etcdv3",    "rancher",
                                         "redis",  "ssm",      "vault", "zookeeper", "stackengine"};
    char const *backend = confdconf_string(&conf, CONFDCONF_BACKEND, "env");
    if (!strcmp(backend, "env"))
        return;
    if (!strcmp(backend, "file")) {
        if (conf.value[CONFDCONF_FILE].n)
            return;
        say(FATAL, "Backend file wants a file of YAML or JSON: name it by -file");
        exit(1);
    }
    for (unsigned int i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(backend, others[i])) {
            say(FATAL, "Backend %s is not supported here: use env or file", backend);
            exit(1);
        }
    say(FATAL, "Invalid backend \"%s\": use env or file", backend);
    exit(1);
}

/* What has been set and means nothing here. */
static void check_settings(void)
{
    for (int i = 0; i < CONFDCONF_N; i++)
        if (conf.value[i].n && !confdconf_means((enum confdconf_setting)i))
            say(WARNING, "-%s has no meaning for backend %s",
                confdconf_name((enum confdconf_setting)i),
                confdconf_string(&conf, CONFDCONF_BACKEND, "env"));
}

static void catch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        strerr_diefu1sys(1, "catch signals");
}

int main(int argc, char const *const *argv)
{
    (void)argc;
    pool_init(&settings_pool, MEMORY_MAX);
    conf.pool = &settings_pool;
    read_flags(argv);
    if (confdconf_bool(&conf, CONFDCONF_VERSION)) {
        static char const version[] = "confd (cairn " CAIRN_VERSION ")\n";
        return allwrite(1, version, sizeof version - 1) < sizeof version - 1;
    }
    if (!confdconf_rest(&conf)) {
        say(FATAL, "%s", conf.why);
        return 1;
    }
    set_level();
    check_backend();
    check_settings();
    confdir = confdconf_string(&conf, CONFDCONF_CONFDIR, "/etc/confd");
    is_onetime = confdconf_bool(&conf, CONFDCONF_ONETIME);
    int64_t interval = confdconf_int(&conf, CONFDCONF_INTERVAL, INTERVAL);
    if (interval <= 0 || interval > 2000000) {
        say(FATAL, "-interval must be from 1 to 2000000 seconds");
        return 1;
    }
    catch_signals();
    char const *backend = confdconf_string(&conf, CONFDCONF_BACKEND, "env");
    say(INFO, "Backend set to %s", backend);
    if (is_onetime)
        return !process_all();
    if (confdconf_bool(&conf, CONFDCONF_WATCH))
        on_change(!strcmp(backend, "file"));
    on_interval((int)interval);
}
