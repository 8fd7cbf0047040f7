#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cairn/ctlfifo.h>
#include <cairn/haltcode.h>
#include <cairn/statedir.h>
#include <cairn/svhalt.h>

int svhalt(char const *tree, unsigned int code)
{
    int is_init = *tree == SVHALT_INIT;
    char const *scandir = tree + is_init;
    char const *slash = strrchr(scandir, '/');
    if (is_init && slash && slash - scandir < STATEDIR_MAX) {
        char state[STATEDIR_MAX] = "";
        memcpy(state, scandir, (size_t)(slash - scandir));
        if (haltcode_put(state, code) < 0)
            return -1;
    }
    int fd = open(scandir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    enum ctlfifo_result r = ctlfifo_send(fd, CTLFIFO_SCAN, "t", 1);
    int e = errno;
    close(fd);
    errno = e;
    return r == CTLFIFO_OK ? 0 : -1;
}
