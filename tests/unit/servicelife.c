/* service: what goes wrong in the life of one: bad files, what lacks, a lock that another holds, a
   supervisor that was killed. Several at once, and what goes well, is tests/unit/service. */

#include "scratch.h"
#include "turns.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <skalibs/tai.h>

#include <cairn/fifodir.h>
#include <cairn/service.h>
#include <cairn/svlock.h>
#include <cairn/svstatus.h>
#include <cairn/svtally.h>

static struct service s;
static int sv;
static char warned[8192];
static int halted;
static int firsts[2];
static int io[3];
static char boot[SVRECORD_BOOT + 1];

static void on_warn(struct service const *who, char const *what, char const *object, int e)
{
    size_t len = strlen(warned);
    (void)who;
    snprintf(warned + len, sizeof warned - len, "%s%s%s%s\n", what, object, e ? ": " : "",
             e ? strerror(e) : "");
}

static void on_halt(struct service const *who, unsigned int code)
{
    (void)who;
    halted = (int)code;
}

static void on_first(struct service const *who, int ready)
{
    (void)who;
    firsts[!!ready]++;
}

static char const *get_name(struct service const *who)
{
    (void)who;
    return "name";
}

static struct service_host const host = {.warn = &on_warn,
                                         .halt = &on_halt,
                                         .first = &on_first,
                                         .name = &get_name,
                                         .boot = boot,
                                         .patient = 1};

/* How often text was told. */
static int told(char const *text)
{
    int n = 0;
    for (char const *p = warned; (p = strstr(p, text)); p++)
        n++;
    return n;
}

static void turn(int ms)
{
    struct pollfd x[SERVICE_FDS];
    int wstat;
    pid_t pid;
    for (unsigned int i = 0; i < SERVICE_FDS; i++)
        x[i] = (struct pollfd){.fd = service_fd(&s, i), .events = POLLIN};
    poll(x, SERVICE_FDS, ms);
    tain_now_g();
    for (unsigned int i = 0; i < SERVICE_FDS; i++)
        if (x[i].revents)
            service_on_fd(&s, i, &STAMP);
    while ((pid = waitpid(-1, &wstat, WNOHANG)) > 0)
        service_on_death(&s, pid, wstat, &STAMP);
    if (!tain_future(service_deadline(&s)))
        service_on_timeout(&s, &STAMP);
}

static int exists(char const *name)
{
    struct stat st;
    return !lstat(in(name), &st);
}

static void byte(char c)
{
    tain_now_g();
    service_event(&s, (unsigned char)c, &STAMP);
}

static void start(void)
{
    char const *culprit;
    if (service_open(&s, &host, sv, io, 3, &culprit) == -1)
        fail_msg("service_open: %s: %s", culprit, strerror(errno));
    tain_now_g();
    service_start(&s, &STAMP);
}

static void up(void)
{
    byte('u');
    turn_until(s.fsm.state == SVFSM_UP);
}

static void down(void)
{
    byte('d');
    turn_until(s.fsm.state == SVFSM_DOWN);
}

/* Writes the file below the service directory, which is one that is not to be started by itself. */
static void file(char const *name, char const *text)
{
    char path[128];
    snprintf(path, sizeof path, "sv/%s", name);
    put(path, text, 0755);
}

static char const SLEEP[] = "#!/bin/sh\nexec sleep 1000\n";

