/* svfsm against a description of its own: what s6's documents and behaviour say, ordered by event
   and not by state, so that the table in svfsm.c is not copied. Then all that can happen in a life
   is explored, and invariants are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cairn/svfsm.h>
#include <cairn/svletter.h>
#include <cairn/svstatus.h>

#define E(name) SVFSM_EVENT_##name

static char const *const STATE[] = {"DOWN", "UP", "FINISH", "LASTUP", "LASTFINISH", "GONE"};

static tain seconds(unsigned int s)
{
    tain t = {{s}, 0};
    return t;
}

static int same(tain const *a, tain const *b)
{
    return !tain_less(a, b) && !tain_less(b, a);
}

/* What a step is expected to do. Effects are words of text:
   status; >ab announce; tally; run; finish; SIG to the process; %SIG to its group; +down -down;
   deaf; unwatch; halt CODE; release; exit */
struct expected {
    struct svfsm f;
    char effects[128];
};

static void does(struct expected *x, char const *words)
{
    if (*x->effects)
        strcat(x->effects, " ");
    strcat(x->effects, words);
}

static int has_run(struct svfsm const *f)
{
    return f->state == SVFSM_UP || f->state == SVFSM_LASTUP;
}

static int has_finish(struct svfsm const *f)
{
    return f->state == SVFSM_FINISH || f->state == SVFSM_LASTFINISH;
}

static void gone(struct expected *x)
{
    does(x, ">x exit");
    x->f.state = SVFSM_GONE;
    x->f.deadline = tain_infinite;
}

/* d: "wanted down; if up: down-signal, then SIGCONT, and arm timeout-kill" */
static void expect_down(struct expected *x, struct svfsm_input const *in)
{
    x->f.wantup = 0;
    if (x->f.state == SVFSM_DOWN) {
        if (x->f.failed)
            does(x, "unwatch");
        x->f.failed = 0;
        x->f.deadline = tain_infinite;
        does(x, "status");
    } else if (has_finish(&x->f)) {
        does(x, "status");
    } else {
        x->f.paused = 0;
        x->f.told = 1;
        does(x, "status WINCH CONT"); /* the test's down-signal is WINCH */
        if (in->timeout_kill) {
            tain t = seconds(in->timeout_kill / 1000);
            tain_add(&t, &t, &in->now);
            if (tain_less(&t, &x->f.deadline))
                x->f.deadline = t;
        }
    }
}

static void expect_signal(struct expected *x, char const *word, int stops, int continues)
{
    if (!has_run(&x->f))
        return;
    does(x, word);
    /* r sends the down-signal, WINCH here, which y does not mean by itself */
    if (strstr("ABRT QUIT %KILL TERM INT", word))
        x->f.asked = 1;
    if (!stops && !continues)
        return;
    x->f.paused = !!stops;
    does(x, "status");
}

/* o, O: wanted down; nothing is killed */
static void expect_no_restart(struct expected *x)
{
    if (x->f.state == SVFSM_DOWN && x->f.failed) {
        does(x, "unwatch");
        x->f.failed = 0;
    }
    if (x->f.state == SVFSM_DOWN)
        x->f.deadline = tain_infinite;
    x->f.wantup = 0;
    does(x, "status");
}

static void expect_up(struct expected *x)
{
    x->f.wantup = 1;
    if (x->f.state == SVFSM_DOWN) {
        x->f.deadline = tain_infinite;
        does(x, "run");
    } else {
        does(x, "status");
    }
}

/* x, and HUP, which is the same */
static void expect_exit(struct expected *x)
{
    if (x->f.state == SVFSM_DOWN) {
        gone(x);
        return;
    }
    does(x, "release");
    if (x->f.state == SVFSM_UP)
        x->f.state = SVFSM_LASTUP;
    if (x->f.state == SVFSM_FINISH)
        x->f.state = SVFSM_LASTFINISH;
}

