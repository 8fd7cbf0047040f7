#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cairn/svlock.h>

int svlock_take(int dirfd, char const *path, mode_t mode)
{
    /* O_NONBLOCK: somebody may have put a FIFO there, and opening that would wait */
    int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_SETLK, &fl) < 0) {
        /* POSIX lets a held lock be reported as either */
        int e = errno == EACCES || errno == EAGAIN ? EBUSY : errno;
        close(fd);
        errno = e;
        return -1;
    }
    return fd;
}

/* Who holds the lock of the open file fd? As svlock_owner. */
static pid_t holder(int fd)
{
    /* a shared lock is what s6 asks for: only an exclusive holder is in its way */
    struct flock fl = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_GETLK, &fl) < 0)
        return -1;
    if (fl.l_type == F_UNLCK)
        return 0;
    return fl.l_pid > 0 ? fl.l_pid : 1; /* 0: of another pid namespace; -1: an OFD lock */
}

static int open_to_ask(int dirfd, char const *path)
{
    return openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

pid_t svlock_owner(int dirfd, char const *path)
{
    int fd = open_to_ask(dirfd, path);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    pid_t pid = holder(fd);
    int e = errno;
    close(fd);
    errno = e;
    return pid;
}

int svlock_pidfd(int dirfd, char const *path, pid_t *owner)
{
    int fd = open_to_ask(dirfd, path);
    int pidfd = -1;
    if (fd < 0) {
        *owner = errno == ENOENT ? 0 : -1;
        return -1;
    }
    *owner = holder(fd);
    if (*owner > 1) {
        pidfd = (int)syscall(SYS_pidfd_open, *owner, 0);
        /* it may have died in between, and its pid may be another's now */
        if (pidfd >= 0 && holder(fd) != *owner) {
            close(pidfd);
            pidfd = -1;
            *owner = holder(fd);
        }
    }
    int e = errno;
    close(fd);
    errno = e;
    return pidfd;
}
