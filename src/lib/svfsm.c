/* The table comes first: what each event is in each state. The actions below it are one small
   function each; their names are the rows of the table. */

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <cairn/svfsm.h>
#include <cairn/svletter.h>

enum action {
    NOTHING,
    A_BOOT,      /* announce the supervisor, start if wanted */
    A_ADOPT_RUN, /* announce the supervisor of a run that lives */
    A_ADOPT_FINISH,
    A_SIGNAL,     /* the byte's signal to run; STOP and CONT are remembered */
    A_GROUP_STOP, /* P */
    A_GROUP_CONT, /* C */
    A_GROUP_KILL, /* K */
    A_RESTART,    /* r: down-signal, wanted state unchanged */
    A_RELOAD,     /* l */
    A_WANT_UP,    /* u while there is a process */
    A_MUST_UP,    /* U */
    A_WANT_DOWN,  /* O, o and, without a process, d */
    A_MUST_DOWN,  /* Q and, without a process, D */
    A_START_UP,   /* u while down: start now */
    A_START_MUST, /* U while down */
    A_START_ONCE, /* o while down */
    A_KILL,       /* d: down-signal, CONT, arm timeout-kill */
    A_KILL_MUST,  /* D */
    A_LEAVE,      /* x while there is a process: end with it */
    A_LEAVE_KILL, /* TERM: d, and end with it */
    A_RELEASE,    /* x again: standard input and output to /dev/null */
    A_EXIT,       /* end now */
    A_EXIT_INT,   /* INT: to the group of the process, end now */
    A_UP,         /* run is started */
    A_RETRY,      /* run could not be started */
    A_DIED,       /* run died */
    A_FINISHING,  /* finish is started */
    A_POSTPONE,   /* finish has to wait */
    A_DONE,       /* finish ended or is absent */
    A_READY,
    A_DEAF,         /* the notification pipe was closed */
    A_START_WANTED, /* a timer or a changed file allows the start */
    A_START_CHANGED,
    A_TIMEOUT_RUN,
    A_TIMEOUT_FINISH,
    ACTIONS
};

_Static_assert(ACTIONS <= UINT8_MAX, "actions are stored in bytes");
_Static_assert(SVFSM_STATE_COUNT == 6, "a state was added: give it a row below");
_Static_assert(SVFSM_EVENT_BASE + 17 == SVFSM_EVENT_COUNT,
               "an event was added: say below what it does");

#define SIGNAL_ROW(byte, sig) [byte] = A_SIGNAL,
#define EVENT(name)           [SVFSM_EVENT_##name]

