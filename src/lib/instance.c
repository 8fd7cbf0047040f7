#include <errno.h>
#include <limits.h>

#include <cairn/instance.h>
#include <cairn/join.h>
#include <cairn/statedir.h>

char *instance_path(char *buf, size_t size, char const *servicedir, char const *name)
{
    char mapped[PATH_MAX];
    char const *dir = statedir_map(servicedir, mapped, sizeof mapped);
    if (join(buf, size, dir, "/" INSTANCE_SCANDIR "/", name) < size)
        return buf;
    errno = ENAMETOOLONG;
    return NULL;
}
