#include <errno.h>
#include <fcntl.h>
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

pid_t svlock_owner(int dirfd, char const *path)
{
    int fd = openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    /* a shared lock is what s6 asks for: only an exclusive holder is in its way */
    struct flock fl = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int r = fcntl(fd, F_GETLK, &fl);
    int e = errno;
    close(fd);
    errno = e;
    if (r < 0)
        return -1;
    if (fl.l_type == F_UNLCK)
        return 0;
    return fl.l_pid > 0 ? fl.l_pid : 1; /* 0: of another pid namespace; -1: an OFD lock */
}
