/* Every state that any sequence of events can reach is visited, for several configurations; each
   step is checked against the rules of doc/design.md, written here a second time. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairn/lifefsm.h>

enum { MAX_STATES = 200000, KILL_BOUND = 1000 };

enum began { NOT, BY_STAGE, BY_CMD, BY_REQUEST, BY_REQUEST_CODE };

/* what happened so far, kept beside the machine */
struct track {
    enum began began;
    int code;          /* of the stage, or asked for */
    int cmd;           /* 0 not started, 1 runs, 2 ended */
    int cmd_wstat;     /* when it ended */
    int written;       /* -1 nothing */
    unsigned int seen; /* effects */
    int stages;
};

struct node {
    struct lifefsm l;
    struct track t;
    uint64_t now;
    uint64_t stop_began;
};

static struct node *queue;
static size_t n_states, head;
static size_t *table; /* hash table of indices + 1 */
enum { TABLE = 1 << 20 };

static void normal(struct node const *x, struct node *to)
{
    memset(to, 0, sizeof *to);
    memcpy(&to->l, &x->l, sizeof x->l);
    memcpy(&to->t, &x->t, sizeof x->t);
    /* only differences of times matter */
    if (to->l.deadline != LIFEFSM_NEVER)
        to->l.deadline -= x->now;
    to->l.overall = x->l.state >= LIFE_FINISH && x->l.state < LIFE_GONE ? x->l.overall - x->now : 0;
    to->stop_began = x->t.began ? x->now - x->stop_began : 0;
}

static void add(struct node const *x)
{
    struct node key, other;
    normal(x, &key);
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < sizeof key; i++)
        h = (h ^ ((unsigned char *)&key)[i]) * 1099511628211u;
    for (size_t i = h % TABLE;; i = (i + 1) % TABLE) {
        if (!table[i]) {
            assert_true(n_states < MAX_STATES);
            queue[n_states] = *x;
            table[i] = ++n_states;
            return;
        }
        normal(&queue[table[i] - 1], &other);
        if (!memcmp(&key, &other, sizeof key))
            return;
    }
}

/* the exit code by the three rules */
static int wanted_code(struct track const *t)
{
    if (t->written >= 0)
        return t->written;
    switch (t->began) {
    case BY_STAGE:
    case BY_REQUEST_CODE:
        return t->code;
    case BY_CMD:
        return lifefsm_code(t->cmd_wstat);
    case BY_REQUEST:
        if (t->cmd == 0)
            return 0;
        if (t->cmd == 1)
            return 137;
        return t->cmd_wstat == SIGTERM ? 0 : lifefsm_code(t->cmd_wstat);
    default:
        fail();
        return -1;
    }
}

static void follow(struct track *t, enum life_event e, int arg, enum life_state before, int has_cmd)
{
    if (e == LIFE_EV_CMD_END && t->cmd == 1) {
        t->cmd = 2;
        t->cmd_wstat = arg;
        if (!t->began)
            t->began = BY_CMD;
    }
    if (t->began)
        return;
    if (e == LIFE_EV_STOP) {
        t->began = arg < 0 ? BY_REQUEST : BY_REQUEST_CODE;
        t->code = arg;
    }
    if (e == LIFE_EV_STAGE_END && before >= LIFE_FIXATTRS && before <= LIFE_SERVICES && arg) {
        t->began = BY_STAGE;
        t->code = arg;
    }
    if (e == LIFE_EV_STAGE_END && before == LIFE_SERVICES && !arg)
        t->cmd = has_cmd;
}

#define ONCE                                                                                       \
    (LIFE_FX_START_CMD | LIFE_FX_ASK_DOWN | LIFE_FX_PUT_CODE | LIFE_FX_RUN_FINISH |                \
     LIFE_FX_LATCH | LIFE_FX_SAY_WAITING | LIFE_FX_SYNC | LIFE_FX_TERM_ALL | LIFE_FX_KILL_ALL |    \
     LIFE_FX_EXIT)

