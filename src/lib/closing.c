#include <errno.h>
#include <unistd.h>

#include <cairn/closing.h>

void close_keeping_errno(int fd)
{
    int e = errno;
    close(fd);
    errno = e;
}
