/* init: the first process of a container, for the whole of its life.

   init [COMMAND [ARGUMENT...]]
   init --check [ROOT [COMMAND [ARGUMENT...]]]

   Boots the image (fix-attrs, cont-init, services-up), runs COMMAND, and stops everything in order
   when COMMAND ends, a stop is requested, or a stage fails. What happens when is decided by
   lifefsm; here events are gathered and effects carried out. With --check it becomes init-check.

   Reads:   /etc/{fix-attrs.d,cont-init.d,services.d,cont-finish.d} (or
   /etc/cont-profile.d/$S6_RUNTIME_PROFILE/), /etc/s6/init/{env,env-stage2}/, the S6_* and CAIRN_*
   variables of its environment, the files that FILE__NAME and NAME_FILE name (filevars),
   STATE/halt-code, STATE/env-stage3/S6_STAGE2_EXITED,
   /run/s6-linux-init-container-results/exitcode

   Makes:   the state directory and its links (bootplaces)

   Starts:  svscan on STATE/services, which sends the bytes that ask for a stop back through a pipe

   Writes:  STATE/boot-timeline (timerec); with S6_LOGGING, to STATE/uncaught-logs-fifo, which the
   service s6-svscan-log reads (catchall)

   Invariants:
   - All signals are blocked here and read from a signalfd; children get an empty mask.
   - Nothing waits: output that cannot be written is kept or dropped, so a full pipe cannot delay a
   stop.
   - Nothing is allocated after the set-up but for the command's environment.
   - Not being pid 1, it is a subreaper, and it signals nobody but its descendants. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/bootenv.h>
#include <cairn/bootinput.h>
#include <cairn/bootplaces.h>
#include <cairn/bootset.h>
#include <cairn/catchall.h>
#include <cairn/cmdexec.h>
#include <cairn/contenv.h>
#include <cairn/exitfile.h>
#include <cairn/filevars.h>
#include <cairn/haltcode.h>
#include <cairn/hookstage.h>
#include <cairn/legacytree.h>
#include <cairn/lifefsm.h>
#include <cairn/logservice.h>
#include <cairn/proctree.h>
#include <cairn/script.h>
#include <cairn/setnames.h>
#include <cairn/sibling.h>
#include <cairn/statedir.h>
#include <cairn/svorder.h>
#include <cairn/terminal.h>
#include <cairn/timerec.h>
#include <cairn/transcript.h>

char const *PROG = "init";

enum {
    PATH_BYTES = 1024,
    SVSCAN_PAUSE = 1000, /* ms between two starts of an svscan that keeps dying */
    DRAIN_MAX = 100,     /* ms that a reader of our last lines may take */
    LOGGER_MAX = 1000,   /* ms that a last logger may take */
    SIGNAL_PODMAN_HALT =
        37, /* SIGRTMIN+3 as Podman and systemd count, whatever this libc keeps for itself */
    LOGGING_CMD = 2, /* S6_LOGGING: the command has the catch-all logger too */
    CODE_USAGE = 100,
    CODE_SYSTEM = 111,
    QUEUE = 16
};

static struct {
    struct bootset set;
    struct bootplaces places;
    struct terminal tty;
    struct transcript out;
    struct transcript err;
    struct lifefsm life;
    struct bootenv env;
    struct filevars files;
    struct catchall log;
    struct timerec timeline;
    char input[PATH_BYTES]; /* what holds the user's four directories */
    int pid1;
    int overrides; /* there is an /etc/s6/init */
    int sfd;
    int stop[2];   /* from svscan; both ends stay open, so that it never ends */
    int hooks_ran; /* something of the user's ran: the container environment may have changed */
    int none_left; /* no child, so no descendant either */
    pid_t cmd, stage, finish, svscan, down, starter;
    uint64_t svscan_started;
    uint64_t svscan_due;    /* when to start it again */
    uint64_t down_due;      /* when svscan is told to end although services still wait for others */
    int starts;             /* of the starter */
    int svscans;            /* starts of svscan */
    char const *stage_name; /* the last boot stage */
    struct {
        enum life_event event;
        int arg;
    } queue[QUEUE];
    unsigned int queued;
} g = {.log = CATCHALL_NONE};

static char const *const stage_names[] = {
    [LIFE_FIXATTRS] = "fix-attrs", [LIFE_CONTINIT] = "cont-init", [LIFE_SERVICES] = "services-up"};

static uint64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void post(enum life_event event, int arg)
{
    if (g.queued < QUEUE) {
        g.queue[g.queued].event = event;
        g.queue[g.queued++].arg = arg;
    }
}

/* Writes the transcript, as far as that does not wait. When the catch-all logger is to see the end
   of its FIFO, this opens it for the moment only. */