static void expect_byte(struct expected *x, char byte, struct svfsm_input const *in)
{
    static struct {
        char byte;
        char const *word;
    } const plain[] = {{'a', "ALRM"},  {'b', "ABRT"}, {'q', "QUIT"}, {'h', "HUP"},  {'k', "KILL"},
                       {'t', "TERM"},  {'i', "INT"},  {'1', "USR1"}, {'2', "USR2"}, {'y', "WINCH"},
                       {'r', "WINCH"}, {'l', "URG"},  {'K', "%KILL"}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (byte == plain[i].byte)
            expect_signal(x, plain[i].word, 0, 0);
    if (byte == 'r' && has_run(&x->f))
        x->f.asked = 1;
    if (byte == 'p')
        expect_signal(x, "STOP", 1, 0);
    if (byte == 'P')
        expect_signal(x, "%STOP", 1, 0);
    if (byte == 'c')
        expect_signal(x, "CONT", 0, 1);
    if (byte == 'C')
        expect_signal(x, "%CONT", 0, 1);
    if (byte == 'U')
        does(x, "-down");
    if (byte == 'u' || byte == 'U')
        expect_up(x);
    if (byte == 'D' || byte == 'Q')
        does(x, "+down");
    if (byte == 'd' || byte == 'D')
        expect_down(x, in);
    if (byte == 'O' || byte == 'Q' || (byte == 'o' && x->f.state != SVFSM_DOWN))
        expect_no_restart(x);
    else if (byte == 'o') {
        x->f.wantup = 0;
        x->f.deadline = tain_infinite;
        does(x, "run");
    }
    if (byte == 'x')
        expect_exit(x);
}

static void expect_process_signal(struct expected *x, unsigned int event,
                                  struct svfsm_input const *in)
{
    if (event == E(QUIT)) {
        gone(x);
    } else if (event == E(INT)) {
        if (x->f.state != SVFSM_DOWN && x->f.pid)
            does(x, "%INT");
        gone(x);
    } else if (event == E(HUP)) {
        expect_exit(x);
    } else if (has_run(&x->f)) { /* TERM: x without release, plus d, unless that is under way */
        int again = x->f.state == SVFSM_LASTUP || !x->f.told || x->f.wantup || x->f.paused;
        x->f.state = SVFSM_LASTUP;
        if (again)
            expect_down(x, in);
    } else if (x->f.state != SVFSM_LASTFINISH) {
        expect_exit(x);
    }
}

/* The service has come to rest: restart rule 1.4 of the throttle. */
static void expect_rest(struct expected *x, unsigned int event, struct svfsm_input const *in)
{
    int permanent = event == E(FINISH_DIED) && in->wstat == 125 << 8;
    int last = x->f.state == SVFSM_LASTFINISH;
    int policy = x->f.itself && x->f.wantup && !permanent && !last;
    int halt = policy && in->policy.halt;
    x->f.itself = !!policy;
    if (policy && !halt && in->policy.too_often)
        permanent = 1;
    if (permanent)
        x->f.givenup = 1;
    x->f.state = SVFSM_DOWN;
    x->f.pid = 0;
    x->f.ready = 1;
    x->f.readystamp = in->wall;
    x->f.deadline = tain_infinite;
    does(x, "status");
    does(x, permanent ? ">OD" : x->f.untold ? ">dD" : ">D");
    x->f.untold = 0;
    if (permanent || halt || (policy && in->policy.nothing))
        x->f.wantup = 0;
    if (halt)
        does(x, WIFSIGNALED(x->f.wstat) ? "halt 137" : x->f.wstat ? "halt 3" : "halt 0");
    if (last) {
        gone(x);
    } else if (x->f.wantup && policy && in->policy.delay_ms) {
        tain t = seconds(in->policy.delay_ms / 1000);
        tain_add(&x->f.deadline, &in->now, &t);
    } else if (x->f.wantup && !x->f.throttled) {
        x->f.deadline = in->now;
        x->f.deadline.sec.x += 1;
    } else if (x->f.wantup && tain_less(&in->now, &x->f.nextstart)) {
        x->f.deadline = x->f.nextstart;
    } else if (x->f.wantup) {
        does(x, "run");
    }
}

static void expect_timer(struct expected *x, struct svfsm_input const *in)
{
    tain five = seconds(5);
    if (tain_less(&in->now, &x->f.deadline))
        return;
    if (has_run(&x->f)) {
        does(x, in->killpg ? "%KILL %CONT" : "KILL CONT");
        tain_add(&x->f.deadline, &in->now, &five);
    } else if (has_finish(&x->f) && x->f.pid) {
        does(x, "CONT KILL");
        tain_add(&x->f.deadline, &in->now, &five);
    } else if (has_finish(&x->f)) {
        does(x, "finish");
        x->f.deadline = tain_infinite;
    } else if (x->f.state == SVFSM_DOWN && x->f.wantup) {
        does(x, "run");
        x->f.deadline = tain_infinite;
    }
}

static void expect_start_outcome(struct expected *x, unsigned int event,
                                 struct svfsm_input const *in)
{
    if (x->f.state != SVFSM_DOWN)
        return;
    if (event == E(RUN_STARTED)) {
        x->f.state = SVFSM_UP;
        x->f.pid = x->f.runpid = in->pid;
        x->f.stamp = in->wall;
        x->f.started = 1;
        x->f.ready = x->f.paused = x->f.throttled = x->f.asked = x->f.told = 0;
        x->f.deadline = tain_infinite;
        does(x, x->f.failed ? "unwatch status >u" : "status >u");
        x->f.failed = 0;
    } else if (x->f.wantup) {
        tain t = seconds(in->retry_ms / 1000);
        tain_add(&x->f.deadline, &in->now, &t);
        x->f.failed = 1;
        does(x, "status");
    } else {
        x->f.deadline = tain_infinite;
        x->f.failed = 0;
        does(x, "unwatch status");
    }
}

static void expect_finish_outcome(struct expected *x, unsigned int event,
                                  struct svfsm_input const *in)
{
    if (!has_finish(&x->f))
        return;
    if (event == E(FINISH_STARTED)) {
        x->f.pid = in->pid;
        x->f.deadline = tain_infinite;
        if (in->timeout_finish) {
            tain t = seconds(in->timeout_finish / 1000);
            tain_add(&x->f.deadline, &in->now, &t);
        }
        does(x, x->f.untold ? "status >d" : "status");
        x->f.untold = 0;
    } else if (event == E(FINISH_DELAYED)) {
        tain t = seconds(in->retry_ms / 1000);
        tain_add(&x->f.deadline, &in->now, &t);
        if (x->f.untold)
            does(x, "status >d");
        x->f.untold = 0;
    } else {
        expect_rest(x, event, in);
    }
}

static void expect_run_event(struct expected *x, unsigned int event, struct svfsm_input const *in)
{
    if (!has_run(&x->f))
        return;
    does(x, "deaf");
    if (event == E(READY) && !x->f.ready) {
        x->f.ready = x->f.throttled = 1;
        x->f.readystamp = in->wall;
        x->f.nextstart = in->now;
        x->f.nextstart.sec.x += 1;
        does(x, "status >U");
    } else if (event == E(RUN_DIED)) {
        x->f.itself = x->f.wantup && !x->f.asked;
        x->f.state = x->f.state == SVFSM_UP ? SVFSM_FINISH : SVFSM_LASTFINISH;
        x->f.pid = 0;
        x->f.wstat = (uint16_t)in->wstat;
        x->f.stamp = in->wall;
        x->f.ready = x->f.paused = 0;
        x->f.untold = 1;
        x->f.deadline = tain_infinite;
        does(x, "tally finish");
    }
}

/* The first event of a machine that was told of a living process */
static void expect_adoption(struct expected *x, struct svfsm_input const *in)
{
    int up = x->f.state == SVFSM_UP;
    uint32_t ms = !up ? in->timeout_finish : x->f.killing ? in->timeout_kill : 0;
    does(x, !x->f.untold ? "status >s" : up ? "status >su" : "status >sd");
    if (ms) {
        tain t = seconds(ms / 1000);
        tain_add(&x->f.deadline, &in->now, &t);
    }
    x->f.untold = 0;
    if (up)
        x->f.killing = 0;
}

static void expect(struct expected *x, unsigned int event, struct svfsm_input const *in)
{
    if (x->f.state == SVFSM_GONE)
        return;
    if (event < 128)
        expect_byte(x, (char)event, in);
    else if (event == E(START) && x->f.state == SVFSM_DOWN) {
        does(x, "status >s");
        if (x->f.wantup) {
            does(x, "run");
            x->f.deadline = tain_infinite;
        }
    } else if (event == E(START) && (x->f.state == SVFSM_UP || x->f.state == SVFSM_FINISH))
        expect_adoption(x, in);
    else if (event == E(RUN_STARTED) || event == E(RUN_FAILED))
        expect_start_outcome(x, event, in);
    else if (event == E(FINISH_STARTED) || event == E(FINISH_NONE) || event == E(FINISH_DELAYED) ||
             event == E(FINISH_DIED))
        expect_finish_outcome(x, event, in);
    else if (event == E(READY) || event == E(NOTIFY_EOF) || event == E(RUN_DIED))
        expect_run_event(x, event, in);
    else if (event == E(TIMER))
        expect_timer(x, in);
    else if (event == E(CHANGED)) {
        if (x->f.state == SVFSM_DOWN && x->f.wantup && x->f.failed) {
            does(x, "run");
            x->f.deadline = tain_infinite;
        }
    } else if (event >= E(TERM))
        expect_process_signal(x, event, in);
}

static char const *signal_word(int sig)
{
    switch (sig) {
    case SIGALRM:
        return "ALRM";
    case SIGABRT:
        return "ABRT";
    case SIGQUIT:
        return "QUIT";
    case SIGHUP:
        return "HUP";
    case SIGKILL:
        return "KILL";
    case SIGTERM:
        return "TERM";
    case SIGINT:
        return "INT";
    case SIGUSR1:
        return "USR1";
    case SIGUSR2:
        return "USR2";
    case SIGWINCH:
        return "WINCH";
    case SIGSTOP:
        return "STOP";
    case SIGCONT:
        return "CONT";
    case SIGURG:
        return "URG";
    }
    return "?";
}

static void write_effects(char *s, struct svfsm_effects const *out)
{
    static char const *const words[SVFSM_EFFECT_COUNT] = {
        [SVFSM_WRITE_STATUS] = "status", [SVFSM_TALLY] = "tally",
        [SVFSM_SPAWN_RUN] = "run",       [SVFSM_SPAWN_FINISH] = "finish",
        [SVFSM_MAKE_DOWN] = "+down",     [SVFSM_REMOVE_DOWN] = "-down",
        [SVFSM_CLOSE_NOTIFY] = "deaf",   [SVFSM_UNWATCH] = "unwatch",
        [SVFSM_RELEASE] = "release",     [SVFSM_EXIT] = "exit"};
    *s = 0;
    for (unsigned int i = 0; i < out->n; i++) {
        struct svfsm_effect const *e = &out->e[i];
        if (i)
            strcat(s, " ");
        if (e->kind == SVFSM_ANNOUNCE)
            sprintf(s + strlen(s), e->arg >> 8 ? ">%c%c" : ">%c", e->arg & 255, e->arg >> 8);
        else if (e->kind == SVFSM_SIGNAL || e->kind == SVFSM_SIGNAL_GROUP)
            sprintf(s + strlen(s), "%s%s", e->kind == SVFSM_SIGNAL ? "" : "%", signal_word(e->arg));
        else if (e->kind == SVFSM_HALT)
            sprintf(s + strlen(s), "halt %u", e->arg);
        else
            strcat(s, words[e->kind]);
    }
}

static int same_machine(struct svfsm const *a, struct svfsm const *b)
{
    return a->state == b->state && a->wantup == b->wantup && a->paused == b->paused &&
           a->ready == b->ready && a->started == b->started && a->throttled == b->throttled &&
           a->failed == b->failed && a->asked == b->asked && a->itself == b->itself &&
           a->givenup == b->givenup && a->untold == b->untold && a->killing == b->killing &&
           a->told == b->told && a->wstat == b->wstat && a->pid == b->pid &&
           a->runpid == b->runpid && same(&a->stamp, &b->stamp) &&
           same(&a->readystamp, &b->readystamp) && same(&a->nextstart, &b->nextstart) &&
           same(&a->deadline, &b->deadline);
}

static void check(struct svfsm const *before, unsigned int event, struct svfsm_input const *in)
{
    struct expected x = {*before, ""};
    struct svfsm after = *before;
    struct svfsm_effects out;
    char got[256];
    expect(&x, event, in);
    svfsm_step(&after, event, in, &out);
    write_effects(got, &out);
    if (!strcmp(got, x.effects) && same_machine(&after, &x.f))
        return;
    fail_msg("%s event %u (%c) wantup %d ready %d failed %d throttled %d pid %d:\n"
             "  got    %s: %s\n  wanted %s: %s\n(or a field differs)",
             STATE[before->state], event, event > 32 && event < 127 ? (int)event : '-',
             before->wantup, before->ready, before->failed, before->throttled, before->pid,
             STATE[after.state], got, STATE[x.f.state], x.effects);
}

static void check_inputs(struct svfsm const *f, unsigned int event)
{
    static int const wstats[] = {0, 125 << 8, 1 << 8, SIGKILL};
    int rests = event == E(FINISH_NONE) || event == E(FINISH_DIED);
    for (unsigned int i = 0; i < 4 * 2 * 2 * (rests ? 5 : 1); i++) {
        struct svfsm_input in = {.now = seconds(100),
                                 .wall = seconds(5000),
                                 .pid = 77,
                                 .wstat = wstats[i & 3],
                                 .down_signal = SIGWINCH,
                                 .reload_signal = SIGURG,
                                 .timeout_kill = i & 4 ? 3000 : 0,
                                 .timeout_finish = i & 4 ? 4000 : 0,
                                 .retry_ms = 60000,
                                 .killpg = !!(i & 8)};
        in.policy.halt = i / 16 == 1 || i / 16 == 4;
        in.policy.nothing = i / 16 == 2;
        in.policy.too_often = i / 16 >= 3;
        in.policy.delay_ms = i / 16 >= 2 ? 7000 : 0;
        check(f, event, &in);
    }
}

static void does_what_is_expected(void **state)
{
    (void)state;
    tain const deadlines[] = {tain_infinite, seconds(99), seconds(100), seconds(101)};
    for (unsigned int s = 0; s < SVFSM_STATE_COUNT; s++)
        for (unsigned int event = 0; event < SVFSM_EVENT_COUNT; event++)
            for (unsigned int bits = 0; bits < 1u << 11; bits++)
                for (unsigned int d = 0; d < 4; d++) {
                    struct svfsm f = {.state = (uint8_t)s,
                                      .wantup = bits & 1,
                                      .ready = bits >> 1 & 1,
                                      .throttled = bits >> 2 & 1,
                                      .failed = bits >> 3 & 1,
                                      .untold = bits >> 4 & 1,
                                      .pid = bits >> 5 & 1 ? 55 : 0,
                                      .runpid = 54,
                                      .nextstart = seconds(bits >> 6 & 1 ? 101 : 100),
                                      .paused = bits >> 7 & 1,
                                      .started = bits >> 8 & 1,
                                      .killing = bits >> 9 & 1,
                                      .asked = bits >> 10 & 1,
                                      .itself = bits >> 10 & 1,
                                      .told = bits >> 4 & 1,
                                      .wstat = d == 1   ? SIGKILL
                                               : d == 2 ? 3 << 8
                                                        : 0,
                                      .deadline = deadlines[d],
                                      .stamp = seconds(1),
                                      .readystamp = seconds(2)};
                    /* a byte that is no command needs no second look */
                    if (event < 128 && !svletter_is_valid((char)event) && bits)
                        break;
                    check_inputs(&f, event);
                }
}

/* Every byte that clients may send does something while the service is up, and no other byte does.
 */
static void knows_every_byte(void **state)
{
    (void)state;
    struct svfsm_input in = {.down_signal = SIGTERM, .reload_signal = SIGHUP};
    for (unsigned int c = 0; c < 128; c++) {
        struct svfsm f;
        struct svfsm_effects out;
        svfsm_init(&f, 1, &tain_zero);
        f.state = SVFSM_UP;
        svfsm_step(&f, c, &in, &out);
        assert_int_equal(out.n > 0, svletter_is_valid((char)c));
    }
    struct svfsm f;
    struct svfsm_effects out;
    svfsm_init(&f, 1, &tain_zero);
    svfsm_step(&f, 100000, &in, &out);
    assert_int_equal(out.n, 0);
    assert_int_equal(svfsm_needs(&f, 100000), 0);
}

static void asks_for_what_it_needs(void **state)
{
    (void)state;
    struct svfsm f;
    svfsm_init(&f, 1, &tain_zero);
    for (unsigned int s = 0; s < SVFSM_STATE_COUNT; s++)
        for (unsigned int event = 0; event < SVFSM_EVENT_COUNT; event++) {
            unsigned int needs = 0;
            int up = s == SVFSM_UP || s == SVFSM_LASTUP;
            int finish = s == SVFSM_FINISH || s == SVFSM_LASTFINISH;
            if (up && (event == 'd' || event == 'D' || event == E(TERM)))
                needs = SVFSM_NEEDS_DOWN_SIGNAL | SVFSM_NEEDS_TIMEOUT_KILL;
            if (up && event == 'r')
                needs = SVFSM_NEEDS_DOWN_SIGNAL;
            if (up && event == 'l')
                needs = SVFSM_NEEDS_RELOAD_SIGNAL;
            if (up && event == E(TIMER))
                needs = SVFSM_NEEDS_KILLPG;
            if (finish && event == E(FINISH_STARTED))
                needs = SVFSM_NEEDS_TIMEOUT_FINISH;
            /* adoption */
            if (s == SVFSM_FINISH && event == E(START))
                needs = SVFSM_NEEDS_TIMEOUT_FINISH;
            if (s == SVFSM_UP && event == E(START))
                needs = SVFSM_NEEDS_TIMEOUT_KILL;
            f.state = (uint8_t)s;
            f.wantup = 1;
            f.itself = 0;
            assert_int_equal(svfsm_needs(&f, event), needs);
            f.itself = 1;
            if (s == SVFSM_FINISH && (event == E(FINISH_NONE) || event == E(FINISH_DIED)))
                needs |= SVFSM_NEEDS_POLICY;
            assert_int_equal(svfsm_needs(&f, event), needs);
            f.wantup = 0;
            assert_int_equal(svfsm_needs(&f, event), needs & ~(unsigned int)SVFSM_NEEDS_POLICY);
        }
}

/* by what would be written: the structures have bytes that mean nothing */
static void assert_same_status(struct svstatus const *a, struct svstatus const *b)
{
    char x[SVSTATUS_SIZE], y[SVSTATUS_SIZE];
    svstatus_pack(x, a);
    svstatus_pack(y, b);
    assert_memory_equal(x, y, sizeof x);
}

/* What the dead supervisor wrote is believed if it speaks of the process that was found. */
static void adopts_the_living(void **state)
{
    (void)state;
    struct svfsm f;
    struct svstatus st, told = {.stamp = seconds(3),
                                .readystamp = seconds(4),
                                .pid = 55,
                                .wstat = 7 << 8,
                                .wantup = 1,
                                .ready = 1,
                                .paused = 1};
    tain wall = seconds(12);
    svfsm_init(&f, 0, &wall);
    svfsm_adopt(&f, 55, 0, 55, 0, &told);
    svfsm_status(&f, &st);
    assert_same_status(&st, &told);
    assert_int_equal(f.state, SVFSM_UP);
    assert_true(f.throttled && !f.untold && f.runpid == 55);

    svfsm_init(&f, 0, &wall);
    svfsm_adopt(&f, 56, 0, 56, 1, &told);
    svfsm_status(&f, &st);
    assert_true(f.untold && f.killing && st.pid == 56 && !st.ready && !st.paused && st.wantup);
    assert_true(same(&st.stamp, &wall));

    svfsm_init(&f, 1, &wall);
    svfsm_adopt(&f, 56, 0, 56, 0, NULL);
    assert_true(f.untold && f.wantup && f.state == SVFSM_UP);

    told.finishing = 1;
    told.ready = told.paused = 0;
    svfsm_init(&f, 1, &wall);
    svfsm_adopt(&f, 55, 1, 54, 0, &told);
    svfsm_status(&f, &st);
    assert_same_status(&st, &told);
    assert_true(f.state == SVFSM_FINISH && !f.untold && f.runpid == 54);

    /* finish was started, but status still speaks of run */
    told.finishing = 0;
    told.pid = 54;
    svfsm_init(&f, 1, &wall);
    svfsm_adopt(&f, 55, 1, 54, 0, &told);
    assert_true(f.state == SVFSM_FINISH && f.untold && f.wstat == SVFSM_UNKNOWN_DEATH);
}

static void tells_its_status(void **state)
{
    (void)state;
    struct svfsm f;
    struct svstatus st;
    tain wall = seconds(12);
    svfsm_init(&f, 1, &wall);
    svfsm_status(&f, &st);
    /* never started, wanted up: flags 0d */
    assert_true(st.paused && !st.finishing && st.wantup && st.ready && !st.pid);
    assert_true(svstatus_is_never_started(&st));
    assert_true(same(&st.stamp, &wall) && same(&st.readystamp, &wall));
    svfsm_init(&f, 0, &wall);
    svfsm_status(&f, &st);
    assert_true(st.paused && !st.wantup && st.ready);
    f.started = 1;
    svfsm_status(&f, &st);
    assert_false(st.paused);
    for (unsigned int s = 0; s < SVFSM_STATE_COUNT; s++) {
        f.state = (uint8_t)s;
        svfsm_status(&f, &st);
        assert_int_equal(st.finishing, s == SVFSM_FINISH || s == SVFSM_LASTFINISH);
    }
}

/* --- everything that can happen in a life --- */

/* What a listener has heard last decides what it may hear next. */
enum heard { NOTHING_YET, REST, RUNNING, READY, DEAD, OVER };

struct node {
    struct svfsm f;
    unsigned int heard;
    unsigned int pending; /* 'r' or 'f': the outcome of a start has to come next */
};

#define NODES_MAX 20000
static struct node nodes[NODES_MAX];
static unsigned int count;

static unsigned int bits_of(struct node const *n)
{
    return (unsigned int)n->f.state | n->f.wantup << 3 | n->f.paused << 4 | n->f.ready << 5 |
           n->f.started << 6 | n->f.throttled << 7 | n->f.failed << 8 | n->f.untold << 9 |
           (n->f.pid != 0) << 10 | (unsigned int)tain_less(&n->f.deadline, &tain_infinite) << 11 |
           n->heard << 12 | n->pending << 15;
}

static unsigned int listen_to(unsigned int heard, char event)
{
    switch (event) {
    case 's':
        assert_int_equal(heard, NOTHING_YET);
        return REST;
    case 'u':
        assert_int_equal(heard, REST);
        return RUNNING;
    case 'U':
        assert_int_equal(heard, RUNNING);
        return READY;
    case 'd':
        assert_true(heard == RUNNING || heard == READY);
        return DEAD;
    case 'O':
        assert_int_equal(heard, DEAD);
        return DEAD;
    case 'D':
        assert_int_equal(heard, DEAD);
        return REST;
    case 'x':
        assert_true(heard != OVER && heard != NOTHING_YET);
        return OVER;
    }
    fail_msg("unknown event %c", event);
    return 0;
}

static int can_happen(struct node const *n, unsigned int event)
{
    if (n->pending == 'r')
        return event == E(RUN_STARTED) || event == E(RUN_FAILED);
    if (n->pending == 'f')
        return event == E(FINISH_STARTED) || event == E(FINISH_NONE) || event == E(FINISH_DELAYED);
    if (event == E(RUN_STARTED) || event == E(RUN_FAILED) || event == E(FINISH_STARTED) ||
        event == E(FINISH_NONE) || event == E(FINISH_DELAYED))
        return 0;
    if (event == E(START))
        return n->heard == NOTHING_YET;
    if (n->heard == NOTHING_YET)
        return 0;
    if (event == E(RUN_DIED))
        return has_run(&n->f);
    if (event == E(FINISH_DIED))
        return has_finish(&n->f) && n->f.pid;
    return 1;
}

static void check_invariants(struct node const *before, struct node const *after,
                             struct svfsm_effects const *out)
{
    struct svfsm const *f = &after->f;
    int armed = tain_less(&f->deadline, &tain_infinite);
    int written = 0;
    assert_true(out->n < SVFSM_EFFECTS_MAX); /* room was left, so nothing was dropped */
    for (unsigned int i = 0; i < out->n; i++) {
        unsigned int kind = out->e[i].kind;
        if (kind == SVFSM_SPAWN_RUN) {
            assert_int_equal(f->state, SVFSM_DOWN);
            assert_int_equal(f->pid, 0);
        }
        if (kind == SVFSM_SPAWN_FINISH)
            assert_true(has_finish(f) && !f->pid);
        if (kind == SVFSM_SPAWN_RUN || kind == SVFSM_SPAWN_FINISH || kind == SVFSM_EXIT)
            assert_int_equal(i, out->n - 1);
        if (kind == SVFSM_SIGNAL || kind == SVFSM_SIGNAL_GROUP)
            assert_true(before->f.pid > 0 && out->e[i].arg > 0);
        if (kind == SVFSM_WRITE_STATUS)
            written = 1;
        if (kind == SVFSM_ANNOUNCE && (out->e[i].arg & 255) != 'x')
            assert_true(written);
        if (kind == SVFSM_EXIT)
            assert_int_equal(f->state, SVFSM_GONE);
    }
    assert_true(!has_run(f) || f->pid > 0);
    assert_true(f->state != SVFSM_DOWN || !f->pid);
    assert_true(!armed || f->state != SVFSM_GONE);
    assert_true(!armed || f->state != SVFSM_DOWN || f->wantup);
    /* a service that is wanted up is never forgotten */
    assert_true(f->state != SVFSM_DOWN || !f->wantup || armed || after->pending ||
                after->heard == NOTHING_YET);
    /* a failure is pending only while it is wanted up (or tried once more) */
    assert_true(!f->failed || f->state == SVFSM_GONE ||
                (f->state == SVFSM_DOWN && (f->wantup || after->pending)));
    if (has_run(&before->f) && f->state != SVFSM_GONE && f->state != SVFSM_UP &&
        f->state != SVFSM_LASTUP)
        assert_true(has_finish(f));
}

/* Does event to n, checks it and returns the index of where that leads. */
static unsigned int follow(struct node const *n, unsigned int event, struct svfsm_input const *in)
{
    struct node m = *n;
    struct svfsm_effects out;
    svfsm_step(&m.f, event, in, &out);
    m.pending = 0;
    for (unsigned int i = 0; i < out.n; i++) {
        if (out.e[i].kind == SVFSM_ANNOUNCE) {
            m.heard = listen_to(m.heard, (char)(out.e[i].arg & 255));
            if (out.e[i].arg >> 8)
                m.heard = listen_to(m.heard, (char)(out.e[i].arg >> 8));
        }
        if (out.e[i].kind == SVFSM_SPAWN_RUN)
            m.pending = 'r';
        if (out.e[i].kind == SVFSM_SPAWN_FINISH)
            m.pending = 'f';
    }
    check_invariants(n, &m, &out);
    for (unsigned int i = 0; i < count; i++)
        if (bits_of(&nodes[i]) == bits_of(&m))
            return i;
    assert_true(count < NODES_MAX);
    nodes[count] = m;
    return count++;
}

static void lives_only_good_lives(void **state)
{
    (void)state;
    static int const wstats[] = {0, 125 << 8, SIGKILL};
    unsigned int reached = 0;
    for (unsigned int up = 0; up < 2; up++) {
        tain wall = seconds(1);
        svfsm_init(&nodes[count].f, (int)up, &wall);
        count++;
    }
    for (unsigned int i = 0; i < count; i++) {
        int can_end = 0;
        reached |= 1u << nodes[i].f.state;
        for (unsigned int event = 0; event < SVFSM_EVENT_COUNT; event++) {
            if (!can_happen(&nodes[i], event))
                continue;
            for (unsigned int k = 0; k < 3 * 2 * 2; k++) {
                struct svfsm_input in = {.now = seconds(k / 3 & 1 ? 50 : 1000000),
                                         .wall = seconds(9),
                                         .pid = 7,
                                         .wstat = wstats[k % 3],
                                         .down_signal = SIGTERM,
                                         .reload_signal = SIGHUP,
                                         .timeout_kill = k / 6 ? 10 : 0,
                                         .timeout_finish = k / 6 ? 10 : 0,
                                         .retry_ms = 1000};
                unsigned int to = follow(&nodes[i], event, &in);
                can_end |= nodes[to].f.state == SVFSM_GONE;
            }
        }
        /* QUIT ends it from everywhere */
        assert_true(can_end || nodes[i].pending || nodes[i].heard == NOTHING_YET);
    }
    assert_int_equal(reached, (1u << SVFSM_STATE_COUNT) - 1);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(does_what_is_expected),  cmocka_unit_test(knows_every_byte),
        cmocka_unit_test(asks_for_what_it_needs), cmocka_unit_test(adopts_the_living),
        cmocka_unit_test(tells_its_status),       cmocka_unit_test(lives_only_good_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