static uint8_t const TABLE[SVFSM_STATE_COUNT][SVFSM_EVENT_COUNT] = {
    [SVFSM_DOWN] =
        {
            ['u'] = A_START_UP,
            ['U'] = A_START_MUST,
            ['o'] = A_START_ONCE,
            ['d'] = A_WANT_DOWN,
            ['D'] = A_MUST_DOWN,
            ['O'] = A_WANT_DOWN,
            ['Q'] = A_MUST_DOWN,
            ['x'] = A_EXIT,
            EVENT(START) = A_BOOT,
            EVENT(RUN_STARTED) = A_UP,
            EVENT(RUN_FAILED) = A_RETRY,
            EVENT(TIMER) = A_START_WANTED,
            EVENT(CHANGED) = A_START_CHANGED,
            EVENT(TERM) = A_EXIT,
            EVENT(HUP) = A_EXIT,
            EVENT(QUIT) = A_EXIT,
            EVENT(INT) = A_EXIT,
        },
    [SVFSM_FINISH] =
        {
            ['u'] = A_WANT_UP,
            ['U'] = A_MUST_UP,
            ['o'] = A_WANT_DOWN,
            ['d'] = A_WANT_DOWN,
            ['D'] = A_MUST_DOWN,
            ['O'] = A_WANT_DOWN,
            ['Q'] = A_MUST_DOWN,
            ['x'] = A_LEAVE,
            EVENT(START) = A_ADOPT_FINISH,
            EVENT(FINISH_STARTED) = A_FINISHING,
            EVENT(FINISH_NONE) = A_DONE,
            EVENT(FINISH_DELAYED) = A_POSTPONE,
            EVENT(FINISH_DIED) = A_DONE,
            EVENT(TIMER) = A_TIMEOUT_FINISH,
            EVENT(TERM) = A_LEAVE,
            EVENT(HUP) = A_LEAVE,
            EVENT(QUIT) = A_EXIT,
            EVENT(INT) = A_EXIT_INT,
        },
    [SVFSM_LASTFINISH] =
        {
            ['u'] = A_WANT_UP,
            ['U'] = A_MUST_UP,
            ['o'] = A_WANT_DOWN,
            ['d'] = A_WANT_DOWN,
            ['D'] = A_MUST_DOWN,
            ['O'] = A_WANT_DOWN,
            ['Q'] = A_MUST_DOWN,
            ['x'] = A_RELEASE,
            EVENT(FINISH_STARTED) = A_FINISHING,
            EVENT(FINISH_NONE) = A_DONE,
            EVENT(FINISH_DELAYED) = A_POSTPONE,
            EVENT(FINISH_DIED) = A_DONE,
            EVENT(TIMER) = A_TIMEOUT_FINISH,
            EVENT(HUP) = A_RELEASE,
            EVENT(QUIT) = A_EXIT,
            EVENT(INT) = A_EXIT_INT,
        },
/* the two states with a living run differ only in what ends them */
#define ROW_UP                                                                                     \
    SVLETTER_SIGNALS(SIGNAL_ROW)                                                                   \
    ['P'] = A_GROUP_STOP, ['C'] = A_GROUP_CONT, ['K'] = A_GROUP_KILL, ['r'] = A_RESTART,           \
    ['l'] = A_RELOAD, ['u'] = A_WANT_UP, ['U'] = A_MUST_UP, ['d'] = A_KILL, ['D'] = A_KILL_MUST,   \
    ['o'] = A_WANT_DOWN, ['O'] = A_WANT_DOWN, ['Q'] = A_MUST_DOWN, EVENT(RUN_DIED) = A_DIED,       \
    EVENT(READY) = A_READY, EVENT(NOTIFY_EOF) = A_DEAF, EVENT(TIMER) = A_TIMEOUT_RUN,              \
    EVENT(QUIT) = A_EXIT, EVENT(INT) = A_EXIT_INT
    [SVFSM_UP] =
        {
            ROW_UP,
            EVENT(START) = A_ADOPT_RUN,
            ['x'] = A_LEAVE,
            EVENT(TERM) = A_LEAVE_KILL,
            EVENT(HUP) = A_LEAVE,
        },
    [SVFSM_LASTUP] =
        {
            ROW_UP,
            ['x'] = A_RELEASE,
            EVENT(TERM) = A_KILL,
            EVENT(HUP) = A_RELEASE,
        },
    [SVFSM_GONE] = {0},
};

/* What the host has to read before an action. */
static uint8_t const NEEDS[ACTIONS] = {
    [A_ADOPT_RUN] = SVFSM_NEEDS_TIMEOUT_KILL,
    [A_ADOPT_FINISH] = SVFSM_NEEDS_TIMEOUT_FINISH,
    [A_RESTART] = SVFSM_NEEDS_DOWN_SIGNAL,
    [A_RELOAD] = SVFSM_NEEDS_RELOAD_SIGNAL,
    [A_KILL] = SVFSM_NEEDS_DOWN_SIGNAL | SVFSM_NEEDS_TIMEOUT_KILL,
    [A_KILL_MUST] = SVFSM_NEEDS_DOWN_SIGNAL | SVFSM_NEEDS_TIMEOUT_KILL,
    [A_LEAVE_KILL] = SVFSM_NEEDS_DOWN_SIGNAL | SVFSM_NEEDS_TIMEOUT_KILL,
    [A_FINISHING] = SVFSM_NEEDS_TIMEOUT_FINISH,
    [A_TIMEOUT_RUN] = SVFSM_NEEDS_KILLPG,
};

