/* bench-time: how long a command, or a sequence of commands, takes.

   bench-time N COMMAND... [++ COMMAND...]...

   Runs the sequence once to warm up and N times more; every command must exit 0. Their output goes
   to /dev/null. Prints the median and the minimum in microseconds. */

#include <fcntl.h>

#include "bench.h"

#define MAXCMDS 8

static posix_spawn_file_actions_t quiet;

static void run(char **argv)
{
    int wstat;
    pid_t pid = bench_spawn(argv, &quiet, NULL);
    while (waitpid(pid, &wstat, 0) == -1)
        if (errno != EINTR)
            bench_die("waitpid");
    if (wstat) {
        fprintf(stderr, "bench-time: fatal: %s ended with wait status %d\n", argv[0], wstat);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    long n = argc > 2 ? atol(argv[1]) : 0;
    if (n < 1) {
        fputs("bench-time: usage: bench-time N COMMAND... [++ COMMAND...]...\n", stderr);
        return 100;
    }
    char **cmd[MAXCMDS] = {argv + 2};
    size_t ncmds = 1;
    for (int i = 2; i < argc; i++)
        if (!strcmp(argv[i], "++") && ncmds < MAXCMDS) {
            argv[i] = NULL;
            cmd[ncmds++] = argv + i + 1;
        }
    int64_t *t = calloc((size_t)n, sizeof *t);
    if (!t)
        bench_die("calloc");
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    for (long k = -1; k < n; k++) {
        int64_t start = bench_now();
        for (size_t c = 0; c < ncmds; c++)
            run(cmd[c]);
        if (k >= 0)
            t[k] = bench_now() - start;
    }
    int64_t median = bench_median(t, (size_t)n);
    printf("%.1f %.1f\n", (double)median / 1e3, (double)t[0] / 1e3);
    return 0;
}
