/* svswitch: is a service switched on?

   The first that applies: S6_SERVICES_DISABLE names it: off. S6_SERVICES_ENABLE names it: on. Its
   enable-if-env does not hold: off. It has a file down: down. Else it is on.

   A list is names with commas or blanks between them. enable-if-env has one condition per line, and
   all must hold: NAME (the variable is set and not empty) or NAME=VALUE (it is exactly that). Empty
   lines and those that begin with # do not count. */

#ifndef CAIRN_SVSWITCH_H
#define CAIRN_SVSWITCH_H

#include <stddef.h>

#define SVSWITCH_ENABLE  "S6_SERVICES_ENABLE"
#define SVSWITCH_DISABLE "S6_SERVICES_DISABLE"

/* Where variables come from: the value of name, valid until the next call, or NULL. */
struct svswitch_env {
    char const *(*get)(void *data, char const *name);
    void *data;
};

enum svswitch_why {
    SVSWITCH_ON,
    SVSWITCH_ENABLED,  /* on, by S6_SERVICES_ENABLE */
    SVSWITCH_DOWN,     /* a file down: started by hand only */
    SVSWITCH_DISABLED, /* off, by S6_SERVICES_DISABLE */
    SVSWITCH_UNMET     /* off, by enable-if-env */
};

enum svswitch_condition {
    SVSWITCH_NONE, /* no such file */
    SVSWITCH_HOLDS,
    SVSWITCH_FAILS,
    SVSWITCH_BAD,  /* a line is neither NAME nor NAME=VALUE: it is as if the file were absent */
    SVSWITCH_ERROR /* it cannot be read (errno): the same */
};

/* Looks at enable-if-env of the service directory dirfd (O_PATH will do). line (size bytes) gets
   the line that does not hold or is bad, cut to fit, else "". */
extern enum svswitch_condition svswitch_condition(struct svswitch_env const *, int dirfd,
                                                  char *line, size_t size);

/* disable and enable are the lists, or NULL; down says whether there is a file down that is not
   ours. */
extern enum svswitch_why svswitch_decide(char const *disable, char const *enable, char const *name,
                                         enum svswitch_condition, int down);

#define svswitch_is_on(why)  ((why) <= SVSWITCH_ENABLED)
#define svswitch_is_off(why) ((why) >= SVSWITCH_DISABLED)

/* The next name in list from *at on, its length in *len; *at moves behind it. Returns NULL at the
   end. */
extern char const *svswitch_next(char const *list, size_t *at, size_t *len);

#endif
