#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/closing.h>
#include <cairn/ctlfifo.h>

/* Is fd a FIFO? On -1 errno is EEXIST: something else took the name. */
static int check_fifo(int fd, struct stat *st)
{
    if (fstat(fd, st) < 0)
        return -1;
    if (S_ISFIFO(st->st_mode))
        return 0;
    errno = EEXIST;
    return -1;
}

int ctlfifo_serve(int dirfd, char const *path, mode_t mode, int unmasked)
{
    int made = !mkfifoat(dirfd, path, mode);
    if (!made && errno != EEXIST)
        return -1;
    struct stat st;
    /* Linux lets a FIFO be opened both ways: it never shows end of file */
    int fd = openat(dirfd, path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        /* what open says of a socket and of a directory */
        if (errno == ENXIO || errno == EISDIR)
            errno = EEXIST;
        return -1;
    }
    /* the umask may have taken bits away; an existing FIFO is never touched */
    if (!(made && unmasked) && (check_fifo(fd, &st) < 0 ||
                                (made && (st.st_mode & 07777) != mode && fchmod(fd, mode) < 0))) {
        close_keeping_errno(fd);
        return -1;
    }
    return fd;
}

/* Why could path not be opened, errno being ENOENT or ENOTDIR? */
static enum ctlfifo_result explain_absence(int dirfd, char const *path)
{
    char dir[PATH_MAX];
    struct stat st;
    char const *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len >= sizeof dir)
        return CTLFIFO_ERROR;
    if (!len)
        return CTLFIFO_NOT_LISTENING; /* path's directory is dirfd itself */
    memcpy(dir, path, len);
    dir[len] = 0;
    if (!fstatat(dirfd, dir, &st, 0)) {
        if (S_ISDIR(st.st_mode)) {
            errno = ENOENT;
            return CTLFIFO_NOT_LISTENING;
        }
        errno = ENOTDIR;
        return CTLFIFO_BROKEN;
    }
    if (errno != ENOENT)
        return CTLFIFO_ERROR;
    slash = strrchr(dir, '/');
    if (!slash)
        return CTLFIFO_NOT_LISTENING;
    dir[slash == dir ? 1 : slash - dir] = 0;
    return fstatat(dirfd, dir, &st, 0) < 0 ? CTLFIFO_ERROR
                                           : (errno = ENOENT, CTLFIFO_NOT_LISTENING);
}

/* One write, which waits only when the pipe is full: then the reader lives but is slow. */
static ssize_t write_once(int fd, char const *bytes, size_t len)
{
    ssize_t r;
    do
        r = write(fd, bytes, len);
    while (r < 0 && errno == EINTR);
    if (r >= 0 || errno != EAGAIN)
        return r;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return -1;
    do
        r = write(fd, bytes, len);
    while (r < 0 && errno == EINTR);
    return r;
}

/* The reader may end while it is told: an answer, not our death. */
static ssize_t write_without_sigpipe(int fd, char const *bytes, size_t len)
{
    struct sigaction before, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, &before);
    ssize_t r = write_once(fd, bytes, len);
    sigaction(SIGPIPE, &before, NULL);
    return r;
}

enum ctlfifo_result ctlfifo_send(int dirfd, char const *path, char const *bytes, size_t len)
{
    if (len > PIPE_BUF) {
        errno = EINVAL;
        return CTLFIFO_ERROR;
    }
    int fd = openat(dirfd, path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        switch (errno) {
        case ENXIO:
            return CTLFIFO_NOT_LISTENING;
        case EISDIR:
            return CTLFIFO_BROKEN;
        case ENOENT:
        case ENOTDIR:
            return explain_absence(dirfd, path);
        default:
            return CTLFIFO_ERROR;
        }
    struct stat st;
    enum ctlfifo_result result = CTLFIFO_OK;
    if (check_fifo(fd, &st) < 0)
        result = CTLFIFO_BROKEN;
    else if (len && write_without_sigpipe(fd, bytes, len) < 0)
        result = errno == EPIPE ? CTLFIFO_NOT_LISTENING : CTLFIFO_ERROR;
    close_keeping_errno(fd);
    return result;
}
