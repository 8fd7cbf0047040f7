#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#include <cairn/ctlfifo.h>
#include <cairn/fifodir.h>
#include <cairn/join.h>
#include <cairn/runwatch.h>
#include <cairn/script.h>
#include <cairn/service.h>
#include <cairn/servicedir.h>
#include <cairn/sibling.h>
#include <cairn/startproc.h>
#include <cairn/svlock.h>
#include <cairn/svpolicy.h>
#include <cairn/svrecord.h>
#include <cairn/svstatus.h>
#include <cairn/svtally.h>

/* What is told once and not again until it is well. */
enum complaint {
    ABOUT_STATUS,
    ABOUT_TALLY,
    ABOUT_EVENT,
    ABOUT_FORK,
    ABOUT_WATCH,
    ABOUT_LOCK,
    ABOUT_NOTIFICATION_FD,
    ABOUT_LOCK_FD,
    ABOUT_TIMEOUT_KILL,
    ABOUT_TIMEOUT_FINISH,
    ABOUT_MAX_TALLY,
    ABOUT_DOWN_SIGNAL,
    ABOUT_RELOAD_SIGNAL,
    ABOUT_RECORD,
    ABOUT_CHECKER,
    ABOUT_LIMIT,
    ABOUT_POLICY, /* and the next: one for each file */
    ABOUT_POLICY_LAST = ABOUT_POLICY + SVPOLICY_FILES - 1
};

_Static_assert(ABOUT_POLICY_LAST < 32, "complaints are bits of a uint32_t");

#define CHECKER_FD_TEXT "3"

