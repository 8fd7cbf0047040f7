#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/capture.h>
#include <cairn/dnsclient.h>

static pid_t start(char const *const *argv, int out, int quiet)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    pid_t pid;
    int e = posix_spawnattr_init(&attr);
    if (e) {
        errno = e;
        return -1;
    }
    /* we may read signals from a descriptor, and have them blocked for that */
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    e = posix_spawn_file_actions_init(&actions);
    if (!e) {
        e = posix_spawn_file_actions_adddup2(&actions, out, 1);
        if (!e && quiet)
            e = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        if (!e)
            e = posix_spawn(&pid, argv[0], &actions, &attr, (char *const *)argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attr);
    if (!e)
        return pid;
    errno = e;
    return -1;
}

/* Waits for input, or the end of a process. Returns 0, or an errno. */
static int wait_for(int fd, int wake_fd, int64_t deadline)
{
    struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};
    for (;;) {
        int64_t left = deadline - dnsclient_now();
        int got = poll(p, 2, left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
        if (got > 0)
            return p[1].revents ? ECANCELED : 0;
        if (!got)
            return ETIMEDOUT;
        if (errno != EINTR)
            return errno;
    }
}

/* Reads until the end, or until buf is full. Returns 0, or an errno. */
static int drain(int fd, char *buf, size_t size, size_t *len, int wake_fd, int64_t deadline)
{
    *len = 0;
    for (;;) {
        int e = wait_for(fd, wake_fd, deadline);
        if (e)
            return e;
        ssize_t r = read(fd, buf + *len, size - *len);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return errno;
        if (!r)
            return 0;
        *len += (size_t)r;
        if (*len == size)
            return E2BIG;
    }
}

/* Who has closed its output may go on. A kernel without pidfds waits for it. */
static int wait_for_end(pid_t pid, int wake_fd, int64_t deadline)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    int e = fd < 0 ? 0 : wait_for(fd, wake_fd, deadline);
    if (fd >= 0)
        close(fd);
    return e;
}

ssize_t capture(char const *const *argv, char *buf, size_t size, int quiet, int wake_fd,
                int64_t deadline, int *status)
{
    int p[2];
    size_t len;
    if (pipe2(p, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = start(argv, p[1], quiet);
    int e = errno;
    close(p[1]);
    if (pid < 0) {
        close(p[0]);
        errno = e;
        return -1;
    }
    e = drain(p[0], buf, size, &len, wake_fd, deadline);
    close(p[0]);
    if (!e)
        e = wait_for_end(pid, wake_fd, deadline);
    if (e)
        kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0)
        if (errno != EINTR) {
            e = e ? e : errno;
            break;
        }
    if (e) {
        errno = e;
        return -1;
    }
    buf[len] = 0;
    return (ssize_t)len;
}
