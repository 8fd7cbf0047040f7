/* terminal: the container's terminal, lent to the command and given back as it was. */

#ifndef CAIRN_TERMINAL_H
#define CAIRN_TERMINAL_H

#include <sys/types.h>
#include <termios.h>

struct terminal {
    int fd; /* -1: there is none */
    struct termios modes;
    pid_t foreground; /* its process group when we found it; 0: one of another pid namespace */
    unsigned int child_owns; /* we cannot have it as controlling terminal, but a session of the
                                command's own can */
};

/* Is fd a terminal? Remembers its modes and its foreground group, and makes it our controlling
   terminal if it is not and can be. */
extern void terminal_init(struct terminal *, int fd);

/* In the child that becomes the command: puts it in a process group of its own (or a session, where
   it must be) and in the foreground. Without a terminal it gets the group only. All signals must be
   blocked. Async-signal-safe. */
extern void terminal_child(struct terminal const *);

/* In the parent, when the command runs: where the foreground group lies outside our pid namespace
   the command stays in it, and we leave it, so that Ctrl-C does not reach us. */
extern void terminal_parent(struct terminal const *);

/* Gives the terminal back: modes and foreground group as they were found. Does not wait for output.
 */
extern void terminal_restore(struct terminal const *);

#endif