enum {
    CHECKER_FD = 3,
    CHECKER_MAX = 1000,     /* ms that run waits for it at most: it takes one or two */
    POLICY_DEATHS = 128,    /* the newest ones, which say how long to wait */
    TEXT_MAX = 512,         /* a failure in words */
    PATH_LIMIT = 512,       /* targets of links */
    STATUS_RETRY_MS = 1000, /* after a failed write of status */
    RETRY_MS = 60000,       /* s6's delay after a failed start, beside the watch */
    RETRY_BLIND_MS = 10000, /* the same where nothing can be watched (s6 2.11) */
    RETRY_RESOURCE_MS =
        1000 /* first delay when the system lacks something; doubles up to RETRY_MS */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void complain(struct service *s, enum complaint about, char const *what, char const *object,
                     int e)
{
    if (s->complained & 1u << about)
        return;
    s->complained |= 1u << about;
    s->host->warn(s, what, object, e);
}

static void is_well(struct service *s, enum complaint about)
{
    s->complained &= ~(1u << about);
}

static void set_notify(struct service *s, int fd)
{
    s->notify = fd;
    if (fd >= 0)
        s->fresh |= 1u << SERVICE_NOTIFY;
}

static void after(tain *t, tain const *now, uint32_t ms)
{
    tain d = {{ms / 1000}, ms % 1000 * 1000000};
    tain_add(t, now, &d);
}

/* --- configuration --- */

/* The value of an integer file, or the default where there is none or it is invalid. */
static uint32_t config_uint(struct service *s, char const *name, enum complaint about,
                            uint32_t fallback)
{
    uint32_t n = fallback;
    if (servicedir_uint(s->dirfd, name, &n) >= 0)
        is_well(s, about);
    else
        complain(s, about, errno == EINVAL ? "invalid number in " : "unable to read ", name,
                 errno == EINVAL ? 0 : errno);
    return n;
}

static int config_signal(struct service *s, char const *name, enum complaint about, int fallback)
{
    int sig = fallback;
    if (servicedir_signal(s->dirfd, name, &sig) >= 0)
        is_well(s, about);
    else
        complain(s, about, errno == EINVAL ? "invalid signal in " : "unable to read ", name,
                 errno == EINVAL ? 0 : errno);
    return sig;
}

/* How many deaths the tally keeps; 0: there is none. */
static uint32_t config_tally(struct service *s)
{
    uint32_t max = config_uint(s, SERVICEDIR_MAX_TALLY, ABOUT_MAX_TALLY, SVFSM_TALLY_DEFAULT);
    return max > SVTALLY_MAX ? SVTALLY_MAX : max;
}

/* A limit may count more deaths than are read, but only when the first and the last were matters:
   as of two deaths, where one is allowed. */
static int is_too_often(struct service const *s, struct svpolicy const *p, struct svdeath const *d,
                        size_t n)
{
    struct svpolicy const one = {.limit = 1, .seconds = p->seconds};
    struct svdeath ends[2];
    if (p->limit < POLICY_DEATHS || !n)
        return svpolicy_is_too_much(p, d, n);
    ends[1] = d[n - 1];
    return svtally_read_back(s->dirfd, ".", p->limit, ends) > 0 &&
           svpolicy_is_too_much(&one, ends, 2);
}

/* Not inlined: needed seldom, and large. */
static void __attribute__((noinline)) gather_policy(struct service *s, struct svfsm_input *in)
{
    struct svdeath deaths[POLICY_DEATHS];
    struct svpolicy p;
    unsigned int bad = svpolicy_read(s->dirfd, &p);
    for (enum svpolicy_file f = SVPOLICY_ON_EXIT; f < SVPOLICY_FILES; f++)
        if (bad & 1u << f) {
            char text[128];
            join(text, sizeof text, svpolicy_name(f), " (allowed is: ", svpolicy_allowed(f), ")");
            complain(s, ABOUT_POLICY + f, "ignoring what is in ", text, 0);
        } else
            is_well(s, ABOUT_POLICY + f);
    if (p.seconds && p.limit >= config_tally(s))
        complain(s, ABOUT_LIMIT, "never reached: ",
                 SERVICEDIR_RESTART_LIMIT " (its N must be less than " SERVICEDIR_MAX_TALLY ")", 0);
    else
        is_well(s, ABOUT_LIMIT);
    in->policy.halt = p.on_exit == SVPOLICY_HALT;
    in->policy.nothing = p.on_exit == SVPOLICY_NOTHING;
    if (!p.max && !p.seconds)
        return;
    ssize_t n = svtally_read(s->dirfd, ".", deaths, POLICY_DEATHS);
    if (n <= 0)
        n = 0;
    in->policy.too_often = !!is_too_often(s, &p, deaths, (size_t)n);
    in->policy.delay_ms = svpolicy_delay(&p, deaths, (size_t)n);
}

static void gather(struct service *s, unsigned int event, struct svfsm_input *in)
{
    unsigned int needs = svfsm_needs(&s->fsm, event);
    if (needs & SVFSM_NEEDS_DOWN_SIGNAL)
        in->down_signal = config_signal(s, SERVICEDIR_DOWN_SIGNAL, ABOUT_DOWN_SIGNAL, SIGTERM);
    if (needs & SVFSM_NEEDS_RELOAD_SIGNAL)
        in->reload_signal = config_signal(s, SERVICEDIR_RELOAD_SIGNAL, ABOUT_RELOAD_SIGNAL, SIGHUP);
    if (needs & SVFSM_NEEDS_TIMEOUT_KILL)
        in->timeout_kill = config_uint(s, SERVICEDIR_TIMEOUT_KILL, ABOUT_TIMEOUT_KILL, 0);
    if (needs & SVFSM_NEEDS_TIMEOUT_FINISH)
        in->timeout_finish = config_uint(s, SERVICEDIR_TIMEOUT_FINISH, ABOUT_TIMEOUT_FINISH,
                                         SVFSM_TIMEOUT_FINISH_DEFAULT);
    if (needs & SVFSM_NEEDS_KILLPG)
        in->killpg = servicedir_exists(s->dirfd, SERVICEDIR_FLAG_KILLPG) == 1;
    if (needs & SVFSM_NEEDS_POLICY)
        gather_policy(s, in);
}

/* --- the record by which the next supervisor finds the process --- */

/* Before the process is made. Without a boot id there will be no record. */
static void __attribute__((noinline)) prepare_record(struct service *s, int finishing, int pipe)
{
    struct svrecord *r = &s->record;
    struct stat st;
    r->finishing = !!finishing;
    r->killing = 0;
    r->runpid = s->fsm.runpid;
    r->pipe = pipe >= 0 && fstat(pipe, &st) == 0 ? st.st_ino : 0;
    r->earliest = svrecord_now();
}

/* In the child: a supervisor that is killed now must leave a record of it. Until the exec the child
   keeps the flock on the lock file, for which the next supervisor waits before it reads. Returns 0
   or an errno. */
static int record_self(struct service *s, pid_t pid)
{
    struct svrecord *r = &s->record;
    r->pid = pid;
    if (!r->finishing)
        r->runpid = pid;
    r->latest = svrecord_now();
    return s->host->boot && svrecord_write(s->dirfd, r, s->host->boot, !s->recorded) == -1 ? errno
                                                                                           : 0;
}

/* errno is kept: it may say why there is no process. */
static void end_record(struct service *s, int unrecorded)
{
    if (!s->host->boot)
        return;
    if (unrecorded) {
        int e = errno;
        complain(s, ABOUT_RECORD, "unable to write ", SVRECORD_FILE, unrecorded);
        errno = e;
        return;
    }
    s->recorded = 1;
    is_well(s, ABOUT_RECORD);
}

/* The timer of timeout-kill was armed: it must outlive us, too. */
static void record_killing(struct service *s)
{
    if (s->fsm.state != SVFSM_UP && s->fsm.state != SVFSM_LASTUP)
        return;
    unsigned int killing = tain_less(&s->fsm.deadline, &tain_infinite);
    if (killing == s->record.killing || s->record.pid != s->fsm.pid)
        return;
    s->record.killing = killing & 1;
    if (s->recorded && s->host->boot &&
        svrecord_write(s->dirfd, &s->record, s->host->boot, 0) == -1)
        complain(s, ABOUT_RECORD, "unable to write ", SVRECORD_FILE, errno);
}

/* --- starting processes --- */

/* What the child of a start does and tells; arg of struct startproc. */
struct child {
    struct startproc start;
    struct service *s;
    int io[3];
    int unrecorded; /* errno of the record, set by the child */
};

static void on_first(void *p, pid_t pid)
{
    struct child *c = p;
    c->unrecorded = record_self(c->s, pid);
}

static void close_private(struct service *s)
{
    close_fd(&s->notify);
    close_fd(&s->watch);
    close_fd(&s->adopted);
    close_fd(&s->control);
    close_fd(&s->lock);
}

static void on_leave(void *p)
{
    struct child *c = p;
    close_private(c->s); /* whoever reads the control FIFO is taken for the supervisor */
}

static void __attribute__((noinline)) on_failed(void *p, int e)
{
    struct child *c = p;
    char text[TEXT_MAX];
    c->s->host->warn(c->s, "unable to start: ",
                     script_explain(text, sizeof text, AT_FDCWD, c->start.file, e), 0);
}

static void prepare_child(struct child *c, struct service *s, char const *file, char **argv)
{
    c->s = s;
    c->io[0] = s->io[0];
    c->io[1] = s->io[1];
    c->io[2] = s->merged ? s->io[1] : s->io[2];
    c->unrecorded = 0;
    c->start = (struct startproc){.host = &s->host->start,
                                  .dirfd = s->dirfd,
                                  .io = c->io,
                                  .pipe = -1,
                                  .lock_fd = -1,
                                  .file = file,
                                  .argv = argv,
                                  .first = &on_first,
                                  .leave = &on_leave,
                                  .failed = &on_failed,
                                  .arg = c};
}

static pid_t __attribute__((noinline)) spawn(struct child *c, int flags, int *failed)
{
    pid_t pid = startproc(&c->start, flags, failed);
    if (pid != -1 || *failed)
        end_record(c->s, c->unrecorded);
    return pid;
}

/* The service's lock is held by a process of an earlier life. */
static pid_t spawn_waiting(struct child *c)
{
    struct service *s = c->s;
    pid_t pid = startproc_waiting(&c->start);
    s->record.pid = s->record.runpid = pid;
    s->record.latest = svrecord_now();
    s->recorded |= pid != -1; /* if not, the next write of one takes a little longer */
    return pid;
}

/* --- waiting for a file to change --- */

static int watch(struct service *s)
{
    if (s->watch < 0)
        s->fresh |= 1u << SERVICE_WATCH;
    if (runwatch_begin(&s->watch, s->dirfd) == 0) {
        is_well(s, ABOUT_WATCH);
        return 0;
    }
    complain(s, ABOUT_WATCH, "unable to watch for changed files, retrying every 10 seconds instead",
             "", errno);
    return -1;
}

/* --- starting run --- */

enum failure { FAILED_NOT, FAILED_CONFIG, FAILED_RESOURCE, FAILED_EXEC };

struct attempt {
    struct child child;
    int newpidns;
    int checked; /* there is a ready-check */
    pid_t pid;
    int e;
    char const *text; /* why it failed; NULL: e is what exec said */
};

static enum failure fail(struct attempt *a, enum failure how, char const *text, int e)
{
    a->text = text;
    a->e = e;
    return how;
}

static int is_resource(int e)
{
    return e == EAGAIN || e == ENOMEM || e == EMFILE || e == ENFILE || e == ENOSPC || e == ENOBUFS;
}

/* How many descriptors a service may have. */
static rlim_t files_limit(struct service_host const *host)
{
    struct rlimit rl;
    if (host->start.nofile)
        return host->start.nofile->rlim_cur;
    return getrlimit(RLIMIT_NOFILE, &rl) == 0 ? rl.rlim_cur : RLIM_INFINITY;
}

#define OUT_OF_RANGE " is out of range: it must be at least 1 and below the limit of open files"

/* A descriptor number from a file, -1 if there is none. One that cannot be read for want of
   resources counts as a failure, because a service must not run without the notification or the
   lock it was given. */
static enum failure config_fd(struct service *s, struct attempt *a, enum complaint about, int *fd)
{
    static char const *const texts[] = {
        SERVICEDIR_NOTIFICATION_FD OUT_OF_RANGE,
        SERVICEDIR_LOCK_FD OUT_OF_RANGE,
    };
    int lock = about == ABOUT_LOCK_FD;
    char const *name = lock ? SERVICEDIR_LOCK_FD : SERVICEDIR_NOTIFICATION_FD;
    uint32_t n;
    int r = servicedir_uint(s->dirfd, name, &n);
    *fd = -1;
    if (r == -1 && is_resource(errno))
        return fail(a, FAILED_RESOURCE, "unable to read its configuration", errno);
    if (r == -1)
        complain(s, about, errno == EINVAL ? "invalid number in " : "unable to read ", name,
                 errno == EINVAL ? 0 : errno);
    else
        is_well(s, about);
    if (r < 1)
        return FAILED_NOT;
    if (!n || n > INT32_MAX || n >= files_limit(s->host))
        return fail(a, FAILED_CONFIG, texts[lock], 0);
    *fd = (int)n;
    return FAILED_NOT;
}

/* The file is made by us, for the message if it cannot be, and emptied, because its content would
 * mean nothing. */
static int prepare_lock(struct service *s)
{
    struct stat st;
    int fd = openat(s->dirfd, SERVICEDIR_SERVICE_LOCK, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC,
                    0644);
    if (fd == -1)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size) {
        s->host->warn(s, "emptying " SERVICEDIR_SERVICE_LOCK ", which should have no content", "",
                      0);
        if (ftruncate(fd, 0) == -1)
            s->host->warn(s, "unable to empty ", SERVICEDIR_SERVICE_LOCK, errno);
    }
    close(fd);
    return 0;
}

