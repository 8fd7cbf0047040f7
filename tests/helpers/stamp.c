/* stamp: the program of a container in the boot benchmark: prints when it started and when it
   ended.

   stamp [wait [PREFIX]]

   Prints "@start NANOSECONDS" (monotonic clock) at once, "@end NANOSECONDS" as its last act. With
   "wait" the end is a TERM or INT away. Linked statically, so that its own start costs next to
   nothing. */

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void stamp(char const *word)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    uint64_t n = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
    char buf[40];
    size_t i = sizeof buf;
    buf[--i] = '\n';
    do
        buf[--i] = (char)('0' + n % 10);
    while (n /= 10);
    buf[--i] = ' ';
    i -= strlen(word);
    memcpy(buf + i, word, strlen(word));
    if (write(1, buf + i, sizeof buf - i) == -1)
        _exit(111);
}

static void on_signal(int sig)
{
    (void)sig;
    stamp("@end");
    _exit(0);
}

int main(int argc, char **argv)
{
    size_t len = strlen(argv[0]);
    int is_run = len >= 3 && !strcmp(argv[0] + len - 3, "run");
    if (is_run || (argc > 1 && !strcmp(argv[1], "wait"))) {
        signal(SIGTERM, on_signal);
        signal(SIGINT, on_signal);
        stamp("@start");
        for (;;)
            pause();
    }
    stamp("@start");
    stamp("@end");
    _exit(0);
}