static int flush_out(void)
{
    if (g.log.reader < 0 || g.log.writer >= 0 || !g.out.len)
        return transcript_flush(&g.out);
    g.out.fd = catchall_open(&g.log);
    if (g.out.fd < 0)
        return -1;
    int r = transcript_flush(&g.out);
    int e = errno;
    close(g.out.fd);
    g.out.fd = -1;
    errno = e;
    return r;
}

/* What goes wrong once the loop runs: strerr_* would wait for a reader of standard error. */
static void complain(int e, char const *a, char const *b)
{
    flush_out(); /* on a terminal, what came before stands before it */
    transcript_say(&g.err, TRANSCRIPT_FAILURE, PROG, ": warning: ", a, b, e ? ": " : "",
                   e ? strerror(e) : "", "\n");
    transcript_flush(&g.err);
}

/* --- children --- */

/* A child's first steps. Those that never touch the terminal get a session of their own, so that
   its keys do not reach them. */
static pid_t spawn_begin(int own_session)
{
    flush_out();
    pid_t pid = fork();
    if (pid > 0)
        g.none_left = 0;
    if (pid)
        return pid;
    if (own_session || g.set.logging == LOGGING_CMD)
        catchall_join(&g.log);
    if (own_session) {
        int null = open("/dev/null", O_RDONLY);
        setsid();
        if (null >= 0) {
            dup2(null, 0);
            if (null)
                close(null);
        }
    }
    return 0;
}

