/* terminal: the container's terminal, lent to the command and given back as it was. */

#ifndef CAIRN_TERMINAL_H
#define CAIRN_TERMINAL_H

#include <sys/types.h>
#include <termios.h>

struct terminal {
    int fd; /* -1: there is none */
    struct termios modes;
    pid_t foreground; /* its process group when we found it; 0: one of another pid namespace */
    int gate[2];      /* holds the command back until we have left its group */
    unsigned int child_owns; /* we cannot have it as controlling terminal, but a session of the
                                command's own can */
};

/* Is fd a terminal? Remembers its modes and its foreground group, and makes it our controlling
   terminal if it is not and can be. */
extern void terminal_init(struct terminal *, int fd);

/* Lending it to the command: prepare before the fork, child in the child that becomes the command,
   parent in the parent after the fork. All signals must be blocked. The child gets a process group
   of its own (or a session, where it must be) and the foreground; without a terminal the group
   only. Where the foreground group is one outside our pid namespace, nobody here can name it: then
   the command stays in it, and we leave it before the command goes on, so that Ctrl-C does not
   reach us. child is async-signal-safe. */
extern void terminal_prepare(struct terminal *);
extern void terminal_child(struct terminal const *);
extern void terminal_parent(struct terminal *);

/* Gives the terminal back: modes and foreground group as they were found. Does not wait for output.
 */
extern void terminal_restore(struct terminal const *);

#endif