static enum action action_of(struct svfsm const *f, unsigned int event)
{
    return event < SVFSM_EVENT_COUNT ? (enum action)TABLE[f->state][event] : NOTHING;
}

/* Policies are for a service that died though nobody wished it, and that is still to be up. */
static int has_policy(struct svfsm const *f)
{
    return f->state == SVFSM_FINISH && f->itself && f->wantup;
}

unsigned int svfsm_needs(struct svfsm const *f, unsigned int event)
{
    enum action a = action_of(f, event);
    return NEEDS[a] | (a == A_DONE && has_policy(f) ? SVFSM_NEEDS_POLICY : 0u);
}

void svfsm_init(struct svfsm *f, int wantup, tain const *wall)
{
    memset(f, 0, sizeof *f);
    f->state = SVFSM_DOWN;
    f->wantup = !!wantup;
    f->ready = 1;
    f->stamp = f->readystamp = *wall;
    f->deadline = tain_infinite;
}

void svfsm_adopt(struct svfsm *f, pid_t pid, int finishing, pid_t runpid, int killing,
                 struct svstatus const *told)
{
    f->state = finishing ? SVFSM_FINISH : SVFSM_UP;
    f->pid = pid;
    f->runpid = runpid;
    f->started = 1;
    f->ready = 0;
    f->killing = !!killing;
    if (told) {
        f->wantup = told->wantup;
        f->wstat = told->wstat;
    }
    f->untold = !told || told->pid != pid || told->finishing != !!finishing;
    if (f->untold) {
        if (finishing && told && told->pid)
            f->wstat = SVFSM_UNKNOWN_DEATH;
        return;
    }
    f->stamp = told->stamp;
    f->readystamp = told->readystamp;
    f->paused = told->paused;
    if (finishing)
        return;
    /* what was ready restarts without delay, a second after that: the time is not known any more */
    f->ready = f->throttled = told->ready;
    f->nextstart = tain_zero;
}

void svfsm_status(struct svfsm const *f, struct svstatus *s)
{
    s->stamp = f->stamp;
    s->readystamp = f->readystamp;
    s->pid = f->pid;
    s->wstat = f->wstat;
    s->wantup = f->wantup;
    s->ready = f->ready;
    s->givenup = f->givenup;
    s->finishing = f->state == SVFSM_FINISH || f->state == SVFSM_LASTFINISH;
    /* s6 2.13.2: "paused" without a process says that run was never started */
    s->paused = f->paused || !f->started;
}

static void add(struct svfsm_effects *out, enum svfsm_effect_kind kind, unsigned int arg)
{
    if (out->n < SVFSM_EFFECTS_MAX)
        out->e[out->n++] = (struct svfsm_effect){(uint8_t)kind, (uint16_t)arg};
}

static void announce(struct svfsm_effects *out, char first, char second)
{
    add(out, SVFSM_ANNOUNCE, (unsigned char)first | (unsigned int)(unsigned char)second << 8);
}

static void want(struct svfsm *f, int up, struct svfsm_effects *out)
{
    f->wantup = !!up;
    add(out, SVFSM_WRITE_STATUS, 0);
}

static void arm(struct svfsm *f, tain const *now, uint32_t ms)
{
    tain t = {{ms / 1000}, ms % 1000 * 1000000};
    tain_add(&f->deadline, now, &t);
}

static void start_now(struct svfsm *f, struct svfsm_effects *out)
{
    f->deadline = tain_infinite;
    f->givenup = 0;
    add(out, SVFSM_SPAWN_RUN, 0);
}

static void leave(struct svfsm *f)
{
    f->state = f->state == SVFSM_UP ? SVFSM_LASTUP : SVFSM_LASTFINISH;
}

static void end(struct svfsm *f, struct svfsm_effects *out)
{
    f->state = SVFSM_GONE;
    f->deadline = tain_infinite;
    announce(out, 'x', 0);
    add(out, SVFSM_EXIT, 0);
}

