/* logsinks: all the sinks of svlog, and what happens to all of them. Times are milliseconds on a
   clock that only goes forward. */

#ifndef CAIRN_LOGSINKS_H
#define CAIRN_LOGSINKS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cairn/logsink.h>

struct logsinks {
    struct logsink *s; /* the caller's, as many as the script has actions, and one */
    size_t n;
    int shared; /* two actions have the same sink */
};

/* The sink of the kind and path that is there, or NULL. */
extern struct logsink *logsinks_find(struct logsinks const *, enum logscript_kind,
                                     char const *path);

/* The sink for an action, made if there is none. A directory is not opened yet. */
extern struct logsink *logsinks_add(struct logsinks *, struct logscript_action const *);

/* Room for n bytes in each (see logsink_room)? Returns 1 or 0. */
extern int logsinks_room(struct logsinks *, size_t n, int64_t now);

/* Writes all buffers. Returns 1 if they are empty now. */
extern int logsinks_flush(struct logsinks *, int64_t now);

/* Of the n bytes at buf + the at of each sink: writes what can be. The first n bytes are whole
   lines. Returns the least at: what is before it is not needed any more. */
extern size_t logsinks_write(struct logsinks *, char const *buf, size_t n, int64_t now);

/* The directories: when something is due; what is due; rotations; an ended child; the end (see
   logdir.h). */
extern int64_t logsinks_due(struct logsinks const *);
extern void logsinks_tick(struct logsinks *, int64_t now);
extern void logsinks_rotate(struct logsinks *, int64_t now);
extern void logsinks_ended(struct logsinks *, pid_t, int wstat, int64_t now);
extern void logsinks_closing(struct logsinks *, int force, int64_t now);

/* Is a rotation under way? */
extern int logsinks_busy(struct logsinks const *);

/* Gives the memory of empty buffers back to the kernel; the addresses stay. */
extern void logsinks_give_back(struct logsinks *);

#endif
