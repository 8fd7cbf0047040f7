#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/types.h>

#include <cairn/haltcode.h>
#include <cairn/statedir.h>

int haltcode_put(char const *state, unsigned int code)
{
    char path[STATEDIR_MAX + sizeof "/" HALTCODE_FILE];
    char fmt[UINT_FMT];
    size_t len = uint_fmt(fmt, code);
    if (strlen(state) >= STATEDIR_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(path, state);
    strcat(path, "/" HALTCODE_FILE);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    ssize_t r = write(fd, fmt, len);
    int e = errno;
    close(fd);
    errno = e;
    return r < 0 ? -1 : 0;
}

int haltcode_get(int statefd)
{
    char buf[16];
    unsigned int code;
    int fd = openat(statefd, HALTCODE_FILE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t r = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (r <= 0)
        return -1;
    buf[buf[r - 1] == '\n' ? r - 1 : r] = 0;
    return uint0_scan(buf, &code) ? (int)(code & 255) : -1;
}