static int signal_of_byte(unsigned int byte)
{
    switch (byte) {
#define X(b, sig)                                                                                  \
    case b:                                                                                        \
        return sig;
        SVLETTER_SIGNALS(X)
#undef X
    }
    return 0;
}

/* Does the signal that was asked for end most programs? HUP is left out: it is for reloading. */
static int is_end(int sig)
{
    return sig == SIGTERM || sig == SIGKILL || sig == SIGINT || sig == SIGQUIT || sig == SIGABRT;
}

static void send(struct svfsm *f, enum svfsm_effect_kind how, int sig, struct svfsm_effects *out)
{
    add(out, how, (unsigned int)sig);
    f->asked |= is_end(sig);
    if (sig != SIGSTOP && sig != SIGCONT)
        return;
    f->paused = sig == SIGSTOP;
    add(out, SVFSM_WRITE_STATUS, 0);
}

/* Down, now that run is alive. A stopped process cannot handle its TERM, so CONT follows; and
   another d never puts off a kill that is due sooner. */
static void kill_run(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    f->paused = 0;
    f->told = 1;
    want(f, 0, out);
    add(out, SVFSM_SIGNAL, (unsigned int)in->down_signal);
    add(out, SVFSM_SIGNAL, SIGCONT);
    if (!in->timeout_kill)
        return;
    tain armed = f->deadline;
    arm(f, &in->now, in->timeout_kill);
    if (tain_less(&armed, &f->deadline))
        f->deadline = armed;
}

/* DOWN and not wanted up: nothing is waited for. */
static void stay_down(struct svfsm *f, struct svfsm_effects *out)
{
    f->deadline = tain_infinite;
    if (f->failed)
        add(out, SVFSM_UNWATCH, 0);
    f->failed = 0;
    want(f, 0, out);
}

static void on_started(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    f->state = SVFSM_UP;
    f->pid = f->runpid = in->pid;
    f->stamp = in->wall;
    f->started = 1;
    f->ready = f->paused = f->throttled = f->asked = f->told = 0;
    f->deadline = tain_infinite;
    if (f->failed)
        add(out, SVFSM_UNWATCH, 0);
    f->failed = 0;
    add(out, SVFSM_WRITE_STATUS, 0);
    announce(out, 'u', 0);
}

static void on_failed(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    f->failed = 1;
    /* o asks for one start: it was tried, and the reason for the failure was told */
    if (!f->wantup) {
        stay_down(f, out);
        return;
    }
    add(out, SVFSM_WRITE_STATUS, 0); /* u may have changed what is wanted */
    arm(f, &in->now, in->retry_ms);
}

static void on_died(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    f->itself = f->wantup && !f->asked;
    f->state = f->state == SVFSM_UP ? SVFSM_FINISH : SVFSM_LASTFINISH;
    f->pid = 0;
    f->wstat = (uint16_t)in->wstat;
    f->stamp = in->wall;
    f->ready = f->paused = 0;
    f->untold = 1;
    f->deadline = tain_infinite;
    add(out, SVFSM_CLOSE_NOTIFY, 0);
    add(out, SVFSM_TALLY, 0);
    add(out, SVFSM_SPAWN_FINISH, 0);
}

static void adopt_run(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    add(out, SVFSM_WRITE_STATUS, 0);
    announce(out, 's', f->untold ? 'u' : 0);
    if (f->killing && in->timeout_kill)
        arm(f, &in->now, in->timeout_kill);
    f->untold = f->killing = 0;
}

static void adopt_finish(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    add(out, SVFSM_WRITE_STATUS, 0);
    announce(out, 's', f->untold ? 'd' : 0);
    if (in->timeout_finish)
        arm(f, &in->now, in->timeout_finish);
    f->untold = 0;
}

static void tell_death(struct svfsm *f, struct svfsm_effects *out)
{
    add(out, SVFSM_WRITE_STATUS, 0);
    if (f->untold)
        announce(out, 'd', 0);
    f->untold = 0;
}

static void on_finishing(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    f->pid = in->pid;
    f->deadline = tain_infinite;
    if (in->timeout_finish)
        arm(f, &in->now, in->timeout_finish);
    tell_death(f, out);
}

