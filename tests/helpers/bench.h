/* bench.h: what the measuring helpers share: time, spawning, a median. Each helper is one file, so
 * all of it is static. */

#ifndef CAIRN_BENCH_H
#define CAIRN_BENCH_H

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static inline void bench_die(char const *what)
{
    fprintf(stderr, "bench: fatal: %s: %s\n", what, strerror(errno));
    exit(111);
}

static inline int64_t bench_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline void bench_sleep_ms(long ms)
{
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&ts, &ts) == -1 && errno == EINTR)
        ;
}

static inline int bench_compare(void const *a, void const *b)
{
    int64_t x = *(int64_t const *)a, y = *(int64_t const *)b;
    return x < y ? -1 : x > y;
}

/* Sorts v. With BENCH_BEST in the environment it is the least: what is measured on a busy machine
   takes as long as it must and what the others add. */
static inline int64_t bench_median(int64_t *v, size_t n)
{
    qsort(v, n, sizeof *v, bench_compare);
    if (getenv("BENCH_BEST"))
        return v[0];
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* posix_spawn costs the least that a start can cost, so the figure is the program's own */
static inline pid_t bench_spawn(char **argv, posix_spawn_file_actions_t const *fa,
                                posix_spawnattr_t const *attr)
{
    pid_t pid;
    int e = posix_spawnp(&pid, argv[0], fa, attr, argv, environ);
    if (e) {
        errno = e;
        bench_die(argv[0]);
    }
    return pid;
}

#endif
