/* bench-hear: how long a listener takes from its start to the end that an event brings it.

   bench-hear N DIR EVENT COMMAND...

   Each time: starts COMMAND, which listens in the empty fifodir DIR, learns by inotify that its
   FIFO has come into sight, writes EVENT into it and waits for the end; once to warm up and N times
   more. Every command must exit 0; its output goes to /dev/null. Prints the median and the minimum
   in microseconds. */

#include <fcntl.h>
#include <limits.h>
#include <sys/inotify.h>

#include "bench.h"

static posix_spawn_file_actions_t quiet;

/* Waits until a FIFO of a listener is renamed into sight, and writes the event into it. */
static void notify(int inotify, char const *dir, char const *event)
{
    union {
        struct inotify_event event;
        char bytes[sizeof(struct inotify_event) + NAME_MAX + 1];
    } in;
    char path[PATH_MAX];
    if (read(inotify, in.bytes, sizeof in) < (ssize_t)sizeof in.event)
        bench_die("read from inotify");
    snprintf(path, sizeof path, "%s/%s", dir, in.event.name);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || write(fd, event, strlen(event)) < 0)
        bench_die("write an event");
    close(fd);
}

int main(int argc, char **argv)
{
    long n = argc > 4 ? atol(argv[1]) : 0;
    if (n < 1) {
        fputs("bench-hear: usage: bench-hear N DIR EVENT COMMAND...\n", stderr);
        return 100;
    }
    int64_t *t = calloc((size_t)n, sizeof *t);
    int inotify = inotify_init1(IN_CLOEXEC);
    if (!t || inotify < 0 || inotify_add_watch(inotify, argv[2], IN_MOVED_TO) < 0)
        bench_die("watch the fifodir");
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    for (long k = -1; k < n; k++) {
        int wstat;
        int64_t start = bench_now();
        pid_t pid = bench_spawn(argv + 4, &quiet, NULL);
        notify(inotify, argv[2], argv[3]);
        while (waitpid(pid, &wstat, 0) == -1)
            if (errno != EINTR)
                bench_die("waitpid");
        if (wstat) {
            fprintf(stderr, "bench-hear: fatal: %s: wait status %d\n", argv[4], wstat);
            return 1;
        }
        if (k >= 0)
            t[k] = bench_now() - start;
    }
    int64_t median = bench_median(t, (size_t)n);
    printf("%.1f %.1f\n", (double)median / 1e3, (double)t[0] / 1e3);
    return 0;
}