static int setup(void **state)
{
    if (scratch_setup(state))
        return -1;
    warned[0] = 0;
    halted = -1;
    firsts[0] = firsts[1] = 0;
    io[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    io[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    io[2] = 2;
    if (svrecord_boot(boot) == -1 || !tain_now_set_stopwatch_g())
        return -1;
    signal(SIGPIPE, SIG_IGN);
    unsetenv("CAIRN_BINDIR");
    dir("sv");
    sv = open(in("sv"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    file("run", SLEEP);
    file("down", "");
    memset(&s, 0, sizeof s);
    s.fsm.state = SVFSM_GONE;
    return sv == -1;
}

static int teardown(void **state)
{
    if (!service_is_gone(&s)) {
        if (s.fsm.pid)
            kill(-s.fsm.pid, SIGKILL);
        byte('d');
        byte('x');
        byte('k');
        turn_until(service_is_gone(&s));
    }
    service_close(&s);
    close(sv);
    return scratch_teardown(state);
}

static void tells_a_bad_file_once(void **state)
{
    (void)state;
    file("notification-fd", "four\n");
    file("timeout-kill", "soon\n");
    file("down-signal", "SIGNOTHING\n");
    file("reload-signal", "0\n");
    file("max-death-tally", "-1\n");
    file("on-exit", "perhaps\n");
    file("finish", "#!/bin/sh\n");
    dir("sv/timeout-finish");
    start();
    for (int i = 0; i < 2; i++) {
        up();
        byte('l'); /* the default, HUP, ends it */
        turn_until(s.fsm.wstat == SIGHUP);
        s.fsm.wstat = 0;
        turn_until(s.fsm.state == SVFSM_UP);
        down();
    }
    assert_int_equal(told("invalid number in notification-fd\n"), 1);
    assert_int_equal(told("invalid number in timeout-kill\n"), 1);
    assert_int_equal(told("invalid signal in down-signal\n"), 1);
    assert_int_equal(told("invalid signal in reload-signal\n"), 1);
    assert_int_equal(told("invalid number in max-death-tally\n"), 1);
    assert_int_equal(told("unable to read timeout-finish: Is a directory\n"), 1);
    assert_int_equal(told("ignoring what is in on-exit (allowed is: "), 1);
    /* once it is well, it is worth telling again */
    file("down-signal", "KILL\n");
    up();
    down();
    assert_int_equal(s.fsm.wstat, SIGKILL);
    file("down-signal", "SIGNOTHING\n");
    up();
    down();
    assert_int_equal(s.fsm.wstat, SIGTERM);
    assert_int_equal(told("invalid signal in down-signal\n"), 2);
}

static void wants_descriptors_that_can_be(void **state)
{
    (void)state;
    start();
    file("notification-fd", "0\n");
    byte('u');
    assert_true(s.fsm.failed);
    assert_int_equal(told("notification-fd is out of range"), 1);
    byte('d');
    file("notification-fd", "5\n");
    file("lock-fd", "5\n");
    byte('u');
    assert_true(s.fsm.failed);
    assert_int_equal(told("lock-fd and notification-fd are the same number"), 1);
    byte('d');
    file("lock-fd", "4000000000\n");
    byte('u');
    assert_true(s.fsm.failed);
    assert_int_equal(told("lock-fd is out of range"), 1);
    byte('d');
    /* what the host allows its services counts, not what it has itself */
    struct rlimit few = {.rlim_cur = 20, .rlim_max = 20};
    struct service_host small = host;
    small.start.nofile = &few;
    s.host = &small;
    s.run_failure = 0;
    file("lock-fd", "20\n");
    byte('u');
    assert_true(s.fsm.failed);
    assert_int_equal(told("lock-fd is out of range"), 2);
    byte('d');
    file("lock-fd", "19\n");
    up();
    down();
    s.host = &host;
    dir("sv/supervise/service-lock.d");
    assert_int_equal(unlink(in("sv/supervise/service-lock")), 0);
    assert_int_equal(rename(in("sv/supervise/service-lock.d"), in("sv/supervise/service-lock")), 0);
    byte('u');
    assert_true(s.fsm.failed);
    assert_int_equal(told("unable to open supervise/service-lock: Is a directory"), 1);
}

/* A process that holds the lock on this file until it is killed. */
static pid_t locked_by(char const *name, int whole)
{
    int p[2];
    char c;
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(in(name), O_WRONLY | O_CREAT, 0644);
        int r = whole ? flock(fd, LOCK_EX) : fcntl(fd, F_SETLK, &fl);
        if (!r && write(p[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(p[1]);
    assert_int_equal(read(p[0], &c, 1), 1);
    close(p[0]);
    return pid;
}

static void waits_for_a_lock_of_an_earlier_life(void **state)
{
    (void)state;
    file("lock-fd", "7\n");
    file("run", "#!/bin/sh\n: >ran\nexec sleep 1000\n");
    start();
    file("supervise/service-lock", "content");
    pid_t holder = locked_by("sv/supervise/service-lock", 0);
    byte('u');
    assert_int_equal(s.fsm.state, SVFSM_UP);
    assert_int_equal(told("emptying supervise/service-lock, which should have no content"), 1);
    assert_string_equal(get("sv/supervise/service-lock"), "");
    assert_int_equal(told("another process holds supervise/service-lock, run waits for it"), 1);
    turn(50);
    assert_false(exists("sv/ran"));
    assert_int_equal(s.record.pid, s.fsm.pid);
    /* who waits can be ended */
    down();
    assert_int_equal(s.fsm.wstat, SIGTERM);
    byte('u');
    assert_int_equal(s.fsm.state, SVFSM_UP);
    assert_int_equal(told("another process holds"), 1);
    kill(holder, SIGKILL);
    turn_until(exists("sv/ran"));
    assert_int_equal(s.fsm.state, SVFSM_UP);
    down();
    /* what waited and then cannot be run exits like a shell would */
    holder = locked_by("sv/supervise/service-lock", 0);
    file("finish", "#!/bin/sh\necho $1 >finished\n");
    file("run", "#!/nowhere/sh\n");
    byte('o');
    kill(holder, SIGKILL);
    turn_until(s.fsm.state == SVFSM_DOWN);
    assert_string_equal(get("sv/finished"), "127\n");
}

/* what the service takes for notifyoncheck */
static void stand_in(char const *script)
{
    setenv("CAIRN_BINDIR", in("bin"), 1);
    dir("bin");
    put("bin/notifyoncheck", script, 0755);
}

static void checks_whether_it_is_ready(void **state)
{
    (void)state;
    stand_in("#!/bin/sh\necho \"$@\" >checker\necho >&3\n");
    file("ready-check", "file x\n");
    start();
    up();
    turn_until(s.fsm.ready);
    assert_string_equal(get("sv/checker"), "--service 3 name\n");
    assert_int_equal(firsts[0], 1);
    assert_int_equal(firsts[1], 1);
    down();
    /* run is started without one, too */
    assert_int_equal(unlink(in("bin/notifyoncheck")), 0);
    up();
    assert_int_equal(told("unable to start, for ready-check: "), 1);
    assert_int_equal(told("/bin/notifyoncheck: No such file or directory"), 1);
    turn_until(service_fd(&s, SERVICE_NOTIFY) == -1); /* nobody can say it */
    assert_false(s.fsm.ready);
    down();
    /* each of them counts once for the host */
    assert_int_equal(firsts[0], 1);
    assert_int_equal(firsts[1], 1);
}

static void hears_only_a_newline(void **state)
{
    (void)state;
    file("notification-fd", "4\n");
    file("run", "#!/bin/sh\nprintf words >&4\nuntil test -e go; do test -d supervise || exit; "
                "sleep 0.01; done\n"
                "exec 4>&-\n: >deaf\nexec sleep 1000\n");
    start();
    up();
    turn(100);
    assert_true(service_fd(&s, SERVICE_NOTIFY) >= 0);
    file("go", "");
    turn_until(service_fd(&s, SERVICE_NOTIFY) == -1);
    assert_int_equal(s.fsm.state, SVFSM_UP);
    assert_false(s.fsm.ready);
    assert_int_equal(service_fd(&s, SERVICE_FDS), -1);
    service_on_fd(&s, SERVICE_FDS, &STAMP); /* nothing */
}

/* The letter of /proc/PID/stat; 0: there is no such process, or it is dead. */
static char state_of(pid_t pid)
{
    char path[32], buf[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return 0;
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    char const *end = n > 0 ? strrchr(buf, ')') : NULL;
    return !end || end[2] == 'Z' || end[2] == 'X' ? 0 : end[2];
}

static void signals_the_group(void **state)
{
    (void)state;
    file("reload-signal", "USR1\n");
    file("run",
         "#!/bin/sh\ntrap ': >reloaded' USR1\ntrap '' TERM\nsleep 1000 &\necho $! >child.new\n"
         "mv child.new child\nwhile :; do wait; done\n");
    start();
    up();
    turn_until(exists("sv/child"));
    pid_t child = atoi(get("sv/child"));
    byte('l');
    turn_until(exists("sv/reloaded"));
    byte('P');
    turn_until(state_of(child) == 'T');
    byte('C');
    /* TERM is ignored: after timeout-kill the group gets KILL */
    file("timeout-kill", "1\n");
    file("flag-timeout-killpg", "");
    byte('d');
    turn_until(s.fsm.state == SVFSM_DOWN);
    assert_int_equal(s.fsm.wstat, SIGKILL);
    turn_until(!state_of(child));
    file("run", SLEEP);
    up();
    byte('K');
    byte('d');
    turn_until(s.fsm.state == SVFSM_DOWN);
    assert_int_equal(s.fsm.wstat, SIGKILL);
}

static void makes_and_removes_down(void **state)
{
    (void)state;
    start();
    file("down", "who made it\n");
    byte('U');
    turn_until(s.fsm.state == SVFSM_UP);
    assert_false(exists("sv/down"));
    byte('U');
    byte('D');
    turn_until(s.fsm.state == SVFSM_DOWN);
    assert_string_equal(get("sv/down"), "");
    assert_string_equal(warned, "");
    assert_int_equal(unlink(in("sv/down")), 0);
    dir("sv/down");
    byte('D');
    assert_string_equal(warned, "unable to create down: Is a directory\n");
    byte('U');
    assert_int_equal(told("unable to remove down: Is a directory\n"), 1);
    turn_until(s.fsm.state == SVFSM_UP);
}

static void does_what_on_exit_says(void **state)
{
    (void)state;
    struct svstatus st;
    file("run", "#!/bin/sh\nexit 3\n");
    file("on-exit", "halt\n");
    start();
    byte('u');
    turn_until(halted >= 0);
    assert_int_equal(halted, 3);
    down();
    /* more deaths in a time than the limit are a failure for good */
    assert_int_equal(unlink(in("sv/on-exit")), 0);
    file("restart-limit", "1 60\n");
    file("restart-backoff", "1 10\n");
    byte('u');
    turn_until(s.fsm.state == SVFSM_DOWN && !s.fsm.wantup);
    assert_int_equal(svstatus_read(sv, ".", &st), 0);
    assert_true(st.givenup);
}

static void goes_on_without_a_finish_that_runs(void **state)
{
    (void)state;
    file("finish", "#!/nowhere/sh\n");
    start();
    up();
    down();
    assert_int_equal(told("unable to run finish: "), 1);
    up();
    down();
    assert_int_equal(told("unable to run finish: "), 1);
    /* another reason is another message */
    put("sv/finish", "#!/bin/sh\n", 0644);
    dir("sv/finish.d");
    assert_int_equal(unlink(in("sv/finish")), 0);
    assert_int_equal(rename(in("sv/finish.d"), in("sv/finish")), 0);
    up();
    down();
    assert_int_equal(told("unable to run finish: "), 2);
}

static void waits_where_descriptors_lack(void **state)
{
    (void)state;
    struct rlimit had, rl;
    tain soon;
    file("notification-fd", "4\n");
    start();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &had), 0);
    int next = dup(0);
    close(next);
    rl = had;
    rl.rlim_cur = (rlim_t)next;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &rl), 0);
    byte('u'); /* not one to read the file with */
    tain_addsec_g(&soon, 2);
    int failed = s.fsm.failed;
    int is_soon = tain_less(service_deadline(&s), &soon);
    rl.rlim_cur = (rlim_t)next + 1; /* one, but a pipe takes two */
    setrlimit(RLIMIT_NOFILE, &rl);
    byte('u');
    int still = s.fsm.failed;
    int is_later = tain_less(&soon, service_deadline(&s));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &had), 0);
    assert_true(failed);
    assert_true(is_soon);
    assert_true(still);
    assert_true(is_later); /* each pause is longer than the one before */
    assert_int_equal(told("unable to read its configuration: Too many open files\n"), 1);
    assert_int_equal(told("unable to make a pipe: Too many open files\n"), 1);
    byte('u');
    assert_int_equal(s.fsm.state, SVFSM_UP);
}

static void tells_what_cannot_be_written_once(void **state)
{
    (void)state;
    struct svstatus st;
    start();
    up();
    down();
    dir("sv/supervise/status.new");
    dir("sv/supervise/process.new");
    dir("sv/supervise/death_tally.new");
    assert_int_equal(unlink(in("sv/supervise/death_tally")), 0); /* one that is there is added to */
    assert_int_equal(rename(in("sv/event"), in("sv/away")), 0);
    for (int i = 0; i < 2; i++) {
        up();
        down();
    }
    assert_int_equal(told("unable to write supervise/status: Is a directory\n"), 1);
    assert_int_equal(told("unable to write supervise/process: Is a directory\n"), 1);
    assert_int_equal(told("unable to write supervise/death_tally: Is a directory\n"), 1);
    assert_int_equal(told("unable to notify listeners in event: No such file or directory\n"), 1);
    up();
    assert_int_equal(svstatus_read(sv, ".", &st), 0);
    assert_false(svstatus_is_up(&st)); /* of the time before */
    /* a status that could not be written is tried again by itself */
    assert_int_equal(rmdir(in("sv/supervise/status.new")), 0);
    tain now = *service_deadline(&s);
    tain_addsec_g(&STAMP, 2);
    assert_true(tain_less(&now, &STAMP));
    service_on_timeout(&s, &now);
    assert_int_equal(svstatus_read(sv, ".", &st), 0);
    assert_true(svstatus_is_up(&st));
    assert_int_equal(rmdir(in("sv/supervise/process.new")), 0);
}

static void gives_up_output_of_the_host(void **state)
{
    (void)state;
    char const *culprit;
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC), 0);
    io[1] = p[1];
    file("merge-stderr", "");
    file("run", "#!/bin/sh\necho words >&2\nexec sleep 1000\n");
    assert_int_equal(service_open(&s, &host, sv, io, 0, &culprit), 0);
    tain_now_g();
    service_start(&s, &STAMP);
    up();
    char buf[16];
    assert_int_equal(read(p[0], buf, sizeof buf), 6);
    assert_memory_equal(buf, "words\n", 6);
    byte('x');
    assert_true(s.io[1] != p[1]);
    assert_int_equal(fcntl(p[1], F_GETFD), FD_CLOEXEC); /* not ours to close */
    byte('k');
    turn_until(service_is_gone(&s));
    service_close(&s);
    assert_int_equal(s.io[1], -1);
    close(p[0]);
    close(p[1]);
}

