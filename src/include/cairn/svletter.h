/* svletter: the one list of letters and bytes by which supervise is controlled.

   Each row: byte, what it is. Signal rows act on the pid of run while it is up, and are rows of the
   table in svfsm; the tests hold that table, and svc its options, against the whole list. */

#ifndef CAIRN_SVLETTER_H
#define CAIRN_SVLETTER_H

#include <signal.h>

/* X(byte, signal): plain signals to run */
#define SVLETTER_SIGNALS(X)                                                                        \
    X('a', SIGALRM)                                                                                \
    X('b', SIGABRT)                                                                                \
    X('q', SIGQUIT)                                                                                \
    X('h', SIGHUP)                                                                                 \
    X('k', SIGKILL)                                                                                \
    X('t', SIGTERM)                                                                                \
    X('i', SIGINT)                                                                                 \
    X('1', SIGUSR1)                                                                                \
    X('2', SIGUSR2)                                                                                \
    X('y', SIGWINCH)                                                                               \
    X('p', SIGSTOP)                                                                                \
    X('c', SIGCONT)

/* X(byte): everything else */
#define SVLETTER_COMMANDS(X)                                                                       \
    X('r') /* restart signal */                                                                    \
    X('l') /* reload signal */                                                                     \
    X('P') /* STOP to the group */                                                                 \
    X('C') /* CONT to the group */                                                                 \
    X('K') /* KILL to the group */                                                                 \
    X('u') /* up */                                                                                \
    X('U') /* remove ./down, up */                                                                 \
    X('d') /* down */                                                                              \
    X('D') /* make ./down, down */                                                                 \
    X('o') /* once */                                                                              \
    X('O') /* at most once */                                                                      \
    X('Q') /* make ./down, at most once */                                                         \
    X('x') /* exit */

/* The byte of the signal sig, or 0 if none has it. */
extern char svletter_of_signal(int sig);

/* Is c a byte that supervise understands? */
extern int svletter_is_valid(char c);

#endif