static void unblock(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void exec_or_die(char const *file, char *const *argv, char *const *envp)
{
    char why[512];
    unblock();
    script_exec(file, argv, envp);
    int e = errno;
    strerr_warnw(script_explain(why, sizeof why, AT_FDCWD, file, e));
    _exit(script_exitcode(e));
}

static char *const *hooks_env(void)
{
    return (char *const *)g.env.hooks;
}

/* In a child: for those of our programs that know of the timeline and keep it to themselves. */
static char *const *env_with_timeline(void)
{
    static char line[TIMEREC_VALUE + PATH_BYTES];
    if (!g.timeline.path)
        return hooks_env();
    timerec_format(&g.timeline, line);
    char const **merged = bootenv_merge((char const *const *)g.env.hooks, line, 1);
    return merged ? (char *const *)merged : hooks_env();
}

static void record(enum timeline_kind kind, enum timeline_event event, int code, char const *name)
{
    timerec_put(&g.timeline, kind, event, (unsigned int)code, NULL, name);
}

static char *live_scandir(char *buf)
{
    strcpy(buf, g.places.state);
    return strcat(buf, "/services");
}

static void start_svscan(void)
{
    char path[PATH_BYTES];
    char scandir[STATEDIR_MAX + 16];
    char option[16 + INT_FMT] = "--stop-fd=";
    char console[16 + INT_FMT] = "-X";
    char *argv[6] = {"svscan", option};
    size_t n = 2;
    if (g.set.compact)
        argv[n++] = "--compact";
    if (g.log.console >= 0) {
        console[2 + int_fmt(console + 2, g.log.console)] = 0;
        argv[n++] = console;
    }
    argv[n] = scandir;
    g.svscan_due = LIFEFSM_NEVER;
    if (g.stop[0] < 0 && pipe2(g.stop, O_CLOEXEC | O_NONBLOCK) < 0) {
        g.stop[0] = -1;
        complain(errno, "unable to make a pipe for ", "svscan");
        g.svscan_due = now_ms() + SVSCAN_PAUSE;
        return;
    }
    option[10 + int_fmt(option + 10, g.stop[1])] = 0;
    live_scandir(scandir);
    g.svscan_started = now_ms();
    g.svscans++;
    g.svscan = spawn_begin(1);
    if (g.svscan < 0) {
        complain(errno, "unable to start ", "svscan");
        g.svscan = 0;
        g.svscan_due = g.svscan_started + SVSCAN_PAUSE;
        return;
    }
    if (!g.svscan) {
        fcntl(g.stop[1], F_SETFD, 0);
        if (g.log.console >= 0)
            fcntl(g.log.console, F_SETFD, 0);
        if (!sibling_path(path, sizeof path, "svscan"))
            _exit(CODE_SYSTEM);
        /* what another one starts is no first start any more */
        exec_or_die(path, argv, g.svscans > 1 ? hooks_env() : env_with_timeline());
    }
    post(LIFE_EV_SERVICES_UP, 0);
}

/* Starts one of our programs beside the stages, services-up -u or -d, in the root directory. */
static pid_t spawn_services_up(char const *option)
{
    char path[PATH_BYTES];
    char scandir[STATEDIR_MAX + 16];
    char *argv[] = {"services-up", (char *)option, live_scandir(scandir), NULL};
    pid_t pid = spawn_begin(1);
    if (pid)
        return pid;
    if (chdir("/") < 0 || !sibling_path(path, sizeof path, argv[0]))
        _exit(CODE_SYSTEM);
    exec_or_die(path, argv, hooks_env());
    return 0;
}

/* Services that wait for others are started by a process of its own. */
static void start_starter(void)
{
    g.starter = spawn_services_up("-u");
    g.starts++;
    if (g.starter >= 0)
        return;
    g.starter = 0;
    complain(errno, "unable to start services that wait for others: ", "run services-up -u");
}

static void on_starter_end(int wstat)
{
    g.starter = 0;
    if (lifefsm_is_stopping(&g.life) || !lifefsm_code(wstat))
        return;
    complain(0, "services-up -u, which starts services that wait for others, failed",
             g.starts > 1 ? ": it is not started again" : "");
    if (g.starts < 2)
        start_starter();
}

/* Starts the program of a stage: the user's own where there is one. */
static pid_t spawn_stage(char const *name, char *const *argv, int at_root)
{
    char path[PATH_BYTES] = BOOTPLACES_OVERRIDES "/";
    pid_t pid = spawn_begin(1);
    if (pid)
        return pid;
    strcpy(path + sizeof BOOTPLACES_OVERRIDES, name);
    if (at_root && chdir("/") < 0)
        strerr_warnwu1sys("change to /");
    if (g.overrides && !access(path, X_OK))
        exec_or_die(path, argv, hooks_env());
    if (!sibling_path(path, sizeof path, name))
        _exit(CODE_SYSTEM);
    exec_or_die(path, argv, env_with_timeline());
    return 0;
}

static int is_overridden(char const *name)
{
    char path[sizeof BOOTPLACES_OVERRIDES + 32] = BOOTPLACES_OVERRIDES "/";
    if (!g.overrides)
        return 0;
    strcpy(path + sizeof BOOTPLACES_OVERRIDES, name);
    return !access(path, X_OK);
}

static char *hook_dir(char *buf, char const *name)
{
    strcpy(buf, g.places.etc);
    strcat(buf, "/");
    return strcat(buf, name);
}

/* In images whose service has a user, or that say that theirs has none, the stage begins with what
   these ask for; the program does that. */
static int is_asked_for_more(struct hookstage const *h)
{
    static char const *const names[] = {"PUID", "PGID", "TZ"};
    char const *value;
    if (!h->is_fix || !getenv("CAIRN_SERVICE_USER"))
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((value = getenv(names[i])) && *value)
            return 1;
    return 0;
}

/* fix-attrs FILE is a program, but its stage needs none: a fork of ours goes through the files. */
static pid_t spawn_fixattrs(char const *dir)
{
    char runner[PATH_BYTES];
    struct hookstage_options o = {
        .path = dir, .behaviour = g.set.behaviour, .envp = hooks_env(), .timeline = g.timeline};
    pid_t pid = spawn_begin(1);
    if (pid)
        return pid;
    PROG = "fix-attrs";
    o.runner = sibling_path(runner, sizeof runner, "fix-attrs");
    if (!o.runner)
        _exit(CODE_SYSTEM);
    transcript_init(&g.out, 1, g.set.verbosity);
    _exit(hookstage_run(&hookstage_fixattrs, &o, &g.out));
}

/* --- boot --- */

/* A stage of scripts: nothing is started for a directory that is empty or absent. Returns the pid,
   0 when the stage is already over, -1 when it cannot be started. */
static pid_t start_hooks(struct hookstage const *h, int at_root)
{
    char dir[PATH_BYTES];
    char verbosity[UINT_FMT];
    char number[UINT_FMT];
    int is_finish = h == &hookstage_contfinish;
    char *argv[] = {(char *)h->name, "-v", verbosity, is_finish ? "-t" : "-b", number, dir, NULL};
    verbosity[uint_fmt(verbosity, g.set.verbosity)] = 0;
    number[uint_fmt(number, is_finish ? g.set.finish_maxtime : g.set.behaviour)] = 0;
    if (is_overridden(h->name) || is_asked_for_more(h)) {
        argv[1] = NULL;
        return spawn_stage(h->name, argv, at_root);
    }
    switch (hookstage_probe(hook_dir(dir, h->dir))) {
    case -1:
        if (errno == ENOENT)
            return 0;
        break; /* the stage says what is wrong */
    case 0:
        hookstage_begin(h, &g.out);
        hookstage_end(h, &g.out);
        return 0;
    }
    return h->is_fix ? spawn_fixattrs(dir) : spawn_stage(h->name, argv, at_root);
}

static pid_t start_services(void)
{
    char dir[PATH_BYTES];
    char scandir[STATEDIR_MAX + 16];
    char verbosity[UINT_FMT];
    char behaviour[UINT_FMT];
    /* ending with the operands; an own stage gets no more than -c */
    char *argv[10] = {"services-up"};
    size_t n = 1;
    if (g.life.has_cmd)
        argv[n++] = "-c";
    if (is_overridden(argv[0]))
        return spawn_stage(argv[0], argv, 0);
    hook_dir(dir, "services.d");
    if (access(BOOTINPUT_TEMPLATES, F_OK) < 0)
        switch (hookstage_probe(dir)) {
        case -1:
            if (errno == ENOENT)
                return 0;
            break;
        case 0:
            transcript_say(&g.out, TRANSCRIPT_NORMAL,
                           "[services.d] starting services\n[services.d] done.\n");
            return 0;
        }
    verbosity[uint_fmt(verbosity, g.set.verbosity)] = 0;
    behaviour[uint_fmt(behaviour, g.set.behaviour)] = 0;
    argv[n++] = "-l";
    argv[n++] = "-v";
    argv[n++] = verbosity;
    argv[n++] = "-b";
    argv[n++] = behaviour;
    argv[n++] = dir;
    argv[n++] = live_scandir(scandir);
    return spawn_stage(argv[0], argv, 0);
}

/* The stage stays in mind: when a stop began meanwhile, the state is that of the stop. */
static void end_stage(int code)
{
    record(TIMELINE_STAGE, TIMELINE_END, code, g.stage_name);
    post(LIFE_EV_STAGE_END, code);
}

static void run_stage(void)
{
    pid_t pid;
    g.stage_name = stage_names[g.life.state];
    record(TIMELINE_STAGE, TIMELINE_START, 0, g.stage_name);
    switch (g.life.state) {
    case LIFE_FIXATTRS:
        pid = start_hooks(&hookstage_fixattrs, 0);
        break;
    case LIFE_CONTINIT:
        pid = start_hooks(&hookstage_continit, 0);
        break;
    default:
        pid = start_services();
        break;
    }
    if (pid < 0) {
        complain(errno, "unable to start ", stage_names[g.life.state]);
        end_stage(CODE_SYSTEM);
    } else if (pid) {
        g.stage = pid;
        g.hooks_ran = 1;
    } else
        end_stage(0);
}

/* The command's environment: that of the container as it is now. */
static char *const *cmd_env(void)
{
    static stralloc sa = STRALLOC_ZERO;
    char path[STATEDIR_MAX + sizeof "/" CONTENV_DIR];
    char const *culprit;
    size_t n = 0;
    if (g.set.keep_env || !g.hooks_ran)
        return (char *const *)g.env.container;
    strcpy(path, g.places.state);
    strcat(path, "/" CONTENV_DIR);
    if (contenv_read(path, &sa, &n, NULL, &culprit) < 0)
        strerr_diefu5sys(CODE_SYSTEM, "read ", path, *culprit ? "/" : "", culprit,
                         ": the command cannot have its environment");
    char const **envp = malloc((n + 1) * sizeof *envp);
    if (!envp)
        strerr_diefu1sys(CODE_SYSTEM, "allocate memory");
    char const *s = sa.s;
    for (size_t i = 0; i < n; i++, s += strlen(s) + 1)
        envp[i] = s;
    envp[n] = NULL;
    return (char *const *)envp;
}

static void start_cmd(void)
{
    if (svorder_any_service(g.places.fd, 0) && !g.svscan && g.svscan_due == LIFEFSM_NEVER)
        start_svscan();
    int waiting = g.hooks_ran && svorder_any_waiting(g.places.fd);
    if (waiting)
        start_starter();
    if (!g.life.has_cmd) {
        if (!waiting && !svorder_any_service(g.places.fd, 1))
            complain(0, "no command and no service: ", "waiting for a signal");
        return;
    }
    terminal_prepare(&g.tty);
    record(TIMELINE_COMMAND, TIMELINE_START, 0, g.env.cmd[0]);
    g.cmd = spawn_begin(0);
    if (g.cmd < 0) {
        complain(errno, "unable to start ", g.env.cmd[0]);
        g.cmd = 0;
        post(LIFE_EV_CMD_END, CODE_SYSTEM << 8);
        return;
    }
    if (!g.cmd) {
        char why[512];
        terminal_child(&g.tty);
        char *const *envp = cmd_env();
        unblock();
        cmdexec_exec((char *const *)g.env.cmd, envp);
        int e = errno;
        strerr_warnwu("run the command: ", cmdexec_explain(why, sizeof why, g.env.cmd[0], envp, e));
        _exit(script_exitcode(e));
    }
    terminal_parent(&g.tty);
}

/* --- stop --- */

static void ask_services_down(void)
{
    g.svscan_due = LIFEFSM_NEVER;
    if (g.starter) /* or a service comes up whose last need has just been met */
        kill(g.starter, SIGTERM);
    if (!g.svscan) {
        post(LIFE_EV_SERVICES_DOWN, 0);
        return;
    }
    if (svorder_any_dependency(g.places.fd)) {
        g.down = spawn_services_up("-d");
        if (g.down > 0) {
            /* 0 is no bound: then half of all the time there is */
            unsigned int half = (g.set.services_grace ? g.set.services_grace : g.set.stop_max) / 2;
            g.down_due = now_ms() + half;
            return;
        }
        g.down = 0;
    }
    kill(g.svscan, SIGTERM);
}

static void ask_down(void)
{
    record(TIMELINE_PHASE, TIMELINE_START, 0, "down");
    if (g.cmd) {
        kill(g.cmd, SIGTERM);
        kill(g.cmd, SIGCONT);
    }
    if (g.stage) {
        /* a session of its own; its scripts have groups of their own and get the signal from it */
        if (kill(-g.stage, SIGTERM) < 0)
            kill(g.stage, SIGTERM);
        kill(-g.stage, SIGCONT);
    }
    ask_services_down();
}

static void end_finish(int code)
{
    record(TIMELINE_STAGE, TIMELINE_END, code, hookstage_contfinish.name);
    post(LIFE_EV_FINISH_END, 0);
}

static void run_finish(void)
{
    record(TIMELINE_STAGE, TIMELINE_START, 0, hookstage_contfinish.name);
    g.finish = start_hooks(&hookstage_contfinish, 1);
    if (g.finish > 0)
        return;
    int failed = g.finish < 0;
    if (failed)
        complain(errno, "unable to start ", "cont-finish");
    g.finish = 0;
    end_finish(failed ? CODE_SYSTEM : 0);
}

static void put_code(void)
{
    int code = lifefsm_exitcode(&g.life);
    /* where they cannot be written there is nobody to read them */
    exitfile_put(g.places.fd, EXITFILE_V1, code, 0);
    if (!g.places.is_private)
        exitfile_put(AT_FDCWD, EXITFILE_V3, code, 0);
}

static void latch(void)
{
    int code;
    for (int i = 0; i < 2 - g.places.is_private; i++) {
        char const *path = i ? EXITFILE_V3 : EXITFILE_V1;
        int r = exitfile_get(g.places.fd, path, &code);
        if (r < 0)
            complain(errno, "unable to read an exit code from ", path);
        if (r > 0) {
            lifefsm_written(&g.life, code);
            return;
        }
    }
}

/* In a child that TERM does not end: a dead file server must not hang us. */
static void sync_disks(void)
{
    if (!g.set.sync)
        return;
    transcript_say(&g.out, TRANSCRIPT_NORMAL, "[s6-finish] syncing disks.\n");
    if (!spawn_begin(0)) {
        sync();
        _exit(0);
    }
}

/* Where /proc is missing, only those that we started can be found, with their groups. */
static void signal_known(int sig)
{
    pid_t const known[] = {g.cmd, g.stage, g.finish, g.down, g.starter, g.svscan};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] > 0 && kill(-known[i], sig) < 0)
            kill(known[i], sig);
}

