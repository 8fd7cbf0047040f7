#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <cairn/lifefsm.h>

enum {
    KILL_EVERY = 20,  /* ms: a process may fork between our look at the tree and the signal */
    KILL_MAX = 1000,  /* ms: what survives KILL this long waits for hardware, not for us */
    CODE_KILLED = 137 /* the command had to be killed */
};

void lifefsm_init(struct lifefsm *l, int has_cmd, unsigned int services_grace,
                  unsigned int kill_grace, unsigned int stop_max)
{
    memset(l, 0, sizeof *l);
    l->state = LIFE_BORN;
    l->deadline = LIFEFSM_NEVER;
    l->has_cmd = !!has_cmd;
    l->services_grace = services_grace;
    l->kill_grace = kill_grace;
    l->stop_max = stop_max;
    l->services_down = 1;
    l->written = -1;
}

int lifefsm_code(int wstat)
{
    return WIFSIGNALED(wstat) ? 128 + WTERMSIG(wstat) : WEXITSTATUS(wstat);
}

void lifefsm_written(struct lifefsm *l, int code)
{
    l->written = code & 255;
}

int lifefsm_exitcode(struct lifefsm const *l)
{
    if (l->written >= 0)
        return l->written;
    /* it outlived even KILL */
    if (l->requested && l->cmd_runs && l->state >= LIFE_KILL && !l->code)
        return CODE_KILLED;
    return l->code & 255;
}

int lifefsm_is_stopping(struct lifefsm const *l)
{
    return l->state >= LIFE_FINISH;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The moment at which TERM goes to everything, whatever else is still waited for. */
static uint64_t term_by(struct lifefsm const *l)
{
    unsigned int reserve = l->stop_max / 4;
    if (reserve > l->kill_grace)
        reserve = l->kill_grace;
    return l->overall - reserve;
}

static unsigned int begin_stop(struct lifefsm *l, int requested, int code, uint64_t now)
{
    l->state = LIFE_FINISH;
    /* a request that names a code is a decision; one that does not leaves it to the command */
    l->requested = requested && code < 0;
    l->code = code < 0 ? 0 : code & 255;
    l->overall = now + l->stop_max;
    l->deadline = term_by(l);
    return LIFE_FX_ASK_DOWN | LIFE_FX_PUT_CODE | LIFE_FX_RUN_FINISH;
}

static unsigned int to_kill(struct lifefsm *l, uint64_t now)
{
    l->state = LIFE_KILL;
    l->overall = now + KILL_MAX;
    l->deadline = now + KILL_EVERY;
    return LIFE_FX_KILL_ALL;
}

static unsigned int to_term(struct lifefsm *l, uint64_t now)
{
    l->state = LIFE_TERM;
    l->deadline = earlier(now + l->kill_grace, l->overall);
    unsigned int fx = LIFE_FX_SYNC | LIFE_FX_TERM_ALL;
    return l->deadline <= now ? fx | to_kill(l, now) : fx;
}

static unsigned int if_all_ended(struct lifefsm *l, uint64_t now)
{
    if (l->state != LIFE_WAIT || l->stage_runs || l->cmd_runs || !l->services_down)
        return 0;
    return to_term(l, now);
}

static unsigned int to_wait(struct lifefsm *l, uint64_t now)
{
    l->state = LIFE_WAIT;
    l->deadline = term_by(l);
    if (l->services_grace)
        l->deadline = earlier(l->deadline, now + l->services_grace);
    return LIFE_FX_LATCH | LIFE_FX_SAY_WAITING | if_all_ended(l, now);
}

static unsigned int on_stage_end(struct lifefsm *l, int code, uint64_t now)
{
    l->stage_runs = 0;
    if (l->state > LIFE_SERVICES || l->state == LIFE_BORN)
        return if_all_ended(l, now);
    if (code)
        return begin_stop(l, 0, code, now);
    l->state++;
    if (l->state < LIFE_RUNNING) {
        l->stage_runs = 1;
        return LIFE_FX_RUN_STAGE;
    }
    l->cmd_runs = l->has_cmd;
    return LIFE_FX_START_CMD;
}

static unsigned int on_cmd_end(struct lifefsm *l, int wstat, uint64_t now)
{
    if (!l->cmd_runs)
        return 0;
    l->cmd_runs = 0;
    if (l->state == LIFE_RUNNING)
        return begin_stop(l, 0, lifefsm_code(wstat), now);
    /* dying of the TERM that we sent is what a request asks for */
    if (l->requested)
        l->code = WIFSIGNALED(wstat) && WTERMSIG(wstat) == SIGTERM ? 0 : lifefsm_code(wstat);
    return if_all_ended(l, now);
}

static unsigned int on_none_left(struct lifefsm *l, uint64_t now)
{
    switch (l->state) {
    case LIFE_WAIT:
        return to_term(l, now);
    case LIFE_TERM:
        return to_kill(l, now);
    case LIFE_KILL:
        l->state = LIFE_GONE;
        l->deadline = LIFEFSM_NEVER;
        return LIFE_FX_EXIT;
    default:
        return 0;
    }
}

static unsigned int on_timer(struct lifefsm *l, uint64_t now)
{
    if (now < l->deadline)
        return 0;
    switch (l->state) {
    case LIFE_FINISH: {
        unsigned int fx = to_wait(l, now);
        return l->state == LIFE_WAIT ? fx | to_term(l, now) : fx;
    }
    case LIFE_WAIT:
        return to_term(l, now);
    case LIFE_TERM:
        return to_kill(l, now);
    case LIFE_KILL:
        if (now >= l->overall)
            return on_none_left(l, now);
        l->deadline = now + KILL_EVERY;
        return LIFE_FX_KILL_AGAIN;
    default:
        return 0;
    }
}

unsigned int lifefsm_step(struct lifefsm *l, enum life_event event, int arg, uint64_t now)
{
    switch (event) {
    case LIFE_EV_START:
        if (l->state != LIFE_BORN)
            return 0;
        l->state = LIFE_FIXATTRS;
        l->stage_runs = 1;
        return LIFE_FX_RUN_STAGE;
    case LIFE_EV_STAGE_END:
        return l->stage_runs ? on_stage_end(l, arg, now) : 0;
    case LIFE_EV_CMD_END:
        return on_cmd_end(l, arg, now);
    case LIFE_EV_STOP:
        return lifefsm_is_stopping(l) ? 0 : begin_stop(l, 1, arg, now);
    case LIFE_EV_FINISH_END:
        return l->state == LIFE_FINISH ? to_wait(l, now) : 0;
    case LIFE_EV_SERVICES_UP:
        l->services_down = 0;
        return 0;
    case LIFE_EV_SERVICES_DOWN:
        l->services_down = 1;
        return if_all_ended(l, now);
    case LIFE_EV_NONE_LEFT:
        return on_none_left(l, now);
    case LIFE_EV_TIMER:
        return on_timer(l, now);
    default:
        return 0;
    }
}
