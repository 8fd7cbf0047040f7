#include <sys/syscall.h>
#include <unistd.h>

#include <cairn/dents.h>

long dents_read(int fd, char *buf, size_t size)
{
    return syscall(SYS_getdents64, fd, buf, size);
}

struct dent const *dents_next(char const *buf, long *at)
{
    struct dent const *d = (struct dent const *)(void const *)(buf + *at);
    *at += d->reclen;
    return d;
}
