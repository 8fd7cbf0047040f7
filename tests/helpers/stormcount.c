/* stormcount: a service for tests/helpers/storm.py. It says that it is ready, then writes lines
   "WHO NUMBER" and, after each, the count into $STORM/progress/WHO, so that an observer knows what
   a log has to hold whenever it is killed; $STORM_PAUSE is the milliseconds between two (50). WHO
   is the directory's name, the pid and a time. Whoever finds another copy of itself at work says so
   in $STORM/twice. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static char const *storm;
static char who[128];

static int in_storm(char const *name, int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", storm, name);
    return open(path, flags | O_CREAT | O_CLOEXEC, 0666);
}

static void name_myself(void)
{
    char cwd[PATH_MAX];
    struct timespec now;
    if (!getcwd(cwd, sizeof cwd))
        _exit(111);
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(who, sizeof who, "%.32s.%ld.%lld%09ld", strrchr(cwd, '/') + 1, (long)getpid(),
             (long long)now.tv_sec, now.tv_nsec);
}

static void be_the_only_one(void)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open("instance", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0 && fcntl(fd, F_SETLK, &l) == 0)
        return;
    dprintf(in_storm("twice", O_WRONLY | O_APPEND), "%s\n", who);
    _exit(1);
}

static volatile uint64_t *progress(void)
{
    char name[sizeof who + 16];
    snprintf(name, sizeof name, "progress/%s", who);
    int fd = in_storm(name, O_RDWR);
    if (fd < 0 || ftruncate(fd, sizeof(uint64_t)) < 0)
        _exit(111);
    void *p = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        _exit(111);
    close(fd);
    return p;
}

int main(void)
{
    char const *ms = getenv("STORM_PAUSE");
    struct timespec pause = {.tv_nsec = (ms ? atoi(ms) : 50) * 1000000L};
    storm = getenv("STORM");
    if (!storm)
        return 100;
    signal(SIGPIPE, SIG_IGN);
    name_myself();
    be_the_only_one();
    volatile uint64_t *count = progress();
    if (write(3, "\n", 1) < 0)
        return 111;
    close(3);
    for (;;) {
        char line[256];
        int n = snprintf(line, sizeof line, "%s %" PRIu64 "\n", who, *count);
        /* less than PIPE_BUF: all or nothing */
        if (write(1, line, (size_t)n) == n)
            *count += 1;
        nanosleep(&pause, NULL);
    }
}
