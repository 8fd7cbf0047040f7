#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/dnsclient.h>
#include <cairn/shellcmd.h>

/* The shell, its output, and a descriptor that tells its end; -1 where the kernel has none. */
struct child {
    pid_t pid;
    int out;
    int pidfd;
};

static int spawn(char const *command, int out, pid_t *pid)
{
    char const *const argv[] = {"/bin/sh", "-c", command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t set;
    int e = posix_spawn_file_actions_init(&actions);
    if (e)
        return e;
    e = posix_spawnattr_init(&attr);
    if (!e) {
        sigemptyset(&set);
        posix_spawnattr_setsigmask(&attr, &set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGHUP);
        sigaddset(&set, SIGPIPE);
        posix_spawnattr_setsigdefault(&attr, &set);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        e = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        if (!e)
            e = posix_spawn_file_actions_adddup2(&actions, out, 1);
        if (!e)
            e = posix_spawn_file_actions_adddup2(&actions, out, 2);
        if (!e)
            e = posix_spawn(pid, *argv, &actions, &attr, (char *const *)(uintptr_t)argv, environ);
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&actions);
    return e;
}

static int start(struct child *c, char const *command)
{
    int p[2];
    if (pipe2(p, O_CLOEXEC) < 0)
        return 0;
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    int e = spawn(command, p[1], &c->pid);
    close(p[1]);
    if (e) {
        close(p[0]);
        errno = e;
        return 0;
    }
    c->out = p[0];
    c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    return 1;
}

/* Reads what is there. Returns whether more may come; what cannot be kept is lost. */
static int drain(int fd, stralloc *out, size_t *room)
{
    char buf[4096];
    for (;;) {
        ssize_t r = read(fd, buf, sizeof buf);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return errno == EAGAIN;
        if (!r)
            return 0;
        size_t n = (size_t)r < *room ? (size_t)r : *room;
        if (stralloc_catb(out, buf, n))
            *room -= n;
    }
}

/* Waits until the shell has ended, the deadline has come or wake_fd is readable. */
static enum shellcmd_end wait_for(struct child const *c, stralloc *out, size_t room, int wake_fd,
                                  int64_t deadline)
{
    struct pollfd p[3] = {{.fd = c->out, .events = POLLIN},
                          {.fd = c->pidfd, .events = POLLIN},
                          {.fd = wake_fd, .events = POLLIN}};
    for (;;) {
        int64_t left = deadline < 0 ? -1 : deadline - dnsclient_now();
        if (deadline >= 0 && left <= 0)
            return SHELLCMD_TIMEOUT;
        if (poll(p, 3, left > 1000000 ? 1000000 : (int)left) < 0 && errno != EINTR)
            return SHELLCMD_FAILED;
        if (p[0].revents && !drain(c->out, out, &room)) {
            p[0].fd = -1;
            if (c->pidfd < 0)
                return SHELLCMD_DONE;
        }
        if (p[1].revents) {
            drain(c->out, out, &room);
            return SHELLCMD_DONE;
        }
        if (p[2].revents)
            return SHELLCMD_WOKEN;
    }
}

enum shellcmd_end shellcmd_run(char const *command, stralloc *out, size_t max, int wake_fd,
                               int64_t deadline, int *status)
{
    struct child c;
    if (!start(&c, command))
        return SHELLCMD_FAILED;
    enum shellcmd_end end = wait_for(&c, out, max, wake_fd, deadline);
    int e = errno;
    if (end != SHELLCMD_DONE)
        kill(c.pid, end == SHELLCMD_WOKEN ? SIGTERM : SIGKILL);
    pid_t waited = c.pid;
    if (end != SHELLCMD_WOKEN)
        while ((waited = waitpid(c.pid, status, 0)) < 0 && errno == EINTR)
            ;
    /* where CHLD is ignored there is no status */
    if (end == SHELLCMD_DONE && waited < 0) {
        end = SHELLCMD_FAILED;
        e = errno;
    }
    close(c.out);
    if (c.pidfd >= 0)
        close(c.pidfd);
    errno = e;
    return end;
}

char const *shellcmd_words(char buf[SHELLCMD_WORDS], int status)
{
    if (WIFSIGNALED(status))
        snprintf(buf, SHELLCMD_WORDS, "signal: %s", strsignal(WTERMSIG(status)));
    else
        snprintf(buf, SHELLCMD_WORDS, "exit status %d", WEXITSTATUS(status));
    return buf;
}
