/* Any bytes as what happens to a service: control bytes as they come from the FIFO, and from
   SVFSM_EVENT_BASE on the other events. What starts a process is followed by its outcome, as the
   host does it. The invariants of the header hold after every step. */

#include <cairn/svfsm.h>

#include "fuzz.h"

static struct svfsm f;
static struct svfsm_input in;
static int is_alive; /* run, or finish */
static int is_dirty; /* the status that was written is not what it is now */
static pid_t last_pid;

static void check(void)
{
    struct svstatus s;
    int is_run = f.state == SVFSM_UP || f.state == SVFSM_LASTUP;
    int is_finish = f.state == SVFSM_FINISH || f.state == SVFSM_LASTFINISH;
    HOLDS(f.state < SVFSM_STATE_COUNT);
    if (f.state == SVFSM_GONE) { /* QUIT leaves the process alone */
        HOLDS(!tain_less(&f.deadline, &tain_infinite));
        return;
    }
    HOLDS(!!f.pid == is_alive && (is_alive || !is_run)); /* finish may have to wait for a process */
    HOLDS(!is_alive || is_run || is_finish);
    if (f.state == SVFSM_DOWN && tain_less(&f.deadline, &tain_infinite))
        HOLDS(f.wantup);
    svfsm_status(&f, &s);
    HOLDS(svstatus_is_up(&s) == is_run && s.finishing == is_finish && s.pid == f.pid);
}

/* Carries out the effects. Returns the one that starts a process, or SVFSM_EFFECT_COUNT. */
static unsigned int carry_out(struct svfsm_effects const *x)
{
    HOLDS(x->n <= SVFSM_EFFECTS_MAX);
    for (unsigned int i = 0; i < x->n; i++) {
        unsigned int kind = x->e[i].kind;
        HOLDS(kind < SVFSM_EFFECT_COUNT);
        if (kind == SVFSM_SIGNAL || kind == SVFSM_SIGNAL_GROUP)
            HOLDS(f.pid > 0 && x->e[i].arg > 0 && x->e[i].arg < 65);
        if (kind == SVFSM_WRITE_STATUS)
            is_dirty = 0;
        if (kind == SVFSM_HALT)
            HOLDS(x->e[i].arg < 256);
        if (kind == SVFSM_ANNOUNCE)
            HOLDS(!is_dirty && x->e[i].arg);
        if (kind == SVFSM_EXIT)
            HOLDS(f.state == SVFSM_GONE);
        if (kind == SVFSM_SPAWN_RUN || kind == SVFSM_SPAWN_FINISH) {
            HOLDS(i + 1 == x->n && !is_alive);
            return kind;
        }
    }
    return SVFSM_EFFECT_COUNT;
}

static unsigned int step(unsigned int event)
{
    struct svfsm_effects x;
    int was_gone = f.state == SVFSM_GONE;
    struct svstatus before, after;
    char b[SVSTATUS_SIZE], a[SVSTATUS_SIZE];
    svfsm_status(&f, &before);
    svfsm_step(&f, event, &in, &x);
    svfsm_status(&f, &after);
    svstatus_pack(b, &before);
    svstatus_pack(a, &after);
    is_dirty |= f.state != SVFSM_GONE && memcmp(a, b, sizeof a) != 0;
    HOLDS(!was_gone || !x.n);
    return carry_out(&x);
}

static void happens(unsigned int event, struct fuzz_input *data)
{
    switch (event) { /* some come only when there is a process, or when one is asked for */
    case SVFSM_EVENT_RUN_DIED:
    case SVFSM_EVENT_FINISH_DIED:
        if (!is_alive)
            return;
        event = f.state == SVFSM_UP || f.state == SVFSM_LASTUP ? SVFSM_EVENT_RUN_DIED
                                                               : SVFSM_EVENT_FINISH_DIED;
        is_alive = 0;
        in.wstat = (int)(fuzz_byte(data) << 8 | fuzz_below(data, 32));
        break;
    case SVFSM_EVENT_START:
    case SVFSM_EVENT_RUN_STARTED:
    case SVFSM_EVENT_RUN_FAILED:
    case SVFSM_EVENT_FINISH_STARTED:
    case SVFSM_EVENT_FINISH_NONE:
    case SVFSM_EVENT_FINISH_DELAYED:
        return;
    case SVFSM_EVENT_TIMER:
        if (!tain_less(&f.deadline, &tain_infinite))
            return;
        if (tain_less(&in.now, &f.deadline))
            in.now = f.deadline;
        break;
    default:
        break;
    }
    unsigned int spawn = step(event);
    for (int turns = 0; spawn != SVFSM_EFFECT_COUNT; turns++) {
        unsigned int how = fuzz_below(data, 4);
        HOLDS(turns < 8);
        is_alive = how < 2;
        if (is_alive)
            in.pid = ++last_pid;
        if (spawn == SVFSM_SPAWN_RUN)
            spawn = step(is_alive ? SVFSM_EVENT_RUN_STARTED : SVFSM_EVENT_RUN_FAILED);
        else
            spawn = step(is_alive   ? SVFSM_EVENT_FINISH_STARTED
                         : how == 2 ? SVFSM_EVENT_FINISH_NONE
                                    : SVFSM_EVENT_FINISH_DELAYED);
    }
    check();
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct fuzz_input bytes = {data, size};
    unsigned int first = fuzz_byte(&bytes);
    memset(&in, 0, sizeof in);
    last_pid = 1;
    is_alive = is_dirty = 0;
    in.wall.sec.x = TAI_MAGIC + 1000000;
    in.now.sec.x = 1000;
    in.down_signal = first & 1 ? 15 : 10;
    in.reload_signal = 1;
    in.timeout_kill = first & 2 ? 3000 : 0;
    in.timeout_finish = first & 4 ? 5000 : 0;
    in.retry_ms = 1000;
    in.killpg = first & 8;
    in.policy.too_often = first & 16;
    in.policy.halt = first & 32;
    in.policy.nothing = first & 64;
    in.policy.delay_ms = first & 128 ? 700 : 0;
    svfsm_init(&f, first & 1, &in.wall);
    unsigned int spawn = step(SVFSM_EVENT_START);
    if (spawn == SVFSM_SPAWN_RUN) {
        is_alive = 1;
        in.pid = ++last_pid;
        step(SVFSM_EVENT_RUN_STARTED);
    }
    check();
    while (bytes.n) {
        unsigned int event = fuzz_byte(&bytes);
        if (event >= SVFSM_EVENT_COUNT)
            in.now.sec.x += event - SVFSM_EVENT_COUNT + 1;
        else
            happens(event, &bytes);
    }
    return 0;
}