/* What a supervisor leaves that is killed once its service has made the file begun. */
static void killed_supervisor(char const *last_words)
{
    pid_t pid = fork();
    if (!pid) {
        char const *culprit;
        if (service_open(&s, &host, sv, io, 3, &culprit) == -1)
            _exit(1);
        tain_now_g();
        service_start(&s, &STAMP);
        byte('u');
        for (int i = 0; i < 6000 && !exists("sv/begun"); i++)
            turn(10);
        for (char const *p = last_words; *p; p++)
            byte(*p);
        _exit(exists("sv/begun") ? 0 : 2);
    }
    int wstat;
    assert_int_equal(waitpid(pid, &wstat, 0), pid);
    assert_int_equal(wstat, 0);
}

static void adopts_what_a_killed_one_left(void **state)
{
    (void)state;
    struct svdeath death;
    file("notification-fd", "4\n");
    file("run", "#!/bin/sh\n: >begun\nuntil test -e go; do test -d supervise || exit; sleep 0.01; "
                "done\necho >&4\n"
                "exec sleep 1000\n");
    file("finish", "#!/bin/sh\necho \"$1 $2\" >finished\n");
    killed_supervisor("");
    start();
    assert_int_equal(told("adopting run, which its dead supervisor left: pid "), 1);
    assert_int_equal(s.fsm.state, SVFSM_UP);
    assert_true(s.fsm.pid > 0);
    assert_true(service_fresh(&s) & 1u << SERVICE_ADOPTED);
    assert_int_equal(service_fresh(&s), 0);
    assert_false(s.fsm.ready);
    file("go", "");
    turn_until(s.fsm.ready); /* the pipe was found again */
    /* not told to anybody who is not its parent: how it ended */
    assert_int_equal(kill(s.fsm.pid, 0), 0);
    byte('o');
    kill(s.fsm.pid, SIGTERM);
    turn_until(s.fsm.state == SVFSM_DOWN);
    assert_int_equal(told("how the adopted run ended is unknown, finish is told 256 9\n"), 1);
    assert_string_equal(get("sv/finished"), "256 9\n");
    assert_int_equal(svtally_read(sv, ".", &death, 1), 1);
    assert_int_equal(death.sig, SIGKILL);
}

