#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include <cairn/downfile.h>
#include <cairn/servicedir.h>

#define TEMPORARY ".down.new"

static char const *const texts[] = {[DOWNFILE_NONE] = "",
                                    [DOWNFILE_USER] = "",
                                    [DOWNFILE_WAITS] = "dependencies\n",
                                    [DOWNFILE_DISABLED] = "S6_SERVICES_DISABLE\n",
                                    [DOWNFILE_UNMET] = "enable-if-env\n"};

enum { TEXT_MAX = 32 };

char const *downfile_text(enum downfile d)
{
    return texts[d];
}

int downfile_is_off(enum downfile d)
{
    return d == DOWNFILE_DISABLED || d == DOWNFILE_UNMET;
}

enum downfile downfile_read(int dirfd)
{
    char buf[TEXT_MAX];
    int fd = openat(dirfd, SERVICEDIR_DOWN, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? DOWNFILE_NONE : DOWNFILE_USER;
    ssize_t r = fd_read(fd, buf, sizeof buf);
    close(fd);
    for (enum downfile d = DOWNFILE_WAITS; d <= DOWNFILE_UNMET; d++)
        if (r == (ssize_t)strlen(texts[d]) && !memcmp(buf, texts[d], (size_t)r))
            return d;
    return DOWNFILE_USER;
}

int downfile_write(int dirfd, enum downfile d)
{
    size_t len = strlen(texts[d]);
    if (d == DOWNFILE_NONE)
        return unlinkat(dirfd, SERVICEDIR_DOWN, 0) < 0 && errno != ENOENT ? -1 : 0;
    int fd = openat(dirfd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    int r = allwrite(fd, texts[d], len) == len ? 0 : -1;
    int e = errno;
    close(fd);
    if (!r && !renameat(dirfd, TEMPORARY, dirfd, SERVICEDIR_DOWN))
        return 0;
    if (!r)
        e = errno;
    unlinkat(dirfd, TEMPORARY, 0);
    errno = e;
    return -1;
}
