#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cairn/catchall.h>
#include <cairn/closing.h>
#include <cairn/logservice.h>
#include <cairn/scandir.h>
#include <cairn/sibling.h>
#include <cairn/svstatus.h>

#define SERVICE "services/" SCANDIR_CATCHALL

enum { FIFO_MODE = 0622, PATH_BYTES = 1024 };

static int make_fifo(struct catchall *c)
{
    struct stat st;
    if (unlinkat(c->statefd, LOGSERVICE_FIFO, 0) < 0 && errno != ENOENT)
        return -1;
    if (mkfifoat(c->statefd, LOGSERVICE_FIFO, 0600) < 0)
        return -1;
    c->reader = openat(c->statefd, LOGSERVICE_FIFO, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (c->reader < 0 || fstat(c->reader, &st) < 0)
        return -1;
    if (!S_ISFIFO(st.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    if (fchmod(c->reader, FIFO_MODE) < 0)
        return -1;
    c->writer = openat(c->statefd, LOGSERVICE_FIFO, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    return c->writer < 0 ? -1 : 0;
}

/* run is an interpreter line alone: no shell is needed, and nothing is executed from the state
   directory. */
static int make_service(int statefd)
{
    char text[PATH_BYTES + 8] = "#!";
    if (!sibling_path(text + 2, PATH_BYTES - 2, "logutil-service"))
        return -1;
    strcat(text, " -C\n");
    if (mkdirat(statefd, SERVICE, 0755) < 0 && errno != EEXIST)
        return -1;
    int fd = openat(statefd, SERVICE "/run", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                    0755);
    if (fd < 0)
        return -1;
    ssize_t len = (ssize_t)strlen(text);
    if (write(fd, text, (size_t)len) != len) {
        close_keeping_errno(fd);
        return -1;
    }
    return close(fd);
}

int catchall_make(struct catchall *c, int statefd, char const *dir, char const **culprit)
{
    struct logservice l;
    *c = (struct catchall)CATCHALL_NONE;
    c->statefd = statefd;
    c->dir = dir;
    *culprit = dir;
    if (logservice_user(&l) < 0 || logservice_directory(&l, dir, 1) < 0)
        return -1;
    *culprit = LOGSERVICE_FIFO;
    if (make_fifo(c) < 0)
        return -1;
    *culprit = SERVICE "/run";
    if (make_service(statefd) < 0)
        return -1;
    *culprit = "a descriptor";
    c->console = fcntl(1, F_DUPFD_CLOEXEC, 3);
    return c->console < 0 ? -1 : 0;
}

void catchall_join(struct catchall const *c)
{
    if (c->writer < 0)
        return;
    dup2(c->writer, 1);
    dup2(c->writer, 2);
}

int catchall_open(struct catchall const *c)
{
    return openat(c->statefd, LOGSERVICE_FIFO, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
}

void catchall_give_up(struct catchall *c)
{
    if (c->writer >= 0)
        close(c->writer);
    c->writer = -1;
}

void catchall_pause(struct catchall const *c, int ms)
{
    struct svstatus st;
    /* a damaged status may name what kill takes for many processes */
    if (svstatus_read(c->statefd, SERVICE, &st) < 0 || !svstatus_is_up(&st) || st.pid < 2)
        return;
    int fd = (int)syscall(SYS_pidfd_open, st.pid, 0);
    if (kill(st.pid, SIGHUP) < 0 || fd < 0) {
        if (fd >= 0)
            close(fd);
        return;
    }
    kill(st.pid, SIGCONT);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    poll(&p, 1, ms);
    close(fd);
}

int catchall_unread(struct catchall const *c)
{
    int n = 0;
    return ioctl(c->reader, FIONREAD, &n) < 0 ? 0 : n;
}

pid_t catchall_last(struct catchall const *c, char *const *envp)
{
    char path[PATH_BYTES];
    char *argv[] = {"logutil-service", (char *)c->dir, NULL};
    if (!sibling_path(path, sizeof path, argv[0]))
        return -1;
    pid_t pid = fork();
    if (pid)
        return pid;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    fcntl(c->reader, F_SETFL, 0);
    dup2(c->reader, 0);
    execve(path, argv, envp);
    _exit(errno == ENOENT ? 127 : 126);
}

void catchall_spill(struct catchall const *c)
{
    char buf[4096];
    struct pollfd p = {.fd = c->console, .events = POLLOUT};
    fcntl(c->reader, F_SETFL, O_NONBLOCK);
    for (ssize_t r; (r = read(c->reader, buf, sizeof buf)) > 0;)
        if (poll(&p, 1, 0) != 1 || write(c->console, buf, (size_t)r) < 0)
            return;
}
