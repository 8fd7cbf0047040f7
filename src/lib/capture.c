#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/capture.h>
#include <cairn/dnsclient.h>

static pid_t start(char const *const *argv, int out, int quiet)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int e = posix_spawn_file_actions_init(&actions);
    if (!e) {
        e = posix_spawn_file_actions_adddup2(&actions, out, 1);
        if (!e && quiet)
            e = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        if (!e)
            e = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    if (!e)
        return pid;
    errno = e;
    return -1;
}

/* Reads until the end, or until buf is full. Returns 0, or an errno. */
static int drain(int fd, char *buf, size_t size, size_t *len, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    *len = 0;
    for (;;) {
        int64_t left = deadline - dnsclient_now();
        int got = poll(&p, 1, left > 0 ? (int)left : 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (!got)
            return ETIMEDOUT;
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

ssize_t capture(char const *const *argv, char *buf, size_t size, int quiet, int64_t deadline,
                int *status)
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
    e = drain(p[0], buf, size, &len, deadline);
    close(p[0]);
    if (e)
        kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    if (e) {
        errno = e;
        return -1;
    }
    buf[len] = 0;
    return (ssize_t)len;
}
