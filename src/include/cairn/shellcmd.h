/* shellcmd: a command of the user's, run by /bin/sh, with what it prints. */

#ifndef CAIRN_SHELLCMD_H
#define CAIRN_SHELLCMD_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum shellcmd_end {
    SHELLCMD_FAILED,  /* it could not be run, or how it ended is unknown (ECHILD): errno */
    SHELLCMD_DONE,    /* *status is what wait says of it */
    SHELLCMD_TIMEOUT, /* it was killed at the deadline */
    SHELLCMD_WOKEN,   /* wake_fd was readable: it has got a TERM, and is not waited for */
};

/* Runs the command by /bin/sh -c, with nothing to read from standard input, no signal blocked and
   TERM, INT, HUP and PIPE as they are by default. The first max bytes of what it prints to standard
   output and error are appended to out; the rest is read and forgotten. It has ended when the shell
   has, though others may hold the pipe. deadline: ms of dnsclient_now, or -1 for none. wake_fd: or
   -1. */
extern enum shellcmd_end shellcmd_run(char const *command, stralloc *out, size_t max, int wake_fd,
                                      int64_t deadline, int *status);

/* What wait said, in Go's words: "exit status 1", "signal: killed". buf has SHELLCMD_WORDS. */
enum { SHELLCMD_WORDS = 64 };
extern char const *shellcmd_words(char buf[SHELLCMD_WORDS], int status);

#endif