static void check(struct node const *x, unsigned int fx, enum life_state before)
{
    struct track const *t = &x->t;
    assert_false(fx & t->seen & ONCE);
    assert_true(x->l.state >= before);
    if (before == LIFE_GONE)
        assert_int_equal(fx, 0);
    if (fx & LIFE_FX_START_CMD)
        assert_int_equal(t->began, NOT);
    if (fx & LIFE_FX_RUN_STAGE)
        assert_int_equal(t->began, NOT);
    unsigned int all = t->seen | fx;
    if (fx & LIFE_FX_TERM_ALL)
        assert_true((all & LIFE_FX_ASK_DOWN) && (all & LIFE_FX_RUN_FINISH) &&
                    (all & LIFE_FX_LATCH) && (all & LIFE_FX_SAY_WAITING));
    if (fx & LIFE_FX_KILL_ALL)
        assert_true(all & LIFE_FX_TERM_ALL);
    if (fx & (LIFE_FX_KILL_AGAIN | LIFE_FX_EXIT))
        assert_true(all & LIFE_FX_KILL_ALL);
    assert_int_equal(!!t->began, lifefsm_is_stopping(&x->l));
    if (t->began) {
        uint64_t took = x->now - x->stop_began;
        if (x->l.state < LIFE_KILL)
            assert_true(took <= x->l.stop_max);
        assert_true(took <= (uint64_t)x->l.stop_max + KILL_BOUND);
        if (x->l.state < LIFE_GONE)
            assert_true(x->l.deadline != LIFEFSM_NEVER);
    } else
        assert_true(x->l.deadline == LIFEFSM_NEVER);
    if (fx & LIFE_FX_EXIT) {
        assert_int_equal(x->l.state, LIFE_GONE);
        assert_int_equal(lifefsm_exitcode(&x->l), wanted_code(t));
    }
}

static void step(struct node const *from, enum life_event e, int arg)
{
    struct node x = *from;
    enum life_state before = x.l.state;
    int was = x.t.began;
    if (e == LIFE_EV_TIMER) {
        if (x.l.deadline == LIFEFSM_NEVER)
            return;
        if (x.now < x.l.deadline)
            x.now = x.l.deadline;
    }
    unsigned int fx = lifefsm_step(&x.l, e, arg, x.now);
    follow(&x.t, e, arg, before, x.l.has_cmd);
    if (!was && x.t.began)
        x.stop_began = x.now;
    check(&x, fx, before);
    if (fx & LIFE_FX_RUN_STAGE)
        x.t.stages++;
    x.t.seen |= fx & ONCE;
    if ((fx & LIFE_FX_LATCH) && !(fx & LIFE_FX_EXIT)) {
        struct node y = x;
        lifefsm_written(&y.l, 42);
        y.t.written = 42;
        add(&y);
    }
    add(&x);
}

static void explore(int has_cmd, unsigned int services, unsigned int kill, unsigned int max)
{
    static int const cmd_ends[] = {0, 5 << 8, SIGTERM, SIGKILL, SIGSEGV | 128};
    struct node x;
    memset(&x, 0, sizeof x);
    memset(table, 0, TABLE * sizeof *table);
    n_states = head = 0;
    lifefsm_init(&x.l, has_cmd, services, kill, max);
    x.t.written = -1;
    x.now = 1000;
    add(&x);
    size_t gone = 0;
    while (head < n_states) {
        struct node const from = queue[head++];
        gone += from.l.state == LIFE_GONE;
        step(&from, LIFE_EV_START, 0);
        step(&from, LIFE_EV_STAGE_END, 0);
        step(&from, LIFE_EV_STAGE_END, 7);
        for (size_t i = 0; i < sizeof cmd_ends / sizeof *cmd_ends; i++)
            step(&from, LIFE_EV_CMD_END, cmd_ends[i]);
        if (from.l.state != LIFE_BORN) {
            step(&from, LIFE_EV_STOP, -1);
            step(&from, LIFE_EV_STOP, 9);
        }
        step(&from, LIFE_EV_FINISH_END, 0);
        if (!from.t.began)
            step(&from, LIFE_EV_SERVICES_UP, 0);
        step(&from, LIFE_EV_SERVICES_DOWN, 0);
        /* with no process left the command has been reaped */
        if (!from.l.cmd_runs)
            step(&from, LIFE_EV_NONE_LEFT, 0);
        step(&from, LIFE_EV_TIMER, 0);
    }
    assert_true(gone > 0);
    print_message("%zu states\n", n_states);
}

static void lifefsm_keeps_the_rules_in_every_reachable_state(void **state)
{
    (void)state;
    queue = malloc(MAX_STATES * sizeof *queue);
    table = malloc(TABLE * sizeof *table);
    assert_non_null(queue);
    assert_non_null(table);
    for (int has_cmd = 0; has_cmd < 2; has_cmd++) {
        explore(has_cmd, 3000, 3000, 8000);
        explore(has_cmd, 0, 0, 8000);
        explore(has_cmd, 10, 20, 30);
        explore(has_cmd, 3000, 3000, 0);
        explore(has_cmd, 0, 60000, 100000);
    }
    free(queue);
    free(table);
}

