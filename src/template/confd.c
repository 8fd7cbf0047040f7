/* confd: writes configuration files from templates and the environment, files of YAML and JSON, or
   Consul's keys.

   confd [-onetime | -watch | -interval S] [-backend env|file|consul] [-confdir DIR] [-noop] ...
   Reads: /etc/confd/confd.toml, CONFDIR/conf.d (every file whose name ends in toml, below it too),
   CONFDIR/templates, the environment, the files of -file. Writes: what the resources name.

   A destination is replaced as a whole, and only if the whole template and check_cmd succeed. What
   fails is said, and the other resources are done all the same. TERM and INT end it at any moment,
   but never between the making of a staged file and its removal: they wait that long, and a command
   that runs meanwhile is told. */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include <cairn/confdconf.h>
#include <cairn/confdconsul.h>
#include <cairn/confdfunc.h>
#include <cairn/confdres.h>
#include <cairn/confdstore.h>
#include <cairn/dnsclient.h>
#include <cairn/filetree.h>
#include <cairn/gopath.h>
#include <cairn/goquote.h>
#include <cairn/pathwatch.h>
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
    MEMORY_MAX = 256 << 20,               /* bytes that one resource may take */
    INPUT_MAX = 16 << 20,                 /* of a template, a resource, a file of values */
    OUTPUT_MAX = 64 << 20,                /* of a destination */
    COMMAND_MAX = 16 << 10,               /* of what a command prints that are shown */
    MESSAGE_MAX = (4 * COMMAND_MAX) + 64, /* a byte may become \xff */
    INTERVAL = 600,                       /* s */
    RESTART = 2000,                       /* ms before consul-fetch is started again */
    BLIND = 5000,                         /* ms between two looks where nothing can be watched */
    SETTLE = 50,                          /* ms that changes of files may take together */
};

enum { EXIT_FLAGS = 2 };

/* in the order of their weight */
enum level { PANIC, FATAL, ERROR, WARNING, INFO, DEBUG };

static char const *const level_names[] = {"panic", "fatal", "error", "warn", "info", "debug"};
static char const *const level_words[] = {"PANIC", "FATAL", "ERROR", "WARNING", "INFO", "DEBUG"};

static struct pool settings_pool;
static struct confdconf conf;
static struct confdconsul consul;
static enum level level = INFO;
static char const *confdir;
static sigset_t ends;    /* TERM and INT */
static int signals = -1; /* a signalfd with them, for the time that they are held */
static int is_onetime;
static char last_error[SAY_MAX]; /* its first line */

_Static_assert(TMPLYAML_WHY == (int)TMPLJSON_WHY, "both readers say why in one buffer");

/* ---- messages */

/* One line: "TIME HOST confd[PID]: LEVEL message", as confd has it, or an object (say.h). */
__attribute__((format(printf, 2, 3))) static void say(enum level l, char const *format, ...)
{
    static char text[MESSAGE_MAX];
    static char line[MESSAGE_MAX + 512];
    char stamp[RFC3339_LENGTH + 1] = "";
    char host[65] = "";
    struct timespec now;
    va_list ap;
    size_t n;
    if (l > level && l != ERROR)
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (l == ERROR)
        snprintf(last_error, sizeof last_error, "%.*s", (int)strcspn(text, "\n"), text);
    if (l > level)
        return;
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
    if (goquote_string(&quoted, MESSAGE_MAX, output->len ? output->s : "", output->len, 0) &&
        stralloc_0(&quoted))
        say(l, "%s%s", quoted.s, output->len == COMMAND_MAX ? "..." : "");
    stralloc_free(&quoted);
}

/* ---- the end */

/* A loop has done its work when it is told to end. -onetime has not: it dies by the signal, so that
   a script does not go on as if the files were there. */
static void on_signal(int sig)
{
    if (!is_onetime)
        _exit(0);
    raise(sig); /* as by default: SA_RESETHAND */
    _exit(1);   /* process 1 survives it */
}

