#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/join.h>
#include <cairn/zonelink.h>

enum { PATH_BYTES = PATH_MAX };

int zonelink_set_in(char const *zones, char const *link, char const *tz)
{
    char file[PATH_BYTES];
    char new[PATH_BYTES];
    char is[PATH_BYTES];
    struct stat st;
    size_t len = join(file, sizeof file, zones, "/", tz);
    if (len >= sizeof file || join(new, sizeof new, link, ".new") >= sizeof new) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (stat(file, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    if (readlink(link, is, sizeof is) == (ssize_t)len && !memcmp(is, file, len))
        return 1;
    if (unlink(new) < 0 && errno != ENOENT)
        return -1;
    if (symlink(file, new) < 0)
        return -1;
    if (rename(new, link) < 0) {
        int e = errno;
        unlink(new);
        errno = e;
        return -1;
    }
    return 1;
}