static void run(struct lifefsm *l, enum life_event e, int arg, uint64_t now, unsigned int fx,
                enum life_state state)
{
    assert_int_equal(lifefsm_step(l, e, arg, now), fx);
    assert_int_equal(l->state, state);
}

static void lifefsm_boots_and_ends_with_the_command(void **state)
{
    (void)state;
    struct lifefsm l;
    lifefsm_init(&l, 1, 3000, 3000, 8000);
    run(&l, LIFE_EV_START, 0, 0, LIFE_FX_RUN_STAGE, LIFE_FIXATTRS);
    run(&l, LIFE_EV_STAGE_END, 0, 0, LIFE_FX_RUN_STAGE, LIFE_CONTINIT);
    run(&l, LIFE_EV_STAGE_END, 0, 0, LIFE_FX_RUN_STAGE, LIFE_SERVICES);
    run(&l, LIFE_EV_SERVICES_UP, 0, 0, 0, LIFE_SERVICES);
    run(&l, LIFE_EV_STAGE_END, 0, 0, LIFE_FX_START_CMD, LIFE_RUNNING);
    run(&l, LIFE_EV_CMD_END, 3 << 8, 100, LIFE_FX_ASK_DOWN | LIFE_FX_PUT_CODE | LIFE_FX_RUN_FINISH,
        LIFE_FINISH);
    assert_int_equal(l.deadline, 6100);
    run(&l, LIFE_EV_FINISH_END, 0, 200, LIFE_FX_LATCH | LIFE_FX_SAY_WAITING, LIFE_WAIT);
    assert_int_equal(l.deadline, 3200);
    run(&l, LIFE_EV_STOP, -1, 250, 0, LIFE_WAIT);
    run(&l, LIFE_EV_SERVICES_DOWN, 0, 300, LIFE_FX_SYNC | LIFE_FX_TERM_ALL, LIFE_TERM);
    assert_int_equal(l.deadline, 3300);
    run(&l, LIFE_EV_NONE_LEFT, 0, 300, LIFE_FX_KILL_ALL, LIFE_KILL);
    run(&l, LIFE_EV_NONE_LEFT, 0, 300, LIFE_FX_EXIT, LIFE_GONE);
    assert_int_equal(lifefsm_exitcode(&l), 3);
}

static void lifefsm_kills_at_once_without_kill_grace(void **state)
{
    (void)state;
    struct lifefsm l;
    lifefsm_init(&l, 0, 3000, 0, 8000);
    lifefsm_step(&l, LIFE_EV_START, 0, 0);
    lifefsm_step(&l, LIFE_EV_STOP, -1, 0);
    run(&l, LIFE_EV_FINISH_END, 0, 0, LIFE_FX_LATCH | LIFE_FX_SAY_WAITING, LIFE_WAIT);
    run(&l, LIFE_EV_STAGE_END, 143, 5, LIFE_FX_SYNC | LIFE_FX_TERM_ALL | LIFE_FX_KILL_ALL,
        LIFE_KILL);
    run(&l, LIFE_EV_TIMER, 0, 25, LIFE_FX_KILL_AGAIN, LIFE_KILL);
    run(&l, LIFE_EV_TIMER, 0, 1005, LIFE_FX_EXIT, LIFE_GONE);
    assert_int_equal(lifefsm_exitcode(&l), 0);
}

static void lifefsm_ignores_a_timer_that_comes_early(void **state)
{
    (void)state;
    struct lifefsm l;
    lifefsm_init(&l, 0, 3000, 3000, 8000);
    lifefsm_step(&l, LIFE_EV_START, 0, 0);
    lifefsm_step(&l, LIFE_EV_STOP, 300, 0);
    run(&l, LIFE_EV_TIMER, 0, 5999, 0, LIFE_FINISH);
    /* finish scripts hang: what is left of the time goes to TERM */
    run(&l, LIFE_EV_TIMER, 0, 6000,
        LIFE_FX_LATCH | LIFE_FX_SAY_WAITING | LIFE_FX_SYNC | LIFE_FX_TERM_ALL, LIFE_TERM);
    assert_int_equal(l.deadline, 8000);
    assert_int_equal(lifefsm_exitcode(&l), 300 & 255);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(lifefsm_boots_and_ends_with_the_command),
        cmocka_unit_test(lifefsm_kills_at_once_without_kill_grace),
        cmocka_unit_test(lifefsm_ignores_a_timer_that_comes_early),
        cmocka_unit_test(lifefsm_keeps_the_rules_in_every_reachable_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