static enum failure configure_run(struct service *s, struct attempt *a)
{
    enum failure failure = config_fd(s, a, ABOUT_NOTIFICATION_FD, &a->child.start.notify_fd);
    if (!failure)
        failure = config_fd(s, a, ABOUT_LOCK_FD, &a->child.start.lock_fd);
    if (failure)
        return failure;
    if (a->child.start.lock_fd >= 0 && a->child.start.lock_fd == a->child.start.notify_fd)
        return fail(a, FAILED_CONFIG, "lock-fd and notification-fd are the same number", 0);
    if (a->child.start.lock_fd >= 0 && prepare_lock(s) == -1)
        return fail(a, is_resource(errno) ? FAILED_RESOURCE : FAILED_CONFIG,
                    "unable to open " SERVICEDIR_SERVICE_LOCK, errno);
    a->newpidns = servicedir_exists(s->dirfd, SERVICEDIR_FLAG_NEWPIDNS) == 1;
    a->checked = servicedir_exists(s->dirfd, SERVICEDIR_READY_CHECK) == 1;
    return FAILED_NOT;
}

static enum failure spawn_run(struct service *s, struct attempt *a)
{
    int failed;
    a->pid = spawn(&a->child, a->newpidns ? CLONE_NEWPID : 0, &failed);
    if (failed && a->child.start.lock_fd >= 0 && errno == EBUSY) {
        complain(s, ABOUT_LOCK, "another process holds ",
                 SERVICEDIR_SERVICE_LOCK ", run waits for it", 0);
        a->pid = spawn_waiting(&a->child);
        failed = 0;
    } else if (a->pid != -1) {
        is_well(s, ABOUT_LOCK);
    }
    if (a->pid != -1)
        return FAILED_NOT;
    if (failed)
        return fail(a, is_resource(errno) ? FAILED_RESOURCE : FAILED_EXEC, NULL, errno);
    if (a->newpidns && !is_resource(errno))
        return fail(a, FAILED_CONFIG,
                    "unable to make a process in a new pid namespace (flag-newpidns)", errno);
    return fail(a, FAILED_RESOURCE, "unable to make a process", errno);
}