static void signal_all(int sig)
{
    if (g.pid1 && sig == SIGKILL) {
        kill(-1, sig);
        return;
    }
    if (proctree_kill(sig, g.pid1 && sig == SIGTERM ? SIGHUP : 0) >= 0)
        return;
    if (g.pid1)
        kill(-1, sig);
    else
        signal_known(sig);
}

static void term_all(void)
{
    record(TIMELINE_PHASE, TIMELINE_START, 0, "term");
    transcript_say(&g.out, TRANSCRIPT_NORMAL,
                   "[s6-finish] sending all processes the TERM signal.\n");
    if (g.none_left) { /* of ours: the rest came from outside */
        if (g.pid1 && !kill(-1, SIGHUP))
            kill(-1, SIGTERM);
        return;
    }
    flush_out();
    signal_all(SIGTERM);
    signal_all(SIGCONT);
}

static void kill_all(void)
{
    record(TIMELINE_PHASE, TIMELINE_START, 0, "kill");
    transcript_say(&g.out, TRANSCRIPT_NORMAL,
                   "[s6-finish] sending all processes the KILL signal and exiting.\n");
    if (g.none_left)
        return;
    flush_out();
    if (g.log.reader >= 0)
        catchall_pause(&g.log, DRAIN_MAX);
    signal_all(SIGKILL);
}

