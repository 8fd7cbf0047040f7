#include <errno.h>
#include <spawn.h>
#include <unistd.h>

#include <cairn/spawnprog.h>

pid_t spawnprog(char const *const *argv)
{
    pid_t pid;
    int e = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);
    if (!e)
        return pid;
    errno = e;
    return -1;
}