static void on_postponed(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    arm(f, &in->now, in->retry_ms);
    if (f->untold)
        tell_death(f, out);
}

/* Readiness sets the earliest restart; without it, a restart waits from the moment the service is
 * down. */
static void restart(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    if (f->itself && in->policy.delay_ms)
        arm(f, &in->now, in->policy.delay_ms);
    else if (!f->throttled)
        arm(f, &in->now, SVFSM_THROTTLE_MS);
    else if (tain_less(&in->now, &f->nextstart))
        f->deadline = f->nextstart;
    else
        start_now(f, out);
}

/* By the rule for exit codes of a container. */
static unsigned int exit_code(unsigned int wstat)
{
    return WIFSIGNALED(wstat) ? 128u + (unsigned int)WTERMSIG(wstat)
                              : (unsigned int)WEXITSTATUS(wstat);
}

static void on_done(struct svfsm *f, unsigned int event, struct svfsm_input const *in,
                    struct svfsm_effects *out)
{
    int last = f->state == SVFSM_LASTFINISH;
    int for_good = event == SVFSM_EVENT_FINISH_DIED && WIFEXITED(in->wstat) &&
                   WEXITSTATUS(in->wstat) == SVFSM_FINISH_FAILED_FOR_GOOD;
    int policy = !for_good && has_policy(f);
    int halt = policy && in->policy.halt;
    for_good |= policy && !halt && in->policy.too_often;
    f->itself = policy;
    f->state = SVFSM_DOWN;
    f->pid = 0;
    f->ready = 1;
    f->readystamp = in->wall;
    f->deadline = tain_infinite;
    if (for_good) {
        f->wantup = 0;
        f->givenup = 1;
    } else if (halt || (policy && in->policy.nothing)) {
        f->wantup = 0;
    }
    add(out, SVFSM_WRITE_STATUS, 0);
    if (for_good)
        announce(out, 'O', 'D');
    else if (f->untold)
        announce(out, 'd', 'D');
    else
        announce(out, 'D', 0);
    f->untold = 0;
    if (halt)
        add(out, SVFSM_HALT, exit_code(f->wstat));
    if (last)
        end(f, out);
    else if (f->wantup)
        restart(f, in, out);
}

static void on_ready(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    tain const throttle = {{SVFSM_THROTTLE_MS / 1000}, SVFSM_THROTTLE_MS % 1000 * 1000000};
    add(out, SVFSM_CLOSE_NOTIFY, 0);
    if (f->ready)
        return;
    f->ready = 1;
    f->readystamp = in->wall;
    f->throttled = 1;
    tain_add(&f->nextstart, &in->now, &throttle);
    add(out, SVFSM_WRITE_STATUS, 0);
    announce(out, 'U', 0);
}

static void on_timeout_run(struct svfsm *f, struct svfsm_input const *in, struct svfsm_effects *out)
{
    enum svfsm_effect_kind how = in->killpg ? SVFSM_SIGNAL_GROUP : SVFSM_SIGNAL;
    add(out, how, SIGKILL);
    add(out, how, SIGCONT);
    arm(f, &in->now, SVFSM_REPEAT_KILL_MS);
}

/* Only finish itself is killed, never its children: they may be what it leaves running on purpose.
 */
static void on_timeout_finish(struct svfsm *f, struct svfsm_input const *in,
                              struct svfsm_effects *out)
{
    f->deadline = tain_infinite;
    if (!f->pid) {
        add(out, SVFSM_SPAWN_FINISH, 0);
        return;
    }
    add(out, SVFSM_SIGNAL, SIGCONT);
    add(out, SVFSM_SIGNAL, SIGKILL);
    arm(f, &in->now, SVFSM_REPEAT_KILL_MS);
}

