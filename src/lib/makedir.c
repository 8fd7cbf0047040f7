#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/makedir.h>

int makedir(char const *dir, mode_t mode)
{
    if (!mkdir(dir, mode))
        return 1;
    int e = errno;
    if (!access(dir, F_OK))
        return 0;
    errno = e;
    return -1;
}

int makedir_parents(char const *path, mode_t mode)
{
    char buf[MAKEDIR_MAX];
    size_t len = strlen(path);
    if (len >= sizeof buf) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(buf, path, len + 1);
    for (char *s = buf + 1; (s = strchr(s, '/')) && s[1]; s++) {
        *s = 0;
        if (makedir(buf, mode) < 0)
            return -1;
        *s = '/';
    }
    return 0;
}
