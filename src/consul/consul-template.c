/* consul-template: renders templates from what Consul's agent says, whenever that changes.

   consul-template [-config PATH]... [-template IN[:OUT[:COMMAND]]]... [-once] [-dry]
                   [-exec COMMAND] [-wait MIN[:MAX]] [-consul-addr ADDRESS] ...
   Reads: its configuration, the templates, files that they name. Writes: their destinations, the
   pid file. consul-fetch, which it starts when the first template asks for something, speaks to the
   agent.

   One loop: templates whose data have changed are run; those that have all they need are written,
   at once or when it has been quiet; then the commands of those that were written are run, each
   once. A file is replaced as a whole, and only by a whole rendering: while the agent is away,
   nothing happens to it. TERM and the kill signal end it at any moment, HUP reads all anew.

   Exit codes: 0, 12 ended by a signal, 13 usage, 14 a template, a command or Consul has failed, 15
   a configuration file; with -exec, that of the child. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include <cairn/ctanswer.h>
#include <cairn/ctchild.h>
#include <cairn/ctconf.h>
#include <cairn/ctenv.h>
#include <cairn/ctfetcher.h>
#include <cairn/ctlog.h>
#include <cairn/ctwork.h>
#include <cairn/ctwrite.h>
#include <cairn/dnsclient.h>
#include <cairn/pathwatch.h>
#include <cairn/shellcmd.h>
#include <cairn/sibling.h>
#include <cairn/slurp.h>

#include "config.h"

char const *PROG = "consul-template";

enum { EXIT_SIGNAL = 12, EXIT_FLAGS = 13, EXIT_RUNNER = 14, EXIT_CONFIG = 15 };

enum {
    CONF_MAX = 64 << 20,   /* bytes of settings */
    VALUE_MAX = 256 << 20, /* of one answer, read */
    TOKEN_MAX = 4096,
    FILE_MAX = 64 << 20, /* of a file that a template names */
    ENV_MAX = 16 << 20,  /* of a command's environment */
    FILE_POLL = 2000,    /* ms between looks at files that cannot be watched */
    FETCH_PAUSE = 1000,  /* ms before a consul-fetch that has died is started again */
};

/* One life: from reading the settings to the end, or to the next reading. */
static struct ctconf conf;
static struct pool conf_pool;
static struct ctbrain brain = CTBRAIN_ZERO;
static struct ctwork *work;
static size_t works;
static char const *const *added; /* to the environment */
static struct ctfetcher fetcher = CTFETCHER_ZERO;
static int64_t fetcher_start = -1; /* when it is to be started again */
static struct pathwatch files = {.fd = -1};
static int files_are_new;       /* other files are to be watched */
static int64_t files_poll = -1; /* when to look at those that cannot be */
static struct ctchild child;
static pid_t *unwatched; /* commands that nobody waits for */
static size_t n_unwatched;
static int has_pid_file;
static int has_child; /* exec, and it has been started */

static sigset_t caught;
static sigset_t seen; /* signals that have come and are not dealt with */
static int signals = -1;
static int end_signals = -1; /* readable while one that ends us waits; never read */
static int log_fd = 2;
static int end = -1; /* the exit code, once it is to end */

static int64_t now(void)
{
    return dnsclient_now();
}

static void finish(int code)
{
    if (end < 0)
        end = code;
}

static void fail(char const *what)
{
    ctlog(CTLOG_ERR, "%s", what);
    finish(EXIT_RUNNER);
}

static void no_memory(void)
{
    fail("out of memory");
}

/* ---- signals */