static void adopts_finish(void **state)
{
    (void)state;
    file("run", "#!/bin/sh\n");
    file("finish",
         "#!/bin/sh\n: >begun\nuntil test -e go; do test -d supervise || exit; sleep 0.01; done\n");
    killed_supervisor("d");
    start();
    assert_int_equal(told("adopting finish, which its dead supervisor left: pid "), 1);
    assert_int_equal(s.fsm.state, SVFSM_FINISH);
    file("go", "");
    turn_until(s.fsm.state == SVFSM_DOWN);
    assert_int_equal(told("how the adopted finish ended is unknown\n"), 1);
}

static void checks_an_adopted_one_again(void **state)
{
    (void)state;
    stand_in("#!/bin/sh\nprintf x >&3\nuntil test -e go; do test -d supervise || exit; sleep 0.01; "
             "done\necho >&3\n");
    file("ready-check", "file x\n");
    file("run", "#!/bin/sh\n: >begun\nexec sleep 1000\n");
    killed_supervisor("");
    start();
    assert_int_equal(s.fsm.state, SVFSM_UP);
    assert_false(s.fsm.ready);
    assert_true(service_fd(&s, SERVICE_NOTIFY) >= 0);
    file("go", "");
    turn_until(s.fsm.ready);
}

static void checks_an_adopted_one_through_its_pipe(void **state)
{
    (void)state;
    stand_in("#!/bin/sh\nprintf x >&3\n");
    file("ready-check", "file x\n");
    file("notification-fd", "4\n");
    file("run", "#!/bin/sh\n: >begun\nexec sleep 1000\n");
    killed_supervisor("");
    put("bin/notifyoncheck", "#!/bin/sh\n: >again\necho >&3\n", 0755);
    start();
    turn_until(s.fsm.ready);
    assert_true(exists("sv/again"));
}