static void no_record(void *p, pid_t pid)
{
    (void)p;
    (void)pid;
}

/* Starts who looks whether the service is ready, and says so through pipe. It ends when nobody
   reads that any more, so it needs no supervision. Returns whether it was started. */
static int __attribute__((noinline)) start_checker(struct service *s, int pipe)
{
    char path[PATH_LIMIT];
    char *argv[] = {(char *)"notifyoncheck", (char *)"--service", (char *)CHECKER_FD_TEXT,
                    (char *)s->host->name(s), NULL};
    struct child c;
    int failed;
    if (!sibling_path(path, sizeof path, argv[0]))
        strcpy(path, argv[0]);
    prepare_child(&c, s, path, argv);
    c.io[0] = c.io[1] = -1; /* it must not keep a logger's pipe open */
    c.io[2] = s->io[2];
    c.start.pipe = pipe;
    c.start.notify_fd = CHECKER_FD;
    c.start.first = &no_record;
    if (startproc(&c.start, 0, &failed) == -1) {
        complain(s, ABOUT_CHECKER, "unable to start, for " SERVICEDIR_READY_CHECK ": ", path,
                 errno);
        return 0;
    }
    is_well(s, ABOUT_CHECKER);
    return 1;
}

static enum failure try_run(struct service *s, struct attempt *a)
{
    char *argv[] = {(char *)"./run", (char *)s->host->name(s), NULL};
    int p[2] = {-1, -1};
    s->merged = servicedir_exists(s->dirfd, SERVICEDIR_MERGE_STDERR) == 1;
    prepare_child(&a->child, s, "./run", argv);
    enum failure failure = configure_run(s, a);
    if (failure)
        return failure;
    if (a->child.start.notify_fd >= 0 || a->checked) {
        if (pipe2(p, O_CLOEXEC) == -1)
            return fail(a, FAILED_RESOURCE, "unable to make a pipe", errno);
        fcntl(p[0], F_SETFL, O_NONBLOCK); /* our end only: the service may want to block */
    }
    if (a->child.start.notify_fd >= 0)
        a->child.start.pipe = p[1];
    if (a->checked && start_checker(s, p[1])) {
        /* until it has seen how long the logs are; any byte says so */
        struct pollfd x = {.fd = p[0], .events = POLLIN};
        poll(&x, 1, CHECKER_MAX);
    }
    prepare_record(s, 0, p[0]);
    failure = spawn_run(s, a);
    close_fd(&p[1]);
    if (failure)
        close_fd(&p[0]);
    set_notify(s, p[0]);
    return failure;
}

/* FNV-1a, never 0 */
static uint32_t hash(char const *s, int e)
{
    uint32_t h = 2166136261u ^ (uint32_t)e;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h ? h : 1;
}

/* Not inlined, as the other functions with large frames that are needed seldom: each page of stack
   that was ever used stays with the supervisor. */
static void __attribute__((noinline)) tell_failure(struct service *s, struct attempt const *a)
{
    char explained[TEXT_MAX];
    char const *text = a->text;
    int e = text ? a->e : 0;
    if (!text)
        text = script_explain(explained, sizeof explained, s->dirfd, "./run", a->e);
    uint32_t h = hash(text, e);
    if (h != s->run_failure)
        s->host->warn(s, "unable to start: ", text, e);
    s->run_failure = h;
}