/* Bytes and signals that change what is wanted or act on the process. */
static void command(struct svfsm *f, enum action a, unsigned int event,
                    struct svfsm_input const *in, struct svfsm_effects *out)
{
    switch (a) {
    case A_SIGNAL:
        send(f, SVFSM_SIGNAL, signal_of_byte(event), out);
        break;
    case A_GROUP_STOP:
        send(f, SVFSM_SIGNAL_GROUP, SIGSTOP, out);
        break;
    case A_GROUP_CONT:
        send(f, SVFSM_SIGNAL_GROUP, SIGCONT, out);
        break;
    case A_GROUP_KILL:
        send(f, SVFSM_SIGNAL_GROUP, SIGKILL, out);
        break;
    case A_RESTART:
        f->asked = 1;
        add(out, SVFSM_SIGNAL, (unsigned int)in->down_signal);
        break;
    case A_RELOAD:
        add(out, SVFSM_SIGNAL, (unsigned int)in->reload_signal);
        break;
    case A_MUST_UP:
        add(out, SVFSM_REMOVE_DOWN, 0);
        /* fall through */
    case A_WANT_UP:
        want(f, 1, out);
        break;
    case A_MUST_DOWN:
        add(out, SVFSM_MAKE_DOWN, 0);
        /* fall through */
    case A_WANT_DOWN:
        if (f->state == SVFSM_DOWN)
            stay_down(f, out);
        else
            want(f, 0, out);
        break;
    case A_START_MUST:
        add(out, SVFSM_REMOVE_DOWN, 0);
        /* fall through */
    case A_START_UP:
        f->wantup = 1;
        start_now(f, out);
        break;
    case A_START_ONCE:
        f->wantup = 0;
        start_now(f, out);
        break;
    case A_LEAVE_KILL:
        leave(f);
        /* once is enough: to many programs a second TERM means to leave everything and go */
        if (!f->told || f->wantup || f->paused)
            kill_run(f, in, out);
        break;
    case A_KILL_MUST:
        add(out, SVFSM_MAKE_DOWN, 0);
        /* fall through */
    case A_KILL:
        kill_run(f, in, out);
        break;
    case A_LEAVE:
        leave(f);
        /* fall through */
    case A_RELEASE:
        add(out, SVFSM_RELEASE, 0);
        break;
    case A_EXIT_INT:
        if (f->pid)
            add(out, SVFSM_SIGNAL_GROUP, SIGINT);
        /* fall through */
    case A_EXIT:
        end(f, out);
        break;
    default:
        break;
    }
}

void svfsm_step(struct svfsm *f, unsigned int event, struct svfsm_input const *in,
                struct svfsm_effects *out)
{
    enum action a = action_of(f, event);
    out->n = 0;
    if (event == SVFSM_EVENT_TIMER && tain_less(&in->now, &f->deadline))
        return; /* not yet */
    switch (a) {
    case A_BOOT:
        add(out, SVFSM_WRITE_STATUS, 0);
        announce(out, 's', 0);
        if (f->wantup)
            start_now(f, out);
        break;
    case A_ADOPT_RUN:
        adopt_run(f, in, out);
        break;
    case A_ADOPT_FINISH:
        adopt_finish(f, in, out);
        break;
    case A_UP:
        on_started(f, in, out);
        break;
    case A_RETRY:
        on_failed(f, in, out);
        break;
    case A_DIED:
        on_died(f, in, out);
        break;
    case A_FINISHING:
        on_finishing(f, in, out);
        break;
    case A_POSTPONE:
        on_postponed(f, in, out);
        break;
    case A_DONE:
        on_done(f, event, in, out);
        break;
    case A_READY:
        on_ready(f, in, out);
        break;
    case A_DEAF:
        add(out, SVFSM_CLOSE_NOTIFY, 0);
        break;
    case A_START_WANTED:
        if (f->wantup)
            start_now(f, out);
        break;
    case A_START_CHANGED:
        if (f->wantup && f->failed)
            start_now(f, out);
        break;
    case A_TIMEOUT_RUN:
        on_timeout_run(f, in, out);
        break;
    case A_TIMEOUT_FINISH:
        on_timeout_finish(f, in, out);
        break;
    default:
        command(f, a, event, in, out);
    }
}