/* From here on a signal waits, and whoever can be interrupted looks at signals. */
static void hold_signals(void)
{
    sigprocmask(SIG_BLOCK, &ends, NULL);
}

/* One that waited ends us here. */
static void let_signals(void)
{
    sigprocmask(SIG_UNBLOCK, &ends, NULL);
}

static void catch_signals(void)
{
    struct sigaction const action = {.sa_handler = on_signal,
                                     .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0 || sigaction(SIGTERM, &action, NULL) < 0 ||
        sigaction(SIGINT, &action, NULL) < 0)
        strerr_diefu1sys(1, "catch signals");
    let_signals(); /* whoever started us may have blocked them */
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
    say(ERROR, "%s: %s", w->file, pool_why());
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

static int read_whole(stralloc *sa, char const *what, char const *path)
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
    int ok = read_whole(&text, "the file of values", path);
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

static char const *filter(void)
{
    return confdconf_string(&conf, CONFDCONF_FILTER, "*");
}

/* The files that -file names, those of directories by -filter; with a 0 each. Returns whether all
   could be listed, having said what could not. */
static int list_files(stralloc *names)
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
        } else if (!filetree_list(path, filter(), names, NULL)) {
            say(ERROR, "Cannot list the directory %s: %s", path, strerror(errno));
            ok = 0;
        }
    }
    return ok;
}

static char const *backend(void)
{
    return confdconf_string(&conf, CONFDCONF_BACKEND, "env");
}

static int fill_from_consul(struct work *w, char const *prefix)
{
    char why[CONFDCONSUL_WHY];
    if (confdconsul_fill(&consul, &w->store, prefix, w->res.key, w->res.keys, why))
        return 1;
    say(ERROR, "%s: %s", w->file, why);
    return 0;
}