static unsigned int start_run(struct service *s, struct svfsm_input *in)
{
    struct attempt a;
    int watched = s->watch >= 0;
    enum failure failure = try_run(s, &a);
    if (failure && failure != FAILED_RESOURCE) {
        /* what changed between the attempt and the watch would be missed: try once more */
        int again = !watched;
        watched = watch(s) == 0;
        if (watched && again)
            failure = try_run(s, &a);
    }
    if (!failure) {
        s->retries = 0;
        s->run_failure = 0;
        in->pid = a.pid;
        if (s->host->first && !s->fsm.started)
            s->host->first(s, 0);
        return SVFSM_EVENT_RUN_STARTED;
    }
    tell_failure(s, &a);
    if (failure == FAILED_RESOURCE) {
        in->retry_ms = (uint32_t)RETRY_RESOURCE_MS << s->retries;
        if (in->retry_ms > RETRY_MS)
            in->retry_ms = RETRY_MS;
        else
            s->retries++;
    } else {
        s->retries = 0;
        in->retry_ms = watched ? RETRY_MS : RETRY_BLIND_MS;
    }
    return SVFSM_EVENT_RUN_FAILED;
}

/* --- starting finish --- */

static unsigned int __attribute__((noinline))
finish_failed(struct service *s, struct svfsm_input *in, int failed, int e)
{
    char text[TEXT_MAX];
    if (!failed || is_resource(e)) {
        complain(s, ABOUT_FORK, "unable to make a process for finish, retrying", "", e);
        in->retry_ms = RETRY_RESOURCE_MS;
        return SVFSM_EVENT_FINISH_DELAYED;
    }
    script_explain(text, sizeof text, s->dirfd, "./finish", e);
    uint32_t h = hash(text, e);
    if (h != s->finish_failure)
        s->host->warn(s, "unable to run finish: ", text, 0);
    s->finish_failure = h;
    return SVFSM_EVENT_FINISH_NONE;
}

static unsigned int start_finish(struct service *s, struct svfsm_input *in)
{
    char code[UINT_FMT], sig[UINT_FMT], pgid[PID_FMT];
    unsigned int wstat = s->fsm.wstat;
    char *argv[] = {(char *)"finish", code, sig, (char *)s->host->name(s), pgid, NULL};
    struct child c;
    int failed;
    if (servicedir_exists(s->dirfd, SERVICEDIR_FINISH) == 0)
        return SVFSM_EVENT_FINISH_NONE;
    prepare_child(&c, s, "./finish", argv);
    code[uint_fmt(code, WIFSIGNALED(wstat) ? 256u : (unsigned int)WEXITSTATUS(wstat))] = 0;
    sig[uint_fmt(sig, WTERMSIG(wstat))] = 0;
    pgid[pid_fmt(pgid, s->fsm.runpid)] = 0;
    prepare_record(s, 1, -1);
    in->pid = spawn(&c, 0, &failed);
    if (in->pid == -1)
        return finish_failed(s, in, failed, errno);
    s->finish_failure = 0;
    is_well(s, ABOUT_FORK);
    return SVFSM_EVENT_FINISH_STARTED;
}

/* --- effects --- */

static void write_status(struct service *s, tain const *now)
{
    struct svstatus status;
    if (!s->dirty)
        return;
    svfsm_status(&s->fsm, &status);
    s->retry = tain_infinite;
    if (svstatus_write(s->dirfd, &status) == 0) {
        s->dirty = 0;
        is_well(s, ABOUT_STATUS);
        return;
    }
    complain(s, ABOUT_STATUS, "unable to write ", SVSTATUS_FILE, errno);
    after(&s->retry, now, STATUS_RETRY_MS);
}

static void announce(struct service *s, unsigned int bytes, tain const *now)
{
    char const events[2] = {(char)(bytes & 255), (char)(bytes >> 8)};
    if (!s->was_ready && memchr(events, 'U', 2)) {
        s->was_ready = 1;
        if (s->host->first)
            s->host->first(s, 1);
    }
    /* who sees the event must find it in status */
    write_status(s, now);
    if (fifodir_notify(s->dirfd, SERVICEDIR_EVENT, events, events[1] ? 2 : 1) >= 0)
        is_well(s, ABOUT_EVENT);
    else
        complain(s, ABOUT_EVENT, "unable to notify listeners in ", SERVICEDIR_EVENT, errno);
}

static void record_death(struct service *s)
{
    struct svdeath d;
    uint32_t max = config_tally(s);
    if (!max)
        return;
    svdeath_from_wstat(&d, &s->fsm.stamp, s->fsm.wstat);
    if (svtally_append(s->dirfd, &d, max) == 0)
        is_well(s, ABOUT_TALLY);
    else
        complain(s, ABOUT_TALLY, "unable to write ", SVTALLY_FILE, errno);
}

/* Emptied: one that said who made it is the user's from now on (downfile). */
static void make_down(struct service *s)
{
    int fd = openat(s->dirfd, SERVICEDIR_DOWN,
                    O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd == -1)
        s->host->warn(s, "unable to create ", SERVICEDIR_DOWN, errno);
    else
        close(fd);
}

static void remove_down(struct service *s)
{
    if (unlinkat(s->dirfd, SERVICEDIR_DOWN, 0) == -1 && errno != ENOENT)
        s->host->warn(s, "unable to remove ", SERVICEDIR_DOWN, errno);
}

/* null: /dev/null, or -1. What belongs to the host stays open, and we have nothing to do with it.
 */
