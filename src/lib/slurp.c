#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cairn/slurp.h>

enum { CHUNK = 8192 };

int slurp_fd(stralloc *sa, int fd, size_t max)
{
    size_t start = sa->len;
    for (;;) {
        if (!stralloc_readyplus(sa, CHUNK))
            return 0;
        ssize_t r = read(fd, sa->s + sa->len, sa->a - sa->len);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return 0;
        if (!r)
            return 1;
        sa->len += (size_t)r;
        if (sa->len - start > max) {
            errno = EFBIG;
            return 0;
        }
    }
}

int slurp_file(stralloc *sa, char const *path, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int ok = slurp_fd(sa, fd, max);
    int e = errno;
    close(fd);
    errno = e;
    return ok;
}