static int has_ended(pid_t pid, int *wstat)
{
    pid_t r;
    while ((r = waitpid(pid, wstat, WNOHANG)) < 0 && errno == EINTR)
        ;
    return r == pid;
}

/* All others are gone, and the catch-all logger too: another one takes what was written since. */
static void log_the_rest(void)
{
    struct signalfd_siginfo si;
    uint64_t deadline = now_ms() + LOGGER_MAX;
    int wstat = 1;
    catchall_give_up(&g.log);
    flush_out();
    pid_t pid = catchall_unread(&g.log) ? catchall_last(&g.log, (char *const *)g.env.hooks) : 0;
    while (pid > 0 && !has_ended(pid, &wstat)) {
        struct pollfd p = {.fd = g.sfd, .events = POLLIN};
        uint64_t now = now_ms();
        if (now >= deadline || poll(&p, 1, (int)(deadline - now)) < 0) {
            kill(pid, SIGKILL);
            break;
        }
        flush_out();
        (void)!read(g.sfd, &si, sizeof si);
    }
    if (pid && wstat)
        catchall_spill(&g.log);
}

/* A reader of our last lines may be slow. */
static void say_the_rest(void)
{
    struct pollfd p = {.fd = g.out.fd, .events = POLLOUT};
    while (transcript_flush(&g.out) < 0 && errno == EAGAIN && poll(&p, 1, DRAIN_MAX) == 1)
        ;
}