static void release_one(struct service *s, int i, int null)
{
    if (!(s->own_io & 1u << i)) {
        s->io[i] = null == -1 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, 3);
        s->own_io |= (1u << i) & 7;
    } else if (null == -1) {
        close_fd(&s->io[i]); /* the number may be somebody else's soon */
    } else {
        dup3(null, s->io[i], s->io[i] > 2 ? O_CLOEXEC : 0);
    }
}

/* A logger sees the end of its pipe when the last writer is gone: that must not be us. */
static void release(struct service *s)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd == -1)
        s->host->warn(s, "unable to open ", "/dev/null", errno);
    for (int i = 0; i < 2; i++)
        release_one(s, i, fd);
    if (fd > 2)
        close(fd);
}

/* Does one effect; returns the event that tells its outcome, or 0. */
static unsigned int perform(struct service *s, struct svfsm_effect const *e, struct svfsm_input *in)
{
    switch ((enum svfsm_effect_kind)e->kind) {
    case SVFSM_WRITE_STATUS:
        s->dirty =
            1; /* written before the next announcement or signal, or at the end of the step */
        break;
    case SVFSM_ANNOUNCE:
        announce(s, e->arg, &in->now);
        break;
    case SVFSM_TALLY:
        record_death(s);
        break;
    case SVFSM_SPAWN_RUN:
        return start_run(s, in);
    case SVFSM_SPAWN_FINISH:
        return start_finish(s, in);
    case SVFSM_SIGNAL:
        /* were we killed after d did its work, the next supervisor must not take it for an accident
         */
        write_status(s, &in->now);
        kill(s->fsm.pid, e->arg);
        break;
    case SVFSM_SIGNAL_GROUP:
        kill(-s->fsm.pid, e->arg);
        break;
    case SVFSM_MAKE_DOWN:
        make_down(s);
        break;
    case SVFSM_REMOVE_DOWN:
        remove_down(s);
        break;
    case SVFSM_CLOSE_NOTIFY:
        close_fd(&s->notify);
        break;
    case SVFSM_UNWATCH:
        close_fd(&s->watch);
        s->run_failure = 0;
        s->retries = 0;
        break;
    case SVFSM_HALT:
        s->host->halt(s, e->arg);
        break;
    case SVFSM_RELEASE:
        release(s);
        break;
    case SVFSM_EXIT:
    case SVFSM_EFFECT_COUNT:
        break;
    }
    return 0;
}

/* What a first supervisor announces is sent with the start of run: listeners are looked for once.
   Whoever has heard nothing until then finds the status, which is written first. */
static int is_announced_later(struct service const *s, unsigned int event,
                              struct svfsm_effects const *out)
{
    return s->made && event == SVFSM_EVENT_START && out->n &&
           out->e[out->n - 1].kind == SVFSM_SPAWN_RUN;
}

static void handle(struct service *s, unsigned int event, struct svfsm_input *in)
{
    struct svfsm_effects out;
    unsigned int held = 0; /* an announcement */
    while (event) {
        tain_wallclock_read(&in->wall);
        gather(s, event, in);
        svfsm_step(&s->fsm, event, in, &out);
        int later = is_announced_later(s, event, &out);
        event = 0;
        for (unsigned int i = 0; i < out.n; i++) {
            struct svfsm_effect *e = &out.e[i];
            if (e->kind == SVFSM_ANNOUNCE && later) {
                held = e->arg;
                write_status(s, &in->now);
                continue;
            }
            if (e->kind == SVFSM_ANNOUNCE && held) {
                e->arg = (uint16_t)(held | (unsigned int)e->arg << 8);
                held = 0;
            }
            event = perform(s, e, in);
        }
    }
    if (held)
        announce(s, held, &in->now);
    /* a next supervisor that finds the timer must find who armed it */
    write_status(s, &in->now);
    record_killing(s);
}

/* --- the world --- */

/* Makes the directory name below dirfd, or where name points to as a dangling link. Returns 1, 0 if
 * it is there, or -1. */
static int __attribute__((noinline)) make_directory(int dirfd, char const *name)
{
    char target[PATH_LIMIT];
    struct stat st;
    if (mkdirat(dirfd, name, 0700) == 0)
        return 1;
    if (errno != EEXIST)
        return -1;
    if (fstatat(dirfd, name, &st, 0) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(st.st_mode) ? 0 : -1;
    }
    ssize_t n = errno == ENOENT ? readlinkat(dirfd, name, target, sizeof target) : -1;
    if (n == -1)
        return -1;
    if ((size_t)n == sizeof target) {
        errno = ENAMETOOLONG;
        return -1;
    }
    target[n] = 0;
    return mkdirat(dirfd, target, 0700) == -1 ? -1 : 1;
}

/* event is a fifodir for our group; one that exists is left as it is, whoever owns it. */
static int make_event(int dirfd)
{
    struct stat st;
    gid_t gid = (gid_t)getauxval(AT_EGID); /* getegid, without a system call */
    if (fifodir_make(dirfd, SERVICEDIR_EVENT, gid, 0) == 0)
        return 0;
    if (fstatat(dirfd, SERVICEDIR_EVENT, &st, 0) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(st.st_mode) ? 0 : -1;
    }
    return make_directory(dirfd, SERVICEDIR_EVENT) == -1
               ? -1
               : fifodir_make(dirfd, SERVICEDIR_EVENT, gid, 1);
}