/* All that can be caught and mean nothing else: those of faults and of job control are left. */
static void catch_signals(void)
{
    static int const left[] = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT,
                               SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
    sigfillset(&caught);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        sigdelset(&caught, left[i]);
    sigemptyset(&seen);
    if (sigprocmask(SIG_BLOCK, &caught, NULL) < 0 ||
        (signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
        strerr_diefu1sys(EXIT_RUNNER, "catch signals");
}

/* For who waits while signals are not read. The settings say what ends us. */
static void watch_end_signals(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    if (conf.kill_signal)
        sigaddset(&ends, conf.kill_signal);
    end_signals = signalfd(end_signals, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    if (end_signals < 0)
        strerr_diefu1sys(EXIT_RUNNER, "catch signals");
}

static void read_signals(void)
{
    struct signalfd_siginfo s;
    while (read(signals, &s, sizeof s) == (ssize_t)sizeof s)
        sigaddset(&seen, (int)s.ssi_signo);
}

static int is_end(int sig)
{
    return sig == SIGTERM || (conf.kill_signal && sig == conf.kill_signal);
}

static int is_told_to_end(void)
{
    return sigismember(&seen, SIGTERM) == 1 ||
           (conf.kill_signal && sigismember(&seen, conf.kill_signal) == 1);
}

/* ---- what templates use */

/* The token of token_file, which may change while we run, when there is no other. */
static int read_token(stralloc *token)
{
    if (conf.consul.token || !conf.consul.token_file)
        return 1;
    if (!slurp_file(token, conf.consul.token_file, TOKEN_MAX)) {
        ctlog(CTLOG_ERR, "cannot read the token file %s: %s", conf.consul.token_file,
              strerror(errno));
        return 0;
    }
    while (token->len && strchr(" \t\r\n", token->s[token->len - 1]))
        token->len--;
    return stralloc_0(token);
}

static void start_fetcher(void)
{
    stralloc token = STRALLOC_ZERO;
    struct ctconf_consul consul = conf.consul;
    struct ctfetcher_settings const s = {
        .consul = &consul, .wait = conf.block_query_wait, .max_stale = conf.max_stale};
    fetcher_start = -1;
    if (!read_token(&token)) {
        finish(EXIT_RUNNER);
        return;
    }
    if (token.len)
        consul.token = token.s;
    if (!ctfetcher_start(&fetcher, &s)) {
        char path[4096];
        int e = errno;
        ctlog(CTLOG_ERR, "cannot start %s, which speaks to Consul: %s%s",
              sibling_path(path, sizeof path, "consul-fetch") ? path : "consul-fetch", strerror(e),
              e == ENOENT ? ": install it" : "");
        finish(EXIT_RUNNER);
    }
    stralloc_free(&token);
}

static int is_of_consul(struct ctentry const *e)
{
    return e->dep.kind != CTDEP_FILE;
}

static void ask_consul(struct ctentry *e)
{
    if (!fetcher.pid && fetcher_start < 0)
        start_fetcher();
    if (fetcher.pid && !ctfetcher_watch(&fetcher, e->id, e->dep.path))
        no_memory();
}

static void set_changed(struct ctentry *e, struct tmplvalue const *v, struct pool *p)
{
    ctbrain_set(e, v, p);
    for (size_t i = 0; i < works; i++)
        if (ctwork_uses(work + i, e))
            work[i].is_dirty = 1;
}

/* Reads the file. One that cannot be read is waited for, which is said once; what it had stays. */
static void read_file(struct ctentry *e)
{
    stralloc text = STRALLOC_ZERO;
    struct pool p;
    pool_init(&p, FILE_MAX + 4096);
    int is_read = slurp_file(&text, e->dep.path, FILE_MAX);
    if (!is_read && !e->is_told)
        ctlog(CTLOG_WARN, "(%s) cannot read %s: %s", e->dep.name, e->dep.path, strerror(errno));
    e->is_told = !is_read;
    if (!is_read) {
        files_poll = now() + FILE_POLL;
    } else if (!e->has || e->value.n != text.len ||
               (text.len && memcmp(e->value.u.s, text.s, text.len))) {
        char *copy = pool_copy(&p, text.len ? text.s : "", text.len);
        struct tmplvalue v = tmplvalue_string(copy, text.len);
        if (copy)
            set_changed(e, &v, &p);
        else
            no_memory();
    }
    pool_free(&p);
    stralloc_free(&text);
}

/* Watches all files anew, and reads them after that: nothing in between is missed. */
static void watch_files(void)
{
    files_are_new = 0;
    files_poll = -1;
    if (files.fd >= 0)
        pathwatch_close(&files);
    files.fd = -1;
    for (size_t i = 0; i < brain.n; i++) {
        struct ctentry *e = brain.entry[i];
        if (is_of_consul(e) || !e->users)
            continue;
        if ((files.fd < 0 && !pathwatch_open(&files)) || !pathwatch_name(&files, e->dep.path))
            files_poll = now() + FILE_POLL;
        else
            pathwatch_file(&files, e->dep.path);
        read_file(e);
    }
}

/* Asks for what is used and not asked for, and forgets what nobody uses. */
static void settle_uses(void)
{
    for (size_t i = brain.n; i--;) {
        struct ctentry *e = brain.entry[i];
        if (e->users && !e->is_asked) {
            e->is_asked = 1;
            if (is_of_consul(e))
                ask_consul(e);
            else
                files_are_new = 1;
        } else if (!e->users) {
            if (e->is_asked && is_of_consul(e) && fetcher.pid)
                ctfetcher_end(&fetcher, e->id);
            if (!is_of_consul(e))
                files_are_new = 1;
            ctbrain_drop(&brain, e);
        }
    }
    if (files_are_new)
        watch_files();
}

/* ---- answers */

static void take_data(struct ctentry *e, struct ctfetch_answer const *a)
{
    char why[CTANSWER_WHY];
    struct tmplvalue v;
    struct pool p;
    int has;
    pool_init(&p, VALUE_MAX);
    if (!ctanswer_read(&e->dep, a->status, a->body, a->n, &p, &v, &has, why)) {
        ctlog(CTLOG_WARN, "(%s) %s", e->dep.name, why);
    } else if (has) {
        ctlog(CTLOG_DEBUG, "(%s) has an answer", e->dep.name);
        set_changed(e, &v, &p);
        if (conf.once)
            ctfetcher_end(&fetcher, e->id);
    } else if (conf.err_on_failed_lookup) {
        ctlog(CTLOG_ERR, "(%s) is not there", e->dep.name);
        finish(EXIT_RUNNER);
    }
    pool_free(&p);
}

static void take_answer(struct ctfetch_answer const *a)
{
    struct ctentry *e = ctbrain_of(&brain, a->id);
    if (!e)
        return; /* it is not used any more */
    switch (a->kind) {
    case CTFETCH_DATA:
        take_data(e, a);
        return;
    case CTFETCH_RETRY:
        ctlog(CTLOG_WARN, "(%s) %.*s (again in %llu ms)", e->dep.name, (int)a->n, a->body,
              (unsigned long long)a->ms);
        return;
    case CTFETCH_FAILED:
        ctlog(CTLOG_ERR, "(%s) %.*s", e->dep.name, (int)a->n, a->body);
        finish(EXIT_RUNNER);
    }
}

/* What it was asked for is asked for again; what is known stays. */
static void restart_fetcher(void)
{
    start_fetcher();
    for (size_t i = 0; i < brain.n && fetcher.pid; i++)
        if (is_of_consul(brain.entry[i]) && brain.entry[i]->is_asked)
            ask_consul(brain.entry[i]);
}

static void read_answers(void)
{
    struct ctfetch_answer a;
    int ok = ctfetcher_read(&fetcher);
    int e = errno;
    int got;
    while ((got = ctfetcher_next(&fetcher, &a)) > 0)
        take_answer(&a);
    if (ok && !got)
        return;
    ctlog(CTLOG_ERR, "consul-fetch %s: it is started again",
          got < 0 ? "says what it should not"
          : e     ? strerror(e)
                  : "has ended");
    ctfetcher_stop(&fetcher);
    fetcher_start = now() + FETCH_PAUSE;
}

/* ---- commands */

/* Waits for the command, looking at signals meanwhile. Returns whether it has ended in time. */
static int wait_for(pid_t pid, int64_t timeout, int *status)
{
    int64_t until = now() + timeout;
    for (;;) {
        pid_t r = waitpid(pid, status, WNOHANG);
        if (r == pid || (r < 0 && errno != EINTR))
            return r == pid;
        int64_t left = until - now();
        if (left <= 0 || is_told_to_end())
            return 0;
        struct pollfd p = {.fd = signals, .events = POLLIN};
        poll(&p, 1, left > 1000000 ? 1000000 : (int)left);
        read_signals();
    }
}

/* A command whose command_timeout is 0: how it ends is of no interest. */
static void let_run(pid_t pid)
{
    pid_t *more = realloc(unwatched, (n_unwatched + 1) * sizeof *more);
    if (!more) {
        no_memory();
        return;
    }
    unwatched = more;
    unwatched[n_unwatched++] = pid;
}

static void reap_unwatched(void)
{
    for (size_t i = 0; i < n_unwatched;)
        if (waitpid(unwatched[i], NULL, WNOHANG))
            unwatched[i] = unwatched[--n_unwatched];
        else
            i++;
}

static void run_command(struct ctwork const *w)
{
    struct ctconf_template const *t = w->conf;
    struct ctcommand c = {.shell = t->argv ? NULL : t->command, .argv = t->argv};
    char words[SHELLCMD_WORDS];
    int status = 0;
    struct pool p;
    pool_init(&p, ENV_MAX);
    c.env = ctenv_make(&t->exec, (char const *const *)environ, added, &p);
    ctlog(CTLOG_INFO, "(%s) running %s", t->where, ctcommand_name(&c));
    pid_t pid = c.env ? ctcommand_start(&c) : -1;
    int e = errno;
    pool_free(&p);
    if (pid < 0) {
        ctlog(CTLOG_ERR, "%s: cannot run the command \"%s\": %s", t->where, ctcommand_name(&c),
              strerror(e));
        finish(EXIT_RUNNER);
        return;
    }
    if (!t->command_timeout) {
        let_run(pid);
    } else if (!wait_for(pid, t->command_timeout, &status)) {
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
        if (is_told_to_end())
            return;
        ctlog(CTLOG_ERR, "%s: the command \"%s\" was killed, since it took more than %lld ms",
              t->where, ctcommand_name(&c), (long long)t->command_timeout);
        finish(EXIT_RUNNER);
    } else if (status) {
        ctlog(CTLOG_ERR, "%s: the command \"%s\" failed: %s", t->where, ctcommand_name(&c),
              shellcmd_words(words, status));
        finish(EXIT_RUNNER);
    }
}

static int has_command(struct ctwork const *w)
{
    return w->conf->argv || (w->conf->command && *w->conf->command);
}

static int is_same_command(struct ctwork const *a, struct ctwork const *b)
{
    char const *const *x = a->conf->argv;
    char const *const *y = b->conf->argv;
    if (!x != !y)
        return 0;
    if (!x)
        return !strcmp(a->conf->command, b->conf->command);
    for (; *x && *y; x++, y++)
        if (strcmp(*x, *y) != 0)
            return 0;
    return !*x && !*y;
}

/* Runs the commands of the templates that were written, each once. */
static void run_commands(void)
{
    for (size_t i = 0; i < works && end < 0 && !is_told_to_end(); i++) {
        int is_first = work[i].is_written && has_command(work + i);
        for (size_t j = 0; j < i && is_first; j++)
            if (work[j].is_written && has_command(work + j) && is_same_command(work + i, work + j))
                is_first = 0;
        if (is_first)
            run_command(work + i);
    }
}

/* ---- rendering */

static void print_dry(struct ctwork const *w, stralloc const *output)
{
    char const *name = w->conf->destination ? w->conf->destination : "-";
    if (allwrite(1, "> ", 2) < 2 || allwrite(1, name, strlen(name)) < strlen(name) ||
        allwrite(1, "\n", 1) < 1 || allwrite(1, output->s, output->len) < output->len)
        fail("cannot write to standard output");
}

static void put_output(struct ctwork *w, stralloc const *output)
{
    char why[CTWRITE_WHY];
    w->is_done = 1;
    w->is_late = 0;
    if (conf.dry) {
        print_dry(w, output);
        return;
    }
    int r = ctwrite(w->conf, output->len ? output->s : "", output->len, why);
    if (r < 0) {
        ctlog(CTLOG_ERR, "%s: %s", w->conf->where, why);
        if (w->conf->error_fatal)
            finish(EXIT_RUNNER);
        return;
    }
    if (r)
        ctlog(CTLOG_INFO, "(%s) has written %s", w->conf->where, w->conf->destination);
    if (r) /* one that is run again in this pass, and says the same, was written all the same */
        w->is_written = 1;
}

static int has_wait(struct ctwork const *w)
{
    return w->conf->wait.enabled && !conf.once;
}

/* Runs the template if something has changed, or the time has come. */
static void do_template(struct ctwork *w, stralloc *output)
{
    int is_quiet = ctquiet_is_over(&w->quiet, now());
    int is_dirty = w->is_dirty;
    if (!is_dirty && !is_quiet)
        return;
    switch (ctwork_run(w, output)) {
    case CTWORK_MISSING:
        return;
    case CTWORK_FAILED:
        read_signals();
        if (is_told_to_end())
            return; /* which may be why */
        ctlog(CTLOG_ERR, "%s", w->why);
        if (w->conf->error_fatal)
            finish(EXIT_RUNNER);
        return;
    case CTWORK_READY:
        if (!has_wait(w) || (is_quiet && !is_dirty)) {
            put_output(w, output);
            return;
        }
        w->is_late = 1;
        ctquiet_change(&w->quiet, now(), w->conf->wait.min, w->conf->wait.max);
    }
}

static int all_are_done(void)
{
    size_t i = 0;
    while (i < works && work[i].is_done)
        i++;
    return i == works;
}

static void start_child(void)
{
    has_child = 1;
    if (ctchild_start(&child))
        return;
    ctlog(CTLOG_ERR, "exec: cannot run \"%s\": %s", conf.exec.command, strerror(errno));
    finish(EXIT_RUNNER);
}

/* Tells the child, or starts it when all templates are there. */
static void tell_child(int has_changed)
{
    if (!child.conf || conf.once || conf.dry || end >= 0 || !all_are_done())
        return;
    if (!has_child)
        start_child();
    else if (has_changed)
        ctchild_change(&child, now());
}

/* Runs templates until none has anything to do. */
static void pass(void)
{
    static stralloc output = STRALLOC_ZERO;
    int has_changed = 0;
    int is_dirty;
    do {
        is_dirty = 0;
        for (size_t i = 0; i < works && end < 0 && !is_told_to_end(); i++)
            do_template(work + i, &output);
        settle_uses();
        for (size_t i = 0; i < works; i++) {
            is_dirty |= work[i].is_dirty;
            has_changed |= work[i].is_written;
        }
    } while (is_dirty && end < 0 &&
             !is_told_to_end()); /* a file was read, or one template has written another's */
    if (has_changed) {
        run_commands();
        for (size_t i = 0; i < works; i++)
            work[i].is_written = 0;
    }
    tell_child(has_changed);
    if (conf.once && all_are_done())
        finish(0);
}

/* ---- the loop */

static void deal_with_signals(int *is_reload)
{
    for (int sig = 1; sig < NSIG; sig++) {
        if (sigismember(&seen, sig) != 1)
            continue;
        sigdelset(&seen, sig);
        if (is_end(sig)) {
            ctlog(CTLOG_INFO, "ending: %s", strsignal(sig));
            finish(EXIT_SIGNAL);
        } else if (conf.reload_signal && sig == conf.reload_signal) {
            *is_reload = 1;
        } else if (sig != SIGCHLD && sig != SIGPIPE && has_child) {
            ctchild_signal(&child, sig);
        }
    }
}

static void reap_child(void)
{
    int status;
    switch (ctchild_reap(&child, &status)) {
    case CTCHILD_RUNS:
        return;
    case CTCHILD_FAILED:
        ctlog(CTLOG_ERR, "exec: cannot run \"%s\": %s", conf.exec.command, strerror(errno));
        finish(EXIT_RUNNER);
        return;
    case CTCHILD_ENDED:
        read_signals(); /* one that told us to end before it did so itself */
        if (is_told_to_end())
            finish(EXIT_SIGNAL);
        finish(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
}

static void sooner(int64_t *when, int64_t other)
{
    if (other >= 0 && (*when < 0 || other < *when))
        *when = other;
}

/* Milliseconds until something is to be done without being told, or -1. */
static int patience(void)
{
    int64_t when = -1;
    for (size_t i = 0; i < works; i++)
        sooner(&when, work[i].quiet.fire);
    sooner(&when, fetcher_start);
    sooner(&when, files_poll);
    if (has_child)
        sooner(&when, ctchild_next(&child));
    if (when < 0)
        return -1;
    int64_t left = when - now();
    return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

static void await(void)
{
    struct pollfd p[4] = {
        {.fd = signals, .events = POLLIN},
        {.fd = fetcher.from, .events = POLLIN},
        {.fd = fetcher.out.len ? fetcher.to : -1, .events = POLLOUT},
        {.fd = files.fd, .events = POLLIN},
    };
    if (poll(p, 4, patience()) < 0)
        return;
    if (p[0].revents)
        read_signals();
    if (p[1].revents)
        read_answers();
    if (p[3].revents && pathwatch_read(&files))
        files_are_new = 1;
    if (files_poll >= 0 && now() >= files_poll)
        files_are_new = 1;
    if (fetcher_start >= 0 && now() >= fetcher_start)
        restart_fetcher();
    if (has_child)
        ctchild_tick(&child, now());
}

/* Works until it is to end, or to read all anew. */
static void live(int *is_reload)
{
    for (;;) {
        pass();
        deal_with_signals(is_reload); /* some may have come while commands ran */
        reap_unwatched();
        if (has_child)
            reap_child();
        if (end >= 0 || *is_reload)
            return;
        ctfetcher_send(&fetcher);
        await();
        if (files_are_new)
            watch_files();
    }
}

/* ---- beginning and end */

static void stop_child(void)
{
    if (!has_child)
        return;
    ctchild_stop(&child, now());
    while (child.pid) {
        int status;
        if (ctchild_reap(&child, &status) != CTCHILD_RUNS)
            break;
        struct pollfd p = {.fd = signals, .events = POLLIN};
        int64_t left = ctchild_next(&child) < 0 ? 1000 : ctchild_next(&child) - now();
        poll(&p, 1, left < 0 ? 0 : (int)left);
        read_signals();
        ctchild_tick(&child, now());
    }
    has_child = 0;
}

static void end_life(void)
{
    stop_child();
    ctfetcher_stop(&fetcher);
    fetcher_start = -1;
    if (has_pid_file)
        unlink(conf.pid_file);
    has_pid_file = 0;
    for (size_t i = 0; i < works; i++)
        ctwork_free(work + i);
    free(work);
    work = NULL;
    works = 0;
    ctbrain_free(&brain);
    if (files.fd >= 0)
        pathwatch_close(&files);
    files.fd = -1;
    files_are_new = 0;
    files_poll = -1;
}

/* Reads and parses all templates. Returns whether all are good, having said what is not. */
static int load_templates(void)
{
    added = ctenv_added(&conf.consul, &conf_pool);
    work = calloc(conf.templates + 1, sizeof *work);
    if (!added || !work) {
        ctlog(CTLOG_ERR, "out of memory");
        return 0;
    }
    for (size_t i = 0; i < conf.templates; i++) {
        struct ctconf_template const *t = conf.tmpl + i;
        works++;
        if (!ctwork_load(work + i, t, &brain, added)) {
            ctlog(CTLOG_ERR, "%s", work[i].why);
            return 0;
        }
        work[i].plain.wake_fd = end_signals;
        if (!t->destination && !conf.dry && !conf.parse_only) {
            ctlog(CTLOG_ERR, "%s: the template has no destination: only with -dry it needs none",
                  t->where);
            return 0;
        }
    }
    return 1;
}

static int prepare_child(void)
{
    has_child = 0;
    child = (struct ctchild){.conf = NULL};
    if (!conf.exec.command || !*conf.exec.command || !conf.exec.enabled)
        return 1;
    char const *const *env =
        ctenv_make(&conf.exec, (char const *const *)environ, added, &conf_pool);
    if (!env)
        return 0;
    ctchild_init(&child, &conf.exec, env);
    return 1;
}

static void put_pid(void)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (!conf.pid_file)
        return;
    has_pid_file = openwritenclose_unsafe(conf.pid_file, text, (size_t)n);
    if (!has_pid_file) {
        ctlog(CTLOG_ERR, "cannot write the pid file %s: %s", conf.pid_file, strerror(errno));
        finish(EXIT_RUNNER);
    }
}

static void set_log(void)
{
    int fd = 2;
    int level = ctlog_level_of(conf.log_level);
    if (conf.log_file) {
        fd = open(conf.log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (fd < 0)
            strerr_diefu2sys(EXIT_CONFIG, "open the log file ", conf.log_file);
    }
    if (log_fd != 2)
        close(log_fd);
    log_fd = fd;
    ctlog_set(level < 0 ? CTLOG_WARN : (enum ctlog_level)level, fd);
    if (conf.syslog && !ctlog_syslog(conf.syslog_name, conf.syslog_facility))
        strerr_dief3x(EXIT_CONFIG, "there is no syslog facility \"", conf.syslog_facility, "\"");
    for (size_t i = 0; conf.warnings[i]; i++)
        ctlog(CTLOG_WARN, "%s", conf.warnings[i]);
}

static void version(void)
{
    static char const text[] = "consul-template (cairn " CAIRN_VERSION ")\n";
    allwrite(1, text, sizeof text - 1);
}

static void usage(int fd)
{
    static char const text[] =
        "usage: consul-template [-config path]... [-template in[:out[:command]]]... [-once]\n"
        "                       [-dry] [-exec command] [-wait min[:max]] [-log-level level]\n"
        "                       [-consul-addr address] [-consul-token token] ...\n"
        "consul-template(8) has them all.\n";
    allwrite(fd, text, sizeof text - 1);
}

/* Reads the settings; what they say of the command line ends the program. */
static void read_settings(char const *const *argv)
{
    switch (ctconf_read(&conf, &conf_pool, argv)) {
    case CTCONF_OK:
        return;
    case CTCONF_HELP:
        usage(1);
        exit(0);
    case CTCONF_VERSION:
        version();
        exit(0);
    case CTCONF_USAGE:
        strerr_warnw1x(conf.why);
        usage(2);
        exit(EXIT_FLAGS);
    case CTCONF_FAILED:
        strerr_dief1x(EXIT_CONFIG, conf.why);
    }
}

/* Reads the settings anew, unless they are bad: then those that are known are kept. */
static int reread_settings(char const *const *argv)
{
    struct ctconf fresh;
    struct pool p;
    pool_init(&p, CONF_MAX);
    if (ctconf_read(&fresh, &p, argv) != CTCONF_OK) {
        ctlog(CTLOG_ERR, "%s: the settings stay as they were", fresh.why);
        pool_free(&p);
        return 0;
    }
    end_life();
    pool_free(&conf_pool);
    conf = fresh;
    conf_pool = p;
    conf.pool = &conf_pool;
    return 1;
}

static void begin_life(void)
{
    set_log();
    watch_end_signals();
    if (!load_templates() || !prepare_child())
        finish(EXIT_RUNNER);
    else if (conf.parse_only)
        finish(0);
    else
        put_pid();
}

int main(int argc, char const *const *argv)
{
    (void)argc;
    if (!fd_sanitize())
        strerr_diefu1sys(EXIT_RUNNER, "open /dev/null");
    pool_init(&conf_pool, CONF_MAX);
    read_settings(argv);
    catch_signals();
    begin_life();
    while (end < 0) {
        int is_reload = 0;
        live(&is_reload);
        if (end < 0 && is_reload && reread_settings(argv))
            begin_life();
    }
    end_life();
    return end;
}