static void leave(void)
{
    terminal_restore(&g.tty);
    record(TIMELINE_CONTAINER, TIMELINE_END, lifefsm_exitcode(&g.life), PROG);
    if (g.log.reader >= 0)
        log_the_rest();
    else
        say_the_rest();
    _exit(lifefsm_exitcode(&g.life));
}

/* From here on the catch-all logger waits for the others only. */
static void say_waiting(void)
{
    record(TIMELINE_PHASE, TIMELINE_START, 0, "wait");
    transcript_say(&g.out, TRANSCRIPT_NORMAL, "[s6-finish] waiting for services.\n");
    if (g.log.reader < 0)
        return;
    flush_out();
    close(g.out.fd);
    g.out.fd = -1;
    catchall_give_up(&g.log);
}

static void carry_out(unsigned int fx)
{
    if (fx & LIFE_FX_RUN_STAGE)
        run_stage();
    if (fx & LIFE_FX_START_CMD) {
        bootplaces_booted(&g.places);
        start_cmd();
    }
    if (fx & LIFE_FX_PUT_CODE)
        put_code();
    if (fx & LIFE_FX_ASK_DOWN)
        ask_down();
    if (fx & LIFE_FX_RUN_FINISH)
        run_finish();
    if (fx & LIFE_FX_LATCH)
        latch();
    if (fx & LIFE_FX_SAY_WAITING)
        say_waiting();
    if (fx & LIFE_FX_SYNC)
        sync_disks();
    if (fx & LIFE_FX_TERM_ALL)
        term_all();
    if (fx & LIFE_FX_KILL_ALL)
        kill_all();
    if (fx & LIFE_FX_KILL_AGAIN)
        signal_all(SIGKILL);
    if (fx & LIFE_FX_EXIT)
        leave();
}

/* --- events --- */

static void on_svscan_end(int wstat)
{
    g.svscan = 0;
    if (lifefsm_is_stopping(&g.life)) {
        post(LIFE_EV_SERVICES_DOWN, 0);
        return;
    }
    int code = lifefsm_code(wstat);
    if (code == 126 || code == 127) { /* it has said why; nothing can be supervised */
        post(LIFE_EV_SERVICES_DOWN, 0);
        post(LIFE_EV_STOP, code);
        return;
    }
    uint64_t now = now_ms();
    if (now >= g.svscan_started + SVSCAN_PAUSE)
        start_svscan();
    else
        g.svscan_due = g.svscan_started + SVSCAN_PAUSE;
}

static void on_cmd_end(int wstat)
{
    char fmt[INT_FMT];
    g.cmd = 0;
    terminal_restore(&g.tty);
    record(TIMELINE_COMMAND, TIMELINE_END, lifefsm_code(wstat), g.env.cmd[0]);
    int shown = WIFSIGNALED(wstat) ? 256 + WTERMSIG(wstat) : WEXITSTATUS(wstat);
    fmt[int_fmt(fmt, shown)] = 0;
    transcript_say(&g.out, shown ? TRANSCRIPT_FAILURE : TRANSCRIPT_NORMAL, "[cmd] ", g.env.cmd[0],
                   " exited ", fmt, "\n");
    post(LIFE_EV_CMD_END, wstat);
}

static void on_stage_end(int wstat)
{
    g.stage = 0;
    if (WIFSIGNALED(wstat) && !lifefsm_is_stopping(&g.life))
        complain(0, stage_names[g.life.state], " was killed by a signal: stopping");
    end_stage(lifefsm_code(wstat));
}

static void reap(void)
{
    for (;;) {
        int wstat;
        pid_t pid = waitpid(-1, &wstat, WNOHANG);
        if (pid < 0) {
            g.none_left = 1;
            if (g.life.state >= LIFE_WAIT)
                post(LIFE_EV_NONE_LEFT, 0);
            return;
        }
        if (!pid)
            return;
        if (pid == g.cmd)
            on_cmd_end(wstat);
        else if (pid == g.stage)
            on_stage_end(wstat);
        else if (pid == g.finish) {
            g.finish = 0;
            end_finish(lifefsm_code(wstat));
        } else if (pid == g.svscan)
            on_svscan_end(wstat);
        else if (pid == g.down) {
            g.down = 0;
            g.down_due = 0;
        } else if (pid == g.starter)
            on_starter_end(wstat);
    }
}

static void on_stop_pipe(void)
{
    char buf[64];
    if (read(g.stop[0], buf, sizeof buf) > 0)
        post(LIFE_EV_STOP, haltcode_get(g.places.fd));
}

