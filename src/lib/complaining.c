#include <errno.h>
#include <poll.h>

#include <cairn/complaining.h>

int can_complain(void)
{
    struct pollfd p = {.fd = 2, .events = POLLOUT};
    int e = errno;
    int r = poll(&p, 1, 0);
    errno = e;
    return r > 0 && p.revents & POLLOUT;
}
