/* timerec: writes STATE/boot-timeline (timeline.h), from any of the processes of a boot.

   A record is one write to the end of the file, which all but init have open for that moment only.
   What cannot be written is left out without a word: a boot is never disturbed by its own diary.

   init tells the processes that it starts by a variable, which they keep to themselves: the
   monotonic time of init's start in microseconds, a colon, the path of the file. */

#ifndef CAIRN_TIMEREC_H
#define CAIRN_TIMEREC_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/timeline.h>

#define TIMEREC_ENV     "CAIRN_TIMELINE"
#define TIMEREC_MAX     (1 << 20)           /* bytes: nothing is added to a file of this size */
#define TIMEREC_BOOT_US UINT64_C(600000000) /* services that start later are no part of a boot */
#define TIMEREC_VALUE   (sizeof TIMEREC_ENV + 24) /* bytes that the variable has beside the path */

struct timerec {
    uint64_t base;
    char const *path; /* the caller's; NULL: nothing is recorded */
    int fd;           /* of the maker, who has it open all the time; or -1 */
};

#define TIMEREC_NONE                                                                               \
    {                                                                                              \
        0, NULL, -1                                                                                \
    }

/* Makes the file anew, with its header; base is what timerec_now said when init began. Where that
   fails nothing is recorded. fd stays open. */
extern void timerec_make(struct timerec *, char const *path, uint64_t base);

/* The monotonic clock, in microseconds. */
extern uint64_t timerec_now(void);

/* dir, unless it is NULL, and a slash stand before the name. */
extern void timerec_put(struct timerec const *, enum timeline_kind, enum timeline_event,
                        unsigned int code, char const *dir, char const *name);

/* The first start or readiness of a service. announces: it says when it is ready. */
extern void timerec_service(struct timerec const *, int ready, int announces, char const *name);

/* "NAME=value" for the environment of another process: buf has TIMEREC_VALUE bytes and room for the
   path. */
extern char *timerec_format(struct timerec const *, char *buf);

/* Takes the variable out of env, which keeps the path. */
extern void timerec_take(struct timerec *, char **env);

#endif