/* Opens the notification pipe anew, if the process still has it where it was put. */
static int reopen_notify(struct service *s)
{
    char path[sizeof "/proc//fd/" + PID_FMT + UINT32_FMT];
    uint32_t n;
    struct stat st;
    if (!s->record.pipe || servicedir_uint(s->dirfd, SERVICEDIR_NOTIFICATION_FD, &n) != 1)
        return -1;
    memcpy(path, "/proc/", 6);
    size_t len = 6 + pid_fmt(path + 6, s->record.pid);
    memcpy(path + len, "/fd/", 4);
    len += 4;
    path[len + uint32_fmt(path + len, n)] = 0;
    int fd = stat(path, &st) == 0 && S_ISFIFO(st.st_mode) && st.st_ino == s->record.pipe
                 ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                 : -1;
    if (fd == -1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && st.st_ino == s->record.pipe))
        return fd;
    close(fd);
    return -1;
}

/* Who looked whether it is ready has ended with the dead supervisor: another one, on the pipe that
   the service has, if it could be had again. */
static void check_again(struct service *s)
{
    char path[sizeof "/proc/self/fd/" + UINT_FMT] = "/proc/self/fd/";
    int p[2] = {-1, -1};
    if (servicedir_exists(s->dirfd, SERVICEDIR_READY_CHECK) != 1)
        return;
    if (s->notify >= 0) {
        path[14 + uint_fmt(path + 14, (unsigned int)s->notify)] = 0;
        p[1] = open(path, O_WRONLY | O_CLOEXEC);
    } else if (pipe2(p, O_CLOEXEC) == 0) {
        fcntl(p[0], F_SETFL, O_NONBLOCK);
        set_notify(s, p[0]);
    }
    if (p[1] >= 0)
        start_checker(s, p[1]);
    close_fd(&p[1]);
}

/* A process that an earlier supervisor left, and that lives, becomes ours. Returns whether there is
 * one. */
static int __attribute__((noinline)) adopt(struct service *s)
{
    struct svrecord *r = &s->record;
    struct svrecord const none = {.lock = r->lock};
    struct svstatus told;
    char pid[PID_FMT];
    char boot[SVRECORD_BOOT + 1];
    if (svrecord_read(s->dirfd, SVRECORD_FILE, r, boot) == -1) {
        s->recorded = errno != ENOENT;
        *r = none;
        return 0;
    }
    s->recorded = 1;
    s->adopted = svrecord_pidfd(r, boot, none.lock);
    if (s->adopted == -1) {
        *r = none;
        return 0;
    }
    svfsm_adopt(&s->fsm, r->pid, r->finishing, r->runpid, r->killing,
                svstatus_read(s->dirfd, ".", &told) == 0 ? &told : NULL);
    s->fresh |= 1u << SERVICE_ADOPTED;
    if (!r->finishing && !s->fsm.ready)
        set_notify(s, reopen_notify(s));
    if (!r->finishing && !s->fsm.ready)
        check_again(s);
    pid[pid_fmt(pid, r->pid)] = 0;
    s->host->warn(s,
                  r->finishing ? "adopting finish, which its dead supervisor left: pid "
                               : "adopting run, which its dead supervisor left: pid ",
                  pid, 0);
    return 1;
}

/* Whoever may read supervise may ask who holds the lock, so a lock we made gets its mode whatever
   the umask. Returns whether we made it and the umask took nothing from it. */
static int __attribute__((noinline)) look_at_lock(struct service *s)
{
    struct stat st;
    if (fstat(s->lock, &st) == -1)
        return 0;
    s->record.lock = st.st_ino;
    if (!s->made || (st.st_mode & 0644) == 0644)
        return s->made;
    fchmod(s->lock, 0644);
    return 0;
}

/* What a supervisor was writing when it was killed, and would lie there until the next of its kind
   is written. */
static void __attribute__((noinline)) drop_unfinished(int dirfd)
{
    unlinkat(dirfd, SVSTATUS_FILE ".new", 0);
    unlinkat(dirfd, SVTALLY_FILE ".new", 0);
    unlinkat(dirfd, SVRECORD_FILE ".new", 0);
}

int service_open(struct service *s, struct service_host const *host, int dirfd, int const io[3],
                 unsigned int own_io, char const **culprit)
{
    tain wall;
    memset(s, 0, sizeof *s);
    s->host = host;
    s->dirfd = dirfd;
    memcpy(s->io, io, sizeof s->io);
    s->own_io = own_io & 7;
    s->lock = s->control = s->notify = s->watch = s->adopted = -1;
    s->retry = tain_infinite;

    *culprit = SERVICEDIR_EVENT;
    if (make_event(dirfd) == -1)
        return -1;
    *culprit = SERVICEDIR_SUPERVISE;
    int made = make_directory(dirfd, SERVICEDIR_SUPERVISE);
    if (made == -1)
        return -1;
    s->made = !!made;
    *culprit = SVLOCK_SERVICE;
    s->lock = svlock_take(dirfd, SVLOCK_SERVICE, 0644);
    if (s->lock == -1)
        return -1;
    int unmasked = look_at_lock(s);
    *culprit = CTLFIFO_SERVICE;
    s->control = ctlfifo_serve(dirfd, CTLFIFO_SERVICE, 0600, unmasked);
    if (s->control == -1)
        goto fail;
    *culprit = SERVICEDIR_DOWN;
    int down = servicedir_exists(dirfd, SERVICEDIR_DOWN);
    if (down == -1)
        goto fail;
    tain_wallclock_read(&wall);
    svfsm_init(&s->fsm, !down, &wall);
    *culprit = SVLOCK_SERVICE;
    while (flock(s->lock, host->patient ? LOCK_EX : LOCK_EX | LOCK_NB) == -1) {
        if (errno == EAGAIN)
            goto fail;
        if (errno != EINTR)
            break;
    }
    s->fresh |= 1u << SERVICE_CONTROL;
    if (!made)
        drop_unfinished(dirfd);
    if ((made || !adopt(s)) && svtally_clear(dirfd) == -1)
        complain(s, ABOUT_TALLY, "unable to write ", SVTALLY_FILE, errno);
    return 0;

fail:;
    int e = errno;
    s->own_io = 0;
    service_close(s);
    errno = e;
    return -1;
}

