/* Any bytes as what happens to a container: a stop, once begun, ends with every process gone or the
   deadline over, the exit code is one, and nothing happens after the end. */

#include <cairn/lifefsm.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct lifefsm f;
    uint64_t now = 1000;
    unsigned int first = fuzz_byte(&in);
    int was_stopping = 0;
    lifefsm_init(&f, first & 1, first & 2 ? 3000 : 0, first & 4 ? 3000 : 0,
                 first & 8 ? LIFEFSM_STOP_MAXTIME : first * 10);
    unsigned int effects = lifefsm_step(&f, LIFE_EV_START, 0, now);
    HOLDS(f.state != LIFE_BORN && f.state != LIFE_GONE);
    while (in.n) {
        unsigned int event = fuzz_below(&in, LIFE_EVENTS + 1);
        unsigned int arg = fuzz_byte(&in);
        int was_gone = f.state == LIFE_GONE;
        enum life_state was = f.state;
        now += fuzz_byte(&in) * 20;
        if (event == LIFE_EVENTS) {
            lifefsm_written(&f, (int)arg);
            continue;
        }
        if (event == LIFE_EV_TIMER) {
            if (f.deadline == LIFEFSM_NEVER)
                continue;
            if (now < f.deadline)
                now = f.deadline;
        }
        effects = lifefsm_step(&f, (enum life_event)event,
                               event == LIFE_EV_STOP      ? (int)arg - 1
                               : event == LIFE_EV_CMD_END ? (int)(arg << 8 | (arg & 0x1f))
                                                          : (int)arg,
                               now);
        HOLDS(f.state < LIFE_STATES && f.state >= was);
        HOLDS(!was_gone || !effects);
        HOLDS(!(effects & LIFE_FX_EXIT) == (f.state != LIFE_GONE || was_gone));
        HOLDS(!was_stopping || lifefsm_is_stopping(&f));
        HOLDS(!was_stopping || !(effects & (LIFE_FX_RUN_STAGE | LIFE_FX_START_CMD)));
        was_stopping = lifefsm_is_stopping(&f);
        int code = lifefsm_exitcode(&f);
        HOLDS(code >= 0 && code <= 255);
    }
    /* time alone ends a stop */
    if (!was_stopping)
        lifefsm_step(&f, LIFE_EV_STOP, -1, now);
    for (int turns = 0; f.state != LIFE_GONE; turns++) {
        HOLDS(turns < 64);
        if (f.deadline == LIFEFSM_NEVER || f.state == LIFE_KILL) {
            lifefsm_step(&f, LIFE_EV_FINISH_END, 0, now);
            lifefsm_step(&f, LIFE_EV_STAGE_END, 0, now);
            lifefsm_step(&f, LIFE_EV_SERVICES_DOWN, 0, now);
            lifefsm_step(&f, LIFE_EV_CMD_END, 0, now);
            lifefsm_step(&f, LIFE_EV_NONE_LEFT, 0, now);
            continue;
        }
        if (now < f.deadline)
            now = f.deadline;
        lifefsm_step(&f, LIFE_EV_TIMER, 0, now);
    }
    return 0;
}
