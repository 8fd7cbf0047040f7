/* turns.h: for tests that play a service's host: turn(ms) of theirs waits for what happens and
   passes it on; warned has what the host was told. */
#ifndef TURNS_H
#define TURNS_H

#define turn_until(condition)                                                                      \
    do {                                                                                           \
        for (unsigned int turns = 0; !(condition); turns++) {                                      \
            if (turns == 6000) /* a minute */                                                      \
                fail_msg("never: %s\n%s", #condition, warned);                                     \
            turn(10);                                                                              \
        }                                                                                          \
    } while (0)

#endif