static void follows_dangling_links(void **state)
{
    (void)state;
    assert_int_equal(symlink("../elsewhere", in("sv/event")), 0);
    assert_int_equal(symlink("../run-supervise", in("sv/supervise")), 0);
    start();
    assert_true(exists("elsewhere"));
    assert_true(exists("run-supervise/lock"));
    struct fifodir_listener l;
    assert_int_equal(fifodir_listen(AT_FDCWD, in("elsewhere"), &l), 0);
    up();
    char c;
    assert_int_equal(read(l.fd, &c, 1), 1);
    assert_int_equal(c, 'u');
    fifodir_unlisten(&l);
}

static void refused(char const *culprit_wanted, int e)
{
    char const *culprit;
    assert_int_equal(service_open(&s, &host, sv, io, 3, &culprit), -1);
    assert_int_equal(errno, e);
    assert_string_equal(culprit, culprit_wanted);
    s.fsm.state = SVFSM_GONE;
}

static void names_what_is_in_the_way(void **state)
{
    (void)state;
    char far[600];
    file("event", "");
    refused("event", ENOTDIR);
    assert_int_equal(unlink(in("sv/event")), 0);
    memset(far, '/', sizeof far);
    far[sizeof far - 1] = 0;
    memcpy(far + sizeof far - 5, "none", 4);
    assert_int_equal(symlink(far, in("sv/event")), 0);
    refused("event", ENAMETOOLONG);
    assert_int_equal(unlink(in("sv/event")), 0);
    assert_int_equal(symlink("none/none", in("sv/event")), 0);
    refused("event", ENOENT);
    assert_int_equal(unlink(in("sv/event")), 0);
    assert_int_equal(symlink("event", in("sv/event")), 0);
    refused("event", ELOOP);
    assert_int_equal(unlink(in("sv/event")), 0);
    assert_int_equal(symlink("none/none", in("sv/supervise")), 0);
    refused("supervise", ENOENT);
    assert_int_equal(unlink(in("sv/supervise")), 0);
    int had = sv;
    sv = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* nothing can be made there */
    char const *culprit;
    assert_int_equal(service_open(&s, &host, sv, io, 3, &culprit), -1);
    s.fsm.state = SVFSM_GONE;
    assert_string_equal(culprit, "event");
    close(sv);
    sv = had;
}

