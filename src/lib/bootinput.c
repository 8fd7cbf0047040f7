#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <cairn/bootinput.h>

int bootinput_find(char *buf, size_t size, char const *profile)
{
    int has = profile && *profile;
    char const *dir = has ? BOOTINPUT_PROFILES : BOOTINPUT_DIR;
    if (strlen(dir) + (has ? strlen(profile) : 0) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(buf, dir);
    if (!has)
        return 0;
    strcat(buf, profile);
    return access(buf, F_OK);
}