void service_close(struct service *s)
{
    for (int i = 0; i < 3; i++)
        if (s->own_io & 1u << i && s->io[i] > 2)
            close_fd(&s->io[i]);
    close_private(s);
}

static void read_control(struct service *s, tain const *now)
{
    char buf[64];
    ssize_t n = fd_read(s->control, buf, sizeof buf);
    for (ssize_t i = 0; i < n; i++)
        if ((unsigned char)buf[i] < SVFSM_EVENT_BASE)
            service_event(s, (unsigned char)buf[i], now);
}

void service_event(struct service *s, unsigned int event, tain const *now)
{
    struct svfsm_input in = {.now = *now};
    /* what was written before the signal comes before it: a d of a stop in order must not be taken
       for another one, which would send a second TERM */
    if (event == SVFSM_EVENT_TERM)
        read_control(s, now);
    handle(s, event, &in);
}

void service_start(struct service *s, tain const *now)
{
    service_event(s, SVFSM_EVENT_START, now);
}

unsigned int service_fresh(struct service *s)
{
    unsigned int fresh = s->fresh;
    s->fresh = 0;
    return fresh;
}

int service_fd(struct service const *s, enum service_fd which)
{
    switch (which) {
    case SERVICE_NOTIFY:
        return s->notify;
    case SERVICE_CONTROL:
        return s->control;
    case SERVICE_WATCH:
        return s->watch;
    case SERVICE_ADOPTED:
        return s->adopted;
    case SERVICE_FDS:
        break;
    }
    return -1;
}

/* The first newline means ready, whatever stands before it. rounds bounds a service that writes
 * without end. */
static void read_notify(struct service *s, unsigned int rounds, tain const *now)
{
    char buf[64];
    while (rounds-- && s->notify >= 0) {
        ssize_t n = fd_read(s->notify, buf, sizeof buf);
        if (n == -1 && errno == EAGAIN)
            return;
        if (n < 1)
            service_event(s, SVFSM_EVENT_NOTIFY_EOF, now);
        else if (memchr(buf, '\n', (size_t)n))
            service_event(s, SVFSM_EVENT_READY, now);
    }
}

/* It is no child, so nobody can tell us how it ended. */
static void check_adopted(struct service *s, tain const *now)
{
    struct pollfd x = {.fd = s->adopted, .events = POLLIN};
    if (s->adopted < 0 || poll(&x, 1, 0) != 1)
        return;
    s->host->warn(s,
                  s->record.finishing
                      ? "how the adopted finish ended is unknown"
                      : "how the adopted run ended is unknown, finish is told 256 9",
                  "", 0);
    service_on_death(s, s->record.pid, SVFSM_UNKNOWN_DEATH, now);
}

void service_on_fd(struct service *s, enum service_fd which, tain const *now)
{
    switch (which) {
    case SERVICE_NOTIFY:
        read_notify(s, 16, now);
        break;
    case SERVICE_CONTROL:
        read_control(s, now);
        break;
    case SERVICE_WATCH:
        if (s->watch >= 0 && runwatch_read(s->watch, s->dirfd))
            service_event(s, SVFSM_EVENT_CHANGED, now);
        break;
    case SERVICE_ADOPTED:
        check_adopted(s, now);
        break;
    case SERVICE_FDS:
        break;
    }
}

int service_on_death(struct service *s, pid_t pid, int wstat, tain const *now)
{
    struct svfsm_input in = {.now = *now, .wstat = wstat};
    if (!s->fsm.pid || pid != s->fsm.pid || service_is_gone(s))
        return 0;
    close_fd(&s->adopted);
    if (s->fsm.state == SVFSM_UP || s->fsm.state == SVFSM_LASTUP) {
        /* what run said before it died counts; a pipe holds no more than this */
        read_notify(s, 2048, now);
        handle(s, SVFSM_EVENT_RUN_DIED, &in);
    } else {
        handle(s, SVFSM_EVENT_FINISH_DIED, &in);
    }
    return 1;
}

tain const *service_deadline(struct service const *s)
{
    return tain_less(&s->retry, &s->fsm.deadline) ? &s->retry : &s->fsm.deadline;
}

void service_on_timeout(struct service *s, tain const *now)
{
    struct svfsm_input in = {.now = *now};
    /* handle ends with writing status, which is what retry is for */
    handle(s, tain_less(now, &s->fsm.deadline) ? 0 : SVFSM_EVENT_TIMER, &in);
}
