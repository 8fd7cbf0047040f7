#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include <cairn/instance.h>
#include <cairn/statedir.h>

char *instance_path(char *buf, size_t size, char const *servicedir, char const *name)
{
    char mapped[PATH_MAX];
    int n = snprintf(buf, size, "%s/" INSTANCE_SCANDIR "/%s",
                     statedir_map(servicedir, mapped, sizeof mapped), name);
    if (n >= 0 && (size_t)n < size)
        return buf;
    errno = ENAMETOOLONG;
    return NULL;
}
