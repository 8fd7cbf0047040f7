#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cairn/rmtree.h>

static int is_dot(char const *s)
{
    return s[0] == '.' && (!s[1] || (s[1] == '.' && !s[2]));
}

int rmtree_at(int dirfd, char const *name)
{
    int first = 0;
    /* most entries are files: try that first. For a directory Linux says EISDIR, POSIX EPERM */
    if (!unlinkat(dirfd, name, 0) || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    if (!unlinkat(dirfd, name, AT_REMOVEDIR))
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return -1;
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -1;
    }
    for (;;) {
        errno = 0;
        struct dirent const *d = readdir(dir);
        if (!d) {
            if (errno && !first)
                first = errno;
            break;
        }
        if (!is_dot(d->d_name) && rmtree_at(fd, d->d_name) < 0 && !first)
            first = errno;
    }
    closedir(dir);
    if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT && !first)
        first = errno;
    if (!first)
        return 0;
    errno = first;
    return -1;
}
