/* capture: what a program prints. */

#ifndef CAIRN_CAPTURE_H
#define CAIRN_CAPTURE_H

#include <stdint.h>
#include <sys/types.h>

/* Runs the program at the path argv[0] with our environment and standard input, and our standard
   error unless it is to be quiet, and no signal blocked. Reads its standard output to buf, at most
   size - 1 bytes and a NUL. At the deadline (ms of dnsclient_now), or when wake_fd (-1: none) is
   readable, it is killed. Returns how many bytes there were, with the wait status of the program;
   -1 with errno if it could not be run; ETIMEDOUT, ECANCELED (wake_fd), E2BIG (it printed more),
   ECHILD (how it ended is unknown, because CHLD is ignored). */
extern ssize_t capture(char const *const *argv, char *buf, size_t size, int quiet, int wake_fd,
                       int64_t deadline, int *status);

#endif