static void on_signal(int sig)
{
    switch (sig) {
    case SIGCHLD:
        reap();
        break;
    case SIGHUP:
    case SIGALRM:
        if (g.svscan)
            kill(g.svscan, sig);
        else if (!lifefsm_is_stopping(&g.life) && g.life.state == LIFE_RUNNING)
            start_svscan();
        break;
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
    case SIGABRT:
    case SIGPWR:
    case SIGNAL_PODMAN_HALT:
        post(LIFE_EV_STOP, -1);
        break;
    default:
        break;
    }
}

static void on_signals(void)
{
    struct signalfd_siginfo si[8];
    ssize_t r = read(g.sfd, si, sizeof si);
    for (ssize_t i = 0; i < r / (ssize_t)sizeof *si; i++)
        on_signal((int)si[i].ssi_signo);
}

static void on_time(uint64_t now)
{
    if (now >= g.life.deadline)
        post(LIFE_EV_TIMER, 0);
    if (now >= g.svscan_due && !lifefsm_is_stopping(&g.life))
        start_svscan();
    if (now >= g.down_due) {
        g.down_due = LIFEFSM_NEVER;
        if (g.svscan)
            kill(g.svscan, SIGTERM);
    }
}

static void drain(void)
{
    for (unsigned int i = 0; i < g.queued; i++) {
        carry_out(lifefsm_step(&g.life, g.queue[i].event, g.queue[i].arg, now_ms()));
        /* a phase may be over before it begins: ask when the last event is dealt with */
        if (i + 1 == g.queued && g.life.state >= LIFE_WAIT) {
            g.queued = i = 0;
            reap();
            if (!g.queued)
                return;
            i--;
        }
    }
    g.queued = 0;
}

static int timeout(uint64_t now)
{
    uint64_t t = g.life.deadline;
    if (g.svscan_due < t)
        t = g.svscan_due;
    if (g.down_due < t)
        t = g.down_due;
    if (t == LIFEFSM_NEVER)
        return -1;
    return t <= now ? 0 : t - now > 60000 ? 60000 : (int)(t - now);
}

static void loop(void)
{
    post(LIFE_EV_START, 0);
    for (;;) {
        drain();
        int pending = flush_out() < 0;
        /* without an svscan, the first byte for it is what starts one */
        int listen = !g.svscan && g.svscan_due == LIFEFSM_NEVER && !lifefsm_is_stopping(&g.life);
        struct pollfd p[4] = {{.fd = g.sfd, .events = POLLIN},
                              {.fd = g.stop[0], .events = POLLIN},
                              {.fd = listen ? g.places.control : -1, .events = POLLIN},
                              {.fd = pending ? g.out.fd : -1, .events = POLLOUT}};
        int r = poll(p, 4, timeout(now_ms()));
        if (r > 0) {
            if (p[0].revents)
                on_signals();
            if (p[1].revents)
                on_stop_pipe();
            if (p[2].revents & POLLIN)
                start_svscan();
        }
        on_time(now_ms());
    }
}

/* --- set-up --- */

static void warn_setting(char const *name, char const *why)
{
    strerr_warnw(name, " ", why);
}

static void warn_unknown(char const *const *envp)
{
    char names[512];
    if (g.set.verbosity >= TRANSCRIPT_FAILURE && setnames_unknown(names, sizeof names, envp))
        strerr_warnw("no such setting, ignored: ", names);
}

/* Descriptors 0 to 2 must be open, or the next file opened takes their place. */
static void sanitize_fds(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0) {
            int null = open("/dev/null", fd ? O_WRONLY : O_RDONLY);
            if (null >= 0 && null != fd) {
                dup2(null, fd);
                close(null);
            }
        }
}

static void catch_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    g.sfd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    if (g.sfd < 0)
        strerr_diefu1sys(CODE_SYSTEM, "make a signalfd");
    /* were it ignored, the kernel would reap for us and keep the exit codes */
    signal(SIGCHLD, SIG_DFL);
    if (!g.pid1 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        strerr_warnwu1sys("become a subreaper: orphans are not reaped");
}

static void find_input(void)
{
    if (bootinput_find(g.input, sizeof g.input, getenv("S6_RUNTIME_PROFILE")) < 0) {
        if (errno == ENAMETOOLONG)
            strerr_dief(CODE_USAGE, "S6_RUNTIME_PROFILE is too long");
        strerr_warnwu4sys("find ", g.input, " (S6_RUNTIME_PROFILE)", ": no scripts, no services");
    }
    char const *user = legacytree_find(g.input);
    if (user)
        strerr_dief(
            CODE_USAGE, user,
            ": s6-rc source directories are not supported by this version: use /etc/services.d and "
            "/etc/cont-init.d");
}