static int fill_store(struct work *w)
{
    char const *prefix = whole_prefix(w);
    if (!prefix)
        return 0;
    confdstore_init(&w->store, &w->pool);
    if (!strcmp(backend(), "consul")) {
        if (!fill_from_consul(w, prefix))
            return 0;
    } else if (!strcmp(backend(), "file")) {
        stralloc names = STRALLOC_ZERO;
        int ok = list_files(&names);
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

/* Renders the template of the resource. */
static int render_source(struct work *w, stralloc *output)
{
    static struct tmplvalue const nil = {.kind = TMPLVALUE_NIL};
    stralloc text = STRALLOC_ZERO;
    size_t n = strlen(w->res.src);
    char const *base = gopath_base(w->res.src, &n);
    char *dir = path_in(w, confdir, "templates");
    char *path = dir ? path_in(w, dir, w->res.src) : NULL;
    int ok = path && read_whole(&text, "the template", path) &&
             render(w, path, base, text.len ? text.s : "", text.len, &nil, output);
    stralloc_free(&text);
    return ok;
}

/* Makes the staged file. */
static int make_stage(struct work *w, stralloc const *output)
{
    struct stat st;
    struct stagefile_like like = {.mode = w->res.mode, .uid = w->res.uid, .gid = w->res.gid};
    if (!w->res.has_mode)
        like.mode = stat(w->res.dest, &st) == 0 ? st.st_mode & 0777 : 0644;
    if (like.uid == (uid_t)-1)
        like.uid = geteuid();
    if (like.gid == (gid_t)-1)
        like.gid = getegid();
    if (stagefile_make(&w->stage, w->res.dest, output->len ? output->s : "", output->len, &like))
        return 1;
    say(ERROR, "Cannot write a file beside %s: %s%s", w->res.dest, strerror(errno),
        errno == ENOENT ? ": make its directory first" : "");
    return 0;
}

/* Runs a command. Returns whether it exited 0, having said what it printed. */
static int run_command(struct work *w, char const *what, char const *command)
{
    stralloc output = STRALLOC_ZERO;
    char words[SHELLCMD_WORDS];
    int status = 0;
    say(DEBUG, "Running %s", command);
    enum shellcmd_end end = shellcmd_run(command, &output, COMMAND_MAX, signals, -1, &status);
    if (end == SHELLCMD_WOKEN) {
        stagefile_drop(&w->stage);
        let_signals();
    }
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

/* What the output is for, with the staged file made and gone again. */
static int put(struct work *w, stralloc const *output)
{
    hold_signals();
    int ok = make_stage(w, output) && sync_file(w);
    if (confdconf_bool(&conf, CONFDCONF_KEEP_STAGE_FILE)) {
        if (w->stage.path.len)
            say(INFO, "Keeping staged file: %s", w->stage.path.s);
        stagefile_keep(&w->stage);
    } else {
        stagefile_drop(&w->stage);
    }
    let_signals();
    return ok;
}

/* Does the resource that stands in the file. Returns whether all went well. */
static int process(char const *file)
{
    struct work w = {.file = file, .stage = STAGEFILE_ZERO};
    stralloc text = STRALLOC_ZERO;
    stralloc output = STRALLOC_ZERO;
    char why[CONFDRES_WHY];
    pool_init(&w.pool, MEMORY_MAX);
    say(DEBUG, "Loading template resource from %s", file);
    int ok = read_whole(&text, "the template resource", file);
    if (ok && !confdres_read(&w.res, file, text.len ? text.s : "", text.len, &w.pool, why)) {
        say(ERROR, "Cannot process template resource %s", why);
        ok = 0;
    }
    if (ok && w.res.is_decimal)
        say(WARNING, "%s: mode is taken as decimal, that is %04o: write it with a leading 0", file,
            (unsigned int)w.res.mode);
    ok = ok && fill_store(&w) && render_source(&w, &output) && put(&w, &output);
    stralloc_free(&text);
    stralloc_free(&output);
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
    for (size_t at = 0; at < files.len; at += strlen(files.s + at) + 1)
        ok &= process(files.s + at);
    stralloc_free(&files);
    return ok;
}

/* ---- the loops */

__attribute__((noreturn)) static void on_interval(int seconds)
{
    for (;;) {
        process_all();
        if (!strcmp(backend(), "consul"))
            confdconsul_stop(&consul);
        poll(NULL, 0, seconds * 1000);
    }
}

static void watched(int ok, char const *path)
{
    if (!ok && errno != ENOENT)
        say(WARNING, "Cannot watch %s: %s", path, strerror(errno));
}

/* Watches all files of values. To be done before they are read: what changes in between is told.
   Returns 0 if the system has no watch to give: those of all containers of a user have one limit.
 */
static int watch_values(struct pathwatch *w)
{
    static int is_blind;
    struct confdconf_value const *given = conf.value + CONFDCONF_FILE;
    stralloc names = STRALLOC_ZERO;
    stralloc dirs = STRALLOC_ZERO;
    if (!pathwatch_open(w)) {
        if (!is_blind)
            say(WARNING, "Cannot watch files, looking at them every %d s: %s", BLIND / 1000,
                strerror(errno));
        is_blind = 1;
        return 0;
    }
    is_blind = 0;
    for (size_t i = 0; i < given->n; i++) {
        char const *path = given->word[i];
        watched(pathwatch_name(w, path), path);
        if (filetree_list(path, filter(), &names, &dirs))
            continue;
        watched(errno == ENOTDIR ? pathwatch_file(w, path) : 0, path);
    }
    for (size_t at = 0; at < names.len; at += strlen(names.s + at) + 1)
        watched(pathwatch_file(w, names.s + at), names.s + at);
    for (size_t at = 0; at < dirs.len; at += strlen(dirs.s + at) + 1)
        watched(pathwatch_dir(w, dirs.s + at, filter()), dirs.s + at);
    stralloc_free(&names);
    stralloc_free(&dirs);
    return 1;
}

/* Does all at once, and again whenever a file of values has changed. The environment never does. */
__attribute__((noreturn)) static void on_change(int has_files)
{
    struct pathwatch w = {.fd = -1};
    for (;;) {
        int is_watching = has_files && watch_values(&w);
        process_all();
        if (has_files && !is_watching) {
            poll(NULL, 0, BLIND);
            continue;
        }
        do {
            struct pollfd p = {.fd = w.fd, .events = POLLIN};
            poll(&p, 1, -1);
        } while (!has_files || !pathwatch_read(&w));
        pathwatch_close(&w);
        poll(NULL, 0, SETTLE); /* one who writes many files is not followed file by file */
    }
}

static void complain(char const *why)
{
    say(WARNING, "%s", why);
}

/* Does all at once, and again whenever Consul has something else. */
__attribute__((noreturn)) static void on_consul(int seconds)
{
    for (;;) {
        process_all();
        if (confdconsul_wait(&consul))
            continue;
        int is_ended = consul.fetcher.pid != 0;
        if (is_ended)
            say(WARNING, "consul-fetch has ended: it is started again");
        confdconsul_stop(&consul);
        poll(NULL, 0, is_ended ? RESTART : seconds * 1000);
    }
}

/* ---- the command line */

static void usage(void)
{
    static char const text[] =
        "usage: confd [-onetime | -watch | -interval seconds] [-backend env|file|consul] [-confdir "
        "dir]\n"
        "             [-node host:port] [-scheme http|https] [-client-ca-keys file]\n"
        "             [-client-cert file] [-client-key file] [-client-insecure]\n"
        "             [-auth-token token] [-basic-auth] [-username name] [-password word]\n"
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
    static char const *const others[] = {"dynamodb", "etcd",  "etcdv3",    "rancher",    "redis",
                                         "ssm",      "vault", "zookeeper", "stackengine"};
    char const *scheme = confdconf_string(&conf, CONFDCONF_SCHEME, "http");
    if (!strcmp(backend(), "env"))
        return;
    if (!strcmp(backend(), "consul")) {
        if (!strcmp(scheme, "http") || !strcmp(scheme, "https"))
            return;
        say(FATAL, "-scheme is http or https, not \"%s\"", scheme);
        exit(1);
    }
    if (!strcmp(backend(), "file")) {
        if (conf.value[CONFDCONF_FILE].n)
            return;
        say(FATAL, "Backend file wants a file of YAML or JSON: name it by -file");
        exit(1);
    }
    for (unsigned int i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(backend(), others[i])) {
            say(FATAL, "Backend %s is not supported here: use env, file or consul", backend());
            exit(1);
        }
    say(FATAL, "Invalid backend \"%s\": use env, file or consul", backend());
    exit(1);
}

/* What has been set and means nothing here. */
static void check_settings(void)
{
    if (conf.extra)
        say(WARNING, "%s, and what follows it, has no meaning: flags begin with -", conf.extra);
    for (int i = 0; i < CONFDCONF_N; i++)
        if (conf.value[i].n && !confdconf_means((enum confdconf_setting)i, backend()))
            say(WARNING, "-%s has no meaning for backend %s",
                confdconf_name((enum confdconf_setting)i), backend());
}

int main(int argc, char const *const *argv)
{
    (void)argc;
    if (!fd_sanitize())
        strerr_diefu1sys(1, "open /dev/null");
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
    signal(SIGPIPE, SIG_IGN); /* consul-fetch may have ended */
    signal(SIGCHLD, SIG_DFL); /* ignored, no command would have a code */
    int is_watch = !is_onetime && confdconf_bool(&conf, CONFDCONF_WATCH);
    if (!strcmp(backend(), "consul"))
        confdconsul_init(&consul, &conf, is_watch, complain);
    say(INFO, "Backend set to %s", backend());
    if (is_onetime) {
        int ok = process_all();
        if (!ok)
            say(FATAL, "%s", last_error);
        return !ok;
    }
    if (is_watch && !strcmp(backend(), "consul"))
        on_consul((int)interval);
    if (is_watch)
        on_change(!strcmp(backend(), "file"));
    on_interval((int)interval);
}
