#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/sibling.h>

#include "config.h"

char *sibling_path(char *buf, size_t size, char const *name)
{
    char const *dir = getenv("CAIRN_BINDIR");
    if (!dir || dir[0] != '/')
        dir = CAIRN_BINDIR;
    size_t dirlen = strlen(dir);
    size_t namelen = strlen(name);
    if (dirlen + 1 + namelen + 1 > size) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    memcpy(buf, dir, dirlen);
    buf[dirlen] = '/';
    memcpy(buf + dirlen + 1, name, namelen + 1);
    return buf;
}