static void make_places(void)
{
    char const *what = NULL;
    mode_t mask = umask(022);
    if (!statedir_make(g.places.state, sizeof g.places.state, &what))
        strerr_diefu3sys(CODE_SYSTEM, "make a state directory at any of ", what,
                         " (mount a tmpfs on /run or /tmp, or let this user write there)");
    if (bootplaces_make(&g.places, g.input, &what) < 0)
        strerr_diefu5sys(CODE_SYSTEM, "make ", g.places.state, "/", what, "");
    bootplaces_public(&g.places);
    umask(mask);
    g.overrides = !access(BOOTPLACES_OVERRIDES, F_OK);
}

/* The wall clock and the time since init began. */
static void make_timeline(uint64_t begun)
{
    static char path[STATEDIR_MAX + sizeof "/" TIMELINE_FILE];
    strcpy(path, g.places.state);
    strcat(path, "/" TIMELINE_FILE);
    timerec_make(&g.timeline, path, begun);
}

/* Output that somebody wants in files is not thrown away quietly where there can be none. */
static void make_log(void)
{
    char path[PATH_BYTES] = "svlog";
    char const *what;
    mode_t mask;
    if (g.set.logging && g.places.is_private) {
        strerr_warnw("S6_LOGGING has no effect with " STATEDIR_VARIABLE
                     ": nothing is made outside of that");
        g.set.logging = 0;
    }
    if (!g.set.logging)
        return;
    if (!sibling_path(path, sizeof path, "svlog") || access(path, X_OK) < 0)
        strerr_diefu(CODE_SYSTEM, "find ", path, ", which S6_LOGGING needs: ", strerror(errno));
    mask = umask(022);
    if (catchall_make(&g.log, g.places.fd, LOGSERVICE_CATCHALL, &what) < 0)
        strerr_diefu(
            CODE_SYSTEM, "make ", what,
            " for S6_LOGGING (make /var/log writable, or leave S6_LOGGING out): ", strerror(errno));
    umask(mask);
}

static void make_env(char const *const *envp, int argc, char const *const *argv)
{
    char path[STATEDIR_MAX + sizeof "/" CONTENV_DIR];
    char const *culprit = "";
    if (bootenv_make(&g.env, envp, argc, argv, g.places.is_public ? NULL : g.places.state,
                     g.set.keep_env, &culprit) < 0)
        strerr_diefu2sys(CODE_SYSTEM, "set up the environment: ", culprit);
    if (g.set.keep_env)
        return;
    strcpy(path, g.places.state);
    strcat(path, "/" CONTENV_DIR);
    if (contenv_dump(path, g.env.container, filevars_guard, &g.files) < 0)
        strerr_diefu2sys(CODE_SYSTEM, "write the environment to ", path);
}

/* Variables whose values lie in files; first of all, so that our own settings may be among them. */
static char const *const *load_files(char const *const *envp)
{
    if (filevars_load(&g.files, envp, FILEVARS_LIST) < 0)
        strerr_dief(errno == EINVAL ? CODE_USAGE : CODE_SYSTEM, g.files.why);
    environ = (char **)g.files.envp;
    return g.files.envp;
}

static void setup(int argc, char const *const *argv, char const *const *envp)
{
    uint64_t begun = timerec_now();
    sanitize_fds();
    g.pid1 = getpid() == 1;
    g.stop[0] = -1;
    g.svscan_due = g.down_due = LIFEFSM_NEVER;
    catch_signals(); /* first of all: process 1 loses what comes before */
    envp = load_files(envp);
    bootset_read(&g.set, warn_setting);
    if (g.set.umask >= 0)
        umask((mode_t)g.set.umask);
    warn_unknown(envp);
    find_input();
    terminal_init(&g.tty, 0);
    make_places();
    make_timeline(begun);
    make_log();
    make_env(envp, argc, argv);
    transcript_init_nonblocking(&g.out, 1, g.set.verbosity);
    if (g.set.logging)
        transcript_init(&g.out, catchall_open(&g.log), g.set.verbosity);
    transcript_init_nonblocking(&g.err, 2, g.set.verbosity);
    lifefsm_init(&g.life, !!g.env.cmd[0], g.set.services_grace, g.set.kill_grace, g.set.stop_max);
    transcript_say(&g.out, TRANSCRIPT_NORMAL,
                   "[s6-init] making user provided files available at /var/run/s6/etc...exited 0.\n"
                   "[s6-init] ensuring user provided files have correct perms...exited 0.\n");
    if (g.set.logging)
        start_svscan();
}

/* init --check: another program, with the same arguments. */
static void check(char const *const *argv)
{
    char path[PATH_BYTES];
    if (sibling_path(path, sizeof path, "init-check"))
        execv(path, (char *const *)argv);
    strerr_diefu1sys(CODE_SYSTEM, "run init-check");
}

int main(int argc, char const *const *argv, char const *const *envp)
{
    if (argc > 1 && !strcmp(argv[1], "--check"))
        check(argv + 1);
    setup(argc ? argc - 1 : 0, argc ? argv + 1 : argv, envp);
    loop();
}