static void is_asked_again_where_it_must_not_wait(void **state)
{
    (void)state;
    char const *culprit;
    struct service_host hasty = host;
    hasty.patient = 0;
    dir("sv/supervise");
    pid_t holder = locked_by("sv/supervise/lock", 1);
    assert_int_equal(service_open(&s, &hasty, sv, io, 3, &culprit), -1);
    assert_int_equal(errno, EAGAIN);
    assert_string_equal(culprit, SVLOCK_SERVICE);
    s.fsm.state = SVFSM_GONE;
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    dir("sv/supervise/death_tally");
    assert_int_equal(service_open(&s, &hasty, sv, io, 3, &culprit), 0);
    assert_string_equal(warned, "unable to write supervise/death_tally: Is a directory\n");
    s.host = &host;
    tain_now_g();
    service_start(&s, &STAMP);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    struct CMUnitTest const tests[] = {
        TEST(tells_a_bad_file_once),
        TEST(wants_descriptors_that_can_be),
        TEST(waits_for_a_lock_of_an_earlier_life),
        TEST(checks_whether_it_is_ready),
        TEST(hears_only_a_newline),
        TEST(signals_the_group),
        TEST(makes_and_removes_down),
        TEST(does_what_on_exit_says),
        TEST(goes_on_without_a_finish_that_runs),
        TEST(waits_where_descriptors_lack),
        TEST(tells_what_cannot_be_written_once),
        TEST(gives_up_output_of_the_host),
        TEST(adopts_what_a_killed_one_left),
        TEST(adopts_finish),
        TEST(checks_an_adopted_one_again),
        TEST(checks_an_adopted_one_through_its_pipe),
        TEST(follows_dangling_links),
        TEST(names_what_is_in_the_way),
        TEST(is_asked_again_where_it_must_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
